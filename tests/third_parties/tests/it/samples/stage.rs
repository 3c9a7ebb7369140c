//! The story itself: a district, a desk with the samples, the programs at work, and what happens to them one after the other.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use gongzhi_chassis::webhook_signature::{self, SigningKey};
use gongzhi_proto::exchange::v1::DeliveryWay;
use jiff::{SignedDuration, Timestamp};
use ring::rand::SystemRandom;
use serde_json::{Value, json};
use tokio::net::TcpStream;

use super::Tools;
use super::district::{self, District};
use super::page::Page;
use super::program::{Desk, Environment, PATIENCE, Program};
use crate::tools::Tool;

const TYPE: &str = "gongzhi.dept-urban-management.v1.bin_overflowed";

/// The district, the desk, and the programs at work.
pub struct Stage {
    desk: Desk,
    district: District,
    programs: Vec<Program>,
    secrets: BTreeMap<&'static str, String>,
    /// Every line that every program has printed so far.
    told: Vec<String>,
}

impl Stage {
    /// A district, a subscription for each program that can be run, and the program with what its page asks for.
    pub async fn set(desk: Desk, tools: &Tools) -> Result<Self> {
        let district = District::open(&desk.page("curl")?).await?;
        let mut stage =
            Self { desk, district, programs: Vec::new(), secrets: BTreeMap::new(), told: Vec::new() };
        if let Ok(python) = &tools.python {
            stage
                .desk
                .runs("python", stage.desk.page("python")?.command("grpc_tools")?, &python_of(python))
                .await?;
            stage.seats("grpc_subscriber.py", "python", python_of(python)).await?;
            stage.seats("nats_subscriber.py", "python", python_of(python)).await?;
            stage.seats("webhook_receiver.py", "python", python_of(python)).await?;
        }
        if let Ok(node) = &tools.node {
            let modules = stage.desk.folder("javascript").join("node_modules");
            std::os::unix::fs::symlink(node.packages().join("node_modules"), modules)?;
            stage.seats("grpc_subscriber.mjs", "javascript", Environment::new()).await?;
            stage.seats("webhook_receiver.mjs", "javascript", Environment::new()).await?;
        }
        Ok(stage)
    }

    /// Gives a program its subscription and its environment.
    async fn seats(
        &mut self,
        name: &'static str,
        language: &'static str,
        mut given: Environment,
    ) -> Result<()> {
        let way = way_of(name);
        let port = (way == DeliveryWay::Webhook).then(free_port).transpose()?;
        let id = self.district.subscribes(way, port.map(|port| format!("http://127.0.0.1:{port}/"))).await?;
        match way {
            DeliveryWay::Webhook => {
                let secret = self.district.secret(&id).await?;
                self.secrets.insert(name, secret.clone());
                given.insert("GONGZHI_WEBHOOK_SECRET", secret);
                given.insert("PORT", port.unwrap_or_default().to_string());
            }
            DeliveryWay::Nats => given.extend(self.issued(&id).await?),
            DeliveryWay::Pull | DeliveryWay::Unspecified => {
                given.extend(account(district::SUBSCRIBER));
                given.insert("GONGZHI_SERVER", format!("http://{}", self.district.grpc));
                given.insert("GONGZHI_SUBSCRIPTION", id.clone());
            }
        }
        self.programs.push(Program::new(&self.desk, name, language, given, id)?);
        Ok(())
    }

    /// New NATS credentials, as a user puts them into a file.
    async fn issued(&self, subscription_id: &str) -> Result<Environment> {
        let (issued, url) = self.district.credentials(subscription_id).await?;
        std::fs::write(self.desk.folder("python").join("nats.creds"), issued.credentials)?;
        Ok(BTreeMap::from([
            ("NATS_URL", url),
            ("NATS_CREDENTIALS", "nats.creds".into()),
            ("NATS_STREAM", issued.stream),
            ("NATS_DURABLE", issued.durable),
            ("NATS_INBOX_PREFIX", issued.inbox_prefix),
        ]))
    }

    /// Starts every program; receivers listen when this is over.
    pub async fn start(&mut self) -> Result<()> {
        for program in &mut self.programs {
            program.starts(&self.desk)?;
        }
        for program in &self.programs {
            if let Some(port) = program.environment.get("PORT") {
                let listens = async || Ok(TcpStream::connect(format!("127.0.0.1:{port}")).await.is_ok());
                in_time(listens).await.with_context(|| format!("{} listens", program.name))?;
            }
        }
        Ok(())
    }

    /// Every program prints these lines next and no other; webhooks about different things may overtake each other.
    async fn all_print(&mut self, lines: &[String]) -> Result<()> {
        for program in &mut self.programs {
            let mut printed = program.prints(lines.len()).await?;
            let mut wanted = lines.to_vec();
            if way_of(program.name) == DeliveryWay::Webhook {
                printed.sort();
                wanted.sort();
            }
            ensure!(printed == wanted, "{} printed {printed:#?}, not {wanted:#?}", program.name);
        }
        self.told.extend_from_slice(lines);
        Ok(())
    }

    /// The file of the page of Python reaches every program, which prints what the pages say.
    pub async fn published(&mut self, tools: &Tools) -> Result<()> {
        self.publish_file(tools).await?;
        let [python, javascript] = [self.desk.page("python")?, self.desk.page("javascript")?];
        ensure!(python.seen(0)? == javascript.seen(0)?, "the pages do not see the same");
        self.all_print(&python.seen(0)?).await
    }

    /// The file of the page of Python, published by its program, twice; by us where there is no Python.
    async fn publish_file(&self, tools: &Tools) -> Result<()> {
        let Ok(python) = &tools.python else {
            let file = std::fs::read(self.desk.folder("python").join("events.json"))?;
            return self.district.publishes(&serde_json::from_slice::<Vec<_>>(&file)?).await;
        };
        let page = self.desk.page("python")?;
        let mut environment = python_of(python);
        environment.extend(account(district::PUBLISHER));
        environment.insert("GONGZHI_PORTAL", format!("http://{}", self.district.portal));
        for outcome in ["accepted", "duplicate"] {
            let (well, printed) =
                self.desk.runs("python", page.command(" publish.py")?, &environment).await?;
            let lines: Vec<_> = printed.lines().collect();
            let wanted: Vec<_> = page.seen(1)?.iter().map(|line| line.replace("accepted", outcome)).collect();
            ensure!(well && lines == wanted, "publish.py printed {lines:#?}");
        }
        self.publish_file_over_nats(&page, environment).await
    }

    /// The same file over NATS: the exchange knows it, whichever way it came first.
    async fn publish_file_over_nats(&self, page: &Page, mut environment: Environment) -> Result<()> {
        let (issued, url) = self.district.publishing_credentials().await?;
        std::fs::write(self.desk.folder("python").join("publish.creds"), issued.credentials)?;
        environment.extend([
            ("NATS_URL", url),
            ("NATS_PUBLISH_CREDENTIALS", "publish.creds".into()),
            ("NATS_PUBLISH_SUBJECT", issued.subject),
            ("NATS_PUBLISH_INBOX_PREFIX", issued.inbox_prefix),
        ]);
        let (well, printed) =
            self.desk.runs("python", page.command("nats_publish.py")?, &environment).await?;
        let lines: Vec<_> = printed.lines().collect();
        let wanted: Vec<_> = page.seen(1)?.iter().map(|line| line.replace("accepted", "duplicate")).collect();
        ensure!(well && lines == wanted, "nats_publish.py printed {lines:#?}");
        Ok(())
    }

    /// Something happens while no program runs. What was printed before had been acknowledged, and not only found in the program's own inbox.
    pub async fn killed_in_between(&mut self) -> Result<()> {
        for program in &mut self.programs {
            if way_of(program.name) != DeliveryWay::Webhook {
                let durable = program.environment.get("NATS_DURABLE").map(String::as_str);
                let acknowledged =
                    async || Ok(!self.district.waits(&program.subscription_id, durable).await?);
                in_time(acknowledged).await.with_context(|| format!("{} acknowledges", program.name))?;
            }
            program.is_killed().await?;
        }
        self.district.publishes(&[event("GS-0019", 95)]).await?;
        self.start().await?;
        for program in self.programs.iter().filter(|program| way_of(program.name) == DeliveryWay::Webhook) {
            self.district.retries(&program.subscription_id).await?;
        }
        self.all_print(&[line("GS-0019", 95)]).await
    }

    /// Everything comes again, and nothing has its effect twice.
    pub async fn rewound(&mut self) -> Result<()> {
        for program in &self.programs {
            self.district.rewinds(&program.subscription_id).await?;
        }
        self.district.publishes(&[event("GS-0019", 94)]).await?;
        self.all_print(&[line("GS-0019", 94)]).await
    }

    /// The services go away and come back while every program runs.
    pub async fn services_restarted(mut self) -> Result<Self> {
        self.district = self.district.restarts().await?;
        self.district.publishes(&[event("GS-0019", 93)]).await?;
        self.all_print(&[line("GS-0019", 93)]).await?;
        Ok(self)
    }

    /// The commands of the page, in their order, each with the answer that stands behind it. Those of grpcurl, which no pin brings, are not run; the
    /// requests in them were sent when the district was opened.
    pub async fn page_of_curl(&mut self) -> Result<()> {
        let page = self.desk.page("curl")?;
        let mut environment = account(district::PUBLISHER);
        environment.insert("GONGZHI_PORTAL", format!("http://{}", self.district.portal));
        let blocks = page.blocks();
        let answers = blocks.iter().skip(1).map(Some).chain([None]);
        for (block, answer) in blocks.iter().zip(answers).filter(|(block, _)| block.language == "sh") {
            if block.text.starts_with("grpcurl") {
                continue;
            }
            let (well, printed) = self.desk.runs("curl", &block.text, &environment).await?;
            ensure!(well, "{} ended badly: {printed}", block.text);
            if let Some(answer) = answer.filter(|answer| answer.language == "json") {
                let (printed, wanted): (Value, Value) =
                    (serde_json::from_str(&printed)?, serde_json::from_str(&answer.text)?);
                ensure!(printed == wanted, "{} was answered with {printed}", block.text);
            }
        }
        self.all_print(&[line("GS-0017", 98), line("GS-0018", 96)]).await
    }

    /// What is not ours, was changed or was recorded is refused; what is ours is taken once.
    pub async fn forged(&mut self) -> Result<()> {
        let body = event("GS-0020", 50).to_string();
        let foreign = SigningKey::new_shared(&SystemRandom::new()).context("no randomness")?;
        let now = Timestamp::now();
        for program in &mut self.programs {
            let Some(secret) = self.secrets.get(program.name) else { continue };
            let own = SigningKey::parse(secret)?;
            let url = format!("http://127.0.0.1:{}/", program.environment["PORT"]);
            let changed = body.replacen("50", "51", 1);
            let aged = now - SignedDuration::from_mins(10);
            let (own, foreign) = (std::slice::from_ref(&own), std::slice::from_ref(&foreign));
            for (keys, at, body, status) in [
                (foreign, now, body.as_str(), 401),
                (own, aged, body.as_str(), 401),
                (own, now, changed.as_str(), 401),
                (own, now, body.as_str(), 204),
                (own, now, body.as_str(), 204),
            ] {
                let headers =
                    webhook_signature::sign(keys, "test", at, event("GS-0020", 50).to_string().as_bytes())?;
                let said = posted(&url, &headers, body).await?;
                ensure!(said == status, "{} answered {said} instead of {status} to {body}", program.name);
            }
            ensure!(program.prints(1).await? == [line("GS-0020", 50)], "{}", program.name);
        }
        Ok(())
    }

    /// Where somebody must do something, programs end and do not try for ever.
    pub async fn given_up(&mut self) -> Result<()> {
        let nats = self.programs.iter().find(|program| way_of(program.name) == DeliveryWay::Nats);
        if let Some(program) = nats {
            self.issued(&program.subscription_id).await?;
        }
        for program in &mut self.programs {
            match way_of(program.name) {
                DeliveryWay::Nats => program.gives_up("credentials are void").await?,
                DeliveryWay::Pull => {
                    program.is_killed().await?;
                    program.environment.insert("GONGZHI_PASSWORD", "forgotten".into());
                    program.starts(&self.desk)?;
                    program.gives_up("account or password is wrong").await?;
                }
                DeliveryWay::Webhook | DeliveryWay::Unspecified => {}
            }
        }
        Ok(())
    }

    /// Ends everything; nobody printed anything besides.
    pub async fn end(mut self) -> Result<Vec<(&'static str, usize)>> {
        let mut counts = Vec::new();
        self.told.sort();
        for program in &mut self.programs {
            let mut wanted = self.told.clone();
            if way_of(program.name) == DeliveryWay::Webhook {
                program.is_killed().await?;
                wanted.push(line("GS-0020", 50));
                wanted.sort();
            }
            let mut printed = program.printed().to_vec();
            printed.sort();
            ensure!(printed == wanted, "{} printed {printed:#?}", program.name);
            counts.push((program.name, printed.len()));
        }
        self.district.close().await?;
        Ok(counts)
    }
}

/// How facts get to a program.
fn way_of(name: &str) -> DeliveryWay {
    match name.split('_').next() {
        Some("webhook") => DeliveryWay::Webhook,
        Some("nats") => DeliveryWay::Nats,
        _ => DeliveryWay::Pull,
    }
}

fn event(bin: &str, level: u32) -> Value {
    json!({
        "specversion": "1.0", "id": format!("{bin}-{level}"), "source": "/bins", "type": TYPE, "subject": bin,
        "area": "330105001052", "data": {"bin_code": bin, "fill_level": level},
    })
}

fn line(bin: &str, level: u32) -> String {
    format!(r#"{TYPE} {bin} {{"bin_code":"{bin}","fill_level":{level}}}"#)
}

fn account(name: &str) -> Environment {
    BTreeMap::from([
        ("GONGZHI_ACCOUNT", name.to_owned()),
        ("GONGZHI_PASSWORD", district::PASSWORD.to_owned()),
    ])
}

/// Where Python finds the packages of the page, which a user has installed.
fn python_of(python: &Tool) -> Environment {
    BTreeMap::from([("PYTHONPATH", python.packages().display().to_string())])
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// Waits until something holds.
async fn in_time(holds: impl AsyncFn() -> Result<bool>) -> Result<()> {
    let since = Instant::now();
    while !holds().await? {
        ensure!(since.elapsed() < PATIENCE, "waited in vain");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

/// Posts as the exchange does; the status of the answer.
async fn posted(url: &str, headers: &webhook_signature::Headers, body: &str) -> Result<u16> {
    let request = reqwest::Client::builder().no_proxy().build()?.post(url);
    let answer = request
        .header("content-type", "application/cloudevents+json; charset=utf-8")
        .header(webhook_signature::ID, &headers.id)
        .header(webhook_signature::TIMESTAMP, &headers.timestamp)
        .header(webhook_signature::SIGNATURE, &headers.signature)
        .body(body.to_owned())
        .send()
        .await?;
    Ok(answer.status().as_u16())
}
