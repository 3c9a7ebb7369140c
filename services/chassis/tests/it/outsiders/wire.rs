//! A connection to nats-server without a client library, so that nothing forbidden is refused before it leaves: bytes out, frames in.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gongzhi_chassis::config::Secret;
use nkeys::KeyPair;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// Far longer than any answer takes.
const PATIENCE: Duration = Duration::from_secs(10);

/// What came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    Message { subject: String, reply: String, headers: String, body: String },
    Error(String),
    Pong,
    Closed,
}

pub struct Wire {
    stream: BufReader<TcpStream>,
}

/// The JWT and the seed in credentials.
pub fn parts(credentials: &Secret) -> (String, String) {
    let lines: Vec<_> =
        credentials.reveal().lines().filter(|line| line.len() > 50 && !line.contains([' ', '*'])).collect();
    (lines[0].to_owned(), lines[1].to_owned())
}

impl Wire {
    /// Connects and signs in; an error when that is refused.
    pub async fn open(url: &str, credentials: &Secret) -> Result<Self> {
        let (jwt, seed) = parts(credentials);
        Self::sign_in(url, Some((&jwt, &seed)), "").await
    }

    /// Connects with a JWT and a seed of one's choice, or with neither, and with further options.
    pub async fn sign_in(url: &str, as_whom: Option<(&str, &str)>, options: &str) -> Result<Self> {
        let stream = TcpStream::connect(url.strip_prefix("nats://").context("a NATS address")?).await?;
        let mut wire = Self { stream: BufReader::new(stream) };
        let mut line = String::new();
        wire.stream.read_line(&mut line).await?;
        let info: serde_json::Value = serde_json::from_str(line.strip_prefix("INFO ").context("INFO")?)?;
        let identity = match as_whom {
            Some((jwt, seed)) => {
                let nonce = info["nonce"].as_str().context("a nonce")?;
                let signature = KeyPair::from_seed(seed)?.sign(nonce.as_bytes())?;
                format!(r#","jwt":"{jwt}","sig":"{}""#, URL_SAFE_NO_PAD.encode(signature))
            }
            None => String::new(),
        };
        let connect = format!(
            "CONNECT {{\"verbose\":false,\"pedantic\":false,\"headers\":true,\"no_responders\":true{identity}{options}}}\r\n"
        );
        wire.send(connect.as_bytes()).await?;
        let frames = wire.until_pong().await?;
        ensure!(frames == [Frame::Pong], "{frames:?}");
        Ok(wire)
    }

    pub async fn send(&mut self, bytes: &[u8]) -> Result<()> {
        Ok(self.stream.get_mut().write_all(bytes).await?)
    }

    /// Asks for a sign of life and returns everything that came before it, or before the end.
    pub async fn until_pong(&mut self) -> Result<Vec<Frame>> {
        // A connection that the server has closed takes no more; what it said before is still there to be read.
        let _ = self.send(b"PING\r\n").await;
        let mut frames = Vec::new();
        loop {
            let frame = tokio::time::timeout(PATIENCE, self.frame()).await.context("the server is silent")?;
            let last = matches!(frame, Frame::Pong | Frame::Closed);
            frames.push(frame);
            if last {
                return Ok(frames);
            }
        }
    }

    /// Waits so long for a message.
    pub async fn message(&mut self, patience: Duration) -> Option<Frame> {
        tokio::time::timeout(patience, self.frame()).await.ok()
    }

    async fn frame(&mut self) -> Frame {
        self.read().await.unwrap_or(Frame::Closed)
    }

    async fn read(&mut self) -> Result<Frame> {
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line).await? == 0 {
                return Ok(Frame::Closed);
            }
            let words: Vec<_> = line.split_whitespace().collect();
            match words[..] {
                ["PONG"] => return Ok(Frame::Pong),
                ["PING"] => self.send(b"PONG\r\n").await?,
                ["-ERR", ..] => return Ok(Frame::Error(line.trim()[5..].to_owned())),
                ["MSG" | "HMSG", subject, _, ref rest @ ..] => {
                    let with_headers = words[0] == "HMSG";
                    let numbers = if with_headers { 2 } else { 1 };
                    let reply = if rest.len() > numbers { rest[0] } else { "" }.to_owned();
                    let total: usize = rest[rest.len() - 1].parse()?;
                    let head: usize = if with_headers { rest[rest.len() - 2].parse()? } else { 0 };
                    let subject = subject.to_owned();
                    let mut bytes = vec![0; total + 2];
                    self.stream.read_exact(&mut bytes).await?;
                    let text = |part: &[u8]| String::from_utf8_lossy(part).into_owned();
                    let (headers, body) = (text(&bytes[..head]), text(&bytes[head..total]));
                    return Ok(Frame::Message { subject, reply, headers, body });
                }
                _ => {}
            }
        }
    }
}

/// Subscribes.
pub fn subscribe(subject: &str) -> Vec<u8> {
    format!("SUB {subject} 7\r\n").into_bytes()
}

/// Publishes, with a reply subject unless that is empty.
pub fn publish(subject: &str, reply: &str, body: &str) -> Vec<u8> {
    let space = if reply.is_empty() { "" } else { " " };
    format!("PUB {subject}{space}{reply} {}\r\n{body}\r\n", body.len()).into_bytes()
}

/// Publishes with headers.
pub fn publish_with(subject: &str, reply: &str, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let mut head = "NATS/1.0\r\n".to_owned();
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    head += "\r\n";
    let space = if reply.is_empty() { "" } else { " " };
    format!("HPUB {subject}{space}{reply} {} {}\r\n{head}{body}\r\n", head.len(), head.len() + body.len())
        .into_bytes()
}
