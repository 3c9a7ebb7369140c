//! The rules beside those of others, in one run on one machine: what each takes, and whether both say the same. The peers are installed from the Python registry into
//! a folder of the build; without Python or the registry, and without an instance, it is said aloud what is skipped. Ends with 1 where a claim is not kept.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use gongzhi_choice::budget::{self, Completion, Ties, Utility};
use gongzhi_choice::opinion::{self, Options, Start};
use gongzhi_choice::sortition::{self, Objective, Pool};

/// The peers, pinned. Without extras the solver of sortition-algorithms is a free one, `HiGHS`.
const PACKAGES: [&str; 3] = ["pabutools==1.2.3", "sortition-algorithms==0.12.15", "red-dwarf==0.4.0"];
/// The longest that a peer may take for one answer.
const PATIENCE: Duration = Duration::from_secs(180);
/// What has not ended after so long is no answer of ours.
const OURS: Duration = Duration::from_secs(600);

/// What a peer did.
enum Peer {
    /// Seconds of the work itself, and what came out.
    Took(f64, String),
    /// Nothing in the time that it was given.
    StillRunning,
    /// It could not be run.
    Absent(String),
}

/// What is claimed of a row.
enum Claim {
    /// So many times as quick as the peer.
    Ratio(f64),
    /// Done in so many seconds.
    Seconds(f64),
    /// Nothing: the figures are shown.
    None,
}

fn main() -> ExitCode {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("peers");
    let python = match install(&folder) {
        Ok(python) => Some(python),
        Err(why) => {
            println!("SKIPPED all peers: {why}");
            None
        }
    };
    let bench = Bench { python, folder };
    // Where others work on the machine as well, seconds are more than they need be.
    match std::fs::read_to_string("/proc/loadavg") {
        Ok(load) => println!("load of the machine before: {}", load.trim()),
        Err(_) => println!("load of the machine before: not known"),
    }
    println!("{:<44} {:>11} {:>13} {:>9}", "", "ours", "the peer's", "times");
    let kept = [bench.shares(), bench.large_pool(), bench.community(), bench.opinions()];
    if kept.iter().all(|kept| *kept) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Makes a folder with Python and the peers, or finds it.
fn install(folder: &Path) -> Result<PathBuf, String> {
    let python = folder.join("python/bin/python");
    let run = |command: &mut Command| match command.output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
        Err(error) => Err(error.to_string()),
    };
    std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    if !python.exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(folder.join("python")))?;
    }
    let mut pip = Command::new(&python);
    run(pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(PACKAGES))?;
    Ok(python)
}

/// Where peers and instances are.
struct Bench {
    python: Option<PathBuf>,
    folder: PathBuf,
}

impl Bench {
    /// An instance, if it is there.
    fn instance(&self, name: &str) -> Option<PathBuf> {
        let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/deliberation");
        let given = std::env::var_os("GONGZHI_DELIBERATION").map(PathBuf::from);
        let found = [Some(beside), given]
            .into_iter()
            .flatten()
            .map(|root| root.join(name))
            .find(|path| path.exists());
        if found.is_none() {
            println!("SKIPPED {name}: it is not there");
        }
        found
    }

    /// Asks a peer, and ends it when it takes too long.
    fn peer(&self, arguments: &[&str]) -> Peer {
        let Some(python) = &self.python else { return Peer::Absent("not installed".into()) };
        self.wait(python, arguments).unwrap_or_else(Peer::Absent)
    }

    fn wait(&self, python: &Path, arguments: &[&str]) -> Result<Peer, String> {
        let told = |error: std::io::Error| error.to_string();
        // Into files: a peer that says much does not wait for a reader.
        let (said, wrong) = (self.folder.join("said.txt"), self.folder.join("wrong.txt"));
        let file = |path: &Path| std::fs::File::create(path).map(Stdio::from).map_err(told);
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers.py");
        let mut command = Command::new(python);
        command.arg(script).args(arguments).stdout(file(&said)?).stderr(file(&wrong)?);
        let mut child = command.spawn().map_err(told)?;
        let since = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().map_err(told)? {
                break status;
            }
            if since.elapsed() > PATIENCE {
                child.kill().map_err(told)?;
                child.wait().map_err(told)?;
                return Ok(Peer::StillRunning);
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        let text = |path: &Path| std::fs::read_to_string(path).map_err(told);
        if !status.success() {
            return Err(text(&wrong)?.lines().last().unwrap_or("failed").to_owned());
        }
        let said = text(&said)?;
        let last = said.lines().rev().find_map(|line| line.strip_prefix("took "));
        let (seconds, answer) = last.and_then(|line| line.split_once(' ')).ok_or("said nothing")?;
        let seconds = seconds.parse().map_err(|_| format!("{seconds:?} is no time"))?;
        Ok(Peer::Took(seconds, answer.to_owned()))
    }

    /// Equal shares with add1 on a city's fund.
    fn shares(&self) -> bool {
        let Some(path) = self.instance("pb/Poland_Swiecie_2023.pb") else { return true };
        let Ok(fund) = budget::read(&read(&path)) else { return false };
        let (took, outcome) =
            median(7, || budget::equal_shares(&fund, Utility::Cost, Completion::AddOne, Ties::Id).winners());
        let mut ids: Vec<_> = outcome.into_iter().map(|project| fund.projects[project].id.clone()).collect();
        ids.sort();
        let peer = self.peer(&["shares", &path.to_string_lossy()]);
        row("equal shares, add1: 2,553 votes, 22 projects", took, &ids.join(","), &peer, &Claim::Ratio(100.0))
    }

    /// LEXIMIN of 2,000 people; the peer makes only the smallest chance largest, for which its solver is free.
    fn large_pool(&self) -> bool {
        let Some((path, pool)) = self.pool("example_large_200") else { return true };
        let (took, least) = median(3, || least(&pool, Objective::Leximin));
        let peer = self.peer(&["maximin", &path.to_string_lossy(), "200"]);
        row("LEXIMIN, peer maximin: 200 of 2,000", took, &least, &peer, &Claim::Seconds(1.0))
    }

    /// LEXIMIN of a pool with many types, and what the peer makes of it.
    fn community(&self) -> bool {
        let Some((path, pool)) = self.pool("community_synth_30") else { return true };
        let peer = self.peer(&["maximin", &path.to_string_lossy(), "30"]);
        let (took, found) = median(1, || least(&pool, Objective::Maximin));
        let even = row("maximin on both sides: 30 of 434", took, &found, &peer, &Claim::None);
        let (took, found) = median(1, || least(&pool, Objective::Leximin));
        row("LEXIMIN, peer maximin: 30 of 434", took, &found, &peer, &Claim::Seconds(60.0)) && even
    }

    fn pool(&self, name: &str) -> Option<(PathBuf, Pool)> {
        let path = self.instance(&format!("sortition/{name}"))?;
        let text = |file: &str| read(&path.join(file));
        let pool = sortition::read(&text("respondents.csv"), &text("categories.csv"), &text("meta.json"));
        Some((path.clone(), pool.ok()?))
    }

    /// The opinion map of a made conversation, with the groups of the peer's start and with those of our hundred.
    fn opinions(&self) -> bool {
        let text = conversation(2_000, 200);
        let path = self.folder.join("votes.csv");
        let Ok(votes) = opinion::read(&text, "statement,moderated\n") else { return false };
        if std::fs::write(&path, text).is_err() {
            return false;
        }
        let groups = |start| {
            let options = Options { start, ..Options::default() };
            opinion::opinions(&votes, &options).groups().map_or(0, |groups| groups.centres.len()).to_string()
        };
        let peer = self.peer(&["opinion", &path.to_string_lossy()]);
        let (took, found) = median(3, || groups(Start::First));
        let first = row("opinion map, the peer's start: 2,000 × 200", took, &found, &peer, &Claim::None);
        let (took, found) = median(3, || groups(Start::Many));
        row("opinion map, a hundred starts: 2,000 × 200", took, &found, &peer, &Claim::None) && first
    }
}

/// The smallest chance.
fn least(pool: &Pool, objective: Objective) -> String {
    match sortition::lottery(pool, objective, OURS) {
        Ok(lottery) => format!("{:.6}", lottery.chances.into_iter().fold(1.0, f64::min)),
        Err(none) => none.to_string(),
    }
}

/// Votes of people of four kinds on statements of which each kind likes others; a quarter of them, by a fixed sequence.
fn conversation(people: usize, statements: usize) -> String {
    let mut text = "statement,participant,vote\n".to_owned();
    let mut state = 278u64;
    let mut next = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    for person in 0..people {
        for statement in (0..statements).filter(|_| next(4) == 0).collect::<Vec<_>>() {
            let likes = (person % 4 + statement) % 4 < 2;
            let vote = match next(10) {
                0 | 1 => 0,
                2 => {
                    if likes {
                        -1
                    } else {
                        1
                    }
                }
                _ => {
                    if likes {
                        1
                    } else {
                        -1
                    }
                }
            };
            // Writing to a text does not fail.
            let _ = writeln!(text, "{statement},{person},{vote}");
        }
    }
    text
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

/// Seconds of the middle one of some runs, and what came out.
fn median<A>(runs: usize, rule: impl Fn() -> A) -> (f64, A) {
    let mut took = Vec::with_capacity(runs);
    loop {
        let since = Instant::now();
        let answer = std::hint::black_box(rule());
        took.push(since.elapsed().as_secs_f64());
        if took.len() >= runs {
            took.sort_by(f64::total_cmp);
            return (took[took.len() / 2], answer);
        }
    }
}

/// Says what both took, and whether what is claimed is so.
fn row(name: &str, took: f64, answer: &str, peer: &Peer, claim: &Claim) -> bool {
    let ours = shown(took);
    match peer {
        Peer::Took(theirs, said) => {
            let same = if said == answer { "the same answer" } else { "ANOTHER ANSWER" };
            println!("{name:<44} {ours:>11} {:>13} {:>9.0} {same}", shown(*theirs), theirs / took);
            if said != answer {
                println!("    ours {answer}\n    theirs {said}");
            }
        }
        Peer::StillRunning => {
            let least = PATIENCE.as_secs_f64() / took;
            println!("{name:<44} {ours:>11} {:>13} {:>9}", "no answer", format!("> {least:.0}"));
            println!("    the peer was ended after {} s", PATIENCE.as_secs());
        }
        Peer::Absent(why) => println!("{name:<44} {ours:>11} {:>13}     SKIPPED the peer: {why}", "–"),
    }
    let (kept, said) = match (claim, peer) {
        (Claim::Seconds(most), _) => (took < *most, format!("less than {most} s")),
        (Claim::Ratio(least), Peer::Took(theirs, _)) => {
            (theirs / took >= *least, format!("{least} times as quick"))
        }
        (Claim::Ratio(_), _) | (Claim::None, _) => return true,
    };
    println!("    claim: {said}: {}", if kept { "kept" } else { "NOT KEPT" });
    kept
}

fn shown(seconds: f64) -> String {
    if seconds < 1.0 { format!("{:.2} ms", seconds * 1e3) } else { format!("{seconds:.2} s") }
}
