//! Over gRPC: the exchange streams, what was printed is acknowledged.

use std::time::Duration;

use anyhow::{Context as _, Result};
use gongzhi_chassis::client::{Calling, Session};
use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::exchange::v1::delivery_service_client::DeliveryServiceClient;
use jiff::Timestamp;

use super::line;
use crate::account;

/// How long the stream rests before it is opened again.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// How long a stream may be silent: the exchange promises a beat every 15 seconds.
const SILENT_FOR: Duration = Duration::from_secs(45);

/// Prints what comes; opens the stream again when the exchange goes away for a while.
pub(super) async fn receive(session: &Session, id: &str) -> Result<()> {
    let mut client = DeliveryServiceClient::new(session.calls()).max_decoding_message_size(16 << 20);
    loop {
        let request = pb::StreamRequest { subscription_id: id.to_owned() };
        let opened = tokio::time::timeout(SILENT_FOR, client.stream(request)).await;
        let ended = match opened {
            Ok(Ok(stream)) => {
                super::ready("gRPC");
                print(&mut client, id, stream.into_inner()).await
            }
            Ok(Err(status)) => Err(Ended::Told(status)),
            Err(_) => Err(Ended::Told(tonic::Status::unavailable("the exchange is silent"))),
        };
        match ended {
            Err(Ended::Failed(error)) => return Err(error),
            Err(Ended::Told(status)) if !passes(&status) => {
                return Err(account::refused(status));
            }
            Ok(()) | Err(Ended::Told(_)) => tokio::time::sleep(RETRY_AFTER).await,
        }
    }
}

/// True for what passes by itself: a line that broke, a server that is slow or starts again, a place that moved on. Everything else needs somebody who does
/// something.
fn passes(status: &tonic::Status) -> bool {
    use tonic::Code;
    matches!(
        status.code(),
        Code::Unavailable
            | Code::Unknown
            | Code::Cancelled
            | Code::DeadlineExceeded
            | Code::Aborted
            | Code::Internal
    )
}

/// Why a stream ended.
enum Ended {
    /// The exchange said so.
    Told(tonic::Status),
    /// We cannot go on.
    Failed(anyhow::Error),
}

async fn print(
    client: &mut DeliveryServiceClient<Calling>,
    id: &str,
    mut stream: tonic::Streaming<pb::StreamResponse>,
) -> Result<(), Ended> {
    let mut acknowledged = 0;
    while let Ok(next) = tokio::time::timeout(SILENT_FOR, stream.message()).await {
        let Some(next) = next.map_err(Ended::Told)? else { break };
        if let Some(delivery) = next.delivery {
            let printed = line::print(&delivery.event, Timestamp::now());
            printed.with_context(|| format!("at position {}", next.position)).map_err(Ended::Failed)?;
        }
        if next.position > acknowledged {
            acknowledged = next.position;
            let request = pb::AcknowledgeRequest { subscription_id: id.to_owned(), position: acknowledged };
            client.acknowledge(request).await.map_err(Ended::Told)?;
        }
    }
    Ok(())
}
