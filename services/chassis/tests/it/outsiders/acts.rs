//! Everything that an outsider may try: the list of forbidden acts as bytes on the wire. Knows how each is to be denied, not how that is measured.

use super::wire::{publish, publish_with, subscribe};
use super::world::{DISTRICT, FACT, GOV, SUB, Served};

/// How the server denies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denial {
    /// It says that this is not permitted.
    Violation,
    /// It closes the connection.
    Closed,
    /// It says nothing, or answers the actor alone, and nothing has changed.
    Nothing,
}

/// One act.
pub struct Act {
    pub name: String,
    pub denial: Denial,
    pub bytes: Vec<u8>,
}

fn act(name: impl Into<String>, denial: Denial, bytes: Vec<u8>) -> Act {
    Act { name: name.into(), denial, bytes }
}

/// All acts of `me`, some of them against `other`, whose held message has this reply subject.
pub fn all(me: &Served, other: &Served, held: &str) -> Vec<Act> {
    [
        subscriptions(me, other),
        publications(me, other),
        interface(me, other),
        acknowledgements(me, other, held),
        replies(me, other, held),
        headers(me),
        system(me, other),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn subscriptions(me: &Served, other: &Served) -> Vec<Act> {
    let inbox = me.inbox(">");
    let subjects = [
        "gov.>".to_owned(),
        format!("gov.{DISTRICT}.>"),
        "gov.*.*.*.*.*.*".into(),
        FACT.into(),
        "sub.>".into(),
        other.subject(),
        me.subject(),
        ">".into(),
        "*".into(),
        "*.>".into(),
        "_INBOX.>".into(),
        other.inbox(">"),
        "_INBOX_*.>".into(),
        "_R_.>".into(),
        "$SYS.>".into(),
        "$SYS.ACCOUNT.>".into(),
        "$JS.>".into(),
        "$JS.API.>".into(),
        "$JS.ACK.>".into(),
        "$JS.EVENT.ADVISORY.>".into(),
        "$JS.gongzhi.API.>".into(),
        "$JSC.>".into(),
        "$NRG.>".into(),
        "$KV.>".into(),
        "$O.>".into(),
        "$MQTT.>".into(),
        "gov.> group".into(),
        "> group".into(),
        "$share.group.gov.>".into(),
        inbox.to_lowercase(),
        inbox.trim_end_matches(".>").to_owned(),
        // Cyrillic o, full-width full stop, zero-width space: others than they look.
        "gоv.>".into(),
        "gov.>".into(),
        "g\u{200b}ov.>".into(),
    ];
    let mut acts: Vec<_> = subjects
        .iter()
        .map(|subject| act(format!("subscribe {subject}"), Denial::Violation, subscribe(subject)))
        .collect();
    for (name, subject) in [
        ("subscribe gov.>.", "gov.>."),
        ("subscribe .gov.>", ".gov.>"),
        ("subscribe gov..>", "gov..>"),
        ("subscribe gov.> with a space behind", "gov.> "),
    ] {
        acts.push(act(name, Denial::Violation, subscribe(subject)));
    }
    let above = format!("{}*.>", inbox.trim_end_matches('>'));
    acts.push(act("subscribe the own inbox and a wildcard in it", Denial::Nothing, subscribe(&above)));
    acts
}

fn publications(me: &Served, other: &Served) -> Vec<Act> {
    let mut acts: Vec<_> = [
        FACT.to_owned(),
        "gov.x".into(),
        me.subject(),
        other.subject(),
        me.inbox("x"),
        other.inbox("x"),
        "_INBOX.x".into(),
        "_WITNESS.x".into(),
        "gov.*".into(),
        "gov.>".into(),
        ">".into(),
        "gоv.x".into(),
        "gov.x.".into(),
        "gov..x".into(),
        "$KV.bucket.key".into(),
        "$O.bucket.C.object".into(),
        "$JS.FC.x".into(),
        "$JSC.R.x".into(),
        "$NRG.V.x".into(),
        "$MQTT.sub.x".into(),
        "_R_.x".into(),
        "$GNR.x".into(),
    ]
    .iter()
    .map(|subject| act(format!("publish {subject}"), Denial::Violation, publish(subject, "", "forged")))
    .collect();
    let next = next(me);
    acts.push(act(
        "publish a fact with a space behind",
        Denial::Closed,
        b"PUB gov.x  x y 6\r\nforged\r\n".into(),
    ));
    acts.push(act(
        "a subject of 8 KB",
        Denial::Closed,
        publish(&format!("gov.{}", "x".repeat(8192)), "", "x"),
    ));
    acts.push(act("a pull of 8 KB", Denial::Closed, publish(&next, &me.inbox("x"), &" ".repeat(8192))));
    acts.push(act("two lines in one subject", Denial::Violation, b"PUB gov.\rx 1\r\nx\r\n".into()));
    acts
}

/// The pull of one's own consumer.
pub fn next(me: &Served) -> String {
    format!("$JS.gongzhi.API.CONSUMER.MSG.NEXT.{SUB}.{}", me.key())
}

/// Calls of JetStream's interface with their bodies; names in braces are filled in.
const CALLS: [(&str, &str); 48] = [
    ("INFO", ""),
    ("ACCOUNT.PURGE.X", ""),
    ("STREAM.INFO.{GOV}", ""),
    ("STREAM.INFO.{SUB}", ""),
    ("STREAM.LIST", ""),
    ("STREAM.NAMES", ""),
    ("STREAM.CREATE.SPY", r#"{"name":"SPY","subjects":["spy.>"]}"#),
    ("STREAM.CREATE.MIRROR", r#"{"name":"MIRROR","mirror":{"name":"{GOV}"}}"#),
    ("STREAM.CREATE.SOURCE", r#"{"name":"SOURCE","sources":[{"name":"{GOV}"}]}"#),
    ("STREAM.CREATE.KV_spy", r#"{"name":"KV_spy","subjects":["$KV.spy.>"]}"#),
    ("STREAM.CREATE.OBJ_spy", r#"{"name":"OBJ_spy","subjects":["$O.spy.>"]}"#),
    ("STREAM.UPDATE.{SUB}", r#"{"name":"{SUB}","subjects":["sub.>","gov.>"]}"#),
    ("STREAM.DELETE.{SUB}", ""),
    ("STREAM.PURGE.{SUB}", ""),
    ("STREAM.SNAPSHOT.{GOV}", r#"{"deliver_subject":"{INBOX}"}"#),
    ("STREAM.RESTORE.SPY", r#"{"config":{"name":"SPY"},"state":{}}"#),
    ("STREAM.MSG.GET.{GOV}", r#"{"seq":1}"#),
    ("STREAM.MSG.GET.{SUB}", r#"{"seq":1}"#),
    ("STREAM.MSG.DELETE.{SUB}", r#"{"seq":1}"#),
    ("DIRECT.GET.{GOV}", r#"{"seq":1}"#),
    ("DIRECT.GET.{GOV}.{FACT}", ""),
    ("DIRECT.GET.{SUB}", r#"{"seq":1}"#),
    ("CONSUMER.CREATE.{GOV}", r#"{"stream_name":"{GOV}","config":{"ack_policy":"none"}}"#),
    ("CONSUMER.CREATE.{SUB}", r#"{"stream_name":"{SUB}","config":{"ack_policy":"none"}}"#),
    (
        "CONSUMER.CREATE.{SUB}.spy",
        r#"{"stream_name":"{SUB}","config":{"name":"spy","filter_subject":"{OTHER}"}}"#,
    ),
    (
        "CONSUMER.CREATE.{SUB}.spy.{OTHER}",
        r#"{"stream_name":"{SUB}","config":{"name":"spy","filter_subject":"{OTHER}"}}"#,
    ),
    (
        "CONSUMER.CREATE.{SUB}.spy.{OWN}",
        r#"{"stream_name":"{SUB}","config":{"name":"spy","filter_subject":"{OTHER}"}}"#,
    ),
    (
        "CONSUMER.CREATE.{SUB}.{MINE}",
        r#"{"stream_name":"{SUB}","config":{"name":"{MINE}","filter_subjects":["sub.>"]}}"#,
    ),
    (
        "CONSUMER.CREATE.{SUB}.push",
        r#"{"stream_name":"{SUB}","config":{"name":"push","deliver_subject":"{INBOX}"}}"#,
    ),
    ("CONSUMER.DURABLE.CREATE.{SUB}.spy", r#"{"stream_name":"{SUB}","config":{"durable_name":"spy"}}"#),
    ("CONSUMER.DELETE.{SUB}.{THEIRS}", ""),
    ("CONSUMER.DELETE.{SUB}.{MINE}", ""),
    ("CONSUMER.LIST.{SUB}", ""),
    ("CONSUMER.NAMES.{SUB}", ""),
    ("CONSUMER.PAUSE.{SUB}.{THEIRS}", r#"{"pause_until":"2099-01-01T00:00:00Z"}"#),
    ("CONSUMER.RESET.{SUB}.{THEIRS}", r#"{"seq":1}"#),
    ("CONSUMER.UNPIN.{SUB}.{THEIRS}", r#"{"group":"x"}"#),
    ("CONSUMER.LEADER.STEPDOWN.{SUB}.{THEIRS}", ""),
    ("STREAM.LEADER.STEPDOWN.{SUB}", ""),
    ("META.LEADER.STEPDOWN", ""),
    ("SERVER.REMOVE", r#"{"peer":"x"}"#),
    ("CONSUMER.INFO.{SUB}.{THEIRS}", ""),
    ("CONSUMER.INFO.{SUB}.*", ""),
    ("CONSUMER.MSG.NEXT.{SUB}.{THEIRS}", r#"{"batch":5,"no_wait":true}"#),
    ("CONSUMER.MSG.NEXT.{SUB}.*", r#"{"batch":5,"no_wait":true}"#),
    ("CONSUMER.MSG.NEXT.{SUB}.>", r#"{"batch":5,"no_wait":true}"#),
    ("CONSUMER.MSG.NEXT.{GOV}.{MINE}", r#"{"batch":5,"no_wait":true}"#),
    ("CONSUMER.MSG.NEXT.{SUB}.{MINE}.x", r#"{"batch":5,"no_wait":true}"#),
];

/// The interface of JetStream, by the prefix that an outsider has and by that of the main account.
fn interface(me: &Served, other: &Served) -> Vec<Act> {
    let names = [
        ("{GOV}", GOV.to_owned()),
        ("{SUB}", SUB.to_owned()),
        ("{FACT}", FACT.to_owned()),
        ("{MINE}", me.key().to_owned()),
        ("{THEIRS}", other.key().to_owned()),
        ("{OWN}", me.subject()),
        ("{OTHER}", other.subject()),
        ("{INBOX}", me.inbox("pushed")),
    ];
    let filled =
        |text: &str| names.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value));
    let asked =
        |prefix: &'static str| CALLS.iter().map(move |(verb, body)| (format!("{prefix}.{verb}"), *body));
    let calls = asked("$JS.API").chain(asked("$JS.gongzhi.API"));
    calls
        .map(|(subject, body)| {
            let subject = filled(&subject);
            let bytes = publish(&subject, &me.inbox("asked"), &filled(body));
            act(format!("ask {subject}"), Denial::Violation, bytes)
        })
        .collect()
}

fn acknowledgements(me: &Served, other: &Served, held: &str) -> Vec<Act> {
    let mut acts = Vec::new();
    let reply = me.inbox("ack");
    for word in ["+ACK", "", "-NAK", "+WPI", "+TERM", "+NXT"] {
        acts.push(act(
            format!("acknowledge another's with {word:?}"),
            Denial::Violation,
            publish(held, &reply, word),
        ));
    }
    // The other form of the same subject.
    let tail = held.rsplit('.').take(7).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join(".");
    let forms = [format!("$JS.ACK.{tail}"), format!("$JS.ACK._.x.{tail}"), format!("$JS.ACK._.x.{tail}.y")];
    for form in forms {
        acts.push(act(
            format!("acknowledge another's as {form}"),
            Denial::Violation,
            publish(&form, &reply, "+ACK"),
        ));
    }
    let sequences = tail.split('.').skip(2).collect::<Vec<_>>().join(".");
    let (mine, theirs) = (me.key(), other.key());
    let forged = format!("$JS.ACK.{SUB}.{mine}.{sequences}");
    for word in ["+ACK", "+TERM", "-NAK", "+NXT {\"batch\":5}"] {
        acts.push(act(
            format!("acknowledge another's sequence as one's own with {word:?}"),
            Denial::Nothing,
            publish(&forged, &reply, word),
        ));
    }
    // The first is of a message of one's own that was not sent yet.
    for sequence in ["150", "0", "18446744073709551615", "-1", "x"] {
        let subject = format!("$JS.ACK.{SUB}.{mine}.1.{sequence}.{sequence}.1.0");
        acts.push(act(
            format!("acknowledge the sequence {sequence}"),
            Denial::Nothing,
            publish(&subject, &reply, "+ACK"),
        ));
    }
    let facts = format!("$JS.ACK.{GOV}.{mine}.1.1.1.1.0");
    acts.push(act("acknowledge a fact", Denial::Violation, publish(&facts, &reply, "+ACK")));
    let confused = format!("$JS.ACK.{SUB}.{theirs}.{SUB}.{mine}.1.1.1.1.0");
    acts.push(act(
        "acknowledge with another's name for a domain",
        Denial::Nothing,
        publish(&confused, &reply, "+ACK"),
    ));
    acts
}

/// Requests that are allowed, with answers that are to go where the actor may not publish.
fn replies(me: &Served, other: &Served, held: &str) -> Vec<Act> {
    let (own_info, own_ack) =
        (next(me).replace("MSG.NEXT", "INFO"), format!("$JS.ACK.{SUB}.{}.1.1.1.1.0", me.key()));
    let targets = [
        (FACT.to_owned(), Denial::Nothing),
        (me.subject(), Denial::Nothing),
        (other.subject(), Denial::Nothing),
        (other.inbox("x"), Denial::Nothing),
        ("_WITNESS.x".into(), Denial::Nothing),
        (format!("$JS.API.STREAM.PURGE.{SUB}"), Denial::Nothing),
        (format!("$JS.API.STREAM.DELETE.{SUB}"), Denial::Nothing),
        (format!("$JS.API.CONSUMER.DELETE.{SUB}.{}", other.key()), Denial::Nothing),
        (format!("$JS.gongzhi.API.CONSUMER.MSG.NEXT.{SUB}.{}", other.key()), Denial::Nothing),
        ("$SYS.REQ.CLAIMS.DELETE".into(), Denial::Nothing),
        ("$KV.bucket.key".into(), Denial::Nothing),
        (format!("{FACT}.x.1.ok.0.$FI"), Denial::Nothing),
        (held.to_owned(), Denial::Violation),
        ("_R_.x.y".into(), Denial::Violation),
        ("$GNR.x.y".into(), Denial::Nothing),
    ];
    let mut acts = Vec::new();
    for (target, denial) in targets {
        for (name, subject, body) in [
            ("pull", next(me), r#"{"batch":1,"no_wait":true}"#),
            // The server answers that the message is too large: an empty message, where it would be stored.
            ("pull too little", next(me), r#"{"batch":1,"max_bytes":1,"expires":100000000}"#),
            ("look", own_info.clone(), ""),
            ("acknowledge", own_ack.clone(), "+ACK"),
            ("acknowledge and pull", own_ack.clone(), "+NXT"),
        ] {
            acts.push(act(
                format!("{name} with the answer to {target}"),
                denial,
                publish(&subject, &target, body),
            ));
        }
    }
    acts
}

/// An allowed pull with headers that mean something to the server.
fn headers(me: &Served) -> Vec<Act> {
    let pull = |name: &str, denial: Denial, headers: &[(&str, &str)]| {
        let body = r#"{"batch":1,"max_bytes":1,"expires":1000000}"#;
        let bytes = publish_with(&next(me), &me.inbox("asked"), headers, body);
        act(format!("pull with {name}"), denial, bytes)
    };
    let forged = r#"{"acc":"$G","svc":"$SYS","user":"us","kind":"System"}"#;
    let batch = [("Nats-Batch-Id", "x"), ("Nats-Batch-Sequence", "1"), ("Nats-Batch-Commit", "1")];
    let alone = [("Nats-Trace-Dest", "_WITNESS.x"), ("Nats-Trace-Only", "true")];
    let schedule = [("Nats-Schedule", "@at 2020-01-01T00:00:00Z"), ("Nats-Schedule-Target", FACT)];
    let fact = |name: &str, reply: &str, headers: &[(&str, &str)]| {
        act(name, Denial::Violation, publish_with(FACT, reply, headers, "forged"))
    };
    vec![
        pull("Nats-Msg-Id", Denial::Nothing, &[("Nats-Msg-Id", "x")]),
        pull("Nats-Expected-Last-Sequence", Denial::Nothing, &[("Nats-Expected-Last-Sequence", "0")]),
        pull("Nats-Expected-Stream", Denial::Nothing, &[("Nats-Expected-Stream", GOV)]),
        pull("Nats-Rollup", Denial::Nothing, &[("Nats-Rollup", "all")]),
        pull("a batch", Denial::Nothing, &batch),
        pull("a trace to the facts", Denial::Violation, &[("Nats-Trace-Dest", FACT)]),
        pull(
            "a trace to the facts in a W3C header",
            Denial::Nothing,
            &[("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")],
        ),
        pull("a trace alone", Denial::Violation, &alone),
        pull("a schedule", Denial::Nothing, &schedule),
        pull("another's request info", Denial::Nothing, &[("Nats-Request-Info", forged)]),
        fact("publish a fact with Nats-Msg-Id", &me.inbox("x"), &[("Nats-Msg-Id", "x")]),
        fact("publish a fact with Nats-Expected-Stream", "", &[("Nats-Expected-Stream", GOV)]),
    ]
}

fn system(me: &Served, other: &Served) -> Vec<Act> {
    let jwt = &other.outsider.account_jwt;
    let calls = [
        ("$SYS.REQ.CLAIMS.UPDATE".to_owned(), jwt.as_str()),
        ("$SYS.REQ.CLAIMS.DELETE".into(), jwt.as_str()),
        ("$SYS.REQ.CLAIMS.LIST".into(), ""),
        (format!("$SYS.REQ.ACCOUNT.{}.CLAIMS.UPDATE", other.key()), jwt.as_str()),
        (format!("$SYS.REQ.ACCOUNT.{}.CLAIMS.LOOKUP", other.key()), ""),
        (format!("$SYS.REQ.ACCOUNT.{}.INFO", other.key()), ""),
        ("$SYS.REQ.ACCOUNT.PING.CONNZ".into(), ""),
        ("$SYS.REQ.SERVER.PING".into(), ""),
        ("$SYS.REQ.SERVER.PING.JSZ".into(), ""),
        ("$SYS.REQ.USER.INFO".into(), ""),
        ("$SYS.REQ.USER.AUTH".into(), ""),
        ("$SYS.DEBUG.SUBSCRIBERS".into(), ""),
    ];
    calls
        .iter()
        .map(|(subject, body)| {
            act(format!("ask {subject}"), Denial::Violation, publish(subject, &me.inbox("asked"), body))
        })
        .collect()
}
