//! How the demo tells what happens, and how it waits for what happens by itself.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use gongzhi_chassis::clock::Clock;
use indicatif::{ProgressBar, ProgressStyle};
use jiff::tz::TimeZone;

/// Tells the story on the terminal, each line with the time of the story.
pub(crate) struct Teller {
    clock: Clock,
    bar: ProgressBar,
    zone: TimeZone,
}

impl Teller {
    /// A teller of so many steps.
    pub(crate) fn new(clock: Clock, steps: u64) -> Result<Self> {
        let bar = ProgressBar::new(steps);
        bar.set_style(ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}")?);
        Ok(Self { clock, bar, zone: TimeZone::get("Asia/Shanghai")? })
    }

    /// Says what is being done.
    pub(crate) fn doing(&self, what: &str) {
        self.bar.set_message(what.to_owned());
    }

    /// Moves the progress on.
    pub(crate) fn done(&self, steps: u64) {
        self.bar.inc(steps);
    }

    /// Tells one line of the story.
    pub(crate) fn say(&self, line: &str) {
        let at = self.clock.now().to_zoned(self.zone.clone());
        self.bar.suspend(|| println!("  {}  {line}", at.strftime("%m-%d %H:%M")));
        self.bar.inc(1);
    }

    /// Ends the progress display.
    pub(crate) fn end(&self) {
        self.bar.finish_and_clear();
    }
}

/// Waits for what the services do by themselves.
pub(crate) async fn wait_for<F>(what: &str, mut holds: impl FnMut() -> F) -> Result<()>
where
    F: Future<Output = Result<bool>>,
{
    let since = Instant::now();
    while !holds().await? {
        ensure!(since.elapsed() < Duration::from_secs(30), "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    Ok(())
}
