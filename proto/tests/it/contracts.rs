//! The table of facts, the catalogue and the law of access agree with the contracts.

use std::collections::BTreeSet;

use gongzhi_proto::access::v1::{Post, access::Rule};
use gongzhi_proto::event::v1::Classification;
use gongzhi_proto::ids::Level;
use gongzhi_proto::{Fact, access, catalogue};

#[test]
fn the_table_of_facts_is_the_catalogue() {
    let table: BTreeSet<_> = Fact::ALL.iter().map(|(_, _, message)| (*message).to_owned()).collect();
    let catalogue: BTreeSet<_> = catalogue::declared().into_iter().map(|entry| entry.message).collect();
    assert_eq!(table, catalogue);
    for (service, name, message) in Fact::ALL {
        let mut snake = String::new();
        for letter in message.rsplit('.').next().unwrap().chars() {
            if letter.is_uppercase() && !snake.is_empty() {
                snake.push('_');
            }
            snake.extend(letter.to_lowercase());
        }
        assert_eq!((*name, true), (snake.as_str(), message.contains(&format!(".{service}."))));
    }
}

#[test]
fn every_fact_is_described_for_the_catalogue() {
    for entry in catalogue::declared() {
        let options = &entry.options;
        assert!(
            options.title_zh.chars().any(|letter| letter as u32 > 0x2e7f),
            "{} lacks a Chinese title",
            entry.message
        );
        assert!(
            !options.title_en.is_empty() && options.title_en.is_ascii(),
            "{} lacks an English title",
            entry.message
        );
        assert_ne!(options.classification(), Classification::Unspecified, "{}", entry.message);
        assert!(!options.aggregate.is_empty() && options.retention_days >= 30, "{}", entry.message);
    }
}

#[test]
fn every_rpc_says_who_may_call_it_and_every_permission_is_held_by_a_post() {
    let posts: Vec<_> = (1..).map_while(|number| Post::try_from(number).ok()).collect();
    assert!(posts.len() >= 11);
    let held: BTreeSet<_> = posts
        .iter()
        .flat_map(|post| access::post_options(*post).expect("a post has options").permissions)
        .collect();
    let mut asked = BTreeSet::new();
    for (path, rpc) in access::rpc_rules() {
        match rpc.rule {
            None => panic!("{path} has no access rule"),
            Some(Rule::Permission(permission)) => {
                asked.insert(permission);
            }
            Some(Rule::SignedIn(because) | Rule::Everyone(because)) => {
                assert!(because.len() > 10, "{path} must say why")
            }
        }
    }
    assert_eq!(asked, held, "left: asked by an rpc; right: held through a post");
    for post in posts {
        let options = access::post_options(post).unwrap();
        assert!(Level::ALL.iter().any(|level| level.as_str() == options.level), "{post:?} has no level");
    }
}
