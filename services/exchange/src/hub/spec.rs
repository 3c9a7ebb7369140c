//! A subscription as delivery needs it: rights and filter in a form that is asked for every fact. Pure.

use std::sync::Arc;

use gongzhi_proto::ids::AreaCode;
use jiff::Timestamp;

use super::seen::Seen;
use crate::catalogue::Catalogue;
use crate::condition::{self, Condition};
use crate::grant::{Fields, Grant};
use crate::party::Party;
use crate::rights;
use crate::subscription::{Filter, Standing, Subscription, Way};

/// What lets a subscription see.
#[derive(Clone, Debug)]
pub(crate) enum Rights {
    /// What its organization may see anyway.
    Default,
    /// A grant; none when it is not there.
    Grant(Option<Arc<Grant>>),
}

/// A subscription, ready to be asked.
#[derive(Clone, Debug)]
pub(crate) struct Spec {
    pub(crate) id: String,
    pub(crate) party: Party,
    pub(crate) district: AreaCode,
    pub(crate) rights: Rights,
    pub(crate) standing: Standing,
    pub(crate) epoch: i32,
    pub(crate) way: Way,
    filter: Filter,
    condition: Option<Condition>,
    not_before: Option<Timestamp>,
}

impl Spec {
    pub(crate) fn new(id: &str, subscription: &Subscription, grant: Option<Arc<Grant>>) -> Self {
        let making = &subscription.making;
        Self {
            id: id.to_owned(),
            party: making.party.clone(),
            district: making.district.clone(),
            rights: if making.grant.is_some() { Rights::Grant(grant) } else { Rights::Default },
            standing: subscription.standing.clone(),
            epoch: subscription.epoch,
            way: making.way.clone(),
            // A condition was checked when the subscription was made; one that cannot be read any more lets nothing through.
            condition: (!making.filter.condition.is_empty())
                .then(|| condition::parse(&making.filter.condition).unwrap_or(Condition::Any(Vec::new()))),
            filter: making.filter.clone(),
            not_before: subscription.from.not_before,
        }
    }

    /// True while something may be delivered.
    pub(crate) fn is_active(&self) -> bool {
        self.standing == Standing::Active
    }

    /// Which fields of a fact are to be delivered now; none when it does not concern the subscription or may not be seen.
    pub(crate) fn sees(&self, seen: &Seen, at: Timestamp) -> Option<Fields> {
        if !self.filter.admits(&seen.fact, &seen.envelope.area, &seen.audience)
            || self.not_before.is_some_and(|from| seen.envelope.time < from)
        {
            return None;
        }
        let fields = self.may_see(seen, at)?;
        let holds = match (&self.condition, &seen.entry) {
            (None, _) => true,
            (Some(condition), Some(entry)) => condition.holds(entry, seen.data()),
            (Some(_), None) => false,
        };
        holds.then_some(fields)
    }

    /// Which fields of a fact the rights let be seen now.
    pub(crate) fn may_see(&self, seen: &Seen, at: Timestamp) -> Option<Fields> {
        match &self.rights {
            Rights::Default => rights::by_default(&self.party, &seen.what()).map(|_| Fields::All),
            Rights::Grant(grant) => rights::by_grant(grant.as_deref()?, &seen.what(), at).cloned(),
        }
    }

    /// True when the rights still let a fact be seen whose bytes were kept.
    pub(crate) fn may_see_kept(&self, body: &[u8], catalogue: &Catalogue, at: Timestamp) -> bool {
        Seen::kept(body, catalogue).is_some_and(|seen| self.may_see(&seen, at).is_some())
    }
}
