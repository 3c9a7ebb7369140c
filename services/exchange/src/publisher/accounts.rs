//! Issues accounts to publishers and takes them back.

use gongzhi_chassis::execute::{Target, Writer};
use gongzhi_chassis::gate::Admission;
use gongzhi_chassis::nats_identity::{self, Issuer, Outsider, Reach};
use gongzhi_chassis::status::Failure;
use gongzhi_proto::ids::AreaCode;

use super::{Command, Publisher, PublisherKind, store};
use crate::party::Party;

/// Accounts of publishers. Cloning shares connections.
#[derive(Clone)]
pub(crate) struct Accounts {
    pub(crate) writer: Writer,
    pub(crate) district: AreaCode,
    /// None where this installation issues no credentials.
    pub(crate) issuer: Option<Issuer>,
}

impl Accounts {
    fn issuer(&self) -> Result<&Issuer, Failure> {
        self.issuer.as_ref().ok_or_else(nats_identity::not_issued)
    }

    /// Issues an account and takes the former one back. What a repeat would have to show was told once and is kept nowhere.
    pub(super) async fn issue(
        &self,
        admission: &Admission,
        party: &Party,
    ) -> Result<(Outsider, Publisher, i64), Failure> {
        let issuer = self.issuer()?;
        let token = party.token();
        let outsider = issuer.issue(&token, Reach::Publication(&self.district), None).await?;
        let kept = self.keep(admission, party, &outsider).await;
        let (publisher, version) = match kept {
            Ok(kept) => kept,
            Err(failure) => {
                // Nothing hangs on the account yet; it goes again.
                issuer.revoke(&outsider.account_public_key).await?;
                return Err(failure);
            }
        };
        self.take_back(Some(&token)).await?;
        Ok((outsider, publisher, version))
    }

    async fn keep(
        &self,
        admission: &Admission,
        party: &Party,
        outsider: &Outsider,
    ) -> Result<(Publisher, i64), Failure> {
        let account = outsider.account_public_key.clone();
        let mut unit = self.writer.begin(admission).await?;
        let command = Command::Issue {
            party: party.clone(),
            district: self.district.clone(),
            account: account.clone(),
        };
        let done = unit.execute::<PublisherKind>(&(), Target::Any(&party.token()), &command).await?;
        if unit.is_repeat() {
            return Err(nats_identity::told_once());
        }
        let at = unit.at();
        store::keep(unit.connection().await?, &account, party, &outsider.account_jwt, at).await?;
        if unit.commit().await? { Ok((done.state, done.version)) } else { Err(Failure::Conflict) }
    }

    /// Whose account it is, while it is in force.
    pub(super) async fn party_of(&self, account: &str) -> Result<Option<Party>, Failure> {
        Ok(store::party_of(self.writer.pool(), account).await?)
    }

    /// Takes accounts back that are no longer in force, of one publisher or of all. Closes their connections.
    pub(crate) async fn take_back(&self, of: Option<&str>) -> Result<(), Failure> {
        let Some(issuer) = &self.issuer else { return Ok(()) };
        for account in store::void(self.writer.pool(), of).await? {
            issuer.revoke(&account).await?;
            store::revoked(self.writer.pool(), &account, self.writer.clock().now()).await?;
            tracing::info!(nats.account = account, "a publisher's account on NATS was taken back");
        }
        Ok(())
    }

    /// Tells servers again of accounts that they may have lost with their data.
    pub(crate) async fn restore(&self) -> Result<(), Failure> {
        let Some(issuer) = &self.issuer else { return Ok(()) };
        let known = issuer.list().await?;
        for (account, jwt) in store::living(self.writer.pool()).await? {
            if !known.contains(&account) {
                issuer.push(&jwt).await?;
            }
        }
        Ok(())
    }
}
