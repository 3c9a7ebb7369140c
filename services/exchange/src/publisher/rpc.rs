//! gRPC of publishers: admit, parse, execute, reply.

use std::sync::Arc;

use gongzhi_chassis::execute::Target;
use gongzhi_chassis::gate::admit;
use gongzhi_chassis::nats_identity::{PUBLISH, inbox_prefix};
use gongzhi_chassis::status::Failure;
use gongzhi_chassis::violations::Violations;
use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::exchange::v1::publisher_service_server::PublisherService;
use gongzhi_proto::time::to_wire;
use tonic::{Request, Response, Status};

use super::{Accounts, Command, Publisher, PublisherKind};
use crate::party::Party;

/// The service of publishers.
#[derive(Clone)]
pub(crate) struct Publishers {
    pub(crate) accounts: Accounts,
}

impl Publishers {
    fn party(&self, given: Option<&pb::Organization>) -> Result<Party, Failure> {
        let mut violations = Violations::new();
        let party = Party::parse(&mut violations, "organization", given, &self.accounts.district);
        violations.open(party)
    }
}

/// A publisher as the contracts have it.
fn shown(publisher: &Publisher, version: i64) -> pb::Publisher {
    let status = match publisher.revoked {
        None => pb::PublisherStatus::InForce,
        Some(_) => pb::PublisherStatus::Revoked,
    };
    pb::Publisher {
        organization: Some(publisher.party.to_wire()),
        status: status as i32,
        account: publisher.account.clone(),
        issued_at: Some(to_wire(publisher.issued_at)),
        reason: publisher.revoked.clone().unwrap_or_default(),
        version,
    }
}

#[tonic::async_trait]
impl PublisherService for Publishers {
    async fn issue_publisher_credentials(
        &self,
        request: Request<pb::IssuePublisherCredentialsRequest>,
    ) -> Result<Response<pb::IssuePublisherCredentialsResponse>, Status> {
        let (admission, request) = admit(request)?;
        let party = self.party(request.organization.as_ref())?;
        party.require(&admission, &self.accounts.district)?;
        let (outsider, publisher, version) = self.accounts.issue(&admission, &party).await?;
        Ok(Response::new(pb::IssuePublisherCredentialsResponse {
            credentials: outsider.credentials.reveal().to_owned(),
            subject: PUBLISH.into(),
            inbox_prefix: inbox_prefix(&outsider.account_public_key),
            publisher: Some(shown(&publisher, version)),
        }))
    }

    async fn revoke_publisher_credentials(
        &self,
        request: Request<pb::RevokePublisherCredentialsRequest>,
    ) -> Result<Response<pb::RevokePublisherCredentialsResponse>, Status> {
        let (admission, request) = admit(request)?;
        let mut violations = Violations::new();
        let given = request.organization.as_ref();
        let party = Party::parse(&mut violations, "organization", given, &self.accounts.district);
        let reason = violations.text("reason", &request.reason, 2, 500);
        let party = violations.open(party)?;
        party.require(&admission, &self.accounts.district)?;
        let (token, command) = (party.token(), Command::Revoke { reason });
        let target = Target::Existing(&token);
        let writer = &self.accounts.writer;
        let done = writer.execute::<PublisherKind>(&admission, &Arc::default(), target, command).await?;
        self.accounts.take_back(Some(&token)).await?;
        let publisher = Some(shown(&done.state, done.version));
        Ok(Response::new(pb::RevokePublisherCredentialsResponse { publisher }))
    }

    async fn get_publisher(
        &self,
        request: Request<pb::GetPublisherRequest>,
    ) -> Result<Response<pb::GetPublisherResponse>, Status> {
        let (admission, request) = admit(request)?;
        let party = self.party(request.organization.as_ref())?;
        party.require(&admission, &self.accounts.district)?;
        let found = self.accounts.writer.load::<PublisherKind>(&party.token()).await?;
        let (publisher, version) =
            found.ok_or_else(|| Failure::NotFound(format!("credentials of {party} to publish over NATS")))?;
        Ok(Response::new(pb::GetPublisherResponse { publisher: Some(shown(&publisher, version)) }))
    }
}
