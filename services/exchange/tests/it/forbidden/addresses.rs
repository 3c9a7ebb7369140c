//! Addresses to which no webhook goes: refused when a subscription is made, or never called. Behind those that lead to this machine somebody listens.

use std::net::{Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result};
use gongzhi_harness::wait_until;
use gongzhi_proto::exchange::v1 as pb;
use tokio::net::TcpListener;
use tonic::{Code, Status};
use tonic_types::StatusExt;
use uuid::Uuid;

use super::print;
use crate::receiver::{Mood, Receiver};
use crate::town::{Town, registrations, subscriptions};

/// How an address must be denied.
#[derive(Clone, Copy)]
enum Denial {
    /// No subscription is made; the field that is wrong.
    Refused(&'static str),
    /// A subscription is made, nothing is ever sent, and this is told; empty where the machine's resolver decides what.
    Uncalled(&'static str),
}

use Denial::{Refused, Uncalled};

const OWN: &str = "is a loopback, link-local, multicast or reserved address";
const PRIVATE: &str = "is a private address that allowed_networks does not name";
const CLOSED: &str = "lies in a network that the operator closed to webhooks";

/// Address, networks that the subscription names, and how it is denied. `PORT` is where somebody listens on this machine.
const ADDRESSES: [(&str, &[&str], Denial); 72] = [
    // This machine, in every writing.
    ("http://127.0.0.1:PORT/", &[], Uncalled(OWN)),
    ("https://127.0.0.1:PORT/", &[], Uncalled(OWN)),
    ("http://127.0.0.2:PORT/", &[], Uncalled(OWN)),
    ("http://127.1:PORT/", &[], Uncalled(OWN)),
    ("http://2130706433:PORT/", &[], Uncalled(OWN)),
    ("http://0x7f000001:PORT/", &[], Uncalled(OWN)),
    ("http://0x7f.1:PORT/", &[], Uncalled(OWN)),
    ("http://0177.0.0.1:PORT/", &[], Uncalled(OWN)),
    ("http://127.0.0%2e1:PORT/", &[], Uncalled(OWN)),
    ("http://127.0.0.1.:PORT/", &[], Uncalled(OWN)),
    ("http://0.0.0.0:PORT/", &[], Uncalled(OWN)),
    ("http://0:PORT/", &[], Uncalled(OWN)),
    ("http://[::1]:PORT/", &[], Uncalled(OWN)),
    ("http://[0:0:0:0:0:0:0:1]:PORT/", &[], Uncalled(OWN)),
    ("http://[::]:PORT/", &[], Uncalled(OWN)),
    ("http://[::ffff:127.0.0.1]:PORT/", &[], Uncalled(OWN)),
    ("http://[::ffff:7f00:1]:PORT/", &[], Uncalled(OWN)),
    ("http://[::127.0.0.1]:PORT/", &[], Uncalled(OWN)),
    ("http://[64:ff9b::7f00:1]:PORT/", &[], Uncalled(OWN)),
    ("http://[2002:7f00:1::]:PORT/", &[], Uncalled(OWN)),
    // Its names, which resolve to it.
    ("http://localhost:PORT/", &[], Uncalled(OWN)),
    ("http://LOCALHOST:PORT/", &[], Uncalled(OWN)),
    ("http://localhost.:PORT/", &[], Uncalled("")),
    ("http://hook.localhost:PORT/", &[], Uncalled("")),
    ("http://HOSTNAME:PORT/", &[], Uncalled("")),
    // Letters and digits of other alphabets.
    ("http://１２７.０.０.１:PORT/", &[], Uncalled(OWN)),
    ("http://①②⑦.⓪.⓪.①:PORT/", &[], Uncalled(OWN)),
    ("http://127。0。0。1:PORT/", &[], Uncalled(OWN)),
    ("http://ｌｏｃａｌｈｏｓｔ:PORT/", &[], Uncalled(OWN)),
    ("http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:PORT/", &[], Uncalled(OWN)),
    ("http://loc\u{ad}alhost:PORT/", &[], Uncalled(OWN)),
    // Metadata of clouds, link-local, multicast, nowhere.
    ("http://169.254.169.254/latest/meta-data/", &[], Uncalled(OWN)),
    ("http://[::ffff:169.254.169.254]/", &[], Uncalled(OWN)),
    ("http://2852039166/", &[], Uncalled(OWN)),
    ("http://100.100.100.200/", &[], Uncalled(OWN)),
    ("http://192.0.0.192/", &[], Uncalled(OWN)),
    ("http://[fd00:ec2::254]/", &[], Uncalled(OWN)),
    ("http://[fd20:ce::254]/", &[], Uncalled(OWN)),
    ("http://[fe80::1]/", &[], Uncalled(OWN)),
    ("http://224.0.0.1/", &[], Uncalled(OWN)),
    ("http://[ff02::1]/", &[], Uncalled(OWN)),
    ("http://255.255.255.255/", &[], Uncalled(OWN)),
    // Private networks that the subscription does not name, or may not.
    ("http://10.0.0.1/", &[], Uncalled(PRIVATE)),
    ("http://172.16.0.1/", &[], Uncalled(PRIVATE)),
    ("http://192.168.1.1/", &["10.0.0.0/8"], Uncalled(PRIVATE)),
    ("http://100.64.0.1/", &[], Uncalled(PRIVATE)),
    ("http://[fd12:3456::1]/", &[], Uncalled(PRIVATE)),
    ("http://198.18.0.1/", &[], Uncalled(PRIVATE)),
    ("http://[::ffff:10.0.0.1]/", &["::ffff:0:0/96"], Uncalled(PRIVATE)),
    ("http://10.9.0.7/", &["10.0.0.0/8"], Uncalled(CLOSED)),
    ("http://127.0.0.1:PORT/", &["127.0.0.0/8"], Refused("webhook.allowed_networks[0]")),
    ("http://127.0.0.1:PORT/", &["0.0.0.0/0"], Refused("webhook.allowed_networks[0]")),
    ("http://[::1]:PORT/", &["::/0"], Refused("webhook.allowed_networks[0]")),
    ("http://169.254.169.254/", &["169.254.169.254/32"], Refused("webhook.allowed_networks[0]")),
    ("http://[fd00:ec2::254]/", &["fd00::/8"], Refused("webhook.allowed_networks[0]")),
    ("http://10.0.0.1/", &["10.0.0.0/8", "*"], Refused("webhook.allowed_networks[1]")),
    // What is no address of a webhook.
    ("ftp://example.org/", &[], Refused("webhook.url")),
    ("file:///etc/passwd", &[], Refused("webhook.url")),
    ("gopher://127.0.0.1:PORT/_x", &[], Refused("webhook.url")),
    ("javascript:alert(1)", &[], Refused("webhook.url")),
    ("ws://127.0.0.1:PORT/", &[], Refused("webhook.url")),
    ("//127.0.0.1:PORT/", &[], Refused("webhook.url")),
    ("", &[], Refused("webhook.url")),
    ("http://127.0.0.1:99999/", &[], Refused("webhook.url")),
    ("http://[::1%25lo]:PORT/", &[], Refused("webhook.url")),
    // A name or password, a fragment, and what would break a header.
    ("http://example.org@127.0.0.1:PORT/", &[], Refused("webhook.url")),
    ("http://user:secret@127.0.0.1:PORT/", &[], Refused("webhook.url")),
    ("http://127.0.0.1:PORT/#example.org", &[], Refused("webhook.url")),
    ("http://127.0.0.1:PORT/\r\nwebhook-signature: v1,x", &[], Refused("webhook.url")),
    ("http://127.0.0.1:PORT/a\tb", &[], Refused("webhook.url")),
    (" http://127.0.0.1:PORT/", &[], Refused("webhook.url")),
    ("http://127.0.0.1:PORT/ HTTP/1.1\nX: y", &[], Refused("webhook.url")),
];

/// Listens on this machine, in both protocols where there are two; counts who comes.
async fn trap() -> Result<(u16, Arc<AtomicUsize>)> {
    let v4 = TcpListener::bind("127.0.0.1:0").await?;
    let port = v4.local_addr()?.port();
    let came = Arc::new(AtomicUsize::new(0));
    let v6 = TcpListener::bind(SocketAddr::from((Ipv6Addr::LOCALHOST, port))).await.ok();
    for listener in [Some(v4), v6].into_iter().flatten() {
        let came = came.clone();
        tokio::spawn(async move {
            while listener.accept().await.is_ok() {
                came.fetch_add(1, Ordering::SeqCst);
            }
        });
    }
    Ok((port, came))
}

async fn hook(town: &Town, url: String, networks: &[&str]) -> Result<String, Status> {
    let allowed_networks = networks.iter().map(|net| (*net).to_owned()).collect();
    let request = pb::SubscribeRequest {
        name: "回调".into(),
        way: pb::DeliveryWay::Webhook as i32,
        webhook: Some(pb::Webhook { url, allowed_networks, ..Default::default() }),
        ..registrations(town)
    };
    let made = subscriptions(&town.street_system).subscribe(request).await?.into_inner().subscription;
    Ok(made.unwrap_or_default().subscription_id)
}

/// Has a test sent; gives what was told of it.
async fn tested(town: &Town, id: &str) -> Result<(i32, String)> {
    let test = pb::SendTestRequest { subscription_id: id.into() };
    let answer = subscriptions(&town.street_system).send_test(test).await?.into_inner();
    Ok((answer.http_status, answer.error))
}

#[tokio::test]
async fn no_webhook_goes_where_it_must_not() -> Result<()> {
    let town = Town::with_networks("", "10.9.0.0/16").await?;
    let (port, came) = trap().await?;
    let hostname =
        std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_else(|_| "localhost".into());
    let (mut wrong, mut uncalled) = (Vec::new(), Vec::new());
    for (number, (address, networks, denial)) in (1..).zip(ADDRESSES) {
        let url = address.replace("PORT", &port.to_string()).replace("HOSTNAME", hostname.trim());
        let made = hook(&town, url.clone(), networks).await;
        let (told, as_expected) = match (&made, denial) {
            (Err(status), Refused(field)) => {
                let details = status.get_details_bad_request();
                let violations = details.iter().flat_map(|details| &details.field_violations);
                let fields: Vec<_> = violations.map(|one| one.field.as_str()).collect();
                (
                    format!("refused: {}", fields.join(", ")),
                    status.code() == Code::InvalidArgument && fields.contains(&field),
                )
            }
            (Ok(id), Uncalled(why)) => {
                let (status, error) = tested(&town, id).await?;
                uncalled.push(id.clone());
                (format!("not called: {error}"), status == 0 && !error.is_empty() && error.contains(why))
            }
            (made, Refused(_) | Uncalled(_)) => (format!("{made:?}"), false),
        };
        print(number, &told.chars().take(28).collect::<String>(), &format!("{url:?} {networks:?}"));
        if !as_expected {
            wrong.push(format!("{url:?} {networks:?}: {told}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // The same for facts, which go another way than tests.
    town.registered(Uuid::now_v7(), "001052", "fire.lane.obstructed").await?;
    for id in &uncalled {
        wait_until("the delivery failed", async || {
            let request = pb::GetSubscriptionRequest { subscription_id: id.clone() };
            let shown = subscriptions(&town.street_system).get_subscription(request).await?.into_inner();
            let progress = shown.subscription.context("no subscription")?.progress.unwrap_or_default();
            Ok(if progress.held > 0 && progress.delivered == 0 {
                Ok(())
            } else {
                Err(format!("{progress:?}"))
            })
        })
        .await?;
    }
    println!("{} addresses, {} of them never called", ADDRESSES.len(), uncalled.len());
    assert_eq!(came.load(Ordering::SeqCst), 0, "somebody was called");
    town.bench.stop().await
}

#[tokio::test]
async fn no_redirection_leads_anywhere() -> Result<()> {
    let town = Town::new().await?;
    let (port, came) = trap().await?;
    for code in [301, 302, 303, 307, 308] {
        let receiver = Receiver::open(Mood::Redirects(code, format!("http://127.0.0.1:{port}/"))).await?;
        let id = hook(&town, receiver.url.clone(), &[]).await?;
        let (status, error) = tested(&town, &id).await?;
        print(usize::from(code), &format!("{status}"), &error);
        assert_eq!((status, receiver.came().len()), (i32::from(code), 1));
        assert!(error.contains("redirections are not followed"), "{error}");
    }
    assert_eq!(came.load(Ordering::SeqCst), 0, "a redirection was followed");
    town.bench.stop().await
}
