//! Canonical proto3 JSON through descriptors: the one JSON path of the project. Sign and hash stored bytes, never a second serialisation.

use std::sync::LazyLock;

use prost::{Message, Name};
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor, SerializeOptions};

/// The compiled contracts.
pub(crate) static POOL: LazyLock<DescriptorPool> = LazyLock::new(|| {
    DescriptorPool::decode(crate::DESCRIPTOR_SET).expect("the committed descriptor set is valid")
});

/// A text that is not the canonical JSON of the message it should be.
#[derive(Debug, thiserror::Error)]
#[error("not a {message}")]
pub struct InvalidJson {
    /// Full name of the message.
    pub message: String,
    #[source]
    source: Box<dyn std::error::Error + Send + Sync>,
}

fn descriptor<M: Name>() -> MessageDescriptor {
    POOL.get_message_by_name(&M::full_name()).expect("every generated message is in the descriptor set")
}

/// Writes a message as canonical proto3 JSON: camelCase, defaults left out, 64-bit integers as strings, times in UTC.
pub fn to_json<M: Message + Name>(message: &M) -> String {
    let mut dynamic = DynamicMessage::new(descriptor::<M>());
    dynamic.transcode_from(message).expect("a message fits its own descriptor");
    let mut out = Vec::with_capacity(256);
    let mut writer = serde_json::Serializer::new(&mut out);
    dynamic
        .serialize_with_options(&mut writer, &SerializeOptions::new())
        .expect("a message in memory can be written");
    String::from_utf8(out).expect("JSON is UTF-8")
}

/// Reads a message from proto3 JSON. Unknown fields are left out: contracts only grow, so a newer publisher may say more.
pub fn from_json<M: Message + Name + Default>(json: &str) -> Result<M, InvalidJson> {
    let invalid =
        |source: Box<dyn std::error::Error + Send + Sync>| InvalidJson { message: M::full_name(), source };
    let options = prost_reflect::DeserializeOptions::new().deny_unknown_fields(false);
    let mut reader = serde_json::Deserializer::from_str(json);
    let dynamic = DynamicMessage::deserialize_with_options(descriptor::<M>(), &mut reader, &options)
        .map_err(|error| invalid(error.into()))?;
    reader.end().map_err(|error| invalid(error.into()))?;
    dynamic.transcode_to().map_err(|error| invalid(error.into()))
}
