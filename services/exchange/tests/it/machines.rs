//! The whole law of grants and subscriptions: every state against every command. The snapshots are what a reviewer reads.

use std::collections::BTreeMap;
use std::fmt::{Debug, Display, Write};

use gongzhi_exchange::grant::{self, Fields};
use gongzhi_exchange::party::Party;
use gongzhi_exchange::subscription::{self, Filter, From, Making, Scheme, Way};
use gongzhi_proto::ids::{AreaCode, DepartmentCode};
use jiff::{SignedDuration, Timestamp};

fn at(day: i64) -> Timestamp {
    Timestamp::from_second(1_763_863_200).expect("an instant") + SignedDuration::from_hours(24 * day)
}

fn party() -> Party {
    Party::Department(DepartmentCode::parse("fire-rescue").expect("a code"))
}

fn area() -> AreaCode {
    AreaCode::parse("330105").expect("a code")
}

/// What comes of a command, in words.
fn said<E: Debug, R: Display>(outcome: Result<Vec<E>, R>) -> String {
    let word = |event: &E| format!("{event:?}").split(['(', ' ', '{']).next().unwrap_or_default().to_owned();
    match outcome {
        Ok(events) if events.is_empty() => "nothing".to_owned(),
        Ok(events) => events.iter().map(word).collect::<Vec<_>>().join(", "),
        Err(refusal) => format!("no: {refusal}"),
    }
}

#[test]
fn the_law_of_grants() {
    use grant::{Command, machine};
    let request = grant::Request {
        grantee: party(),
        facts: BTreeMap::from([("dispatch.case_registered".to_owned(), Fields::All)]),
        area: area(),
        purpose: "研判".into(),
        until: at(10),
        by: "asker".into(),
    };
    let (by, reason) = ("operator".to_owned(), "理由".to_owned());
    let commands = [
        ("request", Command::Request(request)),
        ("approve", Command::Approve { by: by.clone(), until: None }),
        ("approve until day 5", Command::Approve { by: by.clone(), until: Some(at(5)) }),
        ("approve until day 20", Command::Approve { by: by.clone(), until: Some(at(20)) }),
        ("approve by the asker", Command::Approve { by: "asker".into(), until: None }),
        ("refuse", Command::Refuse { by: by.clone(), reason: reason.clone() }),
        ("revoke", Command::Revoke { by, reason }),
        ("tick", Command::Tick),
    ];
    let after = |names: &[&str]| {
        names.iter().fold(None, |state, name| {
            let command = &commands.iter().find(|(known, _)| known == name).expect("a command").1;
            let events = machine::decide(state.as_ref(), at(0), command).expect("the rules allow it");
            events.iter().fold(state, |state, event| Some(machine::evolve(state, at(0), event)))
        })
    };
    let states = [
        ("absent", after(&[]), 1),
        ("requested", after(&["request"]), 1),
        ("requested, its end has passed", after(&["request"]), 11),
        ("approved", after(&["request", "approve"]), 1),
        ("approved, its end has passed", after(&["request", "approve"]), 11),
        ("refused", after(&["request", "refuse"]), 1),
        ("revoked", after(&["request", "approve", "revoke"]), 1),
    ];
    let mut law = String::new();
    for (state, grant, day) in &states {
        writeln!(law, "{state}").expect("memory");
        for (name, command) in &commands {
            let outcome = said(machine::decide(grant.as_ref(), at(*day), command));
            writeln!(law, "  {name:<22} {outcome}").expect("memory");
        }
    }
    insta::assert_snapshot!("grants", law);
}

#[test]
fn the_law_of_subscriptions() {
    use subscription::{Command, machine};
    let from = From { stream: "s".into(), position: 7, not_before: None };
    let making = |way: &Way| {
        Box::new(Making {
            party: party(),
            name: "大屏".into(),
            grant: None,
            filter: Filter::default(),
            way: way.clone(),
            from: from.clone(),
            district: area(),
        })
    };
    let webhook =
        Way::Webhook { url: "https://example.org".into(), scheme: Scheme::Ed25519, networks: vec![] };
    let reason = "理由".to_owned();
    let commands = [
        ("subscribe", Command::Make(making(&Way::Pull))),
        ("pause", Command::Pause { reason: reason.clone() }),
        ("resume", Command::Resume),
        ("rewind", Command::Rewind(from.clone())),
        ("end", Command::End { reason }),
        ("end with grant", Command::EndWithGrant),
        ("rotate key", Command::RotateKey),
        ("issue account", Command::IssueAccount { account: "A".into() }),
        ("note park", Command::NotePark),
        ("note retry", Command::NoteRetry),
    ];
    let after = |way: &Way, names: &[&str]| {
        let chosen =
            names.iter().map(|name| &commands.iter().find(|(known, _)| known == name).expect("known").1);
        std::iter::once(&Command::Make(making(way))).chain(chosen).fold(None, |state, command| {
            let events = machine::decide(state.as_ref(), command).expect("the rules allow it");
            events.iter().fold(state, |state, event| Some(machine::evolve(state, at(0), event)))
        })
    };
    let states = [
        ("absent", None),
        ("active, pulled", after(&Way::Pull, &[])),
        ("active, over NATS", after(&Way::Nats, &[])),
        ("active, webhook", after(&webhook, &[])),
        ("active, webhook, deliveries parked", after(&webhook, &["note park"])),
        ("paused, webhook", after(&webhook, &["pause"])),
        ("ended", after(&webhook, &["end"])),
    ];
    let mut law = String::new();
    for (state, subscription) in &states {
        writeln!(law, "{state}").expect("memory");
        for (name, command) in &commands {
            let outcome = said(machine::decide(subscription.as_ref(), command));
            writeln!(law, "  {name:<16} {outcome}").expect("memory");
        }
    }
    insta::assert_snapshot!("subscriptions", law);
}
