//! Settings, read once from the environment and typed. `gongzhi config` prints them with where each came from; secrets are hidden.

mod contact_keys;
mod reader;

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use gongzhi_proto::ids::AreaCode;

use crate::tls;

pub use contact_keys::{ContactKeys, Root};
use reader::{Reader, parse_upstreams};
pub use reader::{Shown, WrongSettings};

/// A text that is never printed.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text itself; whoever calls this takes care that it goes nowhere else.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}

/// How logs are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// For collectors.
    Json,
}

impl FromStr for LogFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            other => Err(format!("must be text or json, not {other:?}")),
        }
    }
}

/// What telemetry needs.
#[derive(Clone, Debug)]
pub struct Telemetry {
    /// Filter of the logs.
    pub log: String,
    /// Form of the logs.
    pub log_format: LogFormat,
    /// Where traces go.
    pub otlp_endpoint: Option<String>,
    /// True where somebody may ask for measures.
    pub measures: bool,
}

/// What one organization may publish.
#[derive(Clone, Copy, Debug)]
pub struct PublishLimits {
    /// Events per second, in the long run.
    pub rate: u32,
    /// Events at once after a pause.
    pub burst: u32,
}

/// A bucket of a store that speaks S3.
#[derive(Clone, Debug)]
pub struct S3 {
    /// Its name.
    pub bucket: String,
    /// Where the store is; none: Amazon's own.
    pub endpoint: Option<String>,
    /// Region of the bucket.
    pub region: String,
    /// Who we are there.
    pub access_key: Secret,
    /// What proves it.
    pub secret_key: Secret,
}

/// All settings of a process.
#[derive(Clone, Debug)]
pub struct Settings {
    /// PostgreSQL; none: a private one.
    pub database_url: Option<Secret>,
    /// NATS; none: a private one.
    pub nats_url: Option<Secret>,
    /// Credentials of our own account on that NATS, or the file with them; none: it asks for none.
    pub nats_credentials: Option<Secret>,
    /// Seed of the operator of that NATS; none: no credentials are issued to outsiders.
    pub nats_operator_seed: Option<Secret>,
    /// Credentials of its system account, or the file with them.
    pub nats_system_credentials: Option<Secret>,
    /// PEM file of who vouches for that NATS over TLS; none: the authorities of the machine.
    pub nats_authority: Option<PathBuf>,
    /// The district that is served.
    pub district: AreaCode,
    /// Where gRPC is served.
    pub grpc_address: SocketAddr,
    /// Where the portal is served.
    pub portal_address: SocketAddr,
    /// Where probes and measures are served; none: nowhere.
    pub operations_address: Option<SocketAddr>,
    /// Certificates of this process and of its peers.
    pub tls: tls::Files,
    /// gRPC addresses of services that run elsewhere, for the portal: `dispatch=http://dispatch:8443,…`.
    pub upstreams: BTreeMap<String, String>,
    /// Issuer of tokens.
    pub issuer: String,
    /// Where the keys of an issuer that is not ours are read; none: our own accounts.
    pub jwks_url: Option<String>,
    /// Master key of contact data, or several while they are exchanged; none: made and kept in the database.
    pub contact_keys: Option<ContactKeys>,
    /// Signing key of our own accounts: base64 of PKCS #8; none: made and kept in the database.
    pub signing_key: Option<Secret>,
    /// Connections to the database per service.
    pub database_connections: u32,
    /// Copies of the stream.
    pub stream_replicas: usize,
    /// Days that the stream keeps facts.
    pub stream_max_age_days: u64,
    /// Bytes that the stream keeps.
    pub stream_max_bytes: i64,
    /// Networks in which webhooks may be received although they are not public, separated by commas; the operator's word, beyond what a subscription says.
    pub webhook_networks: String,
    /// Networks in which no webhook is received whatever a subscription says: those of the cluster.
    pub webhook_closed_networks: String,
    /// Where files lie; none: in the object store of NATS.
    pub s3: Option<S3>,
    /// What one organization may publish.
    pub publish: PublishLimits,
    /// Logs and traces.
    pub telemetry: Telemetry,
}

impl Settings {
    /// Reads the environment of the process.
    pub fn from_environment() -> Result<(Self, Vec<Shown>), WrongSettings> {
        Self::read(|name| std::env::var(name).ok())
    }

    /// Reads settings from anywhere.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<(Self, Vec<Shown>), WrongSettings> {
        let mut reader = Reader { variable, shown: Vec::new(), wrong: Vec::new() };
        let settings = Self::read_all(&mut reader);
        match settings {
            Some(settings) if reader.wrong.is_empty() => Ok((settings, reader.shown)),
            _ => Err(WrongSettings(reader.wrong)),
        }
    }

    fn read_all<F: Fn(&str) -> Option<String>>(reader: &mut Reader<F>) -> Option<Self> {
        let database_url =
            reader.secret("GONGZHI_DATABASE_URL", "PostgreSQL 15 or newer; empty: a private one");
        let nats_url = reader.secret(
            "GONGZHI_NATS_URL",
            "NATS 2.15.1 or newer with JetStream, several servers separated by commas; empty: a private one",
        );
        let [nats_credentials, nats_operator_seed, nats_system_credentials] = Self::read_nats(reader);
        let nats_authority = Self::read_nats_authority(reader);
        let district =
            reader.parsed("GONGZHI_DISTRICT", "330105", "code of the district that is served, 6 digits");
        let grpc_address = reader.parsed("GONGZHI_GRPC_ADDRESS", "127.0.0.1:50051", "where gRPC is served");
        let portal_address =
            reader.parsed("GONGZHI_PORTAL_ADDRESS", "127.0.0.1:8080", "where the portal is served");
        let (operations_address, tls) = (Self::read_operations(reader)?, read_tls(reader)?);
        let upstreams = reader.text(
            "GONGZHI_UPSTREAMS",
            "",
            "gRPC addresses of services elsewhere: name=http://host:port, separated by commas",
        );
        let issuer = reader.text("GONGZHI_ISSUER", "gongzhi", "issuer of tokens, as in their iss");
        let jwks_url =
            reader.optional("GONGZHI_JWKS_URL", "keys of another OIDC issuer; empty: own accounts");
        let contact_keys = contact_keys::read(reader);
        let signing_key =
            reader.secret("GONGZHI_SIGNING_KEY", "signing key of own accounts, base64 of PKCS #8");
        let database_connections =
            reader.parsed("GONGZHI_DATABASE_CONNECTIONS", "16", "connections to the database per service");
        let (stream_replicas, stream_max_age_days, stream_max_bytes) = Self::read_stream(reader)?;
        let [webhook_networks, webhook_closed_networks] = Self::read_webhooks(reader);
        let s3 = read_s3(reader);
        let publish = read_publish_limits(reader);
        let telemetry = Self::read_telemetry(reader, operations_address.is_some());
        let upstreams = parse_upstreams(&upstreams)
            .map_err(|error| reader.wrong.push(format!("GONGZHI_UPSTREAMS: {error}")))
            .ok()?;
        Some(Self {
            database_url,
            nats_url,
            nats_credentials,
            nats_operator_seed,
            nats_system_credentials,
            nats_authority,
            district: district?,
            grpc_address: grpc_address?,
            portal_address: portal_address?,
            operations_address,
            tls,
            upstreams,
            issuer,
            jwks_url,
            contact_keys,
            signing_key,
            database_connections: database_connections?,
            stream_replicas,
            stream_max_age_days,
            stream_max_bytes,
            webhook_networks,
            webhook_closed_networks,
            s3,
            publish: publish?,
            telemetry: telemetry?,
        })
    }

    /// Copies, days and bytes of the stream; none when one of them is wrong, which is noted.
    fn read_stream<F: Fn(&str) -> Option<String>>(reader: &mut Reader<F>) -> Option<(usize, u64, i64)> {
        let stream_replicas =
            reader.parsed("GONGZHI_STREAM_REPLICAS", "1", "copies of the stream: 3 in a cluster");
        let stream_max_age_days =
            reader.parsed("GONGZHI_STREAM_MAX_AGE_DAYS", "30", "days that the stream keeps facts");
        let stream_max_bytes = reader.parsed(
            "GONGZHI_STREAM_MAX_BYTES",
            "17179869184",
            "bytes that the stream keeps; full, it takes no more",
        );
        Some((stream_replicas?, stream_max_age_days?, stream_max_bytes?))
    }

    fn read_nats_authority<F: Fn(&str) -> Option<String>>(reader: &mut Reader<F>) -> Option<PathBuf> {
        let what =
            "PEM file of who vouches for that NATS where it speaks TLS; empty: the machine's authorities";
        reader.optional("GONGZHI_NATS_AUTHORITY", what).map(PathBuf::from)
    }

    /// Where webhooks may be received beyond what is public, and where never.
    fn read_webhooks<F: Fn(&str) -> Option<String>>(reader: &mut Reader<F>) -> [String; 2] {
        [
            reader.text(
                "GONGZHI_WEBHOOK_NETWORKS",
                "",
                "networks that are not public and may receive webhooks, for example 127.0.0.0/8,10.1.0.0/16",
            ),
            reader.text(
                "GONGZHI_WEBHOOK_CLOSED_NETWORKS",
                "",
                "networks that never receive webhooks: those of pods and services of the cluster",
            ),
        ]
    }

    /// Who we are on NATS, and what is needed to issue credentials there to others.
    fn read_nats<F: Fn(&str) -> Option<String>>(reader: &mut Reader<F>) -> [Option<Secret>; 3] {
        [
            reader.secret(
                "GONGZHI_NATS_CREDENTIALS",
                "credentials of our own account on that NATS: the text or a file; empty: it asks for none",
            ),
            reader.secret(
                "GONGZHI_NATS_OPERATOR_SEED",
                "seed of that NATS's operator, or of a signing key of it; empty: none is issued to outside subscribers",
            ),
            reader.secret(
                "GONGZHI_NATS_SYSTEM_CREDENTIALS",
                "credentials of that NATS's system account, text or file; needed beside the operator's seed",
            ),
        ]
    }

    /// None when the address is wrong, which is noted.
    fn read_operations<F: Fn(&str) -> Option<String>>(reader: &mut Reader<F>) -> Option<Option<SocketAddr>> {
        let what = "where /livez, /readyz, /metrics and gRPC health are served, without TLS; empty: nowhere";
        match reader.optional("GONGZHI_OPERATIONS_ADDRESS", what).map(|address| address.parse()) {
            None => Some(None),
            Some(Ok(address)) => Some(Some(address)),
            Some(Err(error)) => {
                reader.wrong.push(format!("GONGZHI_OPERATIONS_ADDRESS: {error}"));
                None
            }
        }
    }

    fn read_telemetry<F: Fn(&str) -> Option<String>>(
        reader: &mut Reader<F>,
        measures: bool,
    ) -> Option<Telemetry> {
        let log = reader.text("GONGZHI_LOG", "warn,gongzhi=info", "filter of the logs");
        let log_format = reader.parsed("GONGZHI_LOG_FORMAT", "text", "text or json");
        let otlp_endpoint =
            reader.optional("GONGZHI_OTLP_ENDPOINT", "OTLP/gRPC collector of traces; empty: none");
        Some(Telemetry { log, log_format: log_format?, otlp_endpoint, measures })
    }
}

fn read_tls<F: Fn(&str) -> Option<String>>(reader: &mut Reader<F>) -> Option<tls::Files> {
    let mut file = |name, what| reader.optional(name, what).map(PathBuf::from);
    let certificate = file(
        "GONGZHI_TLS_CERTIFICATE",
        "PEM file of the certificate of this process; empty: gRPC without TLS",
    );
    let key = file("GONGZHI_TLS_KEY", "PEM file of its key");
    let authority = file(
        "GONGZHI_TLS_AUTHORITY",
        "PEM file of who vouches for servers that are called; empty: the web's authorities",
    );
    let client_authority = file(
        "GONGZHI_TLS_CLIENT_AUTHORITY",
        "PEM file of who vouches for callers; empty: callers need no certificate",
    );
    let own = match (certificate, key) {
        (Some(certificate), Some(key)) => Some((certificate, key)),
        (None, None) => None,
        _ => {
            reader.wrong.push("GONGZHI_TLS_CERTIFICATE and GONGZHI_TLS_KEY go together".into());
            return None;
        }
    };
    if own.is_none() && client_authority.is_some() {
        reader.wrong.push("GONGZHI_TLS_CLIENT_AUTHORITY needs GONGZHI_TLS_CERTIFICATE beside it".into());
        return None;
    }
    Some(tls::Files { own, authority, client_authority })
}

fn read_s3<F: Fn(&str) -> Option<String>>(reader: &mut Reader<F>) -> Option<S3> {
    let bucket = reader.optional("GONGZHI_S3_BUCKET", "S3 bucket of files; empty: the object store of NATS");
    let endpoint = reader.optional("GONGZHI_S3_ENDPOINT", "where that store is; empty: Amazon's own");
    let region = reader.text("GONGZHI_S3_REGION", "us-east-1", "region of the bucket");
    let access_key = reader.secret("GONGZHI_S3_ACCESS_KEY", "who we are at that store");
    let secret_key = reader.secret("GONGZHI_S3_SECRET_KEY", "what proves it");
    let bucket = bucket?;
    let (Some(access_key), Some(secret_key)) = (access_key, secret_key) else {
        reader
            .wrong
            .push("GONGZHI_S3_BUCKET needs GONGZHI_S3_ACCESS_KEY and GONGZHI_S3_SECRET_KEY beside it".into());
        return None;
    };
    Some(S3 { bucket, endpoint, region, access_key, secret_key })
}

fn read_publish_limits<F: Fn(&str) -> Option<String>>(reader: &mut Reader<F>) -> Option<PublishLimits> {
    let rate =
        reader.parsed("GONGZHI_PUBLISH_RATE", "50", "events per second that an organization may publish");
    let burst = reader.parsed(
        "GONGZHI_PUBLISH_BURST",
        "500",
        "events that an organization may publish at once after a pause; at least 100, a whole batch",
    );
    Some(PublishLimits { rate: rate?, burst: burst? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_hidden_and_every_wrong_setting_is_named() {
        let (settings, shown) =
            Settings::read(|name| (name == "GONGZHI_DATABASE_URL").then(|| "postgres://u:secret@h/d".into()))
                .unwrap();
        assert_eq!(settings.database_url.as_ref().unwrap().reveal(), "postgres://u:secret@h/d");
        assert!(!format!("{settings:?}{shown:?}").contains("secret@"));
        let wrong = Settings::read(|name| {
            matches!(name, "GONGZHI_DISTRICT" | "GONGZHI_GRPC_ADDRESS" | "GONGZHI_LOG_FORMAT")
                .then(|| "x".into())
        })
        .unwrap_err();
        let text = wrong.to_string();
        for name in ["GONGZHI_DISTRICT", "GONGZHI_GRPC_ADDRESS", "GONGZHI_LOG_FORMAT"] {
            assert!(text.contains(name), "{text}");
        }
    }
}
