//! Node and Python with the pinned packages of others: found on the machine, fetched once into a cache outside of the work tree, run with a script
//! of ours. Knows nothing of what the scripts look at.

use std::env;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::{Context as _, Result, bail, ensure};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A language in which others have written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Packages of npm.
    Node,
    /// Wheels of PyPI.
    Python,
}

/// A language with its packages at hand.
pub struct Tool {
    language: Language,
    program: PathBuf,
    packages: PathBuf,
}

impl Language {
    /// Finds the program and fetches the packages; says what is missing, and how it comes, when that cannot be.
    pub fn find(self) -> Result<Tool, String> {
        let (program, missing) = match self {
            Self::Node => ("node", "Node.js 20.19 or newer is not installed; https://nodejs.org has it"),
            Self::Python => (
                "python3",
                "Python 3.10 or newer is not installed; `apt-get install python3 python3-pip` brings it",
            ),
        };
        let program = on_path(program).ok_or(missing)?;
        let packages = self
            .packages()
            .map_err(|error| format!("packages for {self:?} could not be fetched: {error:#}"))?;
        Ok(Tool { language: self, program, packages })
    }

    /// The files that pin the packages.
    fn pins(self) -> &'static [&'static str] {
        match self {
            Self::Node => &["package.json", "package-lock.json"],
            Self::Python => &["requirements.txt", "requirements-source.txt"],
        }
    }

    /// The folder with the packages. Two processes do not fetch at once, and a folder with the final name is always complete.
    fn packages(self) -> Result<PathBuf> {
        let cache = cache()?;
        let target = cache.join(format!("{self:?}-{:016x}", self.fingerprint()?).to_lowercase());
        let lock = File::create(cache.join("lock"))?;
        lock.lock()?;
        if target.exists() {
            return Ok(target);
        }
        let unpacking = cache.join(format!("{self:?}.unpacking").to_lowercase());
        if unpacking.exists() {
            fs::remove_dir_all(&unpacking)?;
        }
        fs::create_dir_all(&unpacking)?;
        for pin in self.pins() {
            fs::copy(ours().join(pin), unpacking.join(pin))?;
        }
        for mut command in self.fetching(&unpacking) {
            let output = command.current_dir(&unpacking).output().context("cannot be started")?;
            ensure!(output.status.success(), "{}", said(&output));
        }
        fs::rename(&unpacking, &target)?;
        Ok(target)
    }

    /// What fetches the packages into a folder that holds the pins.
    fn fetching(self, folder: &Path) -> Vec<Command> {
        match self {
            Self::Node => {
                let mut npm = Command::new("npm");
                // No script of a package is run at its installation.
                npm.args([
                    "ci",
                    "--ignore-scripts",
                    "--no-audit",
                    "--no-fund",
                    "--loglevel=error",
                    "--fetch-retries=1",
                ]);
                vec![npm]
            }
            Self::Python => {
                let pip = |pins: &str| {
                    let mut pip = Command::new("python3");
                    pip.args([
                        "-m",
                        "pip",
                        "install",
                        "--quiet",
                        "--retries=1",
                        "--no-deps",
                        "--require-hashes",
                    ]);
                    pip.args(["--target", ".", "-r", pins]);
                    pip.env("PIP_DISABLE_PIP_VERSION_CHECK", "1").env("PIP_NO_INPUT", "1");
                    pip
                };
                let (mut wheels, mut sources) = (pip("requirements.txt"), pip("requirements-source.txt"));
                wheels.arg("--only-binary=:all:");
                // Built with what the first step brought and nothing else.
                sources.args(["--no-binary=:all:", "--no-build-isolation"]).env("PYTHONPATH", folder);
                vec![wheels, sources]
            }
        }
    }

    /// Other pins are another folder. Only a name: what is fetched is checked by the hashes in the pins.
    fn fingerprint(self) -> Result<u64> {
        self.pins().iter().try_fold(0xcbf2_9ce4_8422_2325_u64, |hash, pin| {
            let bytes = fs::read(ours().join(pin))?;
            Ok(bytes.iter().fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)))
        })
    }
}

impl Tool {
    /// The folder with the packages.
    pub fn packages(&self) -> &Path {
        &self.packages
    }

    /// Runs a script of ours: JSON in, JSON out.
    pub fn run<T: DeserializeOwned>(&self, script: &str, input: &impl Serialize) -> Result<T> {
        let mut command = Command::new(&self.program);
        match self.language {
            Language::Node => command.env("NODE_MODULES_OF", self.packages.join("package.json")),
            // What the machine has of its own must not come before what is pinned; the scripts' folder holds nothing to import.
            Language::Python => command.env("PYTHONPATH", &self.packages).args(["-B", "-s"]),
        };
        let mut child = command
            .arg(ours().join(script))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut pipe = child.stdin.take().context("a pipe to the script")?;
        // The scripts read everything before they write.
        let written = pipe.write_all(&serde_json::to_vec(input)?);
        drop(pipe);
        let output = child.wait_with_output()?;
        if !output.status.success() {
            bail!("{script} ended with {}: {}", output.status, said(&output));
        }
        written?;
        serde_json::from_slice(&output.stdout).with_context(|| format!("{script} said something else"))
    }
}

/// The folder of this crate, with pins and scripts.
fn ours() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A folder of the user, or one that `GONGZHI_CACHE` names.
fn cache() -> Result<PathBuf> {
    let named = |name: &str, rest: &str| {
        env::var_os(name).filter(|value| !value.is_empty()).map(|base| Path::new(&base).join(rest))
    };
    let cache = named("GONGZHI_CACHE", "third-parties")
        .or_else(|| named("XDG_CACHE_HOME", "gongzhi/third-parties"))
        .or_else(|| named("HOME", ".cache/gongzhi/third-parties"))
        .unwrap_or_else(|| env::temp_dir().join("gongzhi-third-parties"));
    fs::create_dir_all(&cache).with_context(|| format!("{} cannot be made", cache.display()))?;
    Ok(cache)
}

/// A program, if it is installed.
pub fn on_path(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|dir| dir.join(program)).find(|found| found.is_file())
}

/// What a program said when it failed: npm begins with the reason, pip ends with it.
fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<_> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    match lines.as_slice() {
        [first, second, .., last] => [*first, second, last].join(" | "),
        few => few.join(" | "),
    }
}
