//! Whose a namespace is: what its labels say, which only administrators of the cluster set. Pure.

use k8s_openapi::api::core::v1::Namespace;

use crate::district::DISTRICT;
use crate::resources::{AREA_LABEL, DEPARTMENT_LABEL, Organization};

/// Why a namespace is nobody's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Nobody {
    /// It has no label of ours.
    #[error(
        "the namespace belongs to no organization; an administrator of the cluster labels it: kubectl label namespace NAME gongzhi.io/department=CODE (or gongzhi.io/area=CODE)"
    )]
    NoLabel,
    /// It has both.
    #[error(
        "the namespace has the labels gongzhi.io/department and gongzhi.io/area; an administrator of the cluster takes one away"
    )]
    TwoLabels,
}

/// True where the label of a namespace names another district than this one: its resources are for that district's operator.
pub fn is_anothers(namespace: Option<&Namespace>, district: &str) -> bool {
    let labels = namespace.and_then(|namespace| namespace.metadata.labels.as_ref());
    let named = labels.and_then(|labels| labels.get(DISTRICT)).filter(|code| !code.is_empty());
    named.is_some_and(|code| !district.is_empty() && code != district)
}

/// The organization of a namespace.
pub fn organization(namespace: Option<&Namespace>) -> Result<Organization, Nobody> {
    let label = |name: &str| {
        let labels = namespace?.metadata.labels.as_ref()?;
        labels.get(name).filter(|value| !value.is_empty()).cloned()
    };
    match (label(DEPARTMENT_LABEL), label(AREA_LABEL)) {
        (Some(_), Some(_)) => Err(Nobody::TwoLabels),
        (Some(code), None) => Ok(Organization::department(code)),
        (None, Some(code)) => Ok(Organization::area(code)),
        (None, None) => Err(Nobody::NoLabel),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_namespace_is_somebodys_by_one_label() {
        let with = |labels: &[(&str, &str)]| {
            let mut namespace = Namespace::default();
            let labels = labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            namespace.metadata.labels = Some(labels.collect());
            organization(Some(&namespace))
        };
        assert_eq!(with(&[(DEPARTMENT_LABEL, "housing")]), Ok(Organization::department("housing")));
        assert_eq!(with(&[(AREA_LABEL, "330105001")]), Ok(Organization::area("330105001")));
        assert_eq!(with(&[("team", "housing"), (AREA_LABEL, "")]), Err(Nobody::NoLabel));
        assert_eq!(with(&[(DEPARTMENT_LABEL, "a"), (AREA_LABEL, "1")]), Err(Nobody::TwoLabels));
        assert_eq!(organization(None), Err(Nobody::NoLabel));
    }

    #[test]
    fn a_namespace_is_left_to_the_district_that_it_names() {
        let of = |code: &str| {
            let mut namespace = Namespace::default();
            namespace.metadata.labels = Some([(DISTRICT.to_owned(), code.to_owned())].into());
            namespace
        };
        assert!(is_anothers(Some(&of("330106")), "330105"));
        assert!(!is_anothers(Some(&of("330105")), "330105"));
        assert!(!is_anothers(Some(&of("")), "330105") && !is_anothers(Some(&Namespace::default()), "330105"));
        assert!(!is_anothers(None, "330105") && !is_anothers(Some(&of("330106")), ""));
    }
}
