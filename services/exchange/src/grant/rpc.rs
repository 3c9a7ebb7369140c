//! gRPC of grants: admit, parse, execute, reply.

use std::sync::Arc;

use gongzhi_chassis::caller::Scope;
use gongzhi_chassis::execute::{Target, Writer};
use gongzhi_chassis::gate::{Admission, admit};
use gongzhi_chassis::page::Page;
use gongzhi_chassis::status::Failure;
use gongzhi_chassis::violations::Violations;
use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::exchange::v1::grant_service_server::GrantService;
use gongzhi_proto::ids::{AreaCode, DepartmentCode, GrantId};
use gongzhi_proto::subjects::Audience;
use gongzhi_proto::time::to_wire;
use tonic::{Request, Response, Status};

use super::store::Listed;
use super::{Command, Fields, Grant, GrantKind, Standing, parse, store};
use crate::hub::Registry;
use crate::party::Party;
use crate::rights::{self, What};

/// The service of grants.
#[derive(Clone)]
pub(crate) struct Grants {
    pub(crate) writer: Writer,
    pub(crate) district: AreaCode,
    pub(crate) registry: Registry,
}

impl Grants {
    async fn execute(
        &self,
        admission: &Admission,
        target: Target<'_>,
        command: Command,
    ) -> Result<Option<pb::Grant>, Status> {
        let done = self.writer.execute::<GrantKind>(admission, &Arc::default(), target, command).await?;
        self.registry.refresh().await?;
        Ok(Some(shown(&done.id, &done.state, done.version)))
    }
}

/// A grant as the contracts have it.
pub(crate) fn shown(id: &str, grant: &Grant, version: i64) -> pb::Grant {
    let nobody = || (String::new(), None, String::new());
    let (decided_by, decided_at, reason) = match &grant.standing {
        Standing::Requested => nobody(),
        Standing::Approved { by, at } => (by.clone(), Some(to_wire(*at)), String::new()),
        Standing::Refused { by, at, reason } | Standing::Revoked { by, at, reason } => {
            (by.clone(), Some(to_wire(*at)), reason.clone())
        }
        Standing::Expired { at } => (String::new(), Some(to_wire(*at)), String::new()),
    };
    let facts = grant.request.facts.iter().map(|(fact, fields)| pb::GrantedFact {
        fact: fact.clone(),
        fields: match fields {
            Fields::All => Vec::new(),
            Fields::Only(names) => names.clone(),
        },
    });
    pb::Grant {
        grant_id: id.to_owned(),
        grantee: Some(grant.request.grantee.to_wire()),
        facts: facts.collect(),
        area_code: grant.request.area.to_string(),
        purpose: grant.request.purpose.clone(),
        until_at: Some(to_wire(grant.request.until)),
        status: status(&grant.standing) as i32,
        reason,
        requested_by: grant.request.by.clone(),
        requested_at: Some(to_wire(grant.requested_at)),
        decided_by,
        decided_at,
        version,
    }
}

fn status(standing: &Standing) -> pb::GrantStatus {
    match standing {
        Standing::Requested => pb::GrantStatus::Requested,
        Standing::Approved { .. } => pb::GrantStatus::Approved,
        Standing::Refused { .. } => pb::GrantStatus::Refused,
        Standing::Expired { .. } => pb::GrantStatus::Expired,
        Standing::Revoked { .. } => pb::GrantStatus::Revoked,
    }
}

/// The word for a state in the table.
fn word(status: pb::GrantStatus) -> &'static str {
    match status {
        pb::GrantStatus::Unspecified | pb::GrantStatus::Requested => "requested",
        pb::GrantStatus::Approved => "approved",
        pb::GrantStatus::Refused => "refused",
        pb::GrantStatus::Expired => "expired",
        pb::GrantStatus::Revoked => "revoked",
    }
}

#[tonic::async_trait]
impl GrantService for Grants {
    async fn request_grant(
        &self,
        request: Request<pb::RequestGrantRequest>,
    ) -> Result<Response<pb::RequestGrantResponse>, Status> {
        let (admission, request) = admit(request)?;
        let command =
            parse::request(&request, &self.district, self.registry.catalogue(), admission.caller.id())?;
        let id = self.writer.clock().new_id().to_string();
        let grant = self.execute(&admission, Target::Any(&id), command).await?;
        Ok(Response::new(pb::RequestGrantResponse { grant }))
    }

    async fn approve_grant(
        &self,
        request: Request<pb::ApproveGrantRequest>,
    ) -> Result<Response<pb::ApproveGrantResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (id, command) = parse::approve(&request, admission.caller.id())?;
        let grant = self.execute(&admission, Target::Existing(&id.to_string()), command).await?;
        Ok(Response::new(pb::ApproveGrantResponse { grant }))
    }

    async fn refuse_grant(
        &self,
        request: Request<pb::RefuseGrantRequest>,
    ) -> Result<Response<pb::RefuseGrantResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (id, reason) = parse::with_reason(&request.grant_id, &request.reason)?;
        let command = Command::Refuse { by: admission.caller.id().to_owned(), reason };
        let grant = self.execute(&admission, Target::Existing(&id.to_string()), command).await?;
        Ok(Response::new(pb::RefuseGrantResponse { grant }))
    }

    async fn revoke_grant(
        &self,
        request: Request<pb::RevokeGrantRequest>,
    ) -> Result<Response<pb::RevokeGrantResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (id, reason) = parse::with_reason(&request.grant_id, &request.reason)?;
        let command = Command::Revoke { by: admission.caller.id().to_owned(), reason };
        let grant = self.execute(&admission, Target::Existing(&id.to_string()), command).await?;
        Ok(Response::new(pb::RevokeGrantResponse { grant }))
    }

    async fn withdraw_grant(
        &self,
        request: Request<pb::WithdrawGrantRequest>,
    ) -> Result<Response<pb::WithdrawGrantResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (id, reason) = parse::with_reason(&request.grant_id, &request.reason)?;
        let command = Command::Withdraw { by: admission.caller.id().to_owned(), reason };
        let grant = self.execute(&admission, Target::Existing(&id.to_string()), command).await?;
        Ok(Response::new(pb::WithdrawGrantResponse { grant }))
    }

    async fn get_grant(
        &self,
        request: Request<pb::GetGrantRequest>,
    ) -> Result<Response<pb::GetGrantResponse>, Status> {
        let (admission, request) = admit(request)?;
        let mut violations = Violations::new();
        let id = violations.id("grant_id", &request.grant_id, GrantId::parse);
        let id = violations.open(id)?.to_string();
        let found = self.writer.load::<GrantKind>(&id).await?;
        let (grant, version) = found.ok_or_else(|| Failure::NotFound(format!("grant {id}")))?;
        // The grantee sees its own; so does who answers for the area whose facts are shared.
        let own = grant.request.grantee.scope(&self.district);
        admission
            .require(&own, None)
            .or_else(|_| admission.require(&Scope::area(grant.request.area.clone()), None))?;
        Ok(Response::new(pb::GetGrantResponse { grant: Some(shown(&id, &grant, version)) }))
    }

    async fn list_grants(
        &self,
        request: Request<pb::ListGrantsRequest>,
    ) -> Result<Response<pb::ListGrantsResponse>, Status> {
        let (admission, request) = admit(request)?;
        let mut violations = Violations::new();
        let grantee = match &request.grantee {
            None => None,
            given => Party::parse(&mut violations, "grantee", given.as_ref(), &self.district),
        };
        let statuses: Vec<_> = (0..)
            .zip(&request.statuses)
            .filter_map(|(nth, status)| violations.choice(&format!("statuses[{nth}]"), *status))
            .map(word)
            .collect();
        let page = Page::parse(&mut violations, request.page_size, &request.page_token, 50, 200);
        violations.finish()?;
        let scope = grantee
            .as_ref()
            .map_or_else(|| Scope::area(self.district.clone()), |party| party.scope(&self.district));
        admission.require(&scope, None)?;
        let mut found = store::list(self.writer.pool(), grantee.as_ref(), &statuses, &page)
            .await
            .map_err(Failure::from)?;
        let next_page_token = page.cut(&mut found, Listed::key);
        let grants =
            found.iter().map(|listed| shown(&listed.grant_id, &listed.grant, listed.version)).collect();
        Ok(Response::new(pb::ListGrantsResponse { grants, next_page_token }))
    }

    async fn explain_rights(
        &self,
        request: Request<pb::ExplainRightsRequest>,
    ) -> Result<Response<pb::ExplainRightsResponse>, Status> {
        let (admission, request) = admit(request)?;
        let mut violations = Violations::new();
        let party =
            Party::parse(&mut violations, "organization", request.organization.as_ref(), &self.district);
        let catalogue = self.registry.catalogue();
        let entry = catalogue.fact(&request.fact);
        if entry.is_none() {
            violations.add("fact", catalogue.unknown(&request.fact));
        }
        let area = violations.id("area_code", &request.area_code, AreaCode::parse);
        let audience = match request.audience.as_str() {
            "" | "all" => Some(Audience::All),
            code => violations.id("audience", code, DepartmentCode::parse).map(Audience::Department),
        };
        let all = party.zip(entry).zip(area).zip(audience);
        let (((party, entry), area), audience) = violations.open(all)?;
        admission.require(&party.scope(&self.district), None)?;
        let grants: Vec<_> = store::given_to(self.writer.pool(), &party)
            .await
            .map_err(Failure::from)?
            .into_iter()
            .map(|listed| (listed.grant_id, listed.grant))
            .collect();
        let what = What {
            fact: &request.fact,
            classification: entry.classification,
            area: &area,
            audience: &audience,
        };
        let reasons = rights::explain(&party, &what, &grants, self.writer.clock().now());
        Ok(Response::new(explained(reasons)))
    }
}

fn explained(reasons: Vec<rights::Reason>) -> pb::ExplainRightsResponse {
    let verdict = |speaks_for: bool| if speaks_for { pb::Verdict::May } else { pb::Verdict::MayNot } as i32;
    let decides = reasons.first().is_some_and(|reason| reason.speaks_for);
    let reasons = reasons.into_iter().map(|reason| pb::RightsReason {
        verdict: verdict(reason.speaks_for),
        text_zh: reason.zh,
        text_en: reason.en,
        grant_id: reason.grant_id.unwrap_or_default(),
    });
    pb::ExplainRightsResponse { verdict: verdict(decides), reasons: reasons.collect() }
}
