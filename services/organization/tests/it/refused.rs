//! Broken files: every bad line is named, and nothing is taken.

use gongzhi_organization::division::{Unreadable, read};

use crate::rows;

fn listing(result: Result<impl std::fmt::Debug, Unreadable>) -> String {
    match result {
        Err(Unreadable::Wrong(complaints)) => complaints.to_string(),
        Err(Unreadable::Source(error)) => panic!("{error}"),
        Ok(file) => panic!("taken: {file:?}"),
    }
}

#[test]
fn five_broken_lines_are_all_named_and_their_neighbours_are_not() {
    let listing = listing(rows(
        "330105000000,330100000000,拱墅区,district\n\
         3.30105E+11,330105000000,米市巷街道,subdistrict\n\
         330105002000,330105000000,湖墅街道,street\n\
         330105002051,330105002000,卖鱼桥社区,community\n\
         330105003000,330105000000,,subdistrict\n\
         330105003051,330105003000,大浒路社区,community\n\
         330105003051,330105003000,紫荆家园社区,community\n\
         330105003053,330105003000,community\n",
    ));
    insta::assert_snapshot!(listing);
}

#[test]
fn every_kind_of_wrong_row_has_its_words() {
    let listing = listing(read(
        "code,parent_code,name,level,estate_type\n\
         440000000000,100000000000,广东省,province,\n\
         440100000000,440000000000,广州市,city,\n\
         441900000000,441900000000,东莞市,district,\n\
         440101000001,440100000000,某区,district,\n\
         440100000000,440100000000,某区,district,\n\
         440102000000,,无上级区,district,\n\
         440103000000,440200000000,荔湾区,district,\n\
         440103001000,440100000000,沙面街道,subdistrict,\n\
         440103002051,440103002000,孤社区,community,\n\
         440104000000,440100000000,越\u{200b}秀区,district,\n\
         440105000000,440100000000,海\u{fffd}区,district,\n\
         440106000000,440100000000,\"天河区,district,\n\
         440111000000,440100000000,\"白\"云区,district,\n\
         440112000000,440100000000,黄埔区,district,老旧小区\n\
         440113000000,440100000000,番禺区,district,别墅\n\
         440100,440000000000,短,city,\n\
         440000000000,440000000000,零市,city,\n"
            .as_bytes(),
        |_| {},
    ));
    insta::assert_snapshot!(listing);
}

#[test]
fn whole_files_that_cannot_be_read_get_one_clear_line() {
    let gbk_row = b"330105000000,330100000000,\xb9\xb0\xca\xfb\xc7\xf8,district\n";
    let gbk = [b"code,parent_code,name,level\n".as_slice(), gbk_row, gbk_row].concat();
    let files: [(&str, &[u8]); 7] = [
        ("gbk", &gbk),
        ("utf-16", b"\xff\xfec\0o\0d\0e\0"),
        ("empty", b""),
        ("blank", b"\n\n"),
        ("no rows", b"code,parent_code,name,level\n"),
        ("bad header", "code,name,level,level,备注\n330000000000,浙江省,province,province,\n".as_bytes()),
        ("no header", "330000000000,,浙江省,province\n".as_bytes()),
    ];
    let all: Vec<String> =
        files.iter().map(|(kind, bytes)| format!("== {kind}\n{}", listing(read(*bytes, |_| {})))).collect();
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn one_line_in_another_encoding_is_named_alone() {
    let text = [
        "code,parent_code,name,level\n330100000000,330000000000,杭州市,city\n".as_bytes(),
        b"330105000000,330100000000,\xb9\xb0\xca\xfb\xc7\xf8,district\n",
    ]
    .concat();
    assert_eq!(
        listing(read(text.as_slice(), |_| {})),
        "文件有 1 处问题，未导入任何一行\n第 3 行：本行不是 UTF-8 编码。请重新输入本行的名称，并另存为“CSV UTF-8”。"
    );
}

#[test]
fn the_list_stops_at_a_thousand_and_counts_the_rest() {
    let result = rows(&"x,,某区,district\n".repeat(1_234));
    let Err(Unreadable::Wrong(complaints)) = result else { panic!("taken") };
    assert_eq!((complaints.listed().len(), complaints.unlisted()), (1_000, 234));
    assert!(complaints.to_string().ends_with("另有 234 处未列出"));
}
