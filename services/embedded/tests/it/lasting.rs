//! Directories that keep their data: one holder at a time, the same data next time.

use std::fs;

use gongzhi_embedded::{Embedded, Options, Part, Parts, StartError};

use crate::wire::{Bus, Database};
use crate::{Room, parts};

#[test]
fn a_directory_has_one_holder_and_keeps_its_data() {
    let room = Room::new();
    let dir = room.join("data");
    let first = Embedded::start(parts(), Options::lasting(&dir)).unwrap();
    let mut database = Database::connect(&first.database_url("postgres")).unwrap();
    assert_eq!(database.query("SHOW fsync"), ["on"]);
    assert_eq!(database.query("SHOW synchronous_commit"), ["on"]);
    database.query("CREATE TABLE kept (word text)");
    database.query("INSERT INTO kept VALUES ('共治')");
    let mut bus = Bus::connect(&first.nats_url()).unwrap();
    let made = bus.request("$JS.API.STREAM.CREATE.KEPT", r#"{"name":"KEPT","subjects":["kept"]}"#);
    assert_eq!(made["config"]["storage"], "file", "{made}");
    assert_eq!(bus.request("kept", "fact")["seq"], 1);

    let refused = Embedded::start(parts(), Options::lasting(&dir)).err().expect("a second holder");
    match &refused {
        StartError::Held { holder, .. } => assert_eq!(holder, &std::process::id().to_string()),
        other => panic!("{other}"),
    }

    first.stop().unwrap();
    let second = Embedded::start(parts(), Options::lasting(&dir)).unwrap();
    let mut database = Database::connect(&second.database_url("postgres")).unwrap();
    assert_eq!(database.query("SELECT word FROM kept"), ["共治"]);
    let mut bus = Bus::connect(&second.nats_url()).unwrap();
    assert_eq!(bus.request("$JS.API.STREAM.INFO.KEPT", "")["state"]["messages"], 1);
}

#[test]
fn data_of_another_major_version_are_refused_with_the_remedy() {
    let room = Room::new();
    fs::create_dir_all(room.join("data/postgres")).unwrap();
    fs::write(room.join("data/postgres/PG_VERSION"), "9\n").unwrap();
    let refused = Embedded::start(parts(), Options::lasting(room.join("data"))).err().expect("other data");
    assert!(matches!(&refused, StartError::OtherMajor { written, .. } if written == "9"), "{refused}");
    assert!(refused.to_string().contains("GONGZHI_PG_BIN"), "{refused}");
}

#[test]
fn a_path_too_long_for_a_socket_is_no_obstacle() {
    let room = Room::new();
    let dir = room.join(&"long".repeat(30));
    let options = Options { durability: gongzhi_embedded::Durability::Relaxed, ..Options::lasting(&dir) };
    let only_postgres = Parts::find(&[Part::Postgres], None, |_| {}).unwrap();
    let embedded = Embedded::start(&only_postgres, options).unwrap();
    let url = embedded.database_url("postgres");
    assert_eq!(Database::connect(&url).unwrap().query("SELECT 1"), ["1"]);
    let (_, sockets) = url.split_once("?host=").unwrap();
    assert!(fs::exists(sockets).unwrap());
    embedded.stop().unwrap();
    assert!(!fs::exists(sockets).unwrap(), "{sockets} was left behind");
    assert!(dir.join("postgres/PG_VERSION").exists());
}
