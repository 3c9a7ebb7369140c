//! Rust code and the descriptor set generated from `proto/` are committed; this test generates them anew and compares.

use std::collections::BTreeMap;
use std::path::Path;

use crate::tree;

/// The contracts, compiled; with comments for generated code, without for the descriptor set that ships in the binary.
pub fn compile(comments: bool) -> anyhow::Result<protox::Compiler> {
    let proto = tree::root().join("proto");
    let mut compiler = protox::Compiler::new([&proto])?;
    compiler.include_source_info(comments).include_imports(true);
    for source in tree::files(&proto.join("gongzhi"), ".proto") {
        compiler.open_file(source.strip_prefix(&proto)?)?;
    }
    Ok(compiler)
}

/// Generates everything into `out`: one Rust file per package and `descriptor.binpb`, which keeps the options of facts, rpcs and posts.
fn generate(out: &Path) -> anyhow::Result<()> {
    std::fs::write(out.join("descriptor.binpb"), compile(false)?.encode_file_descriptor_set())?;
    let mut config = prost_build::Config::new();
    config.out_dir(out).enable_type_names();
    tonic_prost_build::configure()
        .out_dir(out)
        .compile_fds_with_config(compile(true)?.file_descriptor_set(), config)?;
    Ok(())
}

fn contents(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    tree::files(dir, "")
        .into_iter()
        .map(|path| {
            let name = path.file_name().expect("a file has a name").to_string_lossy().into_owned();
            (name, std::fs::read(&path).expect("a listed file can be read"))
        })
        .collect()
}

#[test]
fn code_from_contracts_is_fresh() -> anyhow::Result<()> {
    let committed = tree::root().join("proto/src/gen");
    let scratch = std::env::temp_dir().join(format!("gongzhi-tidy-{}", std::process::id()));
    std::fs::create_dir_all(&scratch)?;
    let result = generate(&scratch);
    let generated = contents(&scratch);
    std::fs::remove_dir_all(&scratch)?;
    result?;
    if tree::update() {
        for (name, bytes) in &generated {
            std::fs::write(committed.join(name), bytes)?;
        }
    }
    let committed = contents(&committed);
    let stale: Vec<_> = generated
        .iter()
        .filter(|(name, bytes)| committed.get(*name) != Some(bytes))
        .map(|(name, _)| name)
        .collect();
    assert!(stale.is_empty(), "stale, rewrite with `UPDATE=1 cargo test -p gongzhi-tidy`: {stale:?}");
    let dead: Vec<_> = committed.keys().filter(|name| !generated.contains_key(*name)).collect();
    assert!(dead.is_empty(), "no contract makes these any more: {dead:?}");
    Ok(())
}
