//! Every rpc says who may call it. Compiled anew from the contracts here, so that a rule that was taken out is missed at once, and not when somebody
//! generates the code again.

use prost_reflect::{DynamicMessage, Value};

use crate::generated;

/// The rpcs whose access rule is missing or says nothing.
fn without_rule(pool: &prost_reflect::DescriptorPool) -> Vec<String> {
    let extension = pool.get_extension_by_name("gongzhi.access.v1.access").expect("the option exists");
    let says = |options: DynamicMessage| match options.get_extension(&extension).into_owned() {
        Value::Message(access) => ["permission", "signed_in", "everyone"].iter().any(|rule| {
            access
                .get_field_by_name(rule)
                .is_some_and(|text| text.as_str().is_some_and(|text| !text.is_empty()))
        }),
        _ => false,
    };
    let methods = pool.services().flat_map(|service| service.methods().collect::<Vec<_>>());
    methods.filter(|method| !says(method.options())).map(|method| method.full_name().to_owned()).collect()
}

#[test]
fn every_rpc_has_an_access_rule() -> anyhow::Result<()> {
    let pool = generated::compile(false)?.descriptor_pool();
    assert!(pool.services().count() >= 8, "the contracts hold services");
    assert_eq!(without_rule(&pool), Vec::<String>::new(), "say in the contract who may call these");
    Ok(())
}

#[test]
fn an_rpc_without_a_rule_is_found() -> anyhow::Result<()> {
    let full = generated::compile(false)?.descriptor_pool();
    let mut pool = prost_reflect::DescriptorPool::new();
    for name in generated::compile(false)?.file_descriptor_set().file.iter().map(|file| file.name()) {
        let file = full.get_file_by_name(name).expect("the file was compiled");
        if name.ends_with("dispatch/v1/dispatch.proto") {
            // Takes the options of one rpc out, as somebody might who adds an rpc in a hurry.
            let mut changed = file.file_descriptor_proto().clone();
            let methods = changed.service.iter_mut().flat_map(|service| &mut service.method);
            methods.filter(|method| method.name() == "AcceptCase").for_each(|method| method.options = None);
            pool.add_file_descriptor_proto(changed)?;
        } else {
            pool.decode_file_descriptor_proto(file.encode_to_vec().as_slice())?;
        }
    }
    assert!(without_rule(&pool).contains(&"gongzhi.dispatch.v1.CaseService.AcceptCase".to_owned()));
    Ok(())
}
