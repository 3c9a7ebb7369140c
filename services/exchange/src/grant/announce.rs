//! What the bus is told of grants: everybody in the area, and the grantee by its address where it has one.

use gongzhi_chassis::execute::Announcement;
use gongzhi_proto::Fact;
use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::subjects::Audience;
use gongzhi_proto::time::to_wire;

use super::{Event, Grant};
use crate::party::Party;

pub(super) fn announce(id: &str, grant: &Grant, event: &Event) -> Vec<Announcement> {
    let (grant_id, grantee) = (id.to_owned(), Some(grant.request.grantee.to_wire()));
    let facts: Vec<String> = grant.request.facts.keys().cloned().collect();
    let area_code = grant.request.area.to_string();
    let until_at = Some(to_wire(grant.request.until));
    let fact: Fact = match event {
        Event::GrantRequested(_) => {
            pb::GrantRequested { grant_id, grantee, facts, area_code, until_at }.into()
        }
        Event::GrantApproved { .. } => {
            pb::GrantApproved { grant_id, grantee, facts, area_code, until_at }.into()
        }
        Event::GrantRefused { .. } => pb::GrantRefused { grant_id, grantee }.into(),
        Event::GrantExpired => pb::GrantExpired { grant_id, grantee }.into(),
        Event::GrantRevoked { .. } => pb::GrantRevoked { grant_id, grantee }.into(),
    };
    to_all_and(&grant.request.grantee, &grant.request.area, &fact)
}

/// A fact for everybody who may see the area, and one for the department that it is about.
pub(crate) fn to_all_and(
    party: &Party,
    area: &gongzhi_proto::ids::AreaCode,
    fact: &Fact,
) -> Vec<Announcement> {
    let mut told = vec![Announcement::to_all(area, fact.clone())];
    if let Party::Department(code) = party {
        let audience = Audience::Department(code.clone());
        told.push(Announcement { fact: fact.clone().into(), area: area.clone(), audience });
    }
    told
}
