//! Signatures of webhooks: the vectors of Standard Webhooks where they are at hand, changes of keys, and what must not be believed. What other
//! programs say is in `tests/third_parties`.

use std::io::Write as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gongzhi_chassis::webhook_signature::{
    Headers, InvalidKey, SigningKey, Unverified, VerifyingKey, sign, verify,
};
use jiff::{SignedDuration, Timestamp};
use ring::rand::SystemRandom;
use serde_json::Value;

const BODY: &[u8] = "{\"社区\":\"米市社区\"}".as_bytes();
/// From the text of the standard's reference programs; belongs to nobody.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn now() -> Timestamp {
    Timestamp::from_second(1_763_863_200).unwrap()
}

#[test]
fn the_vectors_of_the_standard_are_agreed_with() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data/conformance/standard-webhooks/vectors.json");
    let Ok(text) = std::fs::read(path) else {
        // Not `eprintln!`: the test harness would keep it to itself.
        let _ = writeln!(std::io::stderr(), "SKIPPED: no Standard Webhooks vectors beside the work tree");
        return;
    };
    let vectors: Vec<Value> = serde_json::from_slice(&text).unwrap();
    let (mut valid, mut refused) = (0, 0);
    for vector in &vectors {
        let text = |name: &str| vector[name].as_str().unwrap().to_owned();
        let at = Timestamp::from_second(text("webhook_timestamp").parse().unwrap()).unwrap();
        let headers = Headers {
            id: text("webhook_id"),
            timestamp: text("webhook_timestamp"),
            signature: text("webhook_signature"),
        };
        let body = text("payload").into_bytes();
        let key = VerifyingKey::parse(&text("secret")).unwrap();
        let verified = verify(&[key], &headers, &body, at);
        if vector["valid_signature"].as_bool().unwrap() {
            assert_eq!(verified, Ok(()), "{}", text("id"));
            let ours = sign(&[SigningKey::parse(&text("secret")).unwrap()], &headers.id, at, &body);
            assert_eq!(ours.unwrap(), headers, "{}", text("id"));
            valid += 1;
        } else {
            assert_eq!(verified, Err(Unverified::NoMatch), "{}", text("id"));
            refused += 1;
        }
    }
    assert!(valid > 0 && refused > 0);
    let _ = writeln!(
        std::io::stderr(),
        "Standard Webhooks vectors: {valid} signed and verified, {refused} refused"
    );
}

#[test]
fn keys_survive_their_text_and_do_not_show_themselves() {
    let random = SystemRandom::new();
    for key in [SigningKey::new_shared(&random).unwrap(), SigningKey::new_pair(&random).unwrap()] {
        let again = SigningKey::parse(&key.expose()).unwrap();
        assert_eq!(again.expose(), key.expose());
        let receiver = VerifyingKey::parse(&key.verifying_key().expose()).unwrap();
        let headers = sign(&[again], "0192f0c1", now(), BODY).unwrap();
        assert_eq!(verify(&[receiver], &headers, BODY, now()), Ok(()));
        assert!(!format!("{key:?}").contains(&key.expose()[6..]));
    }
    assert_eq!(format!("{:?}", VerifyingKey::parse(SECRET).unwrap()), "VerifyingKey::Shared(hidden)");
    // A seed alone is a secret half too; one with a foreign public half is none.
    let bytes = |key: &str| STANDARD.decode(key.strip_prefix("whsk_").unwrap()).unwrap();
    let mine = SigningKey::new_pair(&random).unwrap().expose();
    let other = SigningKey::new_pair(&random).unwrap().expose();
    let seed = format!("whsk_{}", STANDARD.encode(&bytes(&mine)[..32]));
    assert_eq!(SigningKey::parse(&seed).unwrap().expose(), mine);
    let mixed = [&bytes(&mine)[..32], &bytes(&other)[32..]].concat();
    let mixed = format!("whsk_{}", STANDARD.encode(mixed));
    assert_eq!(SigningKey::parse(&mixed).unwrap_err(), InvalidKey::Halves);
    for (text, wrong) in [
        ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", InvalidKey::Prefix("whsec_ or whsk_")),
        ("whsec_MfKQ", InvalidKey::Length),
        ("whsec_米", InvalidKey::Base64),
        ("whsk_MfKQ", InvalidKey::Length),
        ("whpk_MfKQ", InvalidKey::Prefix("whsec_ or whsk_")),
    ] {
        assert_eq!(SigningKey::parse(text).unwrap_err(), wrong, "{text}");
    }
    assert_eq!(VerifyingKey::parse(&mine).unwrap_err(), InvalidKey::Prefix("whsec_ or whpk_"));
    assert_eq!(VerifyingKey::parse("whpk_MfKQ").unwrap_err(), InvalidKey::Length);
}

#[test]
fn a_key_is_changed_without_a_break() {
    let random = SystemRandom::new();
    let old = SigningKey::parse(SECRET).unwrap();
    let new = SigningKey::new_pair(&random).unwrap();
    let (before, after) = (old.verifying_key(), new.verifying_key());
    let headers = sign(&[new, old], "0192f0c1", now(), BODY).unwrap();
    assert!(headers.signature.starts_with("v1a,") && headers.signature.contains(" v1,"));
    assert_eq!(verify(&[before], &headers, BODY, now()), Ok(()));
    assert_eq!(verify(&[after], &headers, BODY, now()), Ok(()));
    let foreign = SigningKey::new_shared(&random).unwrap().verifying_key();
    assert_eq!(verify(&[foreign], &headers, BODY, now()), Err(Unverified::NoMatch));
}

#[test]
fn what_was_changed_or_is_not_of_now_is_not_believed() {
    let key = || SigningKey::parse(SECRET).unwrap();
    let headers = sign(&[key()], "0192f0c1", now(), BODY).unwrap();
    let believed = |headers: &Headers, body: &[u8], now| verify(&[key().verifying_key()], headers, body, now);
    for (seconds, wanted) in
        [(300, Ok(())), (-300, Ok(())), (301, Err(Unverified::TooOld)), (-301, Err(Unverified::TooNew))]
    {
        assert_eq!(believed(&headers, BODY, now() + SignedDuration::from_secs(seconds)), wanted);
    }
    assert_eq!(believed(&headers, b"{}", now()), Err(Unverified::NoMatch));
    let later = (now().as_second() + 1).to_string();
    assert_eq!(
        believed(&Headers { timestamp: later, ..headers.clone() }, BODY, now()),
        Err(Unverified::NoMatch)
    );
    for timestamp in ["", "+1763863200", "1763863200.0", "99999999999999999999", "999999999999999"] {
        let wrong = Headers { timestamp: timestamp.into(), ..headers.clone() };
        assert_eq!(believed(&wrong, BODY, now()), Err(Unverified::Timestamp), "{timestamp}");
    }
    // What is signed must be readable in one way only.
    for id in ["", "0192.f0c1", "a b", "社区"] {
        assert!(sign(&[key()], id, now(), BODY).is_err());
        let wrong = Headers { id: id.into(), ..headers.clone() };
        assert!(matches!(believed(&wrong, BODY, now()), Err(Unverified::MessageId(_))), "{id}");
    }
    // Neither an unknown version nor the signature of one kind under the name of the other counts; what stands beside them does.
    let signature = headers.signature.strip_prefix("v1,").unwrap();
    for foreign in
        [format!("v2,{signature}"), format!("v1a,{signature}"), "v1".into(), "v1,".into(), String::new()]
    {
        let wrong = Headers { signature: foreign.clone(), ..headers.clone() };
        assert_eq!(believed(&wrong, BODY, now()), Err(Unverified::NoMatch), "{foreign}");
        let beside = Headers { signature: format!("{foreign} v1,{signature}"), ..headers.clone() };
        assert_eq!(believed(&beside, BODY, now()), Ok(()), "{foreign}");
    }
}
