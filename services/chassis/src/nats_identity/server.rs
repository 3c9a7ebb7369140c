//! The text that makes a nats-server obey an operator. What is shipped and what is tested is this one text.

use jiff::Timestamp;

use super::keys::Keys;
use crate::status::Failure;

/// Accounts that a server keeps.
const ACCOUNTS: u32 = 100_000;

/// Lines of the server's configuration. `directory` is where it keeps accounts that are pushed to it, in the configuration's own words: a text in
/// quotes or a variable. There is no `no_auth_user`, no MQTT, no WebSocket and no leaf node: whoever connects has credentials and speaks plain NATS.
pub fn configuration(keys: &Keys, directory: &str, now: Timestamp) -> Result<String, Failure> {
    let founding = keys.founding(now)?;
    let ((main, main_jwt), (system, system_jwt)) = (founding.main, founding.system);
    Ok(format!(
        "operator: {}\n\
         system_account: {system}\n\
         resolver {{ type: full, dir: {directory}, allow_delete: true, interval: \"2m\", limit: {ACCOUNTS} }}\n\
         resolver_preload {{\n  {main}: {main_jwt}\n  {system}: {system_jwt}\n}}\n",
        founding.operator
    ))
}
