//! What can be wrong with an event, in words for its sender.

use std::fmt;

/// A body that is not a CloudEvent, with everything that is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidEvent {
    /// The faults; never empty.
    pub faults: Vec<Fault>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {what}")]
pub struct Fault {
    /// The attribute: `time`; in a batch with the place of the event, counted from 0: `[2].time`. Of the whole body: `body`, `[2]`.
    pub at: String,
    /// What is wrong with it.
    pub what: Wrong,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// A body, or content, that is not JSON.
    #[error("not JSON: {0}")]
    Json(String),
    /// An event that is not an object.
    #[error("an event is a JSON object")]
    NotAnObject,
    /// A batch that is not an array.
    #[error("a batch is a JSON array")]
    NotAnArray,
    /// A required attribute that is absent or null.
    #[error("required")]
    Missing,
    /// An attribute that stands in the event twice.
    #[error("given more than once")]
    Twice,
    /// An attribute whose value is not a text.
    #[error("must be a text")]
    NotText,
    /// An attribute without a character.
    #[error("must not be empty")]
    Empty,
    /// A text with a control character or a noncharacter of Unicode.
    #[error("holds a character that CloudEvents does not allow")]
    Character,
    /// A version that is not 1.0.
    #[error("must be 1.0")]
    Version,
    /// A name of an attribute that is not of lower-case letters and digits.
    #[error("a name of an attribute has lower-case letters and digits only")]
    Name,
    /// An extension that is neither text nor truth value nor whole number.
    #[error("must be a text, true, false or a whole number")]
    Type,
    /// A whole number beyond 32 bits.
    #[error("must be between -2147483648 and 2147483647")]
    Range,
    /// Not an instant.
    #[error("must be an instant as RFC 3339 has it, with its offset")]
    Timestamp,
    /// Not a URI.
    #[error("must be an absolute URI")]
    Uri,
    /// Not a URI-reference.
    #[error("must be a URI-reference")]
    UriReference,
    /// Not a media type.
    #[error("must be a media type as RFC 2046 has it")]
    MediaType,
    /// Not base64.
    #[error("must be base64")]
    Base64,
    /// A header that cannot be read as text.
    #[error("must be UTF-8, percent-encoded")]
    Encoding,
    /// A media type of CloudEvents in a form other than JSON.
    #[error("of the forms of CloudEvents only JSON is read")]
    Form,
    /// Both forms of data.
    #[error("data and data_base64 exclude each other")]
    DataTwice,
}

impl fmt::Display for InvalidEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a cloud event")?;
        for (nth, fault) in self.faults.iter().enumerate() {
            write!(f, "{} {fault}", if nth == 0 { ":" } else { ";" })?;
        }
        Ok(())
    }
}

impl std::error::Error for InvalidEvent {}
