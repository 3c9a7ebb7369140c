//! Who may see what: pure rules, asked at subscribing and again at each delivery.
//!
//! Without a grant an organization sees what is open to everybody; an area sees the shared facts of what lies in it; a department sees what is
//! addressed to it. Everything else needs a grant that names the fact, holds now and contains the place.

use gongzhi_proto::catalogue::Classification;
use gongzhi_proto::ids::AreaCode;
use gongzhi_proto::subjects::Audience;
use jiff::Timestamp;

use crate::grant::{Fields, Grant, Standing};
use crate::party::Party;

/// A fact, as far as rights are concerned.
#[derive(Clone, Copy, Debug)]
pub struct What<'a> {
    /// Service and name.
    pub fact: &'a str,
    /// Who may see it without a grant.
    pub classification: Classification,
    /// Where it happened.
    pub area: &'a AreaCode,
    /// For whom it is.
    pub audience: &'a Audience,
}

/// Why something may be seen without a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// It is open to everybody.
    Open,
    /// It happened in the organization's own area.
    OwnArea,
    /// It is addressed to the organization.
    Addressed,
}

/// Why an organization may see a fact without a grant; none when it may not.
pub fn by_default(party: &Party, what: &What<'_>) -> Option<Basis> {
    match (party, what.classification) {
        (_, Classification::Open) => Some(Basis::Open),
        (Party::Area(area), Classification::Shared) if area.contains(what.area) => Some(Basis::OwnArea),
        (Party::Department(code), Classification::Shared | Classification::Restricted)
            if *what.audience == Audience::Department(code.clone()) =>
        {
            Some(Basis::Addressed)
        }
        (Party::Area(_) | Party::Department(_), Classification::Shared | Classification::Restricted) => None,
    }
}

/// What a grant lets be seen of a fact now; none when it does not cover it.
pub fn by_grant<'a>(grant: &'a Grant, what: &What<'_>, at: Timestamp) -> Option<&'a Fields> {
    let covers = grant.holds_at(at) && grant.request.area.contains(what.area);
    grant.request.facts.get(what.fact).filter(|_| covers)
}

/// A reason for or against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// True when it lets the fact be seen.
    pub speaks_for: bool,
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
    /// The grant it speaks of.
    pub grant_id: Option<String>,
}

impl Reason {
    fn of(speaks_for: bool, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { speaks_for, zh: zh.into(), en: en.into(), grant_id: None }
    }
}

/// Every reason why an organization may see a fact now or may not; those in favour come first, and one of them is enough.
pub fn explain(party: &Party, what: &What<'_>, grants: &[(String, Grant)], at: Timestamp) -> Vec<Reason> {
    let mut reasons = vec![match by_default(party, what) {
        Some(Basis::Open) => Reason::of(true, "该事实为公开级,所有单位可见", "the fact is open to everybody"),
        Some(Basis::OwnArea) => Reason::of(
            true,
            format!("该事实为共享级,发生在本辖区({})内", what.area),
            format!("the fact is shared and {} lies in the organization's own area", what.area),
        ),
        Some(Basis::Addressed) => {
            Reason::of(true, "该事实发给本部门", "the fact is addressed to this department")
        }
        None => why_not_by_default(party, what),
    }];
    reasons.extend(grants.iter().filter_map(|(id, grant)| {
        let reason = of_grant(grant, what, at)?;
        Some(Reason { grant_id: Some(id.clone()), ..reason })
    }));
    if !reasons.iter().any(|reason| reason.grant_id.is_some()) {
        reasons.push(Reason::of(
            false,
            "没有包含该事实的共享授权;可提出共享申请",
            "no grant names this fact; a grant can be asked for",
        ));
    }
    reasons.sort_by_key(|reason| !reason.speaks_for);
    reasons
}

fn why_not_by_default(party: &Party, what: &What<'_>) -> Reason {
    match (party, what.classification) {
        (Party::Area(area), Classification::Shared) => Reason::of(
            false,
            format!("地点 {} 不在本辖区 {area} 内", what.area),
            format!("{} does not lie in the organization's own area {area}", what.area),
        ),
        (Party::Department(_), Classification::Shared) => Reason::of(
            false,
            format!("该事实发给 {},没有发给本部门", what.audience),
            format!("the fact is addressed to {}, not to this department", what.audience),
        ),
        (_, Classification::Restricted) => Reason::of(
            false,
            "该事实为受限级,须有写明该事实的授权",
            "the fact is restricted: only a grant that names it lets it be seen",
        ),
        (_, Classification::Open) => Reason::of(false, "", ""),
    }
}

/// What a grant has to say of a fact; nothing when it does not name it.
fn of_grant(grant: &Grant, what: &What<'_>, at: Timestamp) -> Option<Reason> {
    let fields = grant.request.facts.get(what.fact)?;
    let purpose = &grant.request.purpose;
    Some(match (by_grant(grant, what, at), &grant.standing) {
        (Some(_), _) => {
            let (zh, en) = match fields {
                Fields::All => (String::new(), String::new()),
                Fields::Only(names) => {
                    (format!(",仅限字段 {}", names.join("、")), format!(", fields {} only", names.join(", ")))
                }
            };
            Reason::of(
                true,
                format!("已授权,用途:{purpose}{zh}"),
                format!("a grant covers it, for: {purpose}{en}"),
            )
        }
        (None, Standing::Requested) => {
            Reason::of(false, "授权待审批", "a grant was asked for and is not decided yet")
        }
        (None, Standing::Refused { reason, .. }) => Reason::of(
            false,
            format!("授权申请已驳回:{reason}"),
            format!("the request for a grant was refused: {reason}"),
        ),
        (None, Standing::Revoked { reason, .. }) => {
            Reason::of(false, format!("授权已撤销:{reason}"), format!("the grant was revoked: {reason}"))
        }
        (None, Standing::Expired { .. }) => Reason::of(false, "授权已到期", "the grant has ended"),
        (None, Standing::Approved { .. }) if grant.holds_at(at) => Reason::of(
            false,
            format!("授权范围为 {},不含 {}", grant.request.area, what.area),
            format!("a grant covers {}, in which {} does not lie", grant.request.area, what.area),
        ),
        (None, Standing::Approved { .. }) => Reason::of(false, "授权已到期", "the grant has ended"),
    })
}

/// What an organization may see of a fact now, by whatever right it has; none when it may see nothing of it.
pub fn visible(party: &Party, what: &What<'_>, grants: &[(String, Grant)], at: Timestamp) -> Option<Fields> {
    if by_default(party, what).is_some() {
        return Some(Fields::All);
    }
    let covered = grants.iter().filter_map(|(_, grant)| by_grant(grant, what, at)).cloned();
    covered.reduce(|mut all, more| {
        all.add(more);
        all
    })
}
