//! The one executable: a file per subcommand, and the process that they share. Knows every service by its name and its `service` function, and no
//! rule of any of them.

mod account;
mod audit;
mod backup;
mod bus;
mod check;
mod compute;
mod config;
mod contact;
mod credentials;
mod demo;
mod first_account;
mod import;
mod migrate;
mod operator;
pub mod process;
mod publish;
mod replay;
mod seed;
mod serve;
pub mod services;
mod simulate;
mod subscribe;
mod up;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use gongzhi_chassis::config::Settings;
use gongzhi_chassis::status::{Code, Failure};
use gongzhi_chassis::telemetry;

/// 共治:城区基层治理平台 · Gongzhi: community governance for a city district.
#[derive(Parser)]
#[command(name = "gongzhi", version, about, long_about = None, max_term_width = 120, after_help = "Settings come from the environment; `gongzhi config` shows them all.")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves the named services, as one Deployment of a cluster does; needs a database and a NATS server in the settings.
    Serve(serve::Arguments),
    /// Serves everything in this process; brings its own PostgreSQL and NATS unless the settings name them.
    Up(up::Arguments),
    /// Plays the story of 米市社区 on the real divisions of 拱墅区 and goes on serving its boards.
    Demo(demo::Arguments),
    /// Brings the schemas of all services to the newest version.
    Migrate,
    /// Plays one whistle through a running installation, in a place that is nowhere, and takes it back.
    Check,
    /// Copies the record of all services, as one moment sees it, into a new folder.
    Backup(backup::Backup),
    /// Restores a backup into an empty database.
    Restore(backup::Restore),
    /// Looks after accounts before anybody can sign in.
    #[command(subcommand)]
    Account(first_account::Command),
    /// Looks after the keys of contact data.
    #[command(subcommand)]
    Contact(contact::Command),
    /// Shows every setting, where it came from and what it is for; secrets are hidden.
    Config,
    /// Computes fair choices: a budget, an agenda, a vote, a point of balance.
    #[command(subcommand)]
    Compute(compute::Command),
    /// Imports data.
    #[command(subcommand)]
    Import(import::Command),
    /// Audits the record: every chain, every state and every seal.
    #[command(subcommand)]
    Audit(audit::Command),
    /// Looks after the bus.
    #[command(subcommand)]
    Bus(bus::Command),
    /// Publishes events of an organization, as its own system would.
    Publish(publish::Arguments),
    /// Receives facts as they come, as the system of an organization would.
    Subscribe(Box<subscribe::Arguments>),
    /// Brings custom resources of a Kubernetes cluster into the exchange, and copies the release for further districts.
    Operator(Box<operator::Arguments>),
    /// Rebuilds what a service made of the bus, and compares it with what was there.
    Replay(replay::Arguments),
    /// Measures this machine: accepted commands, relayed facts and lag, against its own raw limits in the same run.
    Simulate(simulate::Arguments),
}

/// Runs the program; 0 when it did what it was asked for, 1 when it did not, 2 when it was asked wrongly or for what the rules refuse.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // Counting needs neither settings nor a server.
    if let Command::Compute(command) = arguments.command {
        return compute::run(command);
    }
    let (settings, shown) = match Settings::from_environment() {
        Ok(read) => read,
        Err(wrong) => {
            eprintln!("{wrong}");
            return ExitCode::from(2);
        }
    };
    let outcome = match arguments.command {
        Command::Config => {
            config::print(&shown);
            Ok(())
        }
        command => run(command, settings),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("gongzhi: {error:#}");
            // What the rules refuse is refused again however often it is tried.
            let refused = error.chain().filter_map(|cause| cause.downcast_ref::<Failure>());
            match refused.last().map(Failure::code) {
                Some(Code::Refused) => ExitCode::from(2),
                _ => ExitCode::FAILURE,
            }
        }
    }
}

fn run(command: Command, mut settings: Settings) -> anyhow::Result<()> {
    // One provider of cryptography in the whole process; a second one would panic at the first handshake.
    let installed = rustls::crypto::ring::default_provider().install_default();
    anyhow::ensure!(installed.is_ok(), "another provider of cryptography was installed before");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    // What these tell is on the terminal already; logs beside it are for those who ask for them.
    let told = matches!(
        command,
        Command::Demo(_)
            | Command::Simulate(_)
            | Command::Import(_)
            | Command::Audit(_)
            | Command::Publish(_)
            | Command::Subscribe(_)
            | Command::Check
            | Command::Backup(_)
            | Command::Restore(_)
            | Command::Contact(_)
    );
    if told && std::env::var_os("GONGZHI_LOG").is_none() {
        settings.telemetry.log = "error".into();
    }
    runtime.block_on(async {
        let telemetry = telemetry::start(&settings.telemetry, &name_of(&command))?;
        let outcome = match command {
            Command::Serve(arguments) => serve::run(arguments, settings).await,
            Command::Up(arguments) => up::run(arguments, settings).await,
            Command::Demo(arguments) => demo::run(arguments, settings).await,
            Command::Migrate => migrate::run(settings).await,
            Command::Check => check::run(settings).await,
            Command::Backup(arguments) => backup::backup(arguments, settings).await,
            Command::Restore(arguments) => backup::restore(arguments, settings).await,
            Command::Account(command) => first_account::run(command, settings).await,
            Command::Contact(command) => contact::run(command, settings).await,
            Command::Config | Command::Compute(_) => Ok(()),
            Command::Import(command) => import::run(command, settings).await,
            Command::Audit(command) => audit::run(command, settings).await,
            Command::Bus(command) => bus::run(command, settings).await,
            Command::Publish(arguments) => publish::run(arguments, settings).await,
            Command::Subscribe(arguments) => subscribe::run(*arguments, settings).await,
            Command::Operator(arguments) => operator::run(*arguments, settings).await,
            Command::Replay(arguments) => replay::run(arguments, settings).await,
            Command::Simulate(arguments) => simulate::run(arguments, settings).await,
        };
        tokio::task::spawn_blocking(move || telemetry.stop()).await?;
        outcome
    })
}

/// The name under which traces are told: a process that serves one service has that service's.
fn name_of(command: &Command) -> String {
    match command {
        Command::Serve(arguments) => arguments.name(),
        _ => "gongzhi".into(),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_sound() {
        super::Arguments::command().debug_assert();
    }
}
