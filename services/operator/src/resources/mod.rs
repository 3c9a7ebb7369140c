//! The custom resources: what people write, what the operator answers in `status`, and the definitions that are generated from them. Knows neither the
//! API server nor the exchange.

mod conditions;
mod district;
mod grant;
mod organization;
mod subscription;

pub use conditions::{Conditions, Standing};
pub use district::{District, DistrictSpec, DistrictStatus, SecretKey, ServiceReadiness, StreamSize};
pub use grant::{GrantPhase, GrantedFact, SharingGrant, SharingGrantSpec, SharingGrantStatus};
pub use organization::Organization;
pub use subscription::{
    Credentials, Delivery, Filter, Nats, Pull, Signature, Subscription, SubscriptionPhase, SubscriptionSpec,
    SubscriptionStatus, Webhook,
};

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::CustomResourceExt;

/// Group of every kind of ours.
pub const GROUP: &str = "gongzhi.io";
/// Says which department of the district a namespace belongs to. Only administrators of the cluster set labels of namespaces.
pub const DEPARTMENT_LABEL: &str = "gongzhi.io/department";
/// Says which area a namespace belongs to.
pub const AREA_LABEL: &str = "gongzhi.io/area";
/// On an object with it stands something in the exchange that is ended before the object goes.
pub const FINALIZER: &str = "gongzhi.io/ended-in-exchange";
/// Whoever changes its value gets new credentials.
pub const ROTATE_ANNOTATION: &str = "gongzhi.io/rotate";
/// Under this name the operator applies what it owns.
pub const MANAGER: &str = "gongzhi-operator";

/// The definitions, in the order in which they are written to `helm/gongzhi/crds`.
pub fn definitions() -> Vec<CustomResourceDefinition> {
    vec![District::crd(), SharingGrant::crd(), Subscription::crd()]
}
