//! Days of the city. Reporting has no clock of its own: the newest fact says what time it is.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};

/// The time of every Chinese city, without summer time since 1992: a day needs no table of zones.
const CITY: Offset = Offset::constant(8);

/// The day of an instant, local time of the city.
pub(crate) fn day(at: Timestamp) -> Date {
    TimeZone::fixed(CITY).to_datetime(at).date()
}
