//! Watches: what changes behind a version, as lines of JSON, with bookmarks, until the time is over or the past is forgotten.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::http::Server;
use crate::kinds::Kind;
use crate::list::Wanted;
use crate::status::No;
use crate::store::What;

/// How often who asked for bookmarks is told how far it is.
const BOOKMARK_EVERY: Duration = Duration::from_secs(2);

/// What a watch is asked for.
pub(crate) struct Asked {
    pub(crate) kind: Kind,
    pub(crate) wanted: Wanted,
    /// Behind which version; none: everything that is there first.
    pub(crate) version: Option<u64>,
    pub(crate) bookmarks: bool,
    /// Whether it is told when everything that was there has been sent.
    pub(crate) initial: bool,
    pub(crate) lasts: Duration,
}

/// Sends changes until it ends.
pub(crate) fn watch(server: Arc<Server>, asked: Asked) -> Body {
    let (sender, receiver) = mpsc::channel::<Result<Bytes, std::convert::Infallible>>(64);
    tokio::spawn(async move { follow(&server, asked, sender).await });
    Body::from_stream(tokio_stream::wrappers::ReceiverStream::new(receiver))
}

async fn follow(
    server: &Server,
    asked: Asked,
    sender: mpsc::Sender<Result<Bytes, std::convert::Infallible>>,
) -> Option<()> {
    let resource = asked.kind.resource();
    let send = async |kind: &str, object: &Value| {
        let line = format!("{}\n", json!({"type": kind, "object": object}));
        sender.send(Ok(Bytes::from(line))).await.ok()
    };
    let ends = Instant::now() + asked.lasts;
    let mut told = server.store.told();
    let (mut version, era, there) = server.store.read(|inner| {
        let held = inner.objects.get(&resource).into_iter().flatten().map(|(_, held)| held.object.clone());
        let there: Vec<_> = match asked.version {
            Some(_) => Vec::new(),
            None => held.filter(|object| asked.wanted.fits(object)).collect(),
        };
        (asked.version.unwrap_or(inner.version), inner.era, there)
    });
    for object in there {
        send("ADDED", &object).await?;
    }
    let mark = |version: u64, last: bool| {
        let mut metadata = json!({"resourceVersion": version.to_string(), "creationTimestamp": null});
        if last {
            metadata["annotations"] = json!({"k8s.io/initial-events-end": "true"});
        }
        json!({"apiVersion": asked.kind.api_version(), "kind": asked.kind.kind, "metadata": metadata})
    };
    if asked.initial {
        send("BOOKMARK", &mark(version, true)).await?;
    }
    let mut bookmark = Instant::now() + BOOKMARK_EVERY;
    loop {
        told.mark_unchanged();
        let (newest, now, changes) =
            server.store.read(|inner| (inner.version, inner.era, inner.since(&resource, version)));
        let changes = changes.filter(|_| now == era);
        let Some(changes) = changes else {
            return send("ERROR", &No::gone(format!("too old resource version: {version}")).object()).await;
        };
        for change in changes {
            let fitted = change.was.as_ref().is_some_and(|was| asked.wanted.fits(was));
            let fits = change.what != What::Deleted && asked.wanted.fits(&change.object);
            // Who asks for some only is told that one came or went when its labels did.
            let kind = match (fitted, fits) {
                (false, true) => "ADDED",
                (true, true) => "MODIFIED",
                (true, false) => "DELETED",
                (false, false) => continue,
            };
            send(kind, &change.object).await?;
        }
        version = newest;
        if asked.bookmarks && Instant::now() >= bookmark {
            send("BOOKMARK", &mark(version, false)).await?;
            bookmark = Instant::now() + BOOKMARK_EVERY;
        }
        tokio::select! {
            () = tokio::time::sleep_until(ends) => return None,
            () = tokio::time::sleep_until(bookmark), if asked.bookmarks => {}
            () = sender.closed() => return None,
            changed = told.changed() => if changed.is_err() { return None },
        }
    }
}
