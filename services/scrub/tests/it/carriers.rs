//! Texts into which numbers are planted: real messages of citizens where they are at hand, else sentences of our own.

use std::path::PathBuf;

/// Where the real messages are, beside the repository; they never enter it.
fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/zh_messages")
}

const FILES: [&str; 4] = [
    "labelled_messages.csv",
    "messages_with_votes_2019_01_08.csv",
    "messages_with_replies_2011_2017.csv",
    "messages_with_replies_2018.csv",
];

/// The real messages and replies; none when they are not at hand, which is said aloud.
pub fn real() -> Option<Vec<String>> {
    let mut texts = Vec::new();
    for file in FILES {
        let Ok(mut reader) = csv::Reader::from_path(folder().join(file)) else {
            println!(
                "SKIPPED: the real messages are not at hand; sentences of our own carry what is planted"
            );
            return None;
        };
        let headers = reader.headers().unwrap().clone();
        let columns: Vec<_> = ["topic", "text", "reply"]
            .iter()
            .filter_map(|name| headers.iter().position(|header| header == *name))
            .collect();
        for row in reader.records() {
            let row = row.unwrap();
            texts
                .extend(columns.iter().map(|column| row[*column].to_owned()).filter(|text| !text.is_empty()));
        }
    }
    Some(texts)
}

/// Sentences of our own.
pub fn own() -> Vec<String> {
    let whats = [
        "楼下消防通道被车辆堵塞",
        "电梯从2019年3月起经常停运",
        "小区3幢2单元漏水",
        "夜里22:30还在施工",
        "物业费每月1.85元/平方米,涨了15%",
    ];
    let whens = [
        "",
        "已经反映过三次。",
        "自2018.5.20以来一直如此。",
        "近一个月尤其严重,",
        "上周一、周三、周五都发生过;",
    ];
    let wants = [
        "请尽快处理。",
        "望有关部门到现场查看!",
        "请给一个答复",
        "谢谢领导。",
        "按《物业管理条例》第52条应当整改。",
    ];
    let mut texts = Vec::new();
    for what in whats {
        for when in whens {
            texts.extend(wants.iter().map(|want| format!("{what},{when}{want}")));
        }
    }
    texts
}
