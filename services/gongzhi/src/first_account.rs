//! `gongzhi account create`: the first person who may sign in, before there is anybody who could appoint somebody.

use std::io::{IsTerminal as _, Read as _};

use anyhow::{Context as _, Result};
use gongzhi_chassis::clock::Clock;
use gongzhi_chassis::config::Settings;
use gongzhi_chassis::execute::Writer;
use gongzhi_chassis::record;
use gongzhi_organization::staff::{self, FirstAccount};
use gongzhi_proto::access::v1::Post;
use gongzhi_proto::organization::v1 as pb;

/// Most bytes of a password that are read.
const LONGEST_PASSWORD: u64 = 1024;

/// What is done with accounts.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Makes an account that holds a post, for the first operator of a district or for a system of it. Done again, it changes nothing.
    Create(Create),
}

/// Whom to appoint. The password comes from GONGZHI_PASSWORD or from standard input, never from the command line, where others can see it.
#[derive(clap::Args)]
pub(crate) struct Create {
    /// Name to sign in with.
    account: String,
    /// Name that colleagues see; default: the account.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Post that it holds, as the contracts name it, for example platform-operator or department-liaison.
    #[arg(long, default_value = "platform-operator", value_parser = post)]
    post: Post,
    /// Area of the post; default: the district.
    #[arg(long, value_name = "CODE")]
    area: Option<String>,
    /// Department of the post, where it is of one; it must have been registered.
    #[arg(long, value_name = "CODE", default_value = "")]
    department: String,
}

fn post(text: &str) -> Result<Post, String> {
    let name = format!("POST_{}", text.to_uppercase().replace('-', "_"));
    Post::from_str_name(&name).filter(|post| *post != Post::Unspecified).ok_or_else(|| {
        let known: Vec<_> = (1..)
            .map_while(|number| Post::try_from(number).ok())
            .map(|post| post.as_str_name().trim_start_matches("POST_").to_lowercase().replace('_', "-"))
            .collect();
        format!("there is no such post; there are {}", known.join(", "))
    })
}

pub(crate) async fn run(command: Command, settings: Settings) -> Result<()> {
    let Command::Create(create) = command;
    let url = settings.database_url.as_ref().context(
        "set GONGZHI_DATABASE_URL: the first account is written into the record, before anybody could be asked",
    )?;
    let password = password()?;
    let district = &settings.district;
    let first = FirstAccount {
        display_name: create.name.unwrap_or_else(|| create.account.clone()),
        account: create.account,
        password,
        posts: vec![pb::HeldPost {
            post: create.post as i32,
            area_code: create.area.unwrap_or_else(|| district.to_string()),
            department_code: create.department,
        }],
    };
    let account = first.account.clone();
    let pool = record::connect(url.reveal(), gongzhi_organization::NAME, 2).await?;
    let writer = Writer::new(pool.clone(), Clock::system(), gongzhi_organization::NAME);
    let made = staff::appoint_as_system(&writer, district, first).await;
    pool.close().await;
    let id = made.map_err(|failure| crate::account::refused(failure.into()))?;
    println!("{account} may sign in ({id})");
    Ok(())
}

fn password() -> Result<String> {
    if let Some(password) = std::env::var("GONGZHI_PASSWORD").ok().filter(|password| !password.is_empty()) {
        return Ok(password);
    }
    anyhow::ensure!(
        !std::io::stdin().is_terminal(),
        "give the password in GONGZHI_PASSWORD or on standard input, so that it is not shown on this terminal"
    );
    let mut text = String::new();
    std::io::stdin().take(LONGEST_PASSWORD).read_to_string(&mut text).context("no password could be read")?;
    let password = text.trim_end_matches(['\r', '\n']).to_owned();
    anyhow::ensure!(
        !password.is_empty(),
        "the password is empty: give it in GONGZHI_PASSWORD or on standard input"
    );
    Ok(password)
}
