//! Names of people beside a word that makes them certain: 王女士, 张三先生, 居民李四, 联系人:赵六. Careful rather than complete: a surname that is also an
//! everyday word needs more than that, and a name that is masked already (张某) is none.

use std::sync::LazyLock;

use crate::glyph::Text;
use crate::{Found, Kind};

/// Surnames of one sign.
const SURNAMES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩邓冯曹彭曾肖萧田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆\
范汪廖石金韦贾夏付傅方邹熊白孟秦邱侯江尹薛闫阎段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔赖文施洪辛柯祝翁樊兰殷倪庄耿关焦左柳甘祁鲍\
华骆葛章柴裴凌童颜梅盛俞应季欧聂尤房齐邢凤";
/// Surnames of two signs.
const DOUBLE: [&str; 12] =
    ["欧阳", "司马", "上官", "诸葛", "皇甫", "尉迟", "公孙", "慕容", "令狐", "司徒", "夏侯", "东方"];
/// Surnames that begin no everyday word, so that a name after a role needs nothing between.
const PLAIN: &str = "王李刘陈杨赵吴徐孙朱郭罗郑梁宋唐韩邓冯曹彭肖董潘袁蔡蒋杜魏苏吕丁卢姚沈姜崔谭陆汪廖贾邹孟秦邱侯尹薛闫阎黎郝龚邵覃戴翁樊殷倪耿祁鲍骆\
裴俞聂邢";
/// Surnames that are little words more often: 苦于爷爷奶奶, 厨房师傅.
const LITTLE: &str = "于向房常方应季关左盛齐任万连高";
/// What follows a title in the name of a shop: 秦大妈饭馆.
const SHOPS: &str = "饭餐店馆菜面粉米食火烧小酒鱼";
/// Titles that follow a name, for private people.
const TITLES: [&str; 17] = [
    "先生", "女士", "小姐", "太太", "大爷", "大妈", "大叔", "大婶", "大娘", "大姐", "大哥", "阿姨", "婆婆",
    "奶奶", "爷爷", "师傅", "同学",
];
/// What a person is, before a name.
const ROLES: [&str; 22] = [
    "居民",
    "业主",
    "住户",
    "村民",
    "户主",
    "租客",
    "租户",
    "房东",
    "当事人",
    "投诉人",
    "举报人",
    "申请人",
    "反映人",
    "来访人",
    "邻居",
    "老人",
    "我叫",
    "名叫",
    "我是",
    "本人",
    "死者",
    "伤者",
];
/// Words of a form, after which a name follows whatever it is.
const LABELS: [&str; 7] = ["姓名", "联系人", "业主", "户主", "居民", "申请人", "投诉人"];
/// What goes on after a name: with other signs it may be an everyday word.
const AFTER: &str = "的说称反投诉在因与和及等住已向把被将要家，,.;:!?；！？)(）（”“\"'《》<>[]~-";
/// Everyday words that begin like a name.
const WORDS: [&str; 41] = [
    "王者", "王府", "王牌", "李子", "张贴", "张开", "张口", "陈述", "陈列", "杨树", "杨梅", "黄色", "黄金",
    "徐徐", "孙子", "孙女", "马上", "马路", "何时", "何种", "何处", "何况", "林业", "高度", "高层", "郑重",
    "谢谢", "宋体", "唐突", "许多", "许可", "曾经", "程度", "任何", "任意", "方面", "方便", "金额", "万一",
    "梁柱", "陆续",
];

pub(crate) fn find(text: &Text<'_>, found: &mut Vec<Found>) {
    let mut nth = 0;
    while nth < text.glyphs.len() {
        let hit = match text.glyphs[nth].plain {
            plain if plain.is_ascii() => None,
            plain if is_surname(plain) || begins_double(text, nth) => {
                before_title(text, nth).or_else(|| after_role(text, nth))
            }
            _ => None,
        };
        match hit {
            Some(end) => {
                found.push(Found { kind: Kind::Name, range: text.range(nth, end) });
                nth = end;
            }
            None => nth += 1,
        }
    }
}

/// One bit for each Han character from 一 on: every sign of a text is asked.
static IS_SURNAME: LazyLock<Vec<u64>> = LazyLock::new(|| {
    let mut bits = vec![0; 0x5200 / 64];
    for surname in SURNAMES.chars() {
        let nth = surname as usize - FIRST_HAN;
        bits[nth / 64] |= 1 << (nth % 64);
    }
    bits
});

const FIRST_HAN: usize = 0x4e00;

fn is_surname(plain: char) -> bool {
    (plain as usize)
        .checked_sub(FIRST_HAN)
        .is_some_and(|nth| IS_SURNAME.get(nth / 64).is_some_and(|bits| bits >> (nth % 64) & 1 == 1))
}

fn says(text: &Text<'_>, nth: usize, word: &str) -> bool {
    word.chars().zip(nth..).all(|(want, nth)| text.plain(nth) == Some(want))
}

fn begins_double(text: &Text<'_>, nth: usize) -> bool {
    DOUBLE.iter().any(|surname| says(text, nth, surname))
}

/// True for a sign that a given name may hold; 某 and 甲 stand for a name that is not told.
fn is_given(plain: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&plain)
        && !"某甲乙丙丁一二三四五六七八九十两几多各些全老小的是了和与等副总班该这那哪县市区镇乡村街路"
            .contains(plain)
        || "三四五六七八九一丁".contains(plain)
}

/// Where a name ends that begins here and has a title behind it.
fn before_title(text: &Text<'_>, nth: usize) -> Option<usize> {
    let surname = if begins_double(text, nth) { 2 } else { 1 };
    for given in 0..=2 {
        let end = nth + surname + given;
        if !(nth + surname..end).all(|nth| text.plain(nth).is_some_and(is_given)) {
            return None;
        }
        let title = TITLES.iter().find(|title| says(text, end, title));
        if let Some(title) = title {
            let shop = text.plain(end + title.chars().count()).is_some_and(|plain| SHOPS.contains(plain));
            // 工商所张女士 is certain; with a given name, or with a little word for a surname, something must begin here.
            let certain = given == 0 && text.plain(nth).is_some_and(|plain| !LITTLE.contains(plain));
            return (!shop && (certain || begins(text, nth))).then_some(end);
        }
    }
    None
}

/// True when a name may begin here: at the beginning, after a sign, or after a word that people put before a name.
fn begins(text: &Text<'_>, nth: usize) -> bool {
    text.before(nth).is_none_or(|plain| {
        !('\u{4e00}'..='\u{9fff}').contains(&plain)
            || "的是和与请向给找问对叫被由让跟及同姓而为让".contains(plain)
    }) || ROLES.iter().any(|role| text.follows(nth, &[role]))
}

/// Where a name ends that begins here and has a role before it.
fn after_role(text: &Text<'_>, nth: usize) -> Option<usize> {
    let surname = if begins_double(text, nth) { 2 } else { 1 };
    let plain = text.plain(nth)?;
    let colon = text.before(nth).is_some_and(|plain| matches!(plain, ':' | ' '))
        && text.follows(nth, &LABELS)
        && (1..=3).any(|back| nth.checked_sub(back).and_then(|nth| text.plain(nth)) == Some(':'));
    let close = ROLES.iter().any(|role| {
        let length = role.chars().count();
        nth >= length && says(text, nth - length, role)
    });
    if !(colon || (close && (PLAIN.contains(plain) || surname == 2))) {
        return None;
    }
    if WORDS.iter().any(|word| says(text, nth, word)) {
        return None;
    }
    [2, 1].into_iter().map(|given| nth + surname + given).find(|end| {
        (nth + surname..*end).all(|nth| text.plain(nth).is_some_and(is_given))
            && text
                .plain(*end)
                .is_none_or(|plain| plain.is_whitespace() || plain.is_ascii_digit() || AFTER.contains(plain))
    })
}
