//! The last act: systems of three departments receive the whistles that call them, each over another way, while sensors fill the bus; what each was due,
//! what it got and how long it took is measured and told.

use std::time::Duration;

use anyhow::{Context as _, Result};
use futures::{StreamExt, TryStreamExt, stream};
use gongzhi_proto::dispatch::v1 as pb;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::actor::{Actor, Stage};
use super::cast::{Cast, District};
use super::receipts::Receipts;
use super::sensors::{self, Sensors};
use super::systems::{AtWork, Came, SYSTEMS};
use crate::process::{Ground, Process};
use crate::simulate::settle;

/// Whistles of the act; half of them call one department, half of them two.
const WHISTLES: usize = 60;
/// From one whistle to the next.
const PAUSE: Duration = Duration::from_millis(150);
/// How long the background runs before the first whistle.
const WARM_UP: Duration = Duration::from_secs(3);
/// How long whistles may take before they count as missing.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long it is looked for what should not come.
const AFTERWARDS: Duration = Duration::from_secs(1);
/// Cases that are made ready at the same time.
const AT_ONCE: usize = 8;

/// Which departments the whistles call, in turn.
const CALLED: [&[&str]; 6] = [
    &["fire-rescue"],
    &["urban-management", "housing"],
    &["urban-management"],
    &["housing", "fire-rescue"],
    &["housing"],
    &["fire-rescue", "urban-management"],
];

/// Where the act is played.
pub(crate) struct Scene<'a> {
    pub(crate) process: &'a Process,
    pub(crate) ground: &'a Ground,
    pub(crate) stage: &'a Stage,
    pub(crate) cast: &'a Cast,
    pub(crate) district: &'a District,
}

/// A whistle that was sounded: by whom, and whom it calls.
struct Sounded {
    officer: Actor,
    whistle_id: String,
    called: &'static [&'static str],
}

/// What was measured.
struct Measured {
    receipts: [Receipts; SYSTEMS.len()],
    /// Facts of the sensors that were accepted, and over how long they told.
    background: (usize, Duration),
    /// Facts that came onto the bus in that time.
    on_the_bus: u64,
}

/// Plays the act; gives the systems, which go on receiving.
pub(crate) async fn play(scene: &Scene<'_>) -> Result<AtWork> {
    let cases = climbed_cases(scene.district).await?;
    // What became due by itself in the weeks that just passed in seconds is no part of the measurement.
    settle(&scene.process.context).await?;
    let (sender, mut came) = mpsc::unbounded_channel();
    let mut systems = AtWork::start(scene.process, scene.ground, &sender).await?;
    println!(
        "  三个部门的业务系统已作为独立进程上线 (three department systems are at work, each a process of its own)"
    );
    let (sounded, measured) = measure(scene, cases, &mut systems, &mut came).await?;
    tell(&measured);
    for (system, receipts) in SYSTEMS.iter().zip(&measured.receipts) {
        receipts.judge(system.department)?;
    }
    answer(scene.cast, sounded).await?;
    Ok(systems)
}

/// Cases all over the district that are beyond their communities.
async fn climbed_cases(district: &District) -> Result<Vec<(Actor, String)>> {
    let climb = async |nth: usize| -> Result<(Actor, String)> {
        let place = &district.places[nth % district.places.len()];
        let request = pb::RegisterCaseRequest {
            category_code: "fire.lane.obstructed".into(),
            urgency: pb::Urgency::Normal as i32,
            title: "消防通道堆放杂物".into(),
            description: "消防通道堆放杂物(示例案件,用于演示部门系统)".into(),
            place: Some(pb::Place {
                area_code: place.communities[nth % place.communities.len()].clone(),
                spot: format!("部门系统示例地点{nth}"),
                ..pb::Place::default()
            }),
            ..Default::default()
        };
        let mut calls = place.officer.cases();
        let case_id = calls.register_case(request).await?.into_inner().case.context("no case")?.case_id;
        calls.accept_case(pb::AcceptCaseRequest { case_id: case_id.clone() }).await?;
        let reason = "需部门支持".into();
        calls.climb_case(pb::ClimbCaseRequest { case_id: case_id.clone(), reason }).await?;
        Ok((place.officer.clone(), case_id))
    };
    stream::iter(0..WHISTLES).map(climb).buffered(AT_ONCE).try_collect().await
}

/// Sounds the whistles over the background and waits for what is due, and for what is not.
async fn measure(
    scene: &Scene<'_>,
    cases: Vec<(Actor, String)>,
    systems: &mut AtWork,
    came: &mut mpsc::UnboundedReceiver<Came>,
) -> Result<(Vec<Sounded>, Measured)> {
    let context = &scene.process.context;
    let before = context.bus.extent().await?.last;
    let sensors = Sensors::start(scene.stage, scene.cast, scene.district).await?;
    tokio::time::sleep(WARM_UP).await;
    let sounded = sound(cases).await?;
    let mut receipts: [Receipts; SYSTEMS.len()] = Default::default();
    for whistle in &sounded {
        for (system, receipts) in SYSTEMS.iter().zip(&mut receipts) {
            if whistle.called.contains(&system.department) {
                receipts.expect(&whistle.whistle_id);
            }
        }
    }
    let mut until = Instant::now() + PATIENCE;
    let mut complete = false;
    loop {
        if !complete && receipts.iter().all(Receipts::is_complete) {
            complete = true;
            until = Instant::now() + AFTERWARDS;
        }
        let Ok(Some((nth, line))) = tokio::time::timeout_at(until, came.recv()).await else { break };
        receipts[nth].note(SYSTEMS[nth].department, &line)?;
    }
    let background = sensors.stop().await?;
    let on_the_bus = context.bus.extent().await?.last - before;
    systems.check()?;
    Ok((sounded, Measured { receipts, background, on_the_bus }))
}

async fn sound(cases: Vec<(Actor, String)>) -> Result<Vec<Sounded>> {
    let mut sounded = Vec::new();
    let mut tick = tokio::time::interval(PAUSE);
    for ((officer, case_id), called) in cases.into_iter().zip(CALLED.iter().cycle()) {
        tick.tick().await;
        let request = pb::SoundWhistleRequest {
            case_id,
            kind: pb::WhistleKind::PriorityWork as i32,
            level: pb::WhistleLevel::Blue as i32,
            department_codes: called.iter().map(|code| (*code).to_owned()).collect(),
            request: "请到场协助处置(示例)".into(),
        };
        let answer = officer.whistles().sound_whistle(request).await?.into_inner();
        let whistle_id = answer.whistle.context("no whistle")?.whistle_id;
        sounded.push(Sounded { officer, whistle_id, called });
    }
    Ok(sounded)
}

/// Tells what was measured; that a second was missed is said and no failure, because it may be the machine's.
fn tell(measured: &Measured) {
    for (system, receipts) in SYSTEMS.iter().zip(&measured.receipts) {
        println!("    {:<17} {:<8} {}  {}", system.department, system.way, receipts.row(), system.name);
    }
    let (accepted, time) = measured.background;
    let seconds = time.as_secs_f64();
    let rate = accepted as f64 / seconds;
    println!(
        "    背景 background {rate:.0} 条/秒 facts/s(传感器事件示例 {accepted} 条,{seconds:.1} 秒);总线实测 on the bus {:.0} 条/秒",
        measured.on_the_bus as f64 / seconds
    );
    // A call that is under way when they fall silent is not made up for any more.
    if rate < f64::from(sensors::RATE) * 0.98 {
        println!("    本机未达到 {0} 条/秒的背景 (this machine did not reach {0} facts/s)", sensors::RATE);
    }
    if measured.receipts.iter().all(Receipts::is_timely) {
        println!("    哨声 {WHISTLES} 次,p99 均在 1 秒以内 ({WHISTLES} whistles, p99 within 1 s everywhere)");
    } else {
        println!(
            "    未达到 1 秒目标:本机此刻太慢,但无一缺失 (the 1 s was missed: this machine is too slow now)"
        );
    }
}

/// The people of the departments answer, so that nothing of the act stays open on the boards.
async fn answer(cast: &Cast, sounded: Vec<Sounded>) -> Result<()> {
    let one = async |whistle: Sounded| -> Result<()> {
        let Sounded { officer, whistle_id, called } = whistle;
        for department in called {
            cast.comes_and_finishes(department, &whistle_id).await?;
        }
        let summary = "联合处置完成(示例)".into();
        officer.whistles().accept_result(pb::AcceptResultRequest { whistle_id, summary }).await?;
        Ok(())
    };
    stream::iter(sounded).map(one).buffer_unordered(AT_ONCE).try_collect().await
}
