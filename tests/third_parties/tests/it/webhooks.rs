//! Our signatures of webhooks in the eyes of the libraries of Standard Webhooks, and theirs in ours. The bodies are the golden samples.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use gongzhi_chassis::webhook_signature::{Headers, ID, SIGNATURE, SigningKey, TIMESTAMP, sign, verify};
use gongzhi_proto::catalogue::entries;
use jiff::Timestamp;
use ring::rand::SystemRandom;
use serde::{Deserialize, Serialize};

use crate::Row;
use crate::tools::Tool;

const MESSAGE: &str = "0192f0c1-7a00-7000-8000-0000000000ff";

#[derive(Serialize)]
struct Asked {
    secret: String,
    pair: String,
    id: &'static str,
    ours: Vec<Sent>,
    sign: Vec<String>,
}

#[derive(Serialize)]
struct Sent {
    body: String,
    headers: BTreeMap<&'static str, String>,
}

impl Asked {
    /// Every sample signed with both keys, and once more with its body changed after that.
    fn new(secret: &SigningKey, pair: &SigningKey) -> Result<Self> {
        let bodies: Vec<_> = entries().iter().map(|entry| entry.sample.get().to_owned()).collect();
        let keys = [SigningKey::parse(&pair.expose())?, SigningKey::parse(&secret.expose())?];
        let mut ours = Vec::new();
        for body in &bodies {
            let Headers { id, timestamp, signature } =
                sign(&keys, MESSAGE, Timestamp::now(), body.as_bytes())?;
            let headers = BTreeMap::from([(ID, id), (TIMESTAMP, timestamp), (SIGNATURE, signature)]);
            ours.push(Sent { body: body.clone(), headers: headers.clone() });
            ours.push(Sent { body: body.replacen("330105", "330106", 1), headers });
        }
        Ok(Self { secret: secret.expose(), pair: pair.expose(), id: MESSAGE, ours, sign: bodies })
    }
}

fn keys() -> Result<[SigningKey; 2]> {
    let random = SystemRandom::new();
    let secret = SigningKey::new_shared(&random).context("no randomness")?;
    Ok([secret, SigningKey::new_pair(&random).context("no randomness")?])
}

/// True when every second one is believed: those that were changed are not.
fn judged(believes: &[bool]) -> Result<usize> {
    let wanted: Vec<_> = (0..entries().len() * 2).map(|nth| nth % 2 == 0).collect();
    ensure!(believes == wanted, "{believes:?}");
    Ok(believes.len())
}

/// Verifies what they signed, and refuses it with one letter changed.
fn ours_verifies(key: &SigningKey, body: &str, timestamp: &str, signature: &str) -> Result<()> {
    let headers = Headers { id: MESSAGE.into(), timestamp: timestamp.into(), signature: signature.into() };
    let keys = [key.verifying_key()];
    verify(&keys, &headers, body.as_bytes(), Timestamp::now())
        .with_context(|| format!("{signature} of {body}"))?;
    let changed = body.replacen("330105", "330106", 1);
    ensure!(
        verify(&keys, &headers, changed.as_bytes(), Timestamp::now()).is_err(),
        "a changed body was believed"
    );
    Ok(())
}

/// The Python library.
pub fn python(tool: &Tool) -> Result<Vec<Row>> {
    #[derive(Deserialize)]
    struct Said {
        believes: Vec<bool>,
        signed: Vec<Signed>,
    }
    #[derive(Deserialize)]
    struct Signed {
        body: String,
        timestamp: String,
        signature: String,
    }
    let who = "PyPI standardwebhooks";
    let [secret, pair] = keys()?;
    let said: Said = tool.run("webhooks.py", &Asked::new(&secret, &pair)?)?;
    let count = judged(&said.believes)?;
    for signed in &said.signed {
        ours_verifies(&secret, &signed.body, &signed.timestamp, &signed.signature)?;
    }
    Ok(vec![
        Row { who, what: "a webhook of ours is genuine (v1), or was changed", count },
        Row { who, what: "a webhook of theirs is genuine (v1)", count: said.signed.len() },
    ])
}

/// The JavaScript library, and Node's Ed25519.
pub fn node(tool: &Tool) -> Result<Vec<Row>> {
    #[derive(Deserialize)]
    struct Said {
        library: Vec<bool>,
        node: Vec<bool>,
        signed: Vec<Signed>,
    }
    #[derive(Deserialize)]
    struct Signed {
        body: String,
        timestamp: String,
        shared: String,
        pair: String,
    }
    let [secret, pair] = keys()?;
    let Said { library, node, signed } = tool.run("webhooks.mjs", &Asked::new(&secret, &pair)?)?;
    let (library, node) = (judged(&library)?, judged(&node)?);
    for signed in &signed {
        ours_verifies(&secret, &signed.body, &signed.timestamp, &signed.shared)?;
        ours_verifies(&pair, &signed.body, &signed.timestamp, &signed.pair)?;
    }
    let (who, count) = ("npm standardwebhooks", signed.len());
    let crypto = "node:crypto Ed25519";
    Ok(vec![
        Row { who, what: "a webhook of ours is genuine (v1), or was changed", count: library },
        Row { who, what: "a webhook of theirs is genuine (v1)", count },
        Row { who: crypto, what: "a webhook of ours is genuine (v1a), or was changed", count: node },
        Row { who: crypto, what: "a webhook of theirs is genuine (v1a)", count },
    ])
}
