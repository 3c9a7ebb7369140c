//! A file against the tree that is there.

use gongzhi_organization::division::{Diff, Evidence, Tree, compare};
use gongzhi_proto::ids::{AreaCode, Level};

use crate::{rows, shared, sound, tree};

fn code(text: &str) -> AreaCode {
    AreaCode::parse(text).expect("a code")
}

/// Lists a difference, one change per line.
fn listing(diff: &Diff) -> String {
    let codes = |codes: &[AreaCode]| codes.iter().map(AreaCode::as_str).collect::<Vec<_>>().join(" ");
    let mut lines = vec![format!("scope {}", codes(&diff.scope)), format!("new {}", codes(&diff.new))];
    lines.extend(
        diff.renamed.iter().map(|it| format!("renamed {} {} > {}", it.code, it.old_name, it.new_name)),
    );
    lines.extend(diff.recoded.iter().map(|it| {
        format!("recoded {} > {} {} > {} {:?}", it.from, it.to, it.old_name, it.new_name, it.evidence)
    }));
    lines
        .extend(diff.merged.iter().map(|it| format!("merged {} {} > {}", it.code, it.name, codes(&it.into))));
    lines.extend(diff.gone.iter().map(|it| format!("gone {} {}", it.code, it.name)));
    lines.extend(
        diff.ambiguous
            .iter()
            .map(|it| format!("ambiguous {} {} > {}", it.name, codes(&it.from), codes(&it.to))),
    );
    lines.extend(diff.partly_moved.iter().map(|it| format!("partly {} left {}", it.code, codes(&it.left))));
    lines.push(format!("unchanged {}", diff.unchanged));
    lines.join("\n")
}

fn compared(before: &str, after: &str) -> String {
    listing(&compare(&tree(&rows(before).expect("sound rows")), &rows(after).expect("sound rows")))
}

fn check_merger(diff: &Diff) {
    assert_eq!((diff.new.len(), diff.recoded.len(), diff.gone.len()), (5, 82, 0));
    let sub_districts = diff.recoded.iter().filter(|it| it.from.level() == Level::SubDistrict).count();
    assert_eq!(sub_districts, 8);
    assert!(diff.recoded.iter().all(|it| it.old_name == it.new_name && code("330105").contains(&it.to)));
    let [merged] = diff.merged.as_slice() else { panic!("{:?}", diff.merged) };
    assert_eq!((merged.code.as_str(), merged.into.as_slice()), ("330103", [code("330105")].as_slice()));
    assert!(diff.renamed.is_empty() && diff.ambiguous.is_empty() && diff.partly_moved.is_empty());
    assert_eq!(diff.unchanged, 112);
    assert_eq!(diff.scope, [code("330105")]);
}

#[test]
fn the_merger_of_xiacheng_into_gongshu_is_understood() {
    let Some(before) = shared("gongshu_xiacheng_2019.csv") else { return };
    let Some(after) = shared("gongshu_2023.csv") else { return };
    check_merger(&compare(&tree(&sound(before)), &sound(after)));
}

#[test]
fn the_file_of_one_district_says_nothing_of_the_rest_of_the_province() {
    let Some(before) = shared("gongshu_xiacheng_2019.csv") else { return };
    let Some(after) = shared("gongshu_2023.csv") else { return };
    let Some(province) = shared("zhejiang_2023.csv") else { return };
    let mut all: Tree = tree(&sound(province));
    all.retain(|at, _| !code("330105").contains(at));
    all.extend(tree(&sound(before)));
    check_merger(&compare(&all, &sound(after)));
}

#[test]
fn a_whole_province_against_itself_is_unchanged() {
    let Some(province) = shared("zhejiang_2023.csv") else { return };
    let file = sound(province);
    let diff = compare(&tree(&file), &file);
    assert_eq!(diff, Diff { scope: vec![code("33")], unchanged: 27_036, ..Diff::default() });
}

#[test]
fn changes_of_one_district_are_told_apart() {
    insta::assert_snapshot!(compared(
        "330105000000,330100000000,拱墅区,district\n\
         330105001000,330105000000,米市巷街道,subdistrict\n\
         330105001051,330105001000,夹城巷社区,community\n\
         330105001052,330105001000,米市社区居委会,community\n\
         330105001053,330105001000,锦绣社区,community\n\
         330105001054,330105001000,红石板社区,community\n\
         330105002000,330105000000,湖墅街道,subdistrict\n\
         330105002051,330105002000,卖鱼桥社区,community\n\
         330105002052,330105002000,双荡弄社区,community\n",
        "330105000000,330100000000,拱墅区,district\n\
         330105001000,330105000000,米市巷街道,subdistrict\n\
         330105001051,330105001000,夹城巷第一社区,community\n\
         330105001099,330105001000,米市社区,community\n\
         330105001055,330105001000,大塘巷社区,community\n\
         330105002000,330105000000,湖墅街道,subdistrict\n\
         330105002051,330105002000,卖鱼桥社区,community\n\
         330105002053,330105002000,锦绣社区,community\n",
    ));
}

#[test]
fn what_cannot_be_told_apart_is_left_to_an_officer() {
    insta::assert_snapshot!(compared(
        "330105000000,330100000000,拱墅区,district\n\
         330105001000,330105000000,米市巷街道,subdistrict\n\
         330105001051,330105001000,华丰社区,community\n\
         330105002000,330105000000,湖墅街道,subdistrict\n\
         330105002051,330105002000,华丰社区,community\n",
        "330105000000,330100000000,拱墅区,district\n\
         330105003000,330105000000,小河街道,subdistrict\n\
         330105003051,330105003000,华丰社区,community\n\
         330105004000,330105000000,和睦街道,subdistrict\n\
         330105004051,330105004000,别的社区,community\n",
    ));
}

#[test]
fn levels_a_file_does_not_list_are_kept_and_follow_their_community() {
    let before = rows(
        "330105000000,330100000000,拱墅区,district\n\
         330105001000,330105000000,米市巷街道,subdistrict\n\
         330105001051,330105001000,夹城巷社区,community\n\
         330105001052,330105001000,米市社区,community\n\
         330105001051001,330105001051,甲小区,estate\n\
         330105001052001,330105001052,米市新村,estate\n\
         330105001052001001,330105001052001,1幢,building\n",
    )
    .unwrap();
    let after = rows(
        "330105000000,330100000000,拱墅区,district\n\
         330105001000,330105000000,米市巷街道,subdistrict\n\
         330105001051,330105001000,夹城巷社区,community\n\
         330105001088,330105001000,米市社区,community\n",
    )
    .unwrap();
    let diff = compare(&tree(&before), &after);
    let moved: Vec<(&str, &str, bool)> = diff
        .recoded
        .iter()
        .map(|it| (it.from.as_str(), it.to.as_str(), matches!(it.evidence, Evidence::Carried(_))))
        .collect();
    assert_eq!(
        moved,
        [
            ("330105001052", "330105001088", false),
            ("330105001052001", "330105001088001", true),
            ("330105001052001001", "330105001088001001", true),
        ]
    );
    assert!(diff.gone.is_empty());
}

#[test]
fn a_file_of_estates_does_not_end_other_estates_of_the_community() {
    insta::assert_snapshot!(compared(
        "330105001052001,330105001052,米市新村,estate\n\
         330105001052001001,330105001052001,1幢,building\n\
         330105001052001002,330105001052001,2幢,building\n\
         330105001052002,330105001052,米市巷,estate\n",
        "330105001052001,330105001052,米市新村,estate\n\
         330105001052001001,330105001052001,1幢,building\n\
         330105001052001003,330105001052001,3幢,building\n",
    ));
}
