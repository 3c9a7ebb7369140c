//! What the bus is told of fact types: that they are there. What they look like stands in the catalogue.

use gongzhi_chassis::execute::Announcement;
use gongzhi_proto::Fact;
use gongzhi_proto::exchange::v1 as pb;

use super::{Event, FactType};
use crate::grant::to_all_and;

pub(super) fn announce(id: &str, fact_type: &FactType, event: &Event) -> Vec<Announcement> {
    let (owner, district) = (&fact_type.definition.owner, &fact_type.definition.district);
    let (name, organization) = (id.to_owned(), Some(owner.to_wire()));
    let fact: Fact = match event {
        Event::FactTypeRegistered(_) => pb::FactTypeRegistered { fact_type: name, organization }.into(),
        Event::FactTypeRetired { .. } => pb::FactTypeRetired { fact_type: name, organization }.into(),
    };
    to_all_and(owner, district, &fact)
}
