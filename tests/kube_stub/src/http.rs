//! HTTP: from a request to what is meant by it, past faults and rights, to an answer.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, Method, Uri};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use serde_json::Value;

use crate::change::{Patch, Write};
use crate::discovery;
use crate::faults::Faults;
use crate::kinds::Kind;
use crate::list::{self, Wanted};
use crate::protobuf;
use crate::rights::{Act, Rights};
use crate::status::No;
use crate::store::Store;
use crate::watch::{self, Asked};

/// Everything that the stub is.
#[derive(Default)]
pub(crate) struct Server {
    pub(crate) store: Store,
    pub(crate) rights: Rights,
    pub(crate) faults: Faults,
    pub(crate) writes: Mutex<BTreeMap<String, u64>>,
}

/// Longest body.
const LARGEST: usize = 3 << 20;

pub(crate) fn router(server: Arc<Server>) -> Router {
    Router::new().fallback(serve).layer(axum::extract::DefaultBodyLimit::max(LARGEST)).with_state(server)
}

/// What a path names.
struct Target {
    kind: Kind,
    namespace: String,
    name: String,
    part: String,
}

type Parameters = HashMap<String, String>;

async fn serve(
    State(server): State<Arc<Server>>,
    method: Method,
    uri: Uri,
    Query(parameters): Query<Parameters>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if method == Method::GET
        && let Some(answer) = discovery::answer(&server, uri.path())
    {
        return answer;
    }
    match act(&server, &method, uri.path(), &parameters, &headers, &body).await {
        Ok(answer) => answer,
        Err(no) => no.into_response(),
    }
}

fn target(server: &Server, path: &str) -> Result<Target, No> {
    let parts: Vec<_> = path.split('/').filter(|part| !part.is_empty()).collect();
    let (group, version, rest) = match parts.as_slice() {
        ["api", version, rest @ ..] => ("", *version, rest),
        ["apis", group, version, rest @ ..] => (*group, *version, rest),
        _ => return Err(No::not_found(path)),
    };
    let (namespace, rest) = match rest {
        // A namespace is an object too, with parts of its own.
        ["namespaces"] | ["namespaces", _] | ["namespaces", _, "status" | "finalize"] => ("", rest),
        ["namespaces", namespace, rest @ ..] => (*namespace, rest),
        _ => ("", rest),
    };
    let (plural, name, part) = match rest {
        [plural] => (*plural, "", ""),
        [plural, name] => (*plural, *name, ""),
        [plural, name, part] => (*plural, *name, *part),
        _ => return Err(No::not_found(path)),
    };
    let kind = server.store.kind(group, version, plural).ok_or_else(|| No::not_found(path))?;
    let is_there = part.is_empty() || (part == "status" && kind.status);
    if !is_there {
        return Err(No::not_found(path));
    }
    Ok(Target { kind, namespace: namespace.into(), name: name.into(), part: part.into() })
}

async fn act(
    server: &Arc<Server>,
    method: &Method,
    path: &str,
    parameters: &Parameters,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<Response, No> {
    let target = target(server, path)?;
    let given = |name: &str| parameters.get(name).map(String::as_str).unwrap_or_default();
    let watches = matches!(given("watch"), "true" | "1");
    let verb = match (method.as_str(), target.name.is_empty()) {
        ("GET", true) if watches => "watch",
        ("GET", true) => "list",
        ("GET", false) => "get",
        ("POST", true) => "create",
        ("PUT", false) => "update",
        ("PATCH", false) => "patch",
        ("DELETE", false) => "delete",
        ("DELETE", true) => "deletecollection",
        _ => return Err(No::bad_request(format!("{method} on {path}"))),
    };
    let token = headers.get("authorization").and_then(|value| value.to_str().ok());
    let token = token.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    let part =
        |name: &str| if target.part.is_empty() { name.to_owned() } else { format!("{name}/{}", target.part) };
    let resource = part(&target.kind.resource());
    let plural = part(&target.kind.plural);
    let may = |verb: &str| {
        let (namespace, name) = (target.namespace.as_str(), target.name.as_str());
        let group = target.kind.group.as_str();
        server.rights.check(token, &Act { verb, group, resource: &plural, namespace, name })
    };
    may(verb)?;
    let writes = !matches!(verb, "get" | "list" | "watch");
    if writes {
        let key = format!("{resource} {verb}");
        *server.writes.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_insert(0) += 1;
    }
    let (wait, code) = server.faults.of(verb, &resource);
    if !wait.is_zero() {
        tokio::time::sleep(wait).await;
    }
    if let Some(code) = code {
        return Err(No::fault(code));
    }
    let wanted = Wanted::parse(&target.namespace, given("labelSelector"), given("fieldSelector"));
    match verb {
        "watch" => Ok(watched(server, &target, wanted, parameters)?),
        "list" => {
            let limit = given("limit").parse().unwrap_or(0);
            let page = server
                .store
                .read(|inner| list::page(inner, &target.kind, &wanted, (limit, given("continue"))));
            Ok(Json(page?).into_response())
        }
        "get" => {
            let place = (target.namespace.clone(), target.name.clone());
            let found = server.store.read(|inner| inner.get(&target.kind.resource(), &place).cloned());
            let held = found.ok_or_else(|| No::not_found(format!("{resource} {:?}", target.name)))?;
            Ok(Json(held.object.as_ref()).into_response())
        }
        _ => write(server, &target, verb, (parameters, headers, body), &may),
    }
}

fn watched(
    server: &Arc<Server>,
    target: &Target,
    wanted: Wanted,
    parameters: &Parameters,
) -> Result<Response, No> {
    let given = |name: &str| parameters.get(name).map(String::as_str).unwrap_or_default();
    let version = match given("resourceVersion") {
        "" | "0" => None,
        // Who wants a list as a watch is told everything, and then that this was all.
        _ if given("sendInitialEvents") == "true" => None,
        version => {
            let read = version.parse();
            Some(read.map_err(|_| No::bad_request(format!("resourceVersion {version:?} is none of ours")))?)
        }
    };
    let asked = Asked {
        kind: target.kind.clone(),
        wanted,
        version,
        bookmarks: given("allowWatchBookmarks") == "true",
        initial: given("sendInitialEvents") == "true",
        lasts: Duration::from_secs(given("timeoutSeconds").parse().unwrap_or(3_600)),
    };
    let body = watch::watch(server.clone(), asked);
    Ok(([("content-type", "application/json")], body).into_response())
}

/// Reads a body: JSON is YAML, which apply may send.
fn read(body: &Bytes) -> Result<Value, No> {
    if body.is_empty() {
        return Ok(Value::Null);
    }
    if body.starts_with(protobuf::MAGIC) {
        return protobuf::read(body);
    }
    serde_json::from_slice(body).or_else(|_| {
        let text = String::from_utf8_lossy(body);
        serde_saphyr::from_str(&text)
            .map_err(|error| No::bad_request(format!("the body cannot be read: {error}")))
    })
}

fn write(
    server: &Arc<Server>,
    target: &Target,
    verb: &str,
    (parameters, headers, body): (&Parameters, &HeaderMap, &Bytes),
    may: &dyn Fn(&str) -> Result<(), No>,
) -> Result<Response, No> {
    let given = |name: &str| parameters.get(name).map(String::as_str).unwrap_or_default();
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let agent = header("user-agent").split('/').next().unwrap_or_default();
    let write = Write {
        kind: &target.kind,
        namespace: &target.namespace,
        name: &target.name,
        part: &target.part,
        manager: if given("fieldManager").is_empty() { agent } else { given("fieldManager") },
        strict: given("fieldValidation") == "Strict",
        dry: given("dryRun") == "All",
    };
    let object = read(body)?;
    let place = (target.namespace.clone(), target.name.clone());
    let exists = || server.store.read(|inner| inner.get(&target.kind.resource(), &place).is_some());
    let (code, done) = match verb {
        "create" => (201, server.store.write(|inner| write.create(inner, object))?),
        "update" => (200, server.store.write(|inner| write.replace(inner, object))?),
        "delete" | "deletecollection" => {
            let policy = object["propagationPolicy"].as_str().unwrap_or_else(|| given("propagationPolicy"));
            let orphan = policy == "Orphan";
            if verb == "delete" {
                return Ok(
                    Json(server.store.write(|inner| write.delete(inner, orphan))?.as_ref()).into_response()
                );
            }
            let wanted = Wanted::parse(&target.namespace, given("labelSelector"), given("fieldSelector"));
            server.store.write(|inner| {
                let page = list::page(inner, &target.kind, &wanted, (0, ""))?;
                for object in page["items"].as_array().into_iter().flatten() {
                    let word = |field: &str| object["metadata"][field].as_str().unwrap_or_default();
                    Write { namespace: word("namespace"), name: word("name"), ..write }
                        .delete(inner, orphan)?;
                }
                Ok::<_, No>(())
            })?;
            return Ok(Json(serde_json::json!({"kind": "Status", "apiVersion": "v1", "status": "Success"}))
                .into_response());
        }
        _ => {
            let patch = match header("content-type").split(';').next().unwrap_or_default().trim() {
                "application/apply-patch+yaml" | "application/apply-patch+cbor" => {
                    if write.manager.is_empty() || given("fieldManager").is_empty() {
                        return Err(No::bad_request(
                            "PatchOptions: fieldManager is required for apply patch",
                        ));
                    }
                    if !exists() && target.part.is_empty() {
                        // To apply what is not there is to create it.
                        may("create")?;
                    }
                    Patch::Apply(object, given("force") == "true")
                }
                "application/merge-patch+json" => Patch::Merge(object),
                "application/strategic-merge-patch+json" => Patch::Strategic(object),
                "application/json-patch+json" => {
                    let read = serde_json::from_value(object);
                    Patch::Json(read.map_err(|error| No::bad_request(error.to_string()))?)
                }
                other => return Err(No::unsupported(format!("{other:?} is no patch"))),
            };
            let code = if exists() { 200 } else { 201 };
            (code, server.store.write(|inner| write.patch(inner, patch))?)
        }
    };
    let code = axum::http::StatusCode::from_u16(code).unwrap_or_default();
    Ok((code, Json(done.as_ref())).into_response())
}
