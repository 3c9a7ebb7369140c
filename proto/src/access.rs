//! The law of access, read from the options in the contracts: the rule of every rpc, and what every post allows.

use std::collections::BTreeMap;

use prost_reflect::{DynamicMessage, ExtensionDescriptor, Value};

use self::v1::{Access, Post, PostOptions, access::Rule};
use crate::json::POOL;

/// Messages and posts as generated.
#[allow(missing_docs, clippy::all, clippy::too_many_lines)]
pub mod v1 {
    include!("gen/gongzhi.access.v1.rs");
}

/// The rule of one rpc.
#[derive(Clone, Debug, PartialEq)]
pub struct RpcRule {
    /// Who may call; none when the contract forgot to say, which a tidy test refuses and the chassis treats as nobody.
    pub rule: Option<Rule>,
    /// True when the rpc changes nothing, or by its nature nothing twice, so that it needs no idempotency key.
    pub needs_no_key: bool,
}

/// The rule of every rpc of the contracts by its path, for example `/gongzhi.dispatch.v1.CaseService/GetCase`.
pub fn rpc_rules() -> BTreeMap<String, RpcRule> {
    let extension = POOL.get_extension_by_name("gongzhi.access.v1.access");
    let methods = POOL.services().flat_map(|service| service.methods().collect::<Vec<_>>());
    methods
        .map(|method| {
            let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
            let options = method.options();
            let rule = extension
                .as_ref()
                .and_then(|extension| read::<Access>(&options, extension))
                .and_then(|access| access.rule);
            // NO_SIDE_EFFECTS and IDEMPOTENT have the numbers 1 and 2 in google.protobuf.MethodOptions.IdempotencyLevel.
            let level =
                options.get_field_by_name("idempotency_level").and_then(|value| value.as_enum_number());
            (path, RpcRule { rule, needs_no_key: matches!(level, Some(1 | 2)) })
        })
        .collect()
}

/// What a post allows; none for the unspecified one.
pub fn post_options(post: Post) -> Option<PostOptions> {
    let extension = POOL.get_extension_by_name("gongzhi.access.v1.post")?;
    let value = POOL.get_enum_by_name("gongzhi.access.v1.Post")?.get_value(post as i32)?;
    read(&value.options(), &extension)
}

fn read<M: prost::Message + Default>(options: &DynamicMessage, extension: &ExtensionDescriptor) -> Option<M> {
    if !options.has_extension(extension) {
        return None;
    }
    match options.get_extension(extension).into_owned() {
        Value::Message(message) => message.transcode_to().ok(),
        _ => None,
    }
}
