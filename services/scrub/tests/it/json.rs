//! JSON: every place where something personal stands is named, and never what stands there.

use gongzhi_scrub::{Kind, find_in_json};
use serde_json::json;

#[test]
fn every_place_is_named() {
    let value = json!({
        "title": "路灯不亮",
        "lamp": { "id": "01890a5d-ac96-774b-bcce-b302099a8057", "height": 4266.5, "seen": 1_763_863_200_000_i64 },
        "notes": ["已修复", "请打138-0013-8000"],
        "caller": 13_800_138_000_i64,
        "scientific": 1.380_013_8e10,
        "card": { "no": 6_222_021_234_567_890_128_i64 },
        "phone": 88_886_666,
        "phones": ["5024662"],
        "姓名": "张三",
        "13800138000": true,
        "a/b~c": "浙A·12345",
    });
    let mut found: Vec<_> = find_in_json(&value).into_iter().map(|found| (found.path, found.kind)).collect();
    found.sort();
    let mut wanted: Vec<_> = [
        ("/notes/1", Kind::Telephone),
        ("/caller", Kind::Telephone),
        ("/scientific", Kind::Telephone),
        ("/card/no", Kind::BankCard),
        ("/phone", Kind::Telephone),
        ("/phones/0", Kind::Telephone),
        ("/姓名", Kind::Name),
        ("/〔电话〕", Kind::Telephone),
        ("/a~1b~0c", Kind::Plate),
    ]
    .map(|(path, kind)| (path.to_owned(), kind))
    .to_vec();
    wanted.sort();
    assert_eq!(found, wanted);
}
