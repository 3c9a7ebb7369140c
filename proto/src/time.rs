//! Instants on the wire: `google.protobuf.Timestamp` ↔ the one type of instant in the program.

use jiff::Timestamp;

/// An instant as the contracts have it.
pub fn to_wire(at: Timestamp) -> prost_types::Timestamp {
    // Protobuf counts nanoseconds forward even before 1970.
    let (mut seconds, mut nanos) = (at.as_second(), at.subsec_nanosecond());
    if nanos < 0 {
        seconds -= 1;
        nanos += 1_000_000_000;
    }
    prost_types::Timestamp { seconds, nanos }
}

/// An instant from the wire; none when it is absent or outside of the years −9999 to 9999.
pub fn from_wire(at: Option<&prost_types::Timestamp>) -> Option<Timestamp> {
    let at = at?;
    Timestamp::new(at.seconds, at.nanos).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_survive_a_round_trip() {
        for text in ["2026-11-23T01:02:03.456789Z", "1969-12-31T23:59:58.5Z", "1970-01-01T00:00:00Z"] {
            let at: Timestamp = text.parse().unwrap();
            let wire = to_wire(at);
            assert!((0..1_000_000_000).contains(&wire.nanos));
            assert_eq!(from_wire(Some(&wire)), Some(at));
        }
        assert_eq!(from_wire(None), None);
        assert_eq!(from_wire(Some(&prost_types::Timestamp { seconds: i64::MAX, nanos: 0 })), None);
    }
}
