//! As much of two protocols as the tests need: a simple query over a Unix socket, a request over NATS. Knows
//! addresses as the crate reports them.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::time::Duration;

/// Far longer than any answer takes; a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(30);

/// A connection to PostgreSQL.
pub(crate) struct Database(UnixStream);

impl Database {
    /// Connects to the address that the crate reports.
    pub(crate) fn connect(url: &str) -> io::Result<Self> {
        let (address, sockets) = url.split_once("?host=").expect("an address with a socket directory");
        let (_, database) = address.rsplit_once('/').expect("a database");
        assert!(address.starts_with("postgres://gongzhi@localhost:5432/"), "{address}");
        let stream = UnixStream::connect(format!("{sockets}/.s.PGSQL.5432"))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut database_ = Self(stream);
        let mut startup = 196_608_u32.to_be_bytes().to_vec();
        for word in ["user", "gongzhi", "database", database, ""] {
            startup.extend(word.as_bytes());
            startup.push(0);
        }
        let length = u32::try_from(startup.len() + 4).unwrap();
        database_.0.write_all(&[&length.to_be_bytes()[..], &startup].concat())?;
        database_.answer()?;
        Ok(database_)
    }

    pub(crate) fn set_patience(&self, patience: Duration) {
        self.0.set_read_timeout(Some(patience)).unwrap();
    }

    /// Sends a query without waiting.
    pub(crate) fn ask(&mut self, sql: &str) -> io::Result<()> {
        let length = u32::try_from(sql.len() + 5).unwrap();
        self.0.write_all(&[b"Q", &length.to_be_bytes()[..], sql.as_bytes(), b"\0"].concat())
    }

    /// Waits for the end of an answer and returns the values of all its rows.
    pub(crate) fn answer(&mut self) -> io::Result<Vec<String>> {
        let mut values = Vec::new();
        loop {
            let mut head = [0; 5];
            self.0.read_exact(&mut head)?;
            let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize - 4;
            let mut body = vec![0; length];
            self.0.read_exact(&mut body)?;
            match head[0] {
                b'D' => values.extend(row(&body)),
                b'E' => return Err(io::Error::other(String::from_utf8_lossy(&body).replace('\0', " "))),
                b'Z' => return Ok(values),
                _ => {}
            }
        }
    }

    pub(crate) fn query(&mut self, sql: &str) -> Vec<String> {
        self.ask(sql).and_then(|()| self.answer()).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }
}

fn row(body: &[u8]) -> Vec<String> {
    let mut values = Vec::new();
    let mut rest = &body[2..];
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let length = usize::try_from(i32::from_be_bytes(*length)).unwrap_or(0);
        values.push(String::from_utf8_lossy(&after[..length]).into_owned());
        rest = &after[length..];
    }
    values
}

/// A connection to nats-server.
pub(crate) struct Bus {
    reader: BufReader<TcpStream>,
    /// What the server says about itself.
    pub(crate) info: serde_json::Value,
}

impl Bus {
    pub(crate) fn connect(url: &str) -> io::Result<Self> {
        Self::connect_within(url, PATIENCE)
    }

    /// Connects and waits so long for the server's first line.
    pub(crate) fn connect_within(url: &str, patience: Duration) -> io::Result<Self> {
        let stream = TcpStream::connect(url.strip_prefix("nats://").expect("a NATS address"))?;
        stream.set_read_timeout(Some(patience))?;
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let info = serde_json::from_str(line.strip_prefix("INFO ").unwrap_or_default())?;
        reader.get_mut().set_read_timeout(Some(PATIENCE))?;
        Ok(Self { reader, info })
    }

    /// Sends a request and returns the answer.
    pub(crate) fn request(&mut self, subject: &str, body: &str) -> serde_json::Value {
        let text = format!(
            "CONNECT {{\"verbose\":false}}\r\nSUB inbox 1\r\nUNSUB 1 1\r\nPUB {subject} inbox {}\r\n{body}\r\n",
            body.len()
        );
        self.reader.get_mut().write_all(text.as_bytes()).unwrap();
        loop {
            let mut line = String::new();
            assert_ne!(self.reader.read_line(&mut line).unwrap(), 0, "the bus hung up");
            if line.starts_with("MSG ") {
                let length = line.split_whitespace().last().unwrap().parse().unwrap();
                let mut body = vec![0; length];
                self.reader.read_exact(&mut body).unwrap();
                return serde_json::from_slice(&body).unwrap();
            }
            assert!(!line.starts_with("-ERR"), "{line}");
        }
    }
}
