//! How fast texts are scrubbed, in bytes a second: one as residents write them, and one that is full of numbers.

fn main() {
    divan::main();
}

const LETTER: &str = "尊敬的领导:我是米市社区的一名普通居民,楼下的消防通道长期被车辆堵塞,晚上九点以后尤其严重,物业多次劝说没有结果。\
2019年3月12日,有老人突发疾病,救护车在门口等了15分钟才进来。希望有关部门到现场看一看,尽快划定禁停区。谢谢!\n";

#[divan::bench]
fn letters(bencher: divan::Bencher<'_, '_>) {
    let text = LETTER.repeat(40);
    bencher
        .counter(divan::counter::BytesCount::of_str(&text))
        .bench(|| gongzhi_scrub::scrub(divan::black_box(&text)));
}

#[divan::bench]
fn numbers(bencher: divan::Bencher<'_, '_>) {
    let text = "电话138-0013-8000,车牌浙A·12345,证号110101199003077715,编号2019031200017。".repeat(100);
    bencher
        .counter(divan::counter::BytesCount::of_str(&text))
        .bench(|| gongzhi_scrub::scrub(divan::black_box(&text)));
}
