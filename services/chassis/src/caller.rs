//! Who is asking, and for which area. The check is [`Caller::check`] and nowhere else.

use std::sync::Arc;

use gongzhi_proto::access::post_options;
use gongzhi_proto::access::v1::Post;
use gongzhi_proto::ids::AreaCode;
use serde::{Deserialize, Serialize};

use crate::status::Failure;

/// A post as a token carries it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostClaim {
    /// Name of the post in the contracts, for example `POST_GRID_WORKER`.
    pub post: String,
    /// Area in which it is held.
    pub area: AreaCode,
    /// Organizational unit for which alone it is held; none for posts of an area.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

/// One thing that a caller may do in one area.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permit {
    /// A verb on a kind of thing.
    pub permission: String,
    /// Where.
    pub area: AreaCode,
    /// The only unit for which it is allowed.
    pub unit: Option<String>,
}

/// Where a thing is, and which units take part in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Its area.
    pub area: AreaCode,
    /// Units that take part in it and may therefore see it.
    pub units: Vec<String>,
}

impl Scope {
    /// The scope of a thing in which no unit takes part.
    pub fn area(area: AreaCode) -> Self {
        Self { area, units: Vec::new() }
    }
}

/// Who is asking. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Caller(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    id: String,
    name: String,
    posts: Vec<PostClaim>,
    permits: Vec<Permit>,
    system: bool,
}

impl Caller {
    /// A person with posts. Posts that the contracts do not know allow nothing.
    pub fn person(id: impl Into<String>, name: impl Into<String>, posts: Vec<PostClaim>) -> Self {
        let permits = posts.iter().flat_map(permits_of).collect();
        Self(Arc::new(Inner { id: id.into(), name: name.into(), posts, permits, system: false }))
    }

    /// A service that acts by itself: a timer, a reaction to a fact.
    pub fn system(service: &str) -> Self {
        let (id, name) = (format!("system:{service}"), service.to_owned());
        Self(Arc::new(Inner { id, name, posts: Vec::new(), permits: Vec::new(), system: true }))
    }

    /// Identity in histories and facts.
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// Name in the token.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Posts in the token.
    pub fn posts(&self) -> &[PostClaim] {
        &self.0.posts
    }

    /// What the posts allow.
    pub fn permits(&self) -> &[Permit] {
        &self.0.permits
    }

    /// True when the permission is held anywhere.
    pub fn holds(&self, permission: &str) -> bool {
        self.0.system || self.0.permits.iter().any(|permit| permit.permission == permission)
    }

    /// True when the permission is held for a thing. `acting` is the unit for which the caller acts; a permit bound to a unit allows acting for that
    /// unit only, and seeing what it takes part in.
    pub fn may(&self, permission: &str, scope: &Scope, acting: Option<&str>) -> bool {
        self.0.system
            || self.0.permits.iter().any(|permit| {
                permit.permission == permission
                    && permit.area.contains(&scope.area)
                    && match (&permit.unit, acting) {
                        (None, _) => true,
                        (Some(unit), Some(acting)) => unit == acting,
                        (Some(unit), None) => scope.units.contains(unit),
                    }
            })
    }

    /// Fails when the permission is not held for a thing.
    pub fn check(&self, permission: &str, scope: &Scope, acting: Option<&str>) -> Result<(), Failure> {
        if self.may(permission, scope, acting) {
            return Ok(());
        }
        let unit = acting.map(|unit| format!(" for {unit}")).unwrap_or_default();
        Err(Failure::Forbidden(format!("your posts do not allow {permission} in {}{unit}", scope.area)))
    }
}

fn permits_of(claim: &PostClaim) -> Vec<Permit> {
    let options = Post::from_str_name(&claim.post).and_then(post_options).unwrap_or_default();
    // A post for a department without a department would allow acting for all of them.
    if options.for_department != claim.unit.is_some() {
        return Vec::new();
    }
    let permit = |permission| Permit { permission, area: claim.area.clone(), unit: claim.unit.clone() };
    options.permissions.into_iter().map(permit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(post: &str, area: &str, unit: Option<&str>) -> Caller {
        let area = AreaCode::parse(area).unwrap();
        Caller::person("p", "p", vec![PostClaim { post: post.into(), area, unit: unit.map(Into::into) }])
    }

    fn scope(area: &str, units: &[&str]) -> Scope {
        Scope {
            area: AreaCode::parse(area).unwrap(),
            units: units.iter().map(|unit| (*unit).to_owned()).collect(),
        }
    }

    #[test]
    fn a_post_allows_within_its_area_only() {
        let officer = caller("POST_SUB_DISTRICT_DUTY_OFFICER", "330105001", None);
        assert!(officer.may("whistle.sound", &scope("330105001052", &[]), None));
        assert!(!officer.may("whistle.sound", &scope("330105002051", &[]), None));
        assert!(!officer.may("whistle.sound", &scope("330105", &[]), None));
        assert!(!officer.may("whistle.answer", &scope("330105001052", &[]), Some("housing")));
    }

    #[test]
    fn a_liaison_acts_for_the_own_department_only_and_sees_what_it_takes_part_in() {
        let liaison = caller("POST_DEPARTMENT_LIAISON", "330105", Some("housing"));
        let whistle = scope("330105001", &["housing", "fire-rescue"]);
        assert!(liaison.may("whistle.answer", &whistle, Some("housing")));
        assert!(!liaison.may("whistle.answer", &whistle, Some("fire-rescue")));
        assert!(liaison.may("whistle.read", &whistle, None));
        assert!(!liaison.may("whistle.read", &scope("330105001", &["fire-rescue"]), None));
    }

    #[test]
    fn a_post_for_a_department_without_one_allows_nothing() {
        assert!(caller("POST_DEPARTMENT_LIAISON", "330105", None).permits().is_empty());
        assert!(caller("POST_GRID_WORKER", "330105001052", Some("housing")).permits().is_empty());
        assert!(caller("POST_OF_NOBODY", "330105", None).permits().is_empty());
    }
}
