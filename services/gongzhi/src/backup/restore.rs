//! Restoring a backup into an empty database: everything is looked at before anything is written, schemas are made as they were then, filled, and
//! brought forward to this program.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use gongzhi_chassis::objects::Objects;
use sqlx::{AssertSqlSafe, PgConnection};

use super::manifest::{Content, Digest, FILE, FORM, Manifest, Schema, Table};
use crate::services::Name;

/// Bytes that are read at once.
const PIECE: usize = 256 * 1024;

/// Reads the manifest and every byte of what it names; fails at the first that is missing or another.
pub(super) fn check(folder: &Path) -> Result<Manifest> {
    let path = folder.join(FILE);
    let text =
        fs::read(&path).with_context(|| format!("{} cannot be read: is this a backup?", path.display()))?;
    let manifest: Manifest =
        serde_json::from_slice(&text).with_context(|| format!("{} is not understood", path.display()))?;
    ensure!(manifest.form == FORM, "it has form {}, and this program reads {FORM}", manifest.form);
    let tables = manifest.schemas.values().flat_map(|schema| &schema.tables).map(|table| &table.content);
    for content in tables.chain(manifest.files.iter().map(|file| &file.content)) {
        // What is named by a file that somebody sent must not lead out of its folder.
        let leads_out = Path::new(&content.path)
            .components()
            .any(|part| !matches!(part, std::path::Component::Normal(_)));
        ensure!(!leads_out, "{:?} leads out of the folder", content.path);
        let found = digest(&folder.join(&content.path), &content.path)?;
        ensure!(
            found == *content,
            "{} is damaged: {} bytes with digest {} were backed up, {} bytes with {} are there",
            content.path,
            content.bytes,
            content.sha256,
            found.bytes,
            found.sha256
        );
    }
    Ok(manifest)
}

fn digest(path: &Path, name: &str) -> Result<Content> {
    let mut file = fs::File::open(path).with_context(|| format!("{name} is missing"))?;
    let (mut digest, mut piece) = (Digest::new(), vec![0; PIECE]);
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(digest.end(name.to_owned())),
            read => digest.add(&piece[..read]),
        }
    }
}

pub(super) async fn run(
    connection: &mut PgConnection,
    url: &str,
    files: &[(&'static str, Objects)],
    (folder, manifest): (&Path, &Manifest),
) -> Result<()> {
    for (schema, kept) in &manifest.schemas {
        let there: bool = sqlx::query_scalar("select exists (select 1 from pg_namespace where nspname = $1)")
            .bind(schema)
            .fetch_one(&mut *connection)
            .await?;
        ensure!(!there, "the database has a schema {schema} already: restore into an empty database");
        of(schema)?.knows(&kept.migrations)?;
    }
    if let Err(error) = fill(connection, url, folder, manifest).await {
        let _ = sqlx::raw_sql("rollback").execute(&mut *connection).await;
        for schema in manifest.schemas.keys() {
            sqlx::raw_sql(AssertSqlSafe(format!("drop schema if exists {schema} cascade")))
                .execute(&mut *connection)
                .await
                .context("what was restored in part could not be taken away: drop the database")?;
        }
        return Err(error.context("nothing was restored"));
    }
    put_files(files, folder, manifest).await?;
    println!(
        "restored. Now, before anything is served: `gongzhi bus rebuild --yes`, then `gongzhi audit verify`"
    );
    Ok(())
}

fn of(schema: &str) -> Result<Name> {
    Name::WITH_RECORD
        .into_iter()
        .find(|name| name.schema() == Some(schema))
        .with_context(|| format!("this program knows no service {schema}"))
}

async fn fill(connection: &mut PgConnection, url: &str, folder: &Path, manifest: &Manifest) -> Result<()> {
    for (schema, kept) in &manifest.schemas {
        of(schema)?.migrate_to(url, &kept.migrations.iter().copied().collect::<BTreeSet<_>>()).await?;
    }
    sqlx::raw_sql("begin").execute(&mut *connection).await?;
    for (schema, kept) in &manifest.schemas {
        fill_schema(connection, folder, schema, kept).await.with_context(|| format!("schema {schema}"))?;
    }
    sqlx::raw_sql("commit").execute(&mut *connection).await?;
    for schema in manifest.schemas.keys() {
        of(schema)?.migrate(url).await.with_context(|| format!("bringing {schema} forward"))?;
    }
    Ok(())
}

async fn fill_schema(
    connection: &mut PgConnection,
    folder: &Path,
    schema: &str,
    kept: &Schema,
) -> Result<()> {
    // Migrations put rows of their own into some; the backup has them too.
    let tables: Vec<_> = kept.tables.iter().map(|table| format!("{schema}.{}", table.name)).collect();
    if !tables.is_empty() {
        sqlx::raw_sql(AssertSqlSafe(format!("truncate {}", tables.join(", "))))
            .execute(&mut *connection)
            .await?;
    }
    for table in &kept.tables {
        fill_table(connection, folder, schema, table).await.with_context(|| table.name.clone())?;
    }
    for (sequence, last) in &kept.sequences {
        sqlx::query("select setval(format('%I.%I', $1::text, $2::text)::regclass, $3)")
            .bind(schema)
            .bind(sequence)
            .bind(last)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

async fn fill_table(connection: &mut PgConnection, folder: &Path, schema: &str, table: &Table) -> Result<()> {
    let columns = table.columns.join(", ");
    let mut copy =
        connection.copy_in_raw(&format!("copy {schema}.{} ({columns}) from stdin", table.name)).await?;
    let mut file = fs::File::open(folder.join(&table.content.path))?;
    let mut piece = vec![0; PIECE];
    loop {
        match file.read(&mut piece)? {
            0 => break,
            read => {
                copy.send(&piece[..read]).await?;
            }
        }
    }
    let rows = copy.finish().await?;
    ensure!(rows == table.rows, "{} rows were backed up, {rows} came back", table.rows);
    Ok(())
}

async fn put_files(files: &[(&'static str, Objects)], folder: &Path, manifest: &Manifest) -> Result<()> {
    for file in &manifest.files {
        let Some((_, objects)) = files.iter().find(|(kind, _)| *kind == file.kind) else {
            bail!(
                "the record is restored, but its files need GONGZHI_NATS_URL; {} was not put back",
                file.name
            );
        };
        objects.put(&file.name, &fs::read(folder.join(&file.content.path))?).await?;
    }
    Ok(())
}
