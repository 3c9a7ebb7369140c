//! What each account may: the exports of the main account, the imports, bounds and permissions of an outsider. Pure; the heart of what keeps
//! outsiders apart.

use std::collections::BTreeMap;

use gongzhi_proto::ids::AreaCode;
use serde_json::json;

use super::claims::{Account, Allowed, Export, Import, Permissions, UNBOUNDED, User};
use crate::requests;

/// The domain that an outsider's client library is told, which makes it ask below [`API_PREFIX`].
pub const JETSTREAM_DOMAIN: &str = "gongzhi";
/// Where an outsider finds the API of JetStream.
pub const API_PREFIX: &str = "$JS.gongzhi.API";

/// Version of the claims.
pub(super) const VERSION: u8 = 2;
/// Connections that an outsider may have at the same time: one works, one takes over.
const CONNECTIONS: i64 = 4;
/// Subscriptions that an outsider's account may have.
const SUBSCRIPTIONS: i64 = 64;
/// Largest message of an outsider that is delivered to: a pull or an acknowledgement.
const LARGEST_REQUEST: i64 = 4096;
/// Largest message of an outsider that publishes: what servers take at all unless they are told otherwise.
const LARGEST_PUBLICATION: i64 = 1 << 20;
/// Where an outsider publishes, as it calls it.
pub const PUBLISH: &str = "gongzhi.publish";

/// Subjects of the services, the token at which the importer's key must stand, and whether they answer with more than one message.
/// Acknowledgements have two forms: nine tokens, and from server 2.14 on also eleven or more, with the domain and the account in front.
const SERVICES: [(&str, &str, u32, bool); 5] = [
    ("next", "$JS.API.CONSUMER.MSG.NEXT.*.*", 7, true),
    ("info", "$JS.API.CONSUMER.INFO.*.*", 6, false),
    ("acknowledge", "$JS.ACK.*.*.*.*.*.*.*", 4, true),
    ("acknowledge-2", "$JS.ACK.*.*.*.*.*.*.*.*.>", 6, true),
    ("publish", requests::SUBJECTS, requests::ACCOUNT_TOKEN, false),
];

/// The services for all outsiders.
pub(super) fn exports() -> Vec<Export> {
    let export = |(name, subject, position, streams): (&str, &str, u32, bool)| Export {
        name: name.into(),
        subject: subject.into(),
        kind: "service".into(),
        response_type: if streams { "Stream".into() } else { String::new() },
        account_token_position: position,
        rest: BTreeMap::new(),
    };
    SERVICES.into_iter().map(export).collect()
}

fn unbounded(names: &[&str]) -> BTreeMap<String, serde_json::Value> {
    names.iter().map(|name| ((*name).to_owned(), json!(UNBOUNDED))).collect()
}

/// The account of our services.
pub(super) fn main() -> Account {
    let mut limits = unbounded(&["subs", "data", "payload", "imports", "exports", "conn", "leaf"]);
    limits.extend(unbounded(&["mem_storage", "disk_storage", "streams", "consumer"]));
    limits.insert("wildcards".into(), json!(true));
    Account { exports: exports(), limits, version: VERSION, ..Account::default() }
}

/// The account through which servers are administered.
pub(super) fn system() -> Account {
    let mut limits = unbounded(&["subs", "data", "payload", "imports", "exports", "conn", "leaf"]);
    limits.insert("wildcards".into(), json!(true));
    Account { limits, version: VERSION, ..Account::default() }
}

/// A user of ours who may do everything in its account.
pub(super) fn own_user() -> User {
    User { subs: UNBOUNDED, data: UNBOUNDED, payload: UNBOUNDED, version: VERSION, ..User::default() }
}

/// Prefix of the only subjects that an outsider may subscribe. Its own, so that two outsiders would not meet even in one account.
pub fn inbox_prefix(account_public_key: &str) -> String {
    format!("_INBOX_{account_public_key}")
}

/// The one thing that an outsider reaches.
#[derive(Clone, Copy, Debug)]
pub enum Reach<'a> {
    /// Its own consumer of a stream of deliveries, by the stream's name.
    Deliveries(&'a str),
    /// Publication in a district.
    Publication(&'a AreaCode),
}

/// An outsider's account.
pub struct Outside<'a> {
    /// Public key of the main account.
    pub main: &'a str,
    /// Public key of the outsider's account, which is the name of its consumer too.
    pub own: &'a str,
    /// What it reaches.
    pub reach: Reach<'a>,
}

impl Outside<'_> {
    /// The services that it imports: name, subject of the exporter, subject as the outsider calls it.
    fn services(&self) -> Vec<(&'static str, String, String)> {
        let own = self.own;
        let stream = match self.reach {
            Reach::Publication(district) => {
                return vec![("publish", requests::subject(district, own), PUBLISH.into())];
            }
            Reach::Deliveries(stream) => stream,
        };
        let api = |verb: &str| {
            (
                format!("$JS.API.CONSUMER.{verb}.{stream}.{own}"),
                format!("{API_PREFIX}.CONSUMER.{verb}.{stream}.{own}"),
            )
        };
        let same = |subject: String| (subject.clone(), subject);
        let services = [
            ("next", api("MSG.NEXT")),
            ("info", api("INFO")),
            ("acknowledge", same(format!("$JS.ACK.{stream}.{own}.*.*.*.*.*"))),
            ("acknowledge-2", same(format!("$JS.ACK.*.*.{stream}.{own}.*.*.*.*.>"))),
        ];
        services.map(|(name, (theirs, ours))| (name, theirs, ours)).into()
    }

    /// Largest message in bytes that it may send.
    fn largest(&self) -> i64 {
        match self.reach {
            Reach::Deliveries(_) => LARGEST_REQUEST,
            Reach::Publication(_) => LARGEST_PUBLICATION,
        }
    }

    /// What the outsider may publish and subscribe: its services, its private inbox.
    pub fn permissions(&self) -> Permissions {
        Permissions {
            publish: Allowed::only(self.services().into_iter().map(|(_, _, ours)| ours)),
            subscribe: Allowed::only([format!("{}.>", inbox_prefix(self.own))]),
        }
    }

    /// The outsider's account.
    pub(super) fn account(&self) -> Account {
        let import = |(name, subject, local_subject): (&str, String, String)| Import {
            name: name.into(),
            local_subject: if local_subject == subject { String::new() } else { local_subject },
            subject,
            account: self.main.into(),
            kind: "service".into(),
            rest: BTreeMap::new(),
        };
        let imports: Vec<_> = self.services().into_iter().map(import).collect();
        let mut limits = unbounded(&["data"]);
        let bounds = [
            ("subs", SUBSCRIPTIONS),
            ("payload", self.largest()),
            ("imports", imports.len() as i64),
            ("exports", 0),
            ("conn", CONNECTIONS),
            ("leaf", 0),
        ];
        limits.extend(bounds.map(|(name, bound)| (name.to_owned(), json!(bound))));
        limits.insert("wildcards".into(), json!(false));
        Account {
            imports,
            limits,
            // A user whose own claims were silent would have no more than this.
            default_permissions: self.permissions(),
            version: VERSION,
            ..Account::default()
        }
    }

    /// The outsider's user.
    pub(super) fn user(&self) -> User {
        User {
            permissions: self.permissions(),
            subs: SUBSCRIPTIONS,
            data: UNBOUNDED,
            payload: self.largest(),
            // Neither MQTT nor WebSocket nor leaf nodes, which map subjects in ways of their own.
            allowed_connection_types: vec!["STANDARD".into()],
            issuer_account: String::new(),
            version: VERSION,
        }
    }
}

/// What is left of an account that is revoked, for as long as it takes the servers to delete it.
pub(super) fn revoked(now: i64) -> Account {
    let names = ["subs", "data", "payload", "imports", "exports", "conn", "leaf"];
    let mut limits: BTreeMap<_, _> = names.iter().map(|name| ((*name).to_owned(), json!(0))).collect();
    limits.insert("wildcards".into(), json!(false));
    let nothing = || Allowed::only(["_REVOKED".into()]);
    Account {
        limits,
        revocations: BTreeMap::from([("*".to_owned(), now)]),
        default_permissions: Permissions { publish: nothing(), subscribe: nothing() },
        version: VERSION,
        ..Account::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTSIDE: Outside<'static> =
        Outside { main: "AMAIN", own: "AOWN", reach: Reach::Deliveries("SUB-330105") };

    /// An outsider of either kind, with the name that is in every subject that it reaches.
    fn outside(check: impl Fn(Outside, &str)) {
        let district = AreaCode::parse("330105").unwrap();
        check(OUTSIDE, "SUB-330105");
        check(Outside { reach: Reach::Publication(&district), ..OUTSIDE }, "pub.330105.");
    }

    /// True when every subject of `narrow` is one of `wide`.
    fn covers(wide: &str, narrow: &str) -> bool {
        let (wide, narrow): (Vec<_>, Vec<_>) = (wide.split('.').collect(), narrow.split('.').collect());
        let fits = |(wide, narrow): (&&str, &&str)| *wide == "*" || *wide == ">" || wide == narrow;
        wide.iter().zip(&narrow).all(fits)
            && (wide.len() == narrow.len() || (wide.last() == Some(&">") && narrow.len() >= wide.len()))
    }

    #[test]
    fn every_import_is_covered_by_one_export_with_the_own_key_at_its_place() {
        let exports = exports();
        outside(|outside, own| {
            for import in outside.account().imports {
                let export = exports
                    .iter()
                    .find(|export| covers(&export.subject, &import.subject))
                    .expect("an export");
                let place = export.account_token_position as usize - 1;
                assert_eq!(export.subject.split('.').nth(place), Some("*"), "{export:?}");
                assert_eq!(import.subject.split('.').nth(place), Some("AOWN"), "{import:?}");
                assert!(import.subject.contains(own) && import.kind == "service", "{import:?}");
            }
        });
    }

    #[test]
    fn exports_do_not_overlap_which_the_server_would_refuse() {
        for one in exports() {
            let over = exports().iter().filter(|other| covers(&other.subject, &one.subject)).count();
            assert_eq!(over, 1, "{one:?}");
        }
    }

    #[test]
    fn an_outsider_may_publish_only_what_it_imports_and_subscribe_only_its_inbox() {
        outside(|outside, _| {
            let (account, user) = (outside.account(), outside.user());
            let local = |import: &Import| {
                let here = &import.local_subject;
                if here.is_empty() { import.subject.clone() } else { here.clone() }
            };
            let imported: Vec<_> = account.imports.iter().map(local).collect();
            assert_eq!(user.permissions.publish.allow, imported);
            assert_eq!(user.permissions.subscribe.allow, ["_INBOX_AOWN.>"]);
            assert_eq!(account.default_permissions, user.permissions);
            assert_eq!(
                (account.limits.get("disk_storage"), account.limits["leaf"].as_i64()),
                (None, Some(0))
            );
            assert_eq!(user.allowed_connection_types, ["STANDARD"]);
        });
    }
}
