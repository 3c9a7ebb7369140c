//! One trace joins the call, the fact in the outbox and its effect in a consumer. The collector is a real OTLP receiver in this process.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context, Result};
use gongzhi_chassis::bus::Bus;
use gongzhi_chassis::config::{LogFormat, Telemetry};
use gongzhi_chassis::execute::{Target, Unit, Writer};
use gongzhi_chassis::gate::admit;
use gongzhi_chassis::inbox::Reactions;
use gongzhi_chassis::run::Service;
use gongzhi_chassis::status::Failure;
use gongzhi_chassis::telemetry;
use gongzhi_harness::{Bench, wait_until};
use gongzhi_proto::envelope::Envelope;
use gongzhi_proto::organization::v1 as pb;
use gongzhi_proto::organization::v1::department_service_client::DepartmentServiceClient;
use gongzhi_proto::organization::v1::department_service_server::{
    DepartmentService, DepartmentServiceServer,
};
use gongzhi_proto::subjects::stream_subjects;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::trace::v1::Span;
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status};

use crate::tally::{self, Command, Tally};

/// Keeps every span that it is sent.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<Span>>>);

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let spans = request
            .into_inner()
            .resource_spans
            .into_iter()
            .flat_map(|resource| resource.scope_spans)
            .flat_map(|scope| scope.spans);
        self.0.lock().unwrap().extend(spans);
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

/// Opens a tally for every department that is registered.
struct Departments(Writer);

#[tonic::async_trait]
impl DepartmentService for Departments {
    async fn register_department(
        &self,
        request: Request<pb::RegisterDepartmentRequest>,
    ) -> Result<Response<pb::RegisterDepartmentResponse>, Status> {
        let (admission, request) = admit(request)?;
        let area = request.area_code.parse().map_err(|_| Status::invalid_argument("area"))?;
        self.0
            .execute::<Tally>(
                &admission,
                &std::sync::Arc::new(1),
                Target::Any(&request.department_code),
                Command::Open { area },
            )
            .await?;
        Ok(Response::new(pb::RegisterDepartmentResponse::default()))
    }

    async fn list_departments(
        &self,
        _: Request<pb::ListDepartmentsRequest>,
    ) -> Result<Response<pb::ListDepartmentsResponse>, Status> {
        Ok(Response::new(pb::ListDepartmentsResponse::default()))
    }
}

struct Listens;

impl Reactions for Listens {
    const SOURCE: &'static str = "listens";

    fn filters(&self, bus: &Bus) -> Vec<String> {
        vec![stream_subjects(bus.district())]
    }

    async fn handle(&self, unit: &mut Unit, _: &Envelope) -> Result<(), Failure> {
        sqlx::query("insert into counts (id) values ('heard')").execute(unit.connection().await?).await?;
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_its_fact_and_the_effect_are_one_trace() -> Result<()> {
    let collector = Collector::default();
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let endpoint = format!("http://{}", listener.local_addr()?);
    let server = tonic::transport::Server::builder().add_service(TraceServiceServer::new(collector.clone()));
    let collecting = tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
    let settings = Telemetry {
        log: "off".into(),
        log_format: LogFormat::Text,
        otlp_endpoint: Some(endpoint),
        measures: false,
    };
    let running = telemetry::start(&settings, "chassis-test")?;

    let mut bench = Bench::new().await?;
    let writer = tally::writer(&bench).await?;
    let (consume, _) = bench.context.consume(&writer, Arc::new(Listens));
    let service = Service::new(&writer)
        .mount(DepartmentServiceServer::new(Departments(writer.clone())))
        .run(bench.context.relay(&writer))
        .run(consume);
    bench.serve(vec![service]).await?;
    let district = bench.context.bus.district().clone();
    let operator = bench.person("POST_PLATFORM_OPERATOR", &district);
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let mut request = Request::new(pb::RegisterDepartmentRequest {
        department_code: "traced".into(),
        area_code: district.to_string(),
        ..Default::default()
    });
    request.metadata_mut().insert("traceparent", format!("00-{trace}-00f067aa0ba902b7-01").parse()?);
    DepartmentServiceClient::new(operator.calls()).register_department(request).await?;

    wait_until("the fact is heard", || async {
        let heard: i64 = sqlx::query_scalar("select count(*) from counts where id = 'heard'")
            .fetch_one(writer.pool())
            .await?;
        Ok(if heard == 1 { Ok(()) } else { Err("nothing".into()) })
    })
    .await?;
    let body: Vec<u8> = sqlx::query_scalar("select body from outbox").fetch_one(writer.pool()).await?;
    let traceparent = Envelope::from_bytes(&body)?.traceparent.context("the fact carries no trace")?;
    bench.stop().await?;
    tokio::task::spawn_blocking(move || running.stop()).await?;

    let id = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let spans = wait_until("spans are collected", || async {
        let spans = collector.0.lock().unwrap().clone();
        let ours: Vec<_> = spans.into_iter().filter(|span| id(&span.trace_id) == trace).collect();
        Ok(if ours.len() >= 2 { Ok(ours) } else { Err(format!("{} spans", ours.len())) })
    })
    .await?;
    let server = spans
        .iter()
        .find(|span| span.name.ends_with("DepartmentService/RegisterDepartment"))
        .context("no span of the call")?;
    let consumer =
        spans.iter().find(|span| span.name.starts_with("listens")).context("no span of the effect")?;
    assert_eq!(id(&server.parent_span_id), "00f067aa0ba902b7", "the call is a child of its caller");
    assert_eq!(traceparent, format!("00-{trace}-{}-01", id(&server.span_id)), "the fact carries the call");
    assert_eq!(consumer.parent_span_id, server.span_id, "the effect is a child of the call");
    collecting.abort();
    tokio::time::timeout(Duration::from_secs(5), collecting).await.ok();
    Ok(())
}
