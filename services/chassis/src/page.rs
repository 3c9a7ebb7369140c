//! Pages of lists: every list is bounded. A token holds the key of the last row; it is opaque to callers and may be stale, never wrong.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use jiff::Timestamp;

use crate::violations::Violations;

/// One page that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// At most so many rows.
    pub size: i64,
    /// Key of the last row of the page before; none for the first page.
    pub after: Option<String>,
}

impl Page {
    /// Reads size and token of a request; 0 means `default`.
    pub fn parse(violations: &mut Violations, size: i32, token: &str, default: i64, max: i64) -> Self {
        let wanted = i64::from(size);
        if wanted < 0 || wanted > max {
            violations.add("page_size", format!("must be 1 to {max}, or 0 for {default}"));
        }
        let after = (!token.is_empty()).then(|| {
            let key = URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            key.unwrap_or_else(|| {
                violations.add("page_token", "must be the next_page_token of an answer");
                String::new()
            })
        });
        Self { size: if wanted == 0 { default } else { wanted }, after }
    }

    /// Of a list that is newest first: the instant in microseconds and the id behind which it goes on; [`i64::MAX`] and nothing from the beginning.
    pub fn before(&self) -> (i64, &str) {
        let key = self.after.as_deref().and_then(|key| key.split_once('|'));
        key.map_or((i64::MAX, ""), |(at, id)| (at.parse().unwrap_or(i64::MAX), id))
    }

    /// How many rows to read: one more than shown tells whether there is a next page.
    pub fn limit(&self) -> i64 {
        self.size + 1
    }

    /// Cuts the rows read to the page and gives the token of the next one, empty on the last page.
    pub fn cut<T>(&self, rows: &mut Vec<T>, key: impl Fn(&T) -> String) -> String {
        if rows.len() as i64 <= self.size {
            return String::new();
        }
        rows.truncate(self.size as usize);
        rows.last().map(|row| URL_SAFE_NO_PAD.encode(key(row))).unwrap_or_default()
    }
}

/// Where a list that is newest first goes on behind a row: read by [`Page::before`].
pub fn newest_key(at: Timestamp, id: &str) -> String {
    format!("{}|{id}", at.as_microsecond())
}
