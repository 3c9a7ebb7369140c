//! Who governs what: divisions, departments, people on duty with their posts, accounts and tokens.
//!
//! Owns the tree of divisions (行政区划), the departments (部门) of the district and who stands where in it. Deliberately knows nothing of cases
//! (dispatch) and nothing of geometry (grid). Names of people on duty never leave it on the bus.

pub mod department;
pub mod division;
pub mod identity;
mod reach;
pub mod staff;

use gongzhi_chassis::audit::Fold;
use gongzhi_chassis::run::{Context, Service};
use gongzhi_chassis::status::Failure;
use gongzhi_proto::organization::v1::department_service_server::DepartmentServiceServer;
use gongzhi_proto::organization::v1::division_service_server::DivisionServiceServer;
use gongzhi_proto::organization::v1::identity_service_server::IdentityServiceServer;
use gongzhi_proto::organization::v1::staff_service_server::StaffServiceServer;

pub use division::import;
pub use identity::verifier;

/// Name of the service, of its schema and in its subjects.
pub const NAME: &str = "organization";

/// The service's own tables; the chassis' tables come before them.
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");

/// How the histories of its kinds are folded, for the audit.
pub fn folds() -> Vec<Fold> {
    vec![
        Fold::of::<department::DepartmentKind>(),
        Fold::of::<division::RegisterKind>(),
        Fold::of::<staff::StaffKind>(),
    ]
}

/// Connects the service to its schema and wires its slices.
pub async fn service(context: &Context) -> Result<Service, Failure> {
    let writer = context.writer(NAME).await?;
    let district = context.bus.district();
    let identities = identity::Identities::new(context, &writer).await?;
    Ok(Service::new(&writer)
        .mount(IdentityServiceServer::new(identities))
        .mount(DivisionServiceServer::new(division::Divisions::new(&writer)))
        .mount(DepartmentServiceServer::new(department::Departments::new(&writer, district)))
        .mount(StaffServiceServer::new(staff::StaffRegister::new(&writer, district)))
        .run(context.relay(&writer)))
}
