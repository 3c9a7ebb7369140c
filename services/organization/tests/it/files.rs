//! Real files and our samples are read whole.

use std::fs::File;
use std::time::Instant;

use gongzhi_organization::division::{EstateType, Progress, read};
use gongzhi_proto::ids::{AreaCode, Level};

use crate::{sample, shared, sound};

#[test]
fn a_province_is_read_in_well_under_a_second() {
    let Some(file) = shared("zhejiang_2023.csv") else { return };
    let size = file.metadata().unwrap().len();
    let mut told: Vec<Progress> = Vec::new();
    let started = Instant::now();
    let divisions = read(file, |progress| told.push(progress)).unwrap();
    let took = started.elapsed();
    eprintln!("27,036 rows in {took:?}");
    let counts = Level::ALL.map(|level| divisions.count(level));
    assert_eq!(counts, [1, 11, 90, 1_387, 25_547, 0, 0]);
    assert_eq!(told.last(), Some(&Progress { bytes: size, lines: 27_037 }));
    assert_eq!(told.len(), 28);
    assert!(told.is_sorted_by_key(|progress| progress.bytes));
    if !cfg!(debug_assertions) {
        assert!(took.as_millis() < 500, "{took:?}");
    }
}

#[test]
fn three_cities_stand_again_as_their_own_district() {
    let Some(file) = shared("china_to_district_2023.csv") else { return };
    let divisions = sound(file);
    let counts = Level::ALL.map(|level| divisions.count(level));
    assert_eq!(counts, [31, 342, 2_978, 0, 0, 0, 0]);
    for (city, name) in [("4419", "东莞市"), ("4420", "中山市"), ("4604", "儋州市")] {
        for code in [city.to_owned(), format!("{city}00")] {
            assert_eq!(divisions.divisions()[&AreaCode::parse(&code).unwrap()].name, name);
        }
    }
}

#[test]
fn the_samples_are_sound_and_hold_the_facts_of_the_study() {
    let gongshu = sound(File::open(sample("gongshu_divisions.csv")).unwrap());
    assert_eq!(Level::ALL.map(|level| gongshu.count(level)), [1, 1, 1, 18, 178, 0, 0]);

    let mishi = sound(File::open(sample("mishi_estates.csv")).unwrap());
    assert_eq!((mishi.count(Level::Estate), mishi.count(Level::Building)), (11, 75));
    let community = AreaCode::parse("330105001052").unwrap();
    assert_eq!(gongshu.divisions()[&community].name, "米市社区");
    assert!(mishi.divisions().keys().all(|code| community.contains(code)));
    assert_eq!(mishi.roots().count(), 11);
    let commercial: Vec<&str> = mishi
        .divisions()
        .values()
        .filter(|division| division.estate_type == Some(EstateType::Commercial))
        .map(|division| division.name.as_str())
        .collect();
    assert_eq!(commercial, ["浅水湾城市花园"]);
    let old = mishi.divisions().values().filter(|division| division.estate_type == Some(EstateType::Old));
    assert_eq!(old.count(), 10);
}

#[test]
fn a_mark_order_case_line_ends_quotes_and_blanks_do_not_matter() {
    let text = "\u{feff}Level,NAME,code,parent_code\r\n\r\ndistrict,\"拱墅区\",330105000000,330100000000\r\n\
                sub_district,\u{3000}湖墅街道 ,330105002000,330105000000\r\n";
    let divisions = sound(text.as_bytes());
    let names: Vec<(&str, u64)> =
        divisions.divisions().values().map(|division| (division.name.as_str(), division.line)).collect();
    assert_eq!(names, [("拱墅区", 3), ("湖墅街道", 4)]);
    assert_eq!(divisions.notes().iter().map(|note| note.line).collect::<Vec<_>>(), [4]);
}
