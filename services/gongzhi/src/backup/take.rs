//! Taking a backup: one transaction that sees one moment of all schemas, copied table by table.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{BufWriter, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use futures::StreamExt as _;
use gongzhi_chassis::objects::Objects;
use jiff::Timestamp;
use sqlx::{AssertSqlSafe, PgConnection, Row as _};

use super::manifest::{Content, Digest, FILE, FORM, File, Manifest, PARTIAL, Schema, Table};
use crate::services::Name;

/// What sqlx keeps of migrations; it is made anew when they are run.
const MIGRATIONS: &str = "_sqlx_migrations";

pub(super) async fn run(
    connection: &mut PgConnection,
    files: &[(&'static str, Objects)],
    district: &str,
    folder: &Path,
) -> Result<()> {
    ensure!(
        !folder.exists(),
        "{} is there already; a backup goes into a folder of its own",
        folder.display()
    );
    // Under another name until it is whole, so that nobody takes a half for a backup.
    let partial = folder.with_file_name(format!(
        "{}{PARTIAL}",
        folder.file_name().and_then(|name| name.to_str()).context("name a folder")?
    ));
    make(&partial).with_context(|| {
        format!("{} cannot be made; one that broke off before may be deleted", partial.display())
    })?;
    let manifest = copy(connection, files, district, &partial).await?;
    let mut file = create(&partial.join(FILE))?;
    file.write_all(&serde_json::to_vec_pretty(&manifest)?)?;
    file.into_inner()?.sync_all()?;
    fs::rename(&partial, folder)?;
    println!("{}: {}", folder.display(), manifest.in_words());
    println!(
        "it holds everything that the district knows, and its keys where the database keeps them: guard it"
    );
    Ok(())
}

async fn copy(
    connection: &mut PgConnection,
    files: &[(&'static str, Objects)],
    district: &str,
    folder: &Path,
) -> Result<Manifest> {
    sqlx::raw_sql("begin transaction isolation level repeatable read, read only")
        .execute(&mut *connection)
        .await?;
    let taken_at = Timestamp::now();
    let mut schemas = BTreeMap::new();
    for schema in Name::WITH_RECORD.into_iter().filter_map(Name::schema) {
        let there: bool = sqlx::query_scalar("select exists (select 1 from pg_namespace where nspname = $1)")
            .bind(schema)
            .fetch_one(&mut *connection)
            .await?;
        ensure!(
            there,
            "there is no schema {schema}: this is no database of a district, or `gongzhi migrate` was never run"
        );
        schemas.insert(schema.to_owned(), copy_schema(connection, schema, folder).await?);
    }
    sqlx::raw_sql("commit").execute(&mut *connection).await?;
    // Files are put before what names them is committed, so what the moment above names is there, unless it was withdrawn meanwhile.
    let mut kept = Vec::new();
    for (kind, objects) in files {
        kept.extend(copy_files(kind, objects, folder).await?);
    }
    Ok(Manifest {
        form: FORM,
        district: district.to_owned(),
        taken_at,
        program: env!("CARGO_PKG_VERSION").into(),
        schemas,
        files: kept,
    })
}

async fn copy_schema(connection: &mut PgConnection, schema: &str, folder: &Path) -> Result<Schema> {
    let migrations = sqlx::query_scalar(AssertSqlSafe(format!(
        "select version from {schema}.{MIGRATIONS} where success order by version"
    )))
    .fetch_all(&mut *connection)
    .await?;
    let mut tables = Vec::new();
    for name in in_order(connection, schema).await? {
        tables.push(copy_table(connection, schema, name, folder).await?);
    }
    let rows =
        sqlx::query("select sequencename::text, last_value from pg_sequences where schemaname = $1 and last_value is not null")
            .bind(schema)
            .fetch_all(&mut *connection)
            .await?;
    let sequences = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    Ok(Schema { migrations, tables, sequences })
}

/// The tables of a schema, those that are referred to before those that refer.
async fn in_order(connection: &mut PgConnection, schema: &str) -> Result<Vec<String>> {
    let rows = sqlx::query(
        "select c.relname::text,
             array(select f.confrelid::regclass::oid::bigint from pg_constraint f where f.conrelid = c.oid and f.contype = 'f' and f.confrelid <> c.oid),
             c.oid::bigint
         from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname = $1 and c.relkind = 'r' and c.relname <> $2 order by c.relname",
    )
    .bind(schema)
    .bind(MIGRATIONS)
    .fetch_all(connection)
    .await?;
    let mut waiting: Vec<(String, Vec<i64>, i64)> =
        rows.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect();
    let (mut ordered, mut done) = (Vec::new(), BTreeSet::new());
    while !waiting.is_empty() {
        let next = waiting
            .iter()
            .position(|(_, refers_to, _)| refers_to.iter().all(|table| done.contains(table)))
            .context("tables refer to each other in a circle, or to another schema")?;
        let (name, _, id) = waiting.remove(next);
        ordered.push(name);
        done.insert(id);
    }
    Ok(ordered)
}

async fn copy_table(
    connection: &mut PgConnection,
    schema: &str,
    name: String,
    folder: &Path,
) -> Result<Table> {
    let columns: Vec<String> = sqlx::query_scalar(
        "select quote_ident(attname) from pg_attribute
         where attrelid = format('%I.%I', $1::text, $2::text)::regclass and attnum > 0 and not attisdropped and attgenerated = '' order by attnum",
    )
    .bind(schema)
    .bind(&name)
    .fetch_all(&mut *connection)
    .await?;
    let path = format!("{schema}.{name}.txt");
    let mut file = create(&folder.join(&path))?;
    let mut digest = Digest::new();
    let mut rows = 0;
    let mut pieces =
        connection.copy_out_raw(&format!("copy {schema}.{name} ({}) to stdout", columns.join(", "))).await?;
    while let Some(piece) = pieces.next().await {
        let piece = piece?;
        // Line breaks in values are written as \n by COPY, so each line is a row.
        rows += piece.iter().filter(|byte| **byte == b'\n').count() as u64;
        digest.add(&piece);
        file.write_all(&piece)?;
    }
    drop(pieces);
    file.into_inner()?.sync_all()?;
    Ok(Table { name, columns, rows, content: digest.end(path) })
}

async fn copy_files(kind: &str, objects: &Objects, folder: &Path) -> Result<Vec<File>> {
    make(&folder.join(kind))?;
    let mut kept = Vec::new();
    let mut lying = objects.list().await?;
    while let Some(found) = lying.next().await {
        let name = found?.name;
        // Names are ours; what is not a plain name is nobody's.
        ensure!(!name.contains('/') && !name.starts_with('.'), "{name:?} is no name of a file of ours");
        let content = copy_file(objects, &name, format!("{kind}/{name}"), folder).await?;
        kept.push(File { kind: kind.to_owned(), name, content });
    }
    kept.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(kept)
}

async fn copy_file(objects: &Objects, name: &str, path: String, folder: &Path) -> Result<Content> {
    let mut file = create(&folder.join(&path))?;
    let mut digest = Digest::new();
    let mut pieces = objects.read(name).await?;
    while let Some(piece) = pieces.next().await {
        let piece = piece?;
        digest.add(&piece);
        file.write_all(&piece)?;
    }
    file.into_inner()?.sync_all()?;
    Ok(digest.end(path))
}

/// A folder that nobody else enters.
fn make(folder: &Path) -> Result<()> {
    Ok(DirBuilder::new().mode(0o700).create(folder)?)
}

/// A file that nobody else reads.
fn create(path: &Path) -> Result<BufWriter<fs::File>> {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    Ok(BufWriter::new(file.with_context(|| format!("{} cannot be written", path.display()))?))
}
