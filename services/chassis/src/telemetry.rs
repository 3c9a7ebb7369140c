//! Logs and traces. One trace joins gRPC → outbox → NATS → consumer: the context travels in the metadata of the call and in the envelope of the fact.

use std::collections::HashMap;

use gongzhi_proto::envelope::Envelope;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::WithExportConfig;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use crate::config::{LogFormat, Telemetry};
use crate::metrics;
use crate::status::Failure;

/// Ends telemetry in order: what was recorded is sent before the process ends.
#[derive(Default)]
pub struct Running {
    provider: Option<SdkTracerProvider>,
}

/// Starts logs, measures where they are asked for, and traces where a collector is given. May be called once per process.
pub fn start(settings: &Telemetry, name: &str) -> Result<Running, Failure> {
    if settings.measures {
        metrics::start(env!("CARGO_PKG_VERSION"))?;
    }
    let filter =
        EnvFilter::try_new(&settings.log).map_err(|error| Failure::Bug(format!("GONGZHI_LOG: {error}")))?;
    let logs = match settings.log_format {
        LogFormat::Text => tracing_subscriber::fmt::layer().with_writer(std::io::stderr).boxed(),
        LogFormat::Json => tracing_subscriber::fmt::layer().with_writer(std::io::stderr).json().boxed(),
    };
    let provider = settings.otlp_endpoint.as_deref().map(|endpoint| exporter(endpoint, name)).transpose()?;
    let traces = provider
        .as_ref()
        .map(|provider| tracing_opentelemetry::layer().with_tracer(provider.tracer("gongzhi")));
    let started = tracing_subscriber::registry().with(traces).with(logs.with_filter(filter)).try_init();
    started.map_err(|error| Failure::Bug(format!("telemetry was started before: {error}")))?;
    Ok(Running { provider })
}

fn exporter(endpoint: &str, name: &str) -> Result<SdkTracerProvider, Failure> {
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_tonic()
        .with_endpoint(endpoint)
        .build()
        .map_err(|error| Failure::Bug(format!("GONGZHI_OTLP_ENDPOINT: {error}")))?;
    let resource = Resource::builder().with_service_name(name.to_owned()).build();
    Ok(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build())
}

impl Running {
    /// Sends what was recorded and ends.
    pub fn stop(self) {
        if let Some(provider) = self.provider
            && let Err(error) = provider.shutdown()
        {
            eprintln!("traces were not sent: {error}");
        }
    }
}

/// The span of a call that a server answers, a child of the caller's span.
pub(crate) fn server_span(path: &str, headers: &http::HeaderMap) -> Span {
    let span = tracing::info_span!(
        "rpc",
        otel.name = path.trim_start_matches('/'),
        otel.kind = "server",
        otel.status_code = tracing::field::Empty,
    );
    let carrier: HashMap<String, String> = ["traceparent", "tracestate"]
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), headers.get(name)?.to_str().ok()?.to_owned())))
        .collect();
    set_parent(&span, &carrier);
    span
}

/// The span of having the effect of a fact, a child of the span in which it happened.
pub(crate) fn consumer_span(source: &str, envelope: &Envelope) -> Span {
    let span = tracing::info_span!(
        "fact",
        otel.name = format!("{source} {}", envelope.fact_name()),
        otel.kind = "consumer",
        subject = envelope.subject
    );
    if let Some(traceparent) = &envelope.traceparent {
        set_parent(&span, &HashMap::from([("traceparent".to_owned(), traceparent.clone())]));
    }
    span
}

fn set_parent(span: &Span, carrier: &HashMap<String, String>) {
    if carrier.is_empty() {
        return;
    }
    // Without a collector there is no layer that could take the parent; then there is nothing to join.
    if span.set_parent(TraceContextPropagator::new().extract(carrier)).is_err() {
        tracing::trace!("no trace to join");
    }
}

/// The context of the present span, for an envelope or a call; none when nothing records.
pub fn traceparent() -> Option<String> {
    let mut carrier = HashMap::new();
    TraceContextPropagator::new().inject_context(&Span::current().context(), &mut carrier);
    carrier.remove("traceparent")
}
