//! The pages in a real browser, in front of the real services: a person on duty signs in, sees the board move and opens a case. How the pages are
//! looked at is written in `services/portal/web/e2e`; here are the district that is looked at, its people, and the fact that moves the board.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use gongzhi::process::{Ground, Process};
use gongzhi::services::Name;
use gongzhi_chassis::client::{Calling, Session};
use gongzhi_chassis::clock::Clock;
use gongzhi_chassis::config::Settings;
use gongzhi_chassis::gate::Admission;
use gongzhi_harness::replicas;
use gongzhi_organization::division::Unclear;
use gongzhi_organization::import::{self, Order, Run};
use gongzhi_organization::staff::{FirstAccount, appoint_as_system};
use gongzhi_proto::access::v1::Post;
use gongzhi_proto::dispatch::v1 as pb;
use gongzhi_proto::dispatch::v1::case_service_client::CaseServiceClient;
use gongzhi_proto::organization::v1 as organization;
use gongzhi_proto::organization::v1::department_service_client::DepartmentServiceClient;
use gongzhi_proto::organization::v1::identity_service_client::IdentityServiceClient;
use jiff::{SignedDuration, Timestamp};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tonic::transport::Channel;

const SUB_DISTRICT: &str = "330105001";
const COMMUNITY: &str = "330105001052";
const OFFICER: &str = "zhishou";
const COMMUNITY_WORKER: &str = "shequ";
const SECOND_WORKER: &str = "shequ2";
const SECRETARY: &str = "shuji";
const OPERATOR: &str = "pingtai";
const LIAISON: &str = "xiaofang";
const DEPARTMENT: &str = "fire-rescue";
const PASSWORD: &str = "only-for-this-test-1";
/// Nothing that is looked at takes longer, also where a machine has much else to do.
const PATIENCE: Duration = Duration::from_secs(600);

#[tokio::test(flavor = "multi_thread")]
async fn the_board_moves_before_the_eyes_of_the_officer_on_duty() -> Result<()> {
    in_a_world(async |world| look(world).await).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_comes_to_a_resolution_by_a_ballot() -> Result<()> {
    goes_through("topic.mjs", 30).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_meeting_and_a_procedure_come_to_resolutions() -> Result<()> {
    goes_through("meeting.mjs", 48).await
}

#[tokio::test(flavor = "multi_thread")]
async fn residents_say_what_they_think_and_parties_find_their_balance() -> Result<()> {
    goes_through("opinion.mjs", 35).await
}

#[tokio::test(flavor = "multi_thread")]
async fn money_is_given_and_representatives_are_drawn() -> Result<()> {
    goes_through("money.mjs", 48).await
}

/// One browser at a time: several would only wait for each other.
static ONE_BROWSER: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// All services with their portal, people on duty, and a clock that begins now and can be moved: a topic takes weeks.
struct World<'a> {
    process: &'a Process,
    tools: &'a Tools,
    clock: &'a Clock,
    /// Calls of the community's worker.
    worker: Calling,
}

/// Looks at a world of its own; says aloud that it does not where something is missing.
async fn in_a_world(look: impl AsyncFnOnce(&World<'_>) -> Result<()>) -> Result<()> {
    let tools = match Tools::find() {
        Ok(tools) => tools,
        Err(missing) if std::env::var("CI").is_ok_and(|ci| ci == "true") => bail!(missing),
        Err(missing) => {
            // Not `eprintln!`: the test harness would keep it to itself.
            writeln!(std::io::stderr(), "SKIPPED: {missing}")?;
            return Ok(());
        }
    };
    let _alone = ONE_BROWSER.lock().await;
    let (settings, _) = Settings::read(|name| {
        matches!(name, "GONGZHI_GRPC_ADDRESS" | "GONGZHI_PORTAL_ADDRESS").then(|| "127.0.0.1:0".to_owned())
    })?;
    let ground = Ground::find(&settings, None).await?;
    let outcome = open_to_the_public(&ground, &settings, &tools, look).await;
    ground.stop().await?;
    outcome
}

async fn open_to_the_public(
    ground: &Ground,
    settings: &Settings,
    tools: &Tools,
    look: impl AsyncFnOnce(&World<'_>) -> Result<()>,
) -> Result<()> {
    let clock = Clock::starting_at(Timestamp::now());
    let context = ground.prepare(settings, clock.clone()).await?;
    let names = [
        Name::Organization,
        Name::Grid,
        Name::Dispatch,
        Name::Deliberation,
        Name::Reporting,
        Name::Exchange,
        Name::Portal,
    ];
    let process = Process::start(context, &names).await?;
    // Replicas that nobody calls: whoever has the lease relays, reacts and delivers, and everybody's timers run.
    let mut beside = Vec::new();
    for _ in 1..replicas()? {
        let context = ground.context(settings, clock.clone()).await?;
        beside.push(Process::start(context, &Name::WITH_RECORD).await?);
    }
    let looked = async {
        let worker = people_and_places(&process).await?;
        look(&World { process: &process, tools, clock: &clock, worker }).await
    };
    let outcome = tokio::time::timeout(PATIENCE, looked).await;
    let mut ended = process.stop().await?;
    for process in beside {
        ended &= process.stop().await?;
    }
    outcome.context("the browser did not finish looking")??;
    ensure!(ended, "the services did not end in time");
    Ok(())
}

/// Two cases are open when the board is looked at; a third one comes while it is watched.
async fn look(World { process, tools, worker, .. }: &World<'_>) -> Result<()> {
    let case_id = register(worker, "3幢北侧").await?;
    CaseServiceClient::new(worker.clone())
        .accept_case(pb::AcceptCaseRequest { case_id: case_id.clone() })
        .await?;
    register(worker, "东门入口").await?;
    let base_url = format!("http://{}", process.portal_address.context("no portal is served")?);
    let given = [("ACCOUNT", OFFICER), ("CASE_ID", case_id.as_str())];
    let mut browser = Browser::start(tools, "board-and-case.mjs", &base_url, &given)?;
    browser.says("READY board").await?;
    let since = Instant::now();
    register(worker, "西门岗亭旁").await?;
    browser.hears(&format!("CHANGED {COMMUNITY}=3")).await?;
    let seen = browser.says(&format!("SEEN area-open-{COMMUNITY}=3")).await?;
    writeln!(std::io::stderr(), "{seen}; {} ms after it was asked for", since.elapsed().as_millis())?;
    browser.says("PASSED").await?;
    browser.close(9).await?;
    // A liaison finds a fact, asks for it and subscribes; the operator approves; both look at every page of the exchange.
    let since = Instant::now();
    let mut browser =
        Browser::start(tools, "exchange.mjs", &base_url, &[("LIAISON", LIAISON), ("OPERATOR", OPERATOR)])?;
    browser.says("PASSED").await?;
    writeln!(std::io::stderr(), "the exchange was looked at for {} s", since.elapsed().as_secs())?;
    browser.close(20).await?;
    // The sub-district calls the fire brigade together over the case; both look at the room until it is closed with its summary.
    let since = Instant::now();
    let given = [("ACCOUNT", OFFICER), ("LIAISON", LIAISON), ("CASE_ID", case_id.as_str())];
    let mut browser = Browser::start(tools, "room.mjs", &base_url, &given)?;
    browser.says("PASSED").await?;
    writeln!(std::io::stderr(), "the room was looked at for {} s", since.elapsed().as_secs())?;
    browser.close(19).await
}

/// Goes through what a script does, by those who act in it and by residents who are signed in nowhere; it must take so many screenshots at least.
async fn goes_through(script: &str, shots: usize) -> Result<()> {
    in_a_world(async |World { process, tools, clock, .. }| {
        let base_url = format!("http://{}", process.portal_address.context("no portal is served")?);
        let given =
            [("WORKER", COMMUNITY_WORKER), ("SECOND_WORKER", SECOND_WORKER), ("SECRETARY", SECRETARY)];
        let since = Instant::now();
        let mut browser = Browser::start(tools, script, &base_url, &given)?;
        while let Some(days) = browser.wants_to_move().await? {
            clock.advance(SignedDuration::from_hours(24 * days));
            browser.hears(&format!("MOVED {days}")).await?;
        }
        browser.close(shots).await?;
        writeln!(std::io::stderr(), "{script} looked for {} s", since.elapsed().as_secs())?;
        Ok(())
    })
    .await
}

/// The divisions of the sample, the officer who watches, and the calls of the community's worker.
async fn people_and_places(process: &Process) -> Result<Calling> {
    let context = &process.context;
    let district = context.bus.district();
    let writer = context.writer(gongzhi_organization::NAME).await?;
    for name in ["gongshu_divisions.csv", "mishi_estates.csv"] {
        let file = std::fs::File::open(project().join("deploy/samples").join(name))?;
        let admission = Admission::system(gongzhi_organization::NAME, format!("browser:{name}"));
        let order = Order { district: district.clone(), run: Run::Real, unclear: Unclear::Refuse };
        import::divisions(&writer, &admission, file, &order, |_| {}).await?;
    }
    for (account, display_name, post, area_code, department_code) in [
        (OFFICER, "米市巷街道值守", Post::SubDistrictDutyOfficer, SUB_DISTRICT, ""),
        (COMMUNITY_WORKER, "米市社区工作者", Post::CommunityWorker, COMMUNITY, ""),
        (SECOND_WORKER, "米市社区工作者(二)", Post::CommunityWorker, COMMUNITY, ""),
        (SECRETARY, "米市社区书记", Post::CommunitySecretary, COMMUNITY, ""),
        (OPERATOR, "区平台管理员", Post::PlatformOperator, district.as_str(), ""),
        (LIAISON, "区消防救援大队联络员", Post::DepartmentLiaison, district.as_str(), DEPARTMENT),
    ] {
        if !department_code.is_empty() {
            let department = organization::RegisterDepartmentRequest {
                department_code: department_code.into(),
                area_code: area_code.into(),
                name_zh: "区消防救援大队".into(),
                name_en: "Fire and Rescue Brigade".into(),
            };
            let operator = signed_in(process, OPERATOR).await?;
            DepartmentServiceClient::new(operator).register_department(department).await?;
        }
        let held = organization::HeldPost {
            post: post as i32,
            area_code: area_code.into(),
            department_code: department_code.into(),
        };
        let first = FirstAccount {
            account: account.into(),
            display_name: display_name.into(),
            password: PASSWORD.into(),
            posts: vec![held],
        };
        appoint_as_system(&writer, district, first).await?;
    }
    signed_in(process, COMMUNITY_WORKER).await
}

/// The calls of somebody with an account.
async fn signed_in(process: &Process, account: &str) -> Result<Calling> {
    let channel = Channel::from_shared(format!("http://{}", process.grpc_address))?.connect().await?;
    let request = organization::SignInRequest { account: account.into(), password: PASSWORD.into() };
    let answer = IdentityServiceClient::new(channel.clone()).sign_in(request).await?.into_inner();
    Ok(Session::new(channel, &answer.token).context("a token is not ASCII")?.calls())
}

async fn register(worker: &Calling, spot: &str) -> Result<String> {
    let place = pb::Place { area_code: format!("{COMMUNITY}001"), spot: spot.into(), ..pb::Place::default() };
    let request = pb::RegisterCaseRequest {
        category_code: "fire.lane.obstructed".into(),
        urgency: pb::Urgency::Normal as i32,
        title: "消防通道被占用".into(),
        description: "楼前消防通道停满车辆".into(),
        place: Some(place),
        contact: "晚上敲门".into(),
        distinct_from: vec![],
    };
    let answer = CaseServiceClient::new(worker.clone()).register_case(request).await?.into_inner();
    ensure!(!answer.joined, "the report from {spot} joined another case");
    Ok(answer.case.context("no case")?.case_id)
}

/// The script that looks, with a browser of its own. Dropped, it is killed, and the browser ends with the pipe between the two.
struct Browser {
    script: Child,
    hears: ChildStdin,
    says: Lines<BufReader<ChildStdout>>,
    shots: Shots,
}

impl Browser {
    /// Starts a script of `e2e` with what it is given.
    fn start(tools: &Tools, script: &str, base_url: &str, given: &[(&str, &str)]) -> Result<Self> {
        let shots = Shots::new();
        let mut script = Command::new(&tools.node)
            .arg(format!("e2e/{script}"))
            .current_dir(&tools.web)
            .env("BASE_URL", base_url)
            .env("PASSWORD", PASSWORD)
            .envs(given.iter().copied())
            .env("OUT_DIR", &shots.dir)
            .env("CHROMIUM", &tools.chromium)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let hears = script.stdin.take().context("a pipe to the script")?;
        let says = BufReader::new(script.stdout.take().context("a pipe from the script")?).lines();
        Ok(Self { script, hears, says, shots })
    }

    /// Waits for the line that begins so.
    async fn says(&mut self, wanted: &str) -> Result<String> {
        while let Some(line) = self.says.next_line().await? {
            ensure!(!line.starts_with("FAILED"), "{line}");
            if line.starts_with(wanted) {
                return Ok(line);
            }
        }
        bail!("the script ended before it said {wanted}")
    }

    /// Waits until the script wants so many days to pass; none when it is done.
    async fn wants_to_move(&mut self) -> Result<Option<i64>> {
        while let Some(line) = self.says.next_line().await? {
            ensure!(!line.starts_with("FAILED"), "{line}");
            if let Some(days) = line.strip_prefix("MOVE ") {
                return Ok(Some(days.parse()?));
            }
            if line.starts_with("PASSED") {
                return Ok(None);
            }
        }
        bail!("the script ended before it passed")
    }

    async fn hears(&mut self, line: &str) -> Result<()> {
        self.hears.write_all(format!("{line}\n").as_bytes()).await?;
        Ok(self.hears.flush().await?)
    }

    /// Waits for its end; it must have taken so many screenshots at least.
    async fn close(mut self, shots: usize) -> Result<()> {
        let status = self.script.wait().await?;
        ensure!(status.success(), "the script ended with {status}");
        let taken = std::fs::read_dir(&self.shots.dir)?.count();
        ensure!(taken >= shots, "{taken} screenshots were taken");
        Ok(())
    }
}

/// Where screenshots go: the folder that `GONGZHI_SCREENSHOTS` names, else one that is deleted at the end.
struct Shots {
    dir: PathBuf,
    kept: bool,
}

impl Shots {
    fn new() -> Self {
        match std::env::var_os("GONGZHI_SCREENSHOTS") {
            Some(dir) => Self { dir: project().join(dir), kept: true },
            None => {
                let name = format!("gongzhi-screenshots-{}", std::process::id());
                Self { dir: std::env::temp_dir().join(name), kept: false }
            }
        }
    }
}

impl Drop for Shots {
    fn drop(&mut self) {
        if !self.kept {
            // The script makes the folder; where it did not come so far there is none.
            let _ = std::fs::remove_dir_all(&self.dir);
        }
    }
}

/// What is needed to look.
struct Tools {
    node: PathBuf,
    chromium: PathBuf,
    web: PathBuf,
}

impl Tools {
    /// Finds what is needed; otherwise says what is missing and how it comes.
    fn find() -> std::result::Result<Self, String> {
        let web = project().join("services/portal/web");
        let node =
            on_path("node").ok_or("Node.js 20.19 or newer is not installed; https://nodejs.org has it")?;
        if !web.join("node_modules/playwright-core").exists() {
            return Err("playwright-core is missing; `npm ci` in services/portal/web brings it".into());
        }
        let named = std::env::var_os("CHROMIUM").map(PathBuf::from);
        let chromium = named
            .or_else(|| on_path("chromium-headless-shell"))
            .or_else(|| on_path("chromium"))
            .ok_or("Chromium is not installed; `apt-get install chromium-headless-shell` brings it, or CHROMIUM names it")?;
        Ok(Self { node, chromium, web })
    }
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(program)).find(|found| found.is_file())
}

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
