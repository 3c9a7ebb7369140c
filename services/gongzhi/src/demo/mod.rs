//! `gongzhi demo`: the story of 米市社区 on the real divisions of 拱墅区, over a believable background, with systems of
//! departments that receive what is theirs, and then the live board.

pub(crate) mod actor;
mod background;
pub(crate) mod cast;
mod deliberation;
mod receipts;
mod sensors;
mod sharing;
mod story;
mod systems;
mod teller;

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use gongzhi_chassis::clock::Clock;
use gongzhi_chassis::config::Settings;
use gongzhi_grid::sample;
use gongzhi_proto::grid::v1 as grid;
use gongzhi_proto::ids::AreaCode;
use jiff::{SignedDuration, Timestamp};

use self::actor::{Actor, Stage};
use self::background::Background;
use self::cast::{ACCOUNTS, MISHI, PASSWORD};
use self::deliberation::Deliberation;
use self::sharing::Scene;
use self::story::Told;
use self::systems::{AtWork, FACT, SYSTEMS};
use self::teller::Teller;
use crate::process::{Ground, Process, asked_to_end};
use crate::seed::{self, Divisions};
use crate::services::Name;

/// How the demo runs.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Ends after the story instead of serving the board.
    #[arg(long)]
    exit: bool,
    /// Cases of the background.
    #[arg(long, default_value_t = 320, value_parser = clap::value_parser!(u32).range(0..=5000))]
    cases: u32,
    /// Folder for the data; default: a private one that is deleted at the end.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// Days of the background before the story begins.
const DAYS: u32 = 14;
/// Days before the background, in which the agenda of the deliberation stands published.
const NOTICE_DAYS: u32 = 14;
/// The story takes two working days, so it begins on a Monday at least so many days ago.
const STORY_DAYS: i64 = 3;
/// The story has arrived in the present when so little is left.
const NEARLY: SignedDuration = SignedDuration::from_secs(1);

/// Where the systems of the demo receive webhooks: on this machine, which an exchange calls only when its operator says so.
const LOOPBACK: &str = "127.0.0.0/8";

pub(crate) async fn run(arguments: Arguments, mut settings: Settings) -> Result<()> {
    let networks = [settings.webhook_networks.as_str(), LOOPBACK];
    settings.webhook_networks =
        networks.into_iter().filter(|net| !net.is_empty()).collect::<Vec<_>>().join(",");
    settings.publish.rate = settings.publish.rate.max(sensors::RATE);
    let ground = Ground::find(&settings, arguments.data.clone()).await?;
    let outcome = play(&arguments, &settings, &ground).await;
    ground.stop().await?;
    outcome
}

async fn play(arguments: &Arguments, settings: &Settings, ground: &Ground) -> Result<()> {
    let clock = Clock::starting_at(beginning());
    let context = ground.prepare(settings, clock.clone()).await?;
    println!("共治 Gongzhi · 示例:米市社区的一件事");
    let divisions = seed::divisions(&context).await?;
    println!(
        "已导入拱墅区 {} 个街道、{} 个社区;米市社区 11 个小区、75 栋楼",
        divisions.sub_districts.len(),
        divisions.communities()
    );
    let services = [
        Name::Organization,
        Name::Grid,
        Name::Dispatch,
        Name::Deliberation,
        Name::Reporting,
        Name::Exchange,
        Name::Portal,
    ];
    let process = Process::start(context, &services).await?;
    let told = tell(arguments, &process, ground, &divisions, &clock).await;
    let outcome = match told {
        Ok((told, systems)) => {
            print_end(&process, ground, &told);
            let ended = if arguments.exit { Ok(()) } else { asked_to_end().await };
            ended.and(systems.stop().await)
        }
        Err(error) => Err(error),
    };
    process.stop().await?;
    outcome
}

/// The day in China on which an instant lies, ISO 8601.
fn china_day(at: Timestamp) -> String {
    at.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(8))).date().to_string()
}

/// The morning on which the deliberation begins: the background follows two weeks later, and the story two weeks after that, on the last Monday that leaves time for it.
fn beginning() -> Timestamp {
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap_or(jiff::tz::TimeZone::UTC);
    let latest = Timestamp::now().to_zoned(zone) - jiff::Span::new().days(STORY_DAYS);
    let since_monday = i64::from(latest.weekday().to_monday_zero_offset());
    let first = latest - jiff::Span::new().days(since_monday + i64::from(NOTICE_DAYS + DAYS));
    let morning = first.with().hour(9).minute(0).second(0).subsec_nanosecond(0).build();
    morning.map_or_else(|_| Timestamp::now(), |morning| morning.timestamp())
}

async fn tell(
    arguments: &Arguments,
    process: &Process,
    ground: &Ground,
    divisions: &Divisions,
    clock: &Clock,
) -> Result<(Told, AtWork)> {
    let stage = Stage::of(process).await?;
    let operator = seed::operator(&process.context, &stage).await?;
    let district_code = process.context.bus.district().to_string();
    seed::departments(&operator, &district_code).await?;
    let teller = Teller::new(clock.clone(), u64::from(arguments.cases) + 34)?;
    teller.doing("划定网格(边界为示例生成)");
    let place = draw_grids(&operator, divisions).await?;
    teller.doing("登记人员与岗位");
    let cast = cast::appoint(&stage, &operator, &district_code, place).await?;
    let district = cast::populate(&stage, &operator, divisions).await?;
    departments_known(&cast).await?;

    teller.doing("米市新村的议题");
    let mut deliberation = Deliberation::begin(&stage, &cast, clock, &teller).await?;
    clock.advance(SignedDuration::from_hours(24 * i64::from(NOTICE_DAYS)));
    teller.doing("全区背景案件(示例)");
    let days = Timestamp::now().duration_since(clock.now()).as_hours() / 24;
    let mut background = Background::new(arguments.cases, u32::try_from(days).unwrap_or(DAYS));
    for _ in 0..DAYS * background::SESSIONS {
        let pause = background.work(&district, &cast, &teller).await?;
        background::pass(clock, pause, 2).await?;
        deliberation.go_on().await?;
    }
    deliberation.ends()?;
    teller.doing("米市社区的故事");
    let told = story::tell(&cast, clock, &teller).await?;
    teller.doing("此后的背景案件(示例)");
    // What is left until now passes in sessions too, so that clocks run out one after the other and the boards of today are of today.
    loop {
        let left = Timestamp::now().duration_since(clock.now());
        if left < NEARLY {
            break;
        }
        let pause = background.work(&district, &cast, &teller).await?;
        background::pass(clock, pause.min(left), 2).await?;
    }
    // Steps are cut to milliseconds and alone would never arrive; from here on the story's clock is the machine's.
    clock.move_to(Timestamp::now());
    teller.end();
    println!("  背景:{} 件示例案件,由模板生成", background.registered);
    let scene = Scene { process, ground, stage: &stage, cast: &cast, district: &district };
    let systems = sharing::play(&scene).await?;
    Ok((Told { topic_id: deliberation.topic_id, ..told }, systems))
}

/// Draws made grids for every community; gives a point in one of 米市社区.
async fn draw_grids(operator: &Actor, divisions: &Divisions) -> Result<(f64, f64)> {
    let mut sub_districts = Vec::new();
    for place in &divisions.sub_districts {
        let pairs = place.communities.iter().zip(&place.community_names);
        let communities =
            pairs.map(|(code, name)| Ok((AreaCode::parse(code)?, name.clone()))).collect::<Result<_>>()?;
        sub_districts.push(sample::SubDistrict { name: place.name.clone(), communities });
    }
    let several = sample::SEVERAL
        .iter()
        .map(|(code, count)| Ok((AreaCode::parse(code)?, *count)))
        .collect::<Result<_>>()?;
    let mut place = None;
    for made in sample::make_grids(seed::DISTRICT, &sub_districts, &several)? {
        let wanted = place.is_none() && made.id.community().as_str() == MISHI;
        let outline = wanted.then(|| made.geojson.clone());
        let request = grid::DrawGridRequest {
            grid_id: made.id.to_string(),
            name: made.name,
            boundary_geojson: made.geojson,
            crs: grid::Crs::Wgs84 as i32,
            made: true,
        };
        operator.grids().draw_grid(request).await?;
        if let Some(outline) = outline {
            place = point_inside(operator, &outline, made.id.as_str()).await?;
        }
    }
    place.context("no grid of 米市社区 holds a point")
}

/// A point that grid itself finds in a grid: the middle of two corners.
async fn point_inside(operator: &Actor, outline: &str, grid_id: &str) -> Result<Option<(f64, f64)>> {
    let feature: serde_json::Value = serde_json::from_str(outline)?;
    let mut corners = Vec::new();
    collect_corners(&feature["geometry"]["coordinates"], &mut corners);
    for (nth, first) in corners.iter().enumerate() {
        for second in corners.iter().skip(nth + 2) {
            let (longitude, latitude) = ((first.0 + second.0) / 2.0, (first.1 + second.1) / 2.0);
            let request = grid::LocatePlaceRequest { longitude, latitude, crs: grid::Crs::Wgs84 as i32 };
            let found = operator.grids().locate_place(request).await?.into_inner().grid;
            if found.is_some_and(|found| found.grid_id == grid_id) {
                return Ok(Some((longitude, latitude)));
            }
        }
    }
    Ok(None)
}

fn collect_corners(coordinates: &serde_json::Value, corners: &mut Vec<(f64, f64)>) {
    let Some(list) = coordinates.as_array() else { return };
    match (list.first().and_then(serde_json::Value::as_f64), list.get(1).and_then(serde_json::Value::as_f64))
    {
        (Some(longitude), Some(latitude)) => corners.push((longitude, latitude)),
        _ => list.iter().for_each(|inner| collect_corners(inner, corners)),
    }
}

/// Waits until dispatch has heard from the bus which departments there are.
async fn departments_known(cast: &cast::Cast) -> Result<()> {
    use gongzhi_proto::dispatch::v1 as pb;
    teller::wait_for("the departments are known to dispatch", || async {
        // A whistle on a case that does not exist: unknown departments are told first.
        let request = pb::SoundWhistleRequest {
            case_id: "01900000-0000-7000-8000-000000000001".into(),
            kind: pb::WhistleKind::PriorityWork as i32,
            level: pb::WhistleLevel::Blue as i32,
            department_codes: vec!["utilities".into(), "fire-rescue".into()],
            request: "试".repeat(2),
        };
        let answer = cast.duty_officer.whistles().sound_whistle(request).await;
        Ok(answer.is_err_and(|status| status.code() == tonic::Code::NotFound))
    })
    .await
}

fn print_end(process: &Process, ground: &Ground, told: &Told) {
    println!(
        "\n案件 {}:登记 → 三方协商 → 上报 → 吹哨三部门 → 催办、督办 → 验收 → 回访不满意重办 → 满意结案",
        told.case_number
    );
    if let Some(portal) = process.portal_address {
        println!("\n看板    http://{portal}/board/330105001");
        println!("案件    http://{portal}/case/{}", told.case_id);
        println!("吹哨单  http://{portal}/whistle/{}", told.whistle_id);
        println!("议题    http://{portal}/topics/{}", told.topic_id);
    }
    println!("gRPC    http://{}", process.grpc_address);
    println!("\n账号(密码均为 {PASSWORD})");
    for (account, title, may) in ACCOUNTS {
        println!("  {account:<12} {title}:{may}");
    }
    println!("  {:<12} 区平台管理员", "pingtai");
    print_trial(process, ground);
}

/// What to type to be the system of a department oneself; a whistle in the portal then shows on that terminal.
fn print_trial(process: &Process, ground: &Ground) {
    println!(
        "\n亲自当一回部门系统:另开终端,再到网页吹哨 (be a department's system: in another terminal, then sound a whistle)"
    );
    println!("  export GONGZHI_SERVER=http://{} GONGZHI_PASSWORD={PASSWORD}", process.grpc_address);
    // Where the settings name a server, its address may hold a password and is known already.
    if process.context.settings.nats_url.is_none() {
        println!("  export GONGZHI_NATS_URL={}", ground.nats_url);
    }
    for system in &SYSTEMS {
        let (account, department, way) = (system.account, system.department, system.way);
        println!(
            "  gongzhi subscribe --account {account} --for department/{department} --fact {FACT} --way {way}"
        );
    }
}
