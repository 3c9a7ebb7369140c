//! The three rates, from counts alone. This file is where each formula is written down; what is counted stands in `queries/*.sql` under the same
//! names. Every rate shows its numerator, its denominator and what was left out, so that it can be checked against the lists of cases.

use gongzhi_proto::reporting::v1::{Figures, Rate};

/// Below so many no value is given: one case would move it by more than ten per cent, and it might point at a person.
const SMALLEST_DENOMINATOR: i64 = 10;

/// What was counted of the cases of an area, a category or a day, or of the summonses of a department.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Cases registered; summonses.
    pub registered: i64,
    /// Cases not settled; summonses not finished.
    pub open: i64,
    /// Open ones of which a clock has run out, as the fact `case_overdue` or `department_supervised` told.
    pub overdue: i64,
    /// Cases that stand settled; summonses that stand finished.
    pub settled: i64,
    /// Cases closed after the last rating; summonses whose joint result was accepted.
    pub closed: i64,
    /// Cases voided; summonses excused, withdrawn or of a voided case.
    pub voided: i64,
    /// Cases with an open whistle; summonses under a whistle that is neither accepted nor withdrawn.
    pub whistles_open: i64,
    /// Accepted, or the limit for accepting has come; reported in, or the limit for that has come.
    pub response_due: i64,
    /// Of these, done before the limit.
    pub response_in_time: i64,
    /// Voided ones that would count in `response_due`.
    pub response_excluded: i64,
    /// Accepted; reported in.
    pub settlement_due: i64,
    /// Of these, those that stand settled (finished): neither sent back nor reopened since.
    pub settlement_stands: i64,
    /// Voided ones that would count in `settlement_due`.
    pub settlement_excluded: i64,
    /// Judgements of reporters that were reached; for a department: on the cases to which it was called.
    pub rated: i64,
    /// Of these, `satisfied` and `fairly_satisfied`.
    pub satisfied: i64,
    /// Reporters not reached, and judgements on voided cases.
    pub satisfaction_excluded: i64,
}

/// 响应率 = done before the limit ÷ (done + limit come and not done). A case whose limit is still to come counts on neither side, so that a rate does not
/// fall in the morning and rise in the evening. Source: `case_registered`, `case_accepted.late`, `case_overdue` of the clock for accepting;
/// `whistle_sounded`, `department_reported_in.late`, `department_supervised` of the clock for reporting in. Left out: voided.
pub fn response(counts: &Counts) -> Rate {
    rate(counts.response_in_time, counts.response_due, counts.response_excluded)
}

/// 解决率 = settled and neither sent back nor reopened since ÷ accepted. A case that was reopened leaves the numerator and comes back when it is settled
/// again. Source: `case_accepted`, `case_settled`, `case_sent_back`, `case_reopened`; `department_reported_in`, `department_finished`,
/// `rework_ordered`. Left out: voided.
pub fn settlement(counts: &Counts) -> Rate {
    rate(counts.settlement_stands, counts.settlement_due, counts.settlement_excluded)
}

/// 满意率 = satisfied or fairly satisfied ÷ reporters that judged, in every round: a case that was settled badly first keeps that judgement. Source:
/// `case_rated`. Left out: reporters not reached, and judgements on voided cases.
pub fn satisfaction(counts: &Counts) -> Rate {
    rate(counts.satisfied, counts.rated, counts.satisfaction_excluded)
}

fn rate(numerator: i64, denominator: i64, excluded: i64) -> Rate {
    let value = (denominator >= SMALLEST_DENOMINATOR).then(|| numerator as f64 / denominator as f64);
    Rate { numerator, denominator, excluded, value }
}

/// Figures as they are shown.
pub fn figures(key: String, name: String, counts: &Counts) -> Figures {
    Figures {
        key,
        name,
        registered: counts.registered,
        open: counts.open,
        overdue: counts.overdue,
        settled: counts.settled,
        closed: counts.closed,
        voided: counts.voided,
        whistles_open: counts.whistles_open,
        response_rate: Some(response(counts)),
        settlement_rate: Some(settlement(counts)),
        satisfaction_rate: Some(satisfaction(counts)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_under_ten_shows_its_parts_and_no_value() {
        let nine = Counts { response_in_time: 9, response_due: 9, response_excluded: 2, ..Counts::default() };
        assert_eq!(response(&nine), Rate { numerator: 9, denominator: 9, excluded: 2, value: None });
        let ten = Counts { response_in_time: 9, response_due: 10, ..Counts::default() };
        assert_eq!(response(&ten).value, Some(0.9));
        assert_eq!(satisfaction(&Counts::default()).value, None);
    }
}
