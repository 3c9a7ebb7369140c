//! Fact ↔ subject, in one place for publisher and consumer:
//! `gov.<district>.<sub_district>.<community>.<service>.<fact>.<audience>`, for example
//! `gov.330105.001.052.dispatch.whistle_sounded.urban-management`. Seven fixed tokens, so that area, kind and addressee can each be filtered
//! and permitted. No id of a thing ever stands in a subject.
//!
//! What organizations publish for themselves stands under a token of their own, `dept-<department>` or `area-<code>`, for example
//! `gov.330105.001.-.dept-urban-management.bin_overflowed.all`. No service of ours has a hyphen in its name, so the two cannot meet, whatever a department calls itself. One department's facts are one
//! filter (`gov.330105.*.*.dept-urban-management.>`), which a single token for all of them would not allow. The price: wildcards match whole tokens, so an
//! allow-list names departments one by one or not at all. Therefore only the exchange publishes under these tokens, which makes them itself from who is
//! signed in, and no department ever gets the right to publish below `gov.`.

use std::fmt;

use crate::ids::{AreaCode, DepartmentCode, Level};

/// Who a fact is addressed to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Audience {
    /// Everybody who may see facts of the area.
    All,
    /// One department.
    Department(DepartmentCode),
}

impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Department(code) => code.fmt(f),
        }
    }
}

/// The subject of one fact.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Subject {
    /// District, sub-district or community in which it happened; what lies deeper stands for its community.
    pub area: AreaCode,
    /// Publishing service.
    pub service: String,
    /// Name of the fact.
    pub fact: String,
    /// Addressee.
    pub audience: Audience,
}

/// A subject that is not one of ours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a subject of governance facts")]
pub struct InvalidSubject(pub String);

/// Begins the token of a department that publishes for itself.
const DEPARTMENT: &str = "dept-";
/// Begins the token of an area whose own system publishes.
const AREA: &str = "area-";

/// The token under which a department publishes facts of its own.
pub fn department_token(code: &DepartmentCode) -> String {
    format!("{DEPARTMENT}{code}")
}

/// The token under which the system of an area publishes facts of its own.
pub fn area_token(area: &AreaCode) -> String {
    format!("{AREA}{area}")
}

/// True for the token of an organization that publishes for itself, false for that of a service.
pub fn is_of_organization(service: &str) -> bool {
    service.starts_with(DEPARTMENT) || service.starts_with(AREA)
}

/// Stands for a sub-district or community that a fact does not have.
const NONE: &str = "-";

impl Subject {
    /// Makes the subject of a fact. An area above the district cannot be addressed: a stream belongs to a district.
    pub fn new(area: &AreaCode, service: &str, fact: &str, audience: Audience) -> Option<Self> {
        let area = area.at(Level::Community).unwrap_or_else(|| area.clone());
        (area.level() >= Level::District).then(|| Self {
            area,
            service: service.into(),
            fact: fact.into(),
            audience,
        })
    }

    /// Reads a subject.
    pub fn parse(text: &str) -> Result<Self, InvalidSubject> {
        let invalid = || InvalidSubject(text.to_owned());
        let tokens: Vec<_> = text.split('.').collect();
        let ["gov", district, sub_district, community, service, fact, audience] = tokens[..] else {
            return Err(invalid());
        };
        let code = match (sub_district, community) {
            (NONE, NONE) => district.to_owned(),
            (sub_district, NONE) => format!("{district}{sub_district}"),
            (sub_district, community) => format!("{district}{sub_district}{community}"),
        };
        let area = AreaCode::parse(&code).map_err(|_| invalid())?;
        let audience = match audience {
            "all" => Audience::All,
            code => Audience::Department(DepartmentCode::parse(code).map_err(|_| invalid())?),
        };
        let subject = Self::new(&area, service, fact, audience).ok_or_else(invalid)?;
        if subject.to_string() == text { Ok(subject) } else { Err(invalid()) }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.area.as_str();
        let token = |from: usize, to: usize| code.get(from..to).unwrap_or(NONE);
        write!(
            f,
            "gov.{}.{}.{}.{}.{}.{}",
            token(0, 6),
            token(6, 9),
            token(9, 12),
            self.service,
            self.fact,
            self.audience
        )
    }
}

/// Name of a district's stream.
pub fn stream_name(district: &AreaCode) -> String {
    format!("GOV-{district}")
}

/// Everything in a district's stream.
pub fn stream_subjects(district: &AreaCode) -> String {
    format!("gov.{district}.>")
}

/// The filter of everything that happens in an area.
pub fn area_filter(area: &AreaCode) -> String {
    let code = area.as_str();
    match area.level() {
        Level::Province | Level::City => "gov.>".to_owned(),
        Level::District => format!("gov.{code}.>"),
        Level::SubDistrict => format!("gov.{}.{}.>", &code[..6], &code[6..]),
        Level::Community | Level::Estate | Level::Building => {
            format!("gov.{}.{}.{}.>", &code[..6], &code[6..9], &code[9..12])
        }
    }
}

/// The filter of everything that one service of a district publishes.
pub fn service_filter(district: &AreaCode, service: &str) -> String {
    format!("gov.{district}.*.*.{service}.>")
}

/// The address of one fact as the catalogue shows it, with a name in braces for what varies.
pub fn fact_pattern(service: &str, fact: &str) -> String {
    format!("gov.{{district}}.{{sub_district}}.{{community}}.{service}.{fact}.{{audience}}")
}

/// The filter of one fact within an area, for one addressee or for whomever it is addressed to. An area above the district takes every
/// district; one below the community takes its community, because no subject is deeper.
pub fn fact_filter(area: &AreaCode, service: &str, fact: &str, audience: Option<&Audience>) -> String {
    let code = area.as_str();
    let token = |level: Level, from: usize, to: usize| match area.level() >= level {
        true => code.get(from..to).unwrap_or("*"),
        false => "*",
    };
    let [district, sub_district, community] =
        [token(Level::District, 0, 6), token(Level::SubDistrict, 6, 9), token(Level::Community, 9, 12)];
    let audience = audience.map_or_else(|| "*".to_owned(), ToString::to_string);
    format!("gov.{district}.{sub_district}.{community}.{service}.{fact}.{audience}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(code: &str) -> AreaCode {
        AreaCode::parse(code).unwrap()
    }

    #[test]
    fn subjects_survive_a_round_trip() {
        let department = Audience::Department(DepartmentCode::parse("urban-management").unwrap());
        for (code, audience, text) in [
            ("330105", Audience::All, "gov.330105.-.-.dispatch.whistle_sounded.all"),
            ("330105001", department.clone(), "gov.330105.001.-.dispatch.whistle_sounded.urban-management"),
            ("330105001052003", department, "gov.330105.001.052.dispatch.whistle_sounded.urban-management"),
        ] {
            let subject = Subject::new(&area(code), "dispatch", "whistle_sounded", audience).unwrap();
            assert_eq!(subject.to_string(), text);
            assert_eq!(Subject::parse(text).unwrap(), subject);
        }
    }

    #[test]
    fn one_fact_is_filtered_by_area_and_addressee() {
        let department = Audience::Department(DepartmentCode::parse("urban-management").unwrap());
        for (code, audience, filter) in [
            ("33", None, "gov.*.*.*.dispatch.whistle_sounded.*"),
            ("330105", None, "gov.330105.*.*.dispatch.whistle_sounded.*"),
            ("330105001", Some(&department), "gov.330105.001.*.dispatch.whistle_sounded.urban-management"),
            ("330105001052003", Some(&Audience::All), "gov.330105.001.052.dispatch.whistle_sounded.all"),
        ] {
            assert_eq!(fact_filter(&area(code), "dispatch", "whistle_sounded", audience), filter);
        }
        assert_eq!(
            fact_pattern("dispatch", "whistle_sounded"),
            "gov.{district}.{sub_district}.{community}.dispatch.whistle_sounded.{audience}"
        );
    }

    #[test]
    fn what_organizations_publish_cannot_be_taken_for_a_services_own() {
        let token = department_token(&DepartmentCode::parse("dispatch").unwrap());
        let subject = Subject::new(&area("330105001"), &token, "bin_overflowed", Audience::All).unwrap();
        assert_eq!(subject.to_string(), "gov.330105.001.-.dept-dispatch.bin_overflowed.all");
        assert_eq!(Subject::parse(&subject.to_string()).unwrap(), subject);
        assert!(is_of_organization(&token) && is_of_organization(&area_token(&area("330105001"))));
        for (service, _, _) in crate::Fact::ALL {
            assert!(!service.contains('-') && !is_of_organization(service), "{service}");
        }
    }

    #[test]
    fn foreign_subjects_are_refused() {
        assert_eq!(Subject::new(&area("3301"), "dispatch", "x", Audience::All), None);
        for bad in [
            "",
            "gov.330105.001.052.dispatch.whistle_sounded",
            "gov.330105.-.052.dispatch.whistle_sounded.all",
            "gov.330105.001.052.dispatch.whistle_sounded.all.more",
            "gov.3301.001.052.dispatch.x.all",
            "gov.330105.001.052.dispatch.x.ALL",
            "gov.330105.0010.52.dispatch.x.all",
        ] {
            assert!(Subject::parse(bad).is_err(), "{bad}");
        }
    }
}
