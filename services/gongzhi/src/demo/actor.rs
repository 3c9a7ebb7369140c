//! People of the demo: each signs in like anybody else and calls the services over gRPC.

use anyhow::{Context, Result};
use gongzhi_chassis::client::{Calling, Session};
use gongzhi_proto::dispatch::v1::case_service_client::CaseServiceClient;
use gongzhi_proto::dispatch::v1::whistle_service_client::WhistleServiceClient;
use gongzhi_proto::grid::v1::follow_up_service_client::FollowUpServiceClient;
use gongzhi_proto::grid::v1::grid_service_client::GridServiceClient;
use gongzhi_proto::organization::v1 as organization;
use gongzhi_proto::organization::v1::department_service_client::DepartmentServiceClient;
use gongzhi_proto::organization::v1::identity_service_client::IdentityServiceClient;
use gongzhi_proto::organization::v1::staff_service_client::StaffServiceClient;
use tonic::transport::Channel;

/// Somebody who is signed in.
#[derive(Clone)]
pub(crate) struct Actor {
    session: Session,
}

impl Actor {
    /// Signs in.
    pub(crate) async fn sign_in(channel: &Channel, account: &str, password: &str) -> Result<Self> {
        let request = organization::SignInRequest { account: account.into(), password: password.into() };
        let answer = IdentityServiceClient::new(channel.clone())
            .sign_in(request)
            .await
            .with_context(|| format!("{account} cannot sign in"))?;
        let session =
            Session::new(channel.clone(), &answer.into_inner().token).context("the token is not ASCII")?;
        Ok(Self { session })
    }

    /// Calls about cases.
    pub(crate) fn cases(&self) -> CaseServiceClient<Calling> {
        CaseServiceClient::new(self.session.calls())
    }

    /// Calls about whistles.
    pub(crate) fn whistles(&self) -> WhistleServiceClient<Calling> {
        WhistleServiceClient::new(self.session.calls())
    }

    /// Calls about grids.
    pub(crate) fn grids(&self) -> GridServiceClient<Calling> {
        GridServiceClient::new(self.session.calls())
    }

    /// Calls about follow-up visits.
    pub(crate) fn visits(&self) -> FollowUpServiceClient<Calling> {
        FollowUpServiceClient::new(self.session.calls())
    }

    /// Calls about departments.
    pub(crate) fn departments(&self) -> DepartmentServiceClient<Calling> {
        DepartmentServiceClient::new(self.session.calls())
    }

    /// Calls about people on duty.
    pub(crate) fn staff(&self) -> StaffServiceClient<Calling> {
        StaffServiceClient::new(self.session.calls())
    }
}
