//! Calls with bytes that no generated client would send.

use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::transport::Channel;
use tonic::{Code, Request, Status};
use uuid::Uuid;

/// Sends bytes as they are and ignores the answer.
#[derive(Clone, Copy, Default)]
struct Bytes;

impl Codec for Bytes {
    type Encode = Vec<u8>;
    type Decode = ();
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        *self
    }

    fn decoder(&mut self) -> Self {
        *self
    }
}

impl Encoder for Bytes {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        bytes::BufMut::put_slice(buffer, &item);
        Ok(())
    }
}

impl Decoder for Bytes {
    type Item = ();
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<()>, Status> {
        bytes::Buf::advance(buffer, bytes::Buf::remaining(buffer));
        Ok(Some(()))
    }
}

/// Calls an rpc with these bytes as its message; gives the code of the answer.
pub async fn raw_call(
    channel: Channel,
    path: &'static str,
    bearer: &str,
    message: &[u8],
) -> anyhow::Result<Code> {
    let mut client = tonic::client::Grpc::new(channel);
    client.ready().await?;
    let mut request = Request::new(message.to_vec());
    request.metadata_mut().insert("authorization", bearer.parse()?);
    request.metadata_mut().insert("idempotency-key", Uuid::now_v7().to_string().parse()?);
    let answer = client.unary(request, path.parse()?, Bytes).await;
    Ok(answer.map_or_else(|status| status.code(), |_| Code::Ok))
}
