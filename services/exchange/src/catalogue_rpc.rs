//! gRPC of the catalogue: reads what was made from the contracts.

use gongzhi_chassis::gate::admit;
use gongzhi_chassis::page::Page;
use gongzhi_chassis::violations::Violations;
use gongzhi_proto::catalogue::{self, Classification, Entry, Field, asyncapi};
use gongzhi_proto::event::v1 as event;
use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::exchange::v1::catalogue_service_server::CatalogueService;
use gongzhi_proto::ids::AreaCode;
use tonic::{Request, Response, Status};

use crate::catalogue::{self as names, Catalogue as Known};

/// The service of the catalogue.
#[derive(Clone)]
pub(crate) struct Catalogue {
    pub(crate) district: AreaCode,
    pub(crate) known: Known,
}

fn fact(entry: &Entry) -> pb::CatalogueFact {
    let classification = match entry.classification {
        Classification::Open => event::Classification::Open,
        Classification::Shared => event::Classification::Shared,
        Classification::Restricted => event::Classification::Restricted,
    };
    pb::CatalogueFact {
        fact: names::name(entry),
        title_zh: entry.title_zh.clone(),
        title_en: entry.title_en.clone(),
        description: entry.description.clone(),
        classification: classification as i32,
        aggregate: entry.aggregate.clone(),
        retention_days: entry.retention_days,
    }
}

fn field(field: &Field) -> pb::CatalogueField {
    let repeated = if field.repeated { "repeated " } else { "" };
    pb::CatalogueField {
        name: field.name.clone(),
        json_name: field.json_name.clone(),
        r#type: format!("{repeated}{}", field.contract_type),
        description: field.description.clone(),
        filterable: field.filterable,
    }
}

#[tonic::async_trait]
impl CatalogueService for Catalogue {
    async fn list_facts(
        &self,
        request: Request<pb::ListFactsRequest>,
    ) -> Result<Response<pb::ListFactsResponse>, Status> {
        let (_, request) = admit(request)?;
        let mut violations = Violations::new();
        let page = Page::parse(&mut violations, request.page_size, &request.page_token, 100, 200);
        violations.finish()?;
        let mut entries: Vec<_> = self
            .known
            .facts()
            .into_values()
            .filter(|entry| request.service.is_empty() || entry.service == request.service)
            .filter(|entry| page.after.as_ref().is_none_or(|after| names::name(entry) > *after))
            .collect();
        let next_page_token = page.cut(&mut entries, |entry| names::name(entry));
        let facts = entries.iter().map(|entry| fact(entry)).collect();
        Ok(Response::new(pb::ListFactsResponse { facts, next_page_token }))
    }

    async fn get_fact(
        &self,
        request: Request<pb::GetFactRequest>,
    ) -> Result<Response<pb::GetFactResponse>, Status> {
        let (_, request) = admit(request)?;
        let mut violations = Violations::new();
        let entry = self.known.fact(&request.fact);
        if entry.is_none() {
            violations.add("fact", self.known.unknown(&request.fact));
        }
        let entry = violations.open(entry)?;
        Ok(Response::new(pb::GetFactResponse {
            fact: Some(fact(&entry)),
            fields: entry.fields.iter().map(field).collect(),
            data_schema: entry.data_schema().to_string(),
            event_schema: entry.envelope_schema().to_string(),
            sample: entry.sample.get().to_owned(),
            proto: entry.source.clone(),
        }))
    }

    async fn get_async_api(
        &self,
        request: Request<pb::GetAsyncApiRequest>,
    ) -> Result<Response<pb::GetAsyncApiResponse>, Status> {
        admit(request)?;
        let setting = asyncapi::Setting { district: Some(self.district.clone()), ..Default::default() };
        let document = asyncapi::document(catalogue::entries(), &setting).to_string();
        Ok(Response::new(pb::GetAsyncApiResponse { document }))
    }
}
