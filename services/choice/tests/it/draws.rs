//! A draw that a stranger recomputes, and what is drawn from when members drop out.

use std::collections::BTreeSet;
use std::time::Duration;

use gongzhi_choice::sortition::{self, InvalidRecord, Objective, Pool, Published, Tickets, shortfalls};
use proptest::prelude::*;

use crate::pools::{panels, pools};

fn tickets(pool: &Pool, count: usize) -> Published {
    let lottery = sortition::lottery(pool, Objective::Leximin, Duration::from_secs(60)).unwrap();
    Tickets::of(pool, &lottery, count).published()
}

#[test]
fn what_was_published_is_enough_to_find_the_panel() {
    // The digest is that of sha256sum.
    let text = "0 1 4\n1 0 4\n2 1 4\n";
    let digest = "d925e79507c9f3951486e06b0178f1d12462c50ac48037a0db4f7189920172f5";
    let other = Published::read("0 1 4\n", digest).unwrap_err();
    assert!(matches!(other, InvalidRecord::OtherDigest(_)), "{other}");
    let published = Published::read(text, &digest.to_uppercase()).unwrap();
    assert_eq!((published.text().as_str(), published.sha256()), (text, digest.to_owned()));
    assert_eq!(published.drawn(1).unwrap(), [0, 4]);
    assert_eq!(published.drawn(3).unwrap_err(), InvalidRecord::NoNumber(3, 2));
    for (text, line) in
        [("", 1), ("0 1 4\n2 0 4\n", 2), ("0 4 1\n", 1), ("0\n", 1), ("0 1 x\n", 1), ("0 1  4\n", 1)]
    {
        let InvalidRecord::OtherDigest(digest) = Published::read(text, "").unwrap_err() else {
            panic!("{text}")
        };
        assert_eq!(Published::read(text, &digest).unwrap_err(), InvalidRecord::NoTicket(line), "{text:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn who_stays_stays_and_who_left_does_not_come_back(made in pools(), number in 0usize..50, leaves in 0usize..3) {
        let pool = made.pool();
        prop_assume!(!panels(&pool).is_empty());
        let published = tickets(&pool, 50);
        prop_assert_eq!(&Published::read(&published.text(), &published.sha256()).unwrap(), &published);
        let panel = published.drawn(number).unwrap().to_vec();
        let left = [panel[leaves % panel.len()]];
        let stay: BTreeSet<_> = panel.iter().filter(|row| **row != left[0]).copied().collect();
        let among = |row: &[usize]| row.iter().filter(|row| stay.contains(row)).count();
        let others: Vec<_> = (0..50).map(|number| published.drawn(number).unwrap()).filter(|panel| !panel.contains(&left[0])).collect();
        match published.replacements(&pool, number, &left) {
            Err(none) => {
                prop_assert_eq!(none, InvalidRecord::NobodyLeft);
                prop_assert!(others.is_empty());
            }
            Ok(again) => {
                let most = others.iter().map(|panel| among(panel)).max().unwrap();
                let wanted: Vec<_> = others.iter().filter(|panel| among(panel) == most).collect();
                prop_assert_eq!((again.kept, again.tickets.count()), (most, wanted.len()));
                for (nth, old) in wanted.iter().enumerate() {
                    let new = again.tickets.drawn(nth).unwrap();
                    prop_assert!(stay.iter().all(|row| new.contains(row)) && !new.contains(&left[0]));
                    prop_assert!(new.iter().all(|row| stay.contains(row) || old.contains(row)));
                    let homes: BTreeSet<_> = new.iter().map(|row| pool.households[*row]).collect();
                    prop_assert_eq!(homes.len(), new.len(), "two of a household");
                    if most == stay.len() {
                        prop_assert_eq!(&new, *old);
                        prop_assert!(shortfalls(&pool, new).is_empty());
                    }
                }
            }
        }
    }
}

#[test]
fn a_panel_keeps_its_weight_among_replacements_and_shortfalls_are_told() {
    let people = "sex\nf\nf\nf\nm\nm\nm\n";
    let quotas = "category,feature,min,max\nsex,f,1,1\nsex,m,2,2\n";
    let pool = sortition::read(people, quotas, r#"{"k": 3}"#).unwrap();
    let panel = |rows: &[usize]| rows.to_vec();
    let published = Published::of(vec![
        panel(&[0, 3, 4]),
        panel(&[1, 3, 4]),
        panel(&[1, 3, 4]),
        panel(&[2, 3, 4]),
        panel(&[1, 4, 5]),
    ]);
    // Row 0 leaves: of three tickets with rows 3 and 4 two are for row 1.
    let again = published.replacements(&pool, 0, &[0]).unwrap();
    assert_eq!(again.kept, 2);
    assert_eq!(again.tickets.text(), "0 1 3 4\n1 1 3 4\n2 2 3 4\n");
    // Row 3 leaves: nobody else was drawn with rows 0 and 4; the man who was on the panel that has most of them takes the seat, and no quota is missed.
    let again = published.replacements(&pool, 0, &[3]).unwrap();
    assert_eq!((again.kept, again.tickets.text().as_str()), (1, "0 0 4 5\n"));
    // Rows 3 and 4 leave: no ticket is without them.
    assert_eq!(published.replacements(&pool, 0, &[3, 4]).unwrap_err(), InvalidRecord::NobodyLeft);
    assert_eq!(published.replacements(&pool, 0, &[5]).unwrap_err(), InvalidRecord::NoMember(5));
    assert_eq!(published.replacements(&pool, 0, &[3, 3]).unwrap_err(), InvalidRecord::NoMember(3));
    let larger = Published::of(vec![panel(&[0, 3, 6])]);
    assert_eq!(larger.replacements(&pool, 0, &[3]).unwrap_err(), InvalidRecord::OtherPool(6));
    // Only women are left to choose from: what is missed is told.
    let published = Published::of(vec![panel(&[0, 3, 4]), panel(&[1, 2, 4])]);
    let again = published.replacements(&pool, 0, &[3]).unwrap();
    assert_eq!(again.tickets.text(), "0 0 1 4\n");
    let missed = shortfalls(&pool, again.tickets.drawn(0).unwrap());
    let said: Vec<_> = missed.iter().map(|one| (one.feature.as_str(), one.min, one.max, one.has)).collect();
    assert_eq!(said, [("f", 1, 1, 2), ("m", 2, 2, 1)]);
}
