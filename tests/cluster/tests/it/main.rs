//! The suite: first what the stub of an API server can prove, for both versions of helm; then, where a cluster is named, the stories in their order. What fails is
//! told with the events and logs of the pods concerned; what is skipped is told, too.

mod stories;
mod stub;

use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;

/// What was run and how it went.
#[derive(Default)]
struct Report {
    wanted: Vec<String>,
    passed: usize,
    failed: Vec<String>,
    skipped: Vec<String>,
}

impl Report {
    /// True where it was asked for: by a part of its name, as with other tests.
    fn wants(&self, name: &str) -> bool {
        self.wanted.is_empty() || self.wanted.iter().any(|part| name.contains(part.as_str()))
    }

    fn skip(&mut self, name: &str, why: &str) {
        println!("SKIPPED {name}: {why}");
        self.skipped.push(name.into());
    }

    async fn run(&mut self, name: &str, story: impl Future<Output = Result<()>>) -> bool {
        println!("story   {name}");
        let since = Instant::now();
        let outcome = story.await;
        let seconds = since.elapsed().as_secs_f32();
        match outcome {
            Ok(()) => {
                println!("ok      {name} ({seconds:.1} s)");
                self.passed += 1;
                true
            }
            Err(error) => {
                println!("FAILED  {name} ({seconds:.1} s)\n{error:#}");
                self.failed.push(name.into());
                false
            }
        }
    }

    fn end(self) -> ExitCode {
        println!(
            "cluster: {} passed, {} failed{}, {} skipped",
            self.passed,
            self.failed.len(),
            if self.failed.is_empty() { String::new() } else { format!(" ({})", self.failed.join(", ")) },
            self.skipped.len()
        );
        if self.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    if arguments.iter().any(|one| one == "--list") {
        // What lists tests wants one line for each; here there is one, because stories go in order.
        println!("stories: test");
        return ExitCode::SUCCESS;
    }
    // The program does this once in main.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let wanted = arguments.into_iter().filter(|one| !one.starts_with('-') && one != "stories").collect();
    let report = Report { wanted, ..Report::default() };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.expect("a runtime can be made").block_on(everything(report)).end()
}

/// Fails where there is no kubectl, or one that does not run.
fn kubectl() -> anyhow::Result<()> {
    let program = std::env::var("KUBECTL").unwrap_or_else(|_| "kubectl".into());
    let ran = std::process::Command::new(&program).args(["version", "--client"]).output();
    anyhow::ensure!(ran.is_ok_and(|ran| ran.status.success()), "{program} is not there: set KUBECTL to it");
    Ok(())
}

async fn everything(mut report: Report) -> Report {
    for major in [3, 4] {
        let name = format!("stub_helm_{major}");
        if !report.wants(&name) {
            continue;
        }
        match gongzhi_cluster::program::helm(major).await.and(kubectl()) {
            Ok(_) => _ = report.run(&name, stub::run(major)).await,
            // There everything must be run.
            Err(error) if std::env::var_os("CI").is_some() => {
                _ = report.run(&name, async { Err(error) }).await
            }
            Err(error) => report.skip(&name, &format!("{error:#}")),
        }
    }
    match gongzhi_cluster::settings::Settings::read() {
        Ok(Some(settings)) => stories::run(&mut report, settings).await,
        Ok(None) => report.skip(
            "stories in a real cluster",
            "GONGZHI_CLUSTER_KUBECONFIG names none (or KUBECONFIG with GONGZHI_CLUSTER=1); tests/cluster/README.md says how",
        ),
        Err(error) => _ = report.run("settings", async { Err(error) }).await,
    }
    report
}
