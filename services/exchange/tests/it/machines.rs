//! The whole law of grants and subscriptions: every state against every command. The snapshots are what a reviewer reads.

use std::collections::BTreeMap;
use std::fmt::{Debug, Display, Write};

use gongzhi_exchange::grant::{self, Fields};
use gongzhi_exchange::party::Party;
use gongzhi_exchange::publisher;
use gongzhi_exchange::room;
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
        ("revoke", Command::Revoke { by, reason: reason.clone() }),
        ("withdraw", Command::Withdraw { by: "asker".into(), reason }),
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
    let from = From { stream: "s".into(), position: 7, not_before: None, end_at: None };
    let making = |way: &Way| {
        Box::new(Making {
            party: party(),
            name: "大屏".into(),
            grant: None,
            filter: Filter::default(),
            way: way.clone(),
            from: from.clone(),
            district: area(),
            in_hand: 1,
            reference: String::new(),
        })
    };
    let webhook =
        Way::Webhook { url: "https://example.org".into(), scheme: Scheme::Ed25519, networks: vec![] };
    let reason = "理由".to_owned();
    let all_addressees = Filter { audiences: vec!["all".into()], ..Filter::default() };
    let commands = [
        ("subscribe", Command::Make(making(&Way::Pull))),
        ("change nothing", Command::Change { filter: Filter::default(), way: Way::Pull }),
        ("change", Command::Change { filter: all_addressees, way: Way::Pull }),
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

#[test]
fn the_law_of_publishers() {
    use publisher::{Command, machine};
    let issue = |account: &str| Command::Issue { party: party(), district: area(), account: account.into() };
    let revoke = Command::Revoke { reason: "换系统".into() };
    let after = |commands: &[Command]| {
        commands.iter().fold(None, |state, command| {
            let events = machine::decide(state.as_ref(), command).expect("the rules allow it");
            events.iter().fold(state, |state, event| Some(machine::evolve(state, at(0), event)))
        })
    };
    let states = [
        ("absent", after(&[])),
        ("in force", after(&[issue("A")])),
        ("revoked", after(&[issue("A"), revoke.clone()])),
        ("in force again", after(&[issue("A"), revoke.clone(), issue("B")])),
    ];
    let mut law = String::new();
    for (state, publisher) in &states {
        writeln!(law, "{state}").expect("memory");
        for (name, command) in [("issue", issue("C")), ("revoke", revoke.clone())] {
            let outcome = said(machine::decide(publisher.as_ref(), &command));
            writeln!(law, "  {name:<8} {outcome}").expect("memory");
        }
    }
    insta::assert_snapshot!("publishers", law);
}

#[test]
fn the_law_of_rooms() {
    use room::{About, Command, Opening, Subject, machine};
    let department = |code: &str| Party::Department(DepartmentCode::parse(code).expect("a code"));
    let opener = Party::Area(AreaCode::parse("330105001").expect("a code"));
    let opening = |called: &[Party]| {
        Command::Open(Box::new(Opening {
            title: "消防通道占用".into(),
            question: "谁来管".into(),
            subject: Subject { area: area(), about: About::Place },
            opener: opener.clone(),
            called: called.iter().cloned().collect(),
            district: area(),
        }))
    };
    let call = |called: Party| Command::Call { opener: opener.clone(), called };
    let many: Vec<_> = (0..machine::MOST_CALLED).map(|nth| department(&format!("unit-{nth}"))).collect();
    let commands = [
        ("open", opening(&[party()])),
        ("open and call itself", opening(&[party(), opener.clone()])),
        ("open with a crowd", opening(&[many.clone(), vec![party()]].concat())),
        ("call", call(department("housing"))),
        ("call who is there", call(party())),
        ("contribute by opener", Command::Contribute { by: opener.clone() }),
        ("contribute by called", Command::Contribute { by: party() }),
        ("contribute by others", Command::Contribute { by: department("housing") }),
        ("close", Command::Close { opener: opener.clone(), summary: "每周巡查".into() }),
    ];
    let step = |state: Option<room::Room>, command: &Command| {
        let events = machine::decide(state.as_ref(), command).expect("the rules allow it");
        events.iter().fold(state, |state, event| Some(machine::evolve(state, at(0), event)))
    };
    let open = step(None, &commands[0].1);
    let full = many.iter().skip(1).fold(open.clone(), |state, party| step(state, &call(party.clone())));
    let heap = open.clone().map(|room| room::Room { entries: machine::MOST_ENTRIES, ..room });
    let closed = step(open.clone(), &commands[8].1);
    let states = [
        ("absent", None),
        ("open", open),
        ("open, full", full),
        ("open, full of entries", heap),
        ("closed", closed),
    ];
    let mut law = String::new();
    for (state, room) in &states {
        writeln!(law, "{state}").expect("memory");
        for (name, command) in &commands {
            writeln!(law, "  {name:<22} {}", said(machine::decide(room.as_ref(), command))).expect("memory");
        }
    }
    insta::assert_snapshot!("rooms", law);
}
