//! Reading a district's stream from a position on: in order, without a gap, by a consumer on the server that is ours and ends with the reader.

use std::time::Duration;

use async_nats::jetstream;
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use async_nats::jetstream::stream::RawMessageErrorKind;
use futures::{Stream, StreamExt};
use jiff::Timestamp;

use crate::bus::Bus;
use crate::status::Failure;

/// How long the server keeps the consumer of a reader that went away.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(60);

/// A fact as it was read.
#[derive(Clone, Debug)]
pub struct Received {
    /// Position in the stream.
    pub sequence: u64,
    /// Messages that match the reader's filters and come behind this one.
    pub behind: u64,
    /// Subject.
    pub subject: String,
    /// The envelope's bytes.
    pub body: bytes::Bytes,
}

/// What a stream is now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// When it was made: tells a rebuilt stream, whose positions are others.
    pub created: String,
    /// Position of the oldest message that is kept.
    pub first: u64,
    /// Position of the newest message.
    pub last: u64,
}

impl Bus {
    /// What the stream is now.
    pub async fn extent(&self) -> Result<Extent, Failure> {
        let stream = self.stream().await?;
        let info = stream.cached_info();
        let (first, last) = (info.state.first_sequence, info.state.last_sequence);
        Ok(Extent { created: created(info), first, last })
    }

    /// The stream that was made at an instant, as [`Extent::created`] tells it; a failure where another one stands in its place.
    async fn stream_of(&self, wanted: &str) -> Result<jetstream::stream::Stream, Failure> {
        let stream = self.stream().await?;
        if created(stream.cached_info()) != wanted {
            return Err(Failure::Bus("the stream was rebuilt; its positions are others now".into()));
        }
        Ok(stream)
    }

    /// The message at a position of the stream that was made then; none where none is kept.
    pub async fn read_at(&self, created: &str, position: u64) -> Result<Option<Received>, Failure> {
        // Positions begin with 1; the server calls a question for 0 a mistake.
        if position == 0 {
            return Ok(None);
        }
        match self.stream_of(created).await?.get_raw_message(position).await {
            Ok(message) => {
                let (sequence, subject) = (message.sequence, message.subject.to_string());
                Ok(Some(Received { sequence, behind: 0, subject, body: message.payload }))
            }
            Err(error) if error.kind() == RawMessageErrorKind::NoMessageFound => Ok(None),
            Err(error) => Err(Failure::Bus(error.to_string())),
        }
    }

    /// Reads what comes behind a position of the stream that was made then. Not by a consumer that the client library makes anew by itself: made anew on a rebuilt
    /// stream, it would go on at a position of the lost one and skip what comes before. A gap is a failure; whoever reads begins again from the position that it kept.
    pub async fn read_behind(
        &self,
        filter_subjects: Vec<String>,
        created: &str,
        position: u64,
    ) -> Result<impl Stream<Item = Result<Received, Failure>> + Unpin + Send + use<>, Failure> {
        self.reader(filter_subjects, created, position).await.map(|(_, messages)| messages)
    }

    /// Reads what comes behind a position of the stream that was made then and is there now; ends with it.
    pub async fn read_up_to_now(
        &self,
        filter_subjects: Vec<String>,
        created: &str,
        position: u64,
    ) -> Result<impl Stream<Item = Result<Received, Failure>> + Unpin + Send + use<>, Failure> {
        let (waiting, messages) = self.reader(filter_subjects, created, position).await?;
        Ok(messages.take(usize::try_from(waiting).unwrap_or(usize::MAX)))
    }

    async fn reader(
        &self,
        filter_subjects: Vec<String>,
        created: &str,
        position: u64,
    ) -> Result<(u64, impl Stream<Item = Result<Received, Failure>> + Unpin + Send + use<>), Failure> {
        let failed = |error: &dyn std::fmt::Display| Failure::Bus(error.to_string());
        let config = pull::Config {
            filter_subjects,
            deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: position + 1 },
            ack_policy: AckPolicy::None,
            memory_storage: true,
            num_replicas: 1,
            inactive_threshold: FORGOTTEN_AFTER,
            ..Default::default()
        };
        let stream = self.stream_of(created).await?;
        let consumer = stream.create_consumer(config).await.map_err(|error| failed(&error))?;
        let waiting = consumer.cached_info().num_pending;
        let mut expected = 1;
        let messages = consumer.messages().await.map_err(|error| failed(&error))?.map(move |message| {
            let message = message.map_err(|error| Failure::Bus(error.to_string()))?;
            let info = message.info().map_err(|error| Failure::Bus(error.to_string()))?;
            if info.consumer_sequence != expected {
                return Err(Failure::Bus(format!(
                    "message {expected} of the consumer was lost on the way; reading on from the kept position"
                )));
            }
            expected += 1;
            let (sequence, behind) = (info.stream_sequence, info.pending);
            let subject = message.subject.to_string();
            Ok(Received { sequence, behind, subject, body: message.message.payload })
        });
        Ok((waiting, messages))
    }
}

/// When a stream was made.
fn created(info: &jetstream::stream::Info) -> String {
    let made = Timestamp::from_nanosecond(info.created.unix_timestamp_nanos());
    made.map(|at| at.to_string()).unwrap_or_default()
}
