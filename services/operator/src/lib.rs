//! The operator: brings what people write as custom resources into the exchange and into Secrets, and copies the services of a release for one more district.
//!
//! It decides nothing that people decide: a grant is asked for here and approved in the portal. It acts for an organization only in the namespaces that an
//! administrator of the cluster has given to it. What is in order is left alone: an object at rest causes no write, neither here nor there.
//!
//! It deliberately does not know what a fact means, who may see it, or how it is delivered: the exchange says so.

mod context;
mod credentials;
mod district;
mod exchange;
mod grant;
mod leader;
mod meters;
mod options;
mod owner;
mod patience;
pub mod resources;
mod run;
mod subscription;
mod survey;
mod wanted;

pub use credentials::secret_name;
pub use exchange::{Entrance, Exchange, Trouble};
pub use options::Options;
pub use run::run;
