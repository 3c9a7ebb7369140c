//! The ways in which tests let parts fail.

use std::fs;
use std::io::ErrorKind;
use std::time::Duration;

use gongzhi_embedded::{Embedded, Options, Part, Parts, StartError};

use crate::parts;
use crate::wire::{Bus, Database};

/// Long enough for a healthy part to answer, which a paused one does not.
const SILENCE: Duration = Duration::from_millis(500);

#[test]
fn killed_parts_come_back_with_data_and_addresses() {
    let embedded = Embedded::start(parts(), Options::temporary()).unwrap();
    let (database_url, nats_url) = (embedded.database_url("postgres"), embedded.nats_url());
    let mut database = Database::connect(&database_url).unwrap();
    database.query("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n");
    let mut bus = Bus::connect(&nats_url).unwrap();
    bus.request("$JS.API.STREAM.CREATE.KEPT", r#"{"name":"KEPT","subjects":["kept"]}"#);
    assert_eq!(bus.request("kept", "fact")["seq"], 1);
    let before = embedded.pids();

    for part in Part::ALL {
        embedded.kill(part).unwrap();
    }
    assert_eq!(embedded.pids(), []);
    assert!(database.ask("SELECT 1").and_then(|()| database.answer()).is_err());
    assert!(Bus::connect(&nats_url).is_err());

    for part in Part::ALL {
        embedded.restart(part).unwrap();
    }
    assert_ne!(embedded.pids(), before);
    assert_eq!(
        (embedded.database_url("postgres"), embedded.nats_url()),
        (database_url.clone(), nats_url.clone())
    );
    assert_eq!(Database::connect(&database_url).unwrap().query("SELECT count(*) FROM kept"), ["1000"]);
    let mut bus = Bus::connect(&nats_url).unwrap();
    assert_eq!(bus.request("$JS.API.STREAM.INFO.KEPT", "")["state"]["messages"], 1);
}

#[test]
fn a_paused_part_is_silent_until_it_is_resumed() {
    let embedded = Embedded::start(parts(), Options::temporary()).unwrap();
    let mut database = Database::connect(&embedded.database_url("postgres")).unwrap();
    database.query("SELECT 1");
    let silent = |error: std::io::Error| matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut);

    for part in Part::ALL {
        embedded.pause(part).unwrap();
    }
    // The connection was there before: its own process must be frozen, not only the one that accepts.
    database.set_patience(SILENCE);
    database.ask("SELECT 2").unwrap();
    assert!(database.answer().err().is_some_and(silent));
    assert!(Bus::connect_within(&embedded.nats_url(), SILENCE).err().is_some_and(silent));

    for part in Part::ALL {
        embedded.resume(part).unwrap();
    }
    database.set_patience(Duration::from_secs(30));
    assert_eq!(database.answer().unwrap(), ["2"]);
    assert_eq!(Bus::connect(&embedded.nats_url()).unwrap().info["jetstream"], true);
}

#[test]
fn a_paused_instance_can_be_stopped() {
    let embedded = Embedded::start(parts(), Options::temporary()).unwrap();
    let _open = Database::connect(&embedded.database_url("postgres")).unwrap();
    for part in Part::ALL {
        embedded.pause(part).unwrap();
    }
    let dir = embedded.dir().to_owned();
    embedded.stop().unwrap();
    assert!(!dir.exists());
}

#[test]
fn a_killed_database_leaves_no_shared_memory() {
    let embedded = Embedded::start(parts(), Options::temporary()).unwrap();
    let note = fs::read_to_string(embedded.dir().join("postgres/postmaster.pid")).unwrap();
    let segment = note.lines().nth(6).unwrap().split_whitespace().nth(1).unwrap().to_owned();
    let exists = || {
        let segments = fs::read_to_string("/proc/sysvipc/shm").unwrap();
        segments.lines().any(|line| line.split_whitespace().nth(1) == Some(&segment))
    };
    embedded.kill(Part::Postgres).unwrap();
    assert!(exists(), "a killed server leaves its segment");
    embedded.stop().unwrap();
    assert!(!exists());
}

#[test]
fn a_part_that_was_not_asked_for_is_absent() {
    let only_nats = Parts::find(&[Part::Nats], None, |_| {}).unwrap();
    let embedded = Embedded::start(&only_nats, Options::temporary()).unwrap();
    let refused = embedded.kill(Part::Postgres).unwrap_err();
    assert!(matches!(refused, StartError::Absent(Part::Postgres)));
    assert!(!embedded.dir().join("postgres").exists());
}
