//! The services that this executable can mount, in the order in which they start.

use std::collections::BTreeSet;

use clap::ValueEnum;
use gongzhi_chassis::audit::Fold;
use gongzhi_chassis::record;
use gongzhi_chassis::run::{Context, Service};
use gongzhi_chassis::seal::Seals;
use gongzhi_chassis::status::Failure;
use sqlx::migrate::Migrator;

/// A service by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Name {
    /// Divisions, departments, people on duty, accounts.
    Organization,
    /// Grids, places, follow-up visits.
    Grid,
    /// Cases and whistles.
    Dispatch,
    /// Topics, agendas, ballots, resolutions.
    Deliberation,
    /// Boards and figures.
    Reporting,
    /// The catalogue, grants, subscriptions and their delivery.
    Exchange,
    /// The web app and its HTTP edge.
    Portal,
}

impl Name {
    /// Every service that has a database.
    pub const WITH_RECORD: [Name; 6] =
        [Self::Organization, Self::Grid, Self::Dispatch, Self::Deliberation, Self::Reporting, Self::Exchange];

    /// Its schema and migrations; none for those without a database.
    fn record(self) -> Option<(&'static str, &'static Migrator)> {
        match self {
            Self::Organization => Some((gongzhi_organization::NAME, &gongzhi_organization::MIGRATIONS)),
            Self::Grid => Some((gongzhi_grid::NAME, &gongzhi_grid::MIGRATIONS)),
            Self::Dispatch => Some((gongzhi_dispatch::NAME, &gongzhi_dispatch::MIGRATIONS)),
            Self::Deliberation => Some((gongzhi_deliberation::NAME, &gongzhi_deliberation::MIGRATIONS)),
            Self::Reporting => Some((gongzhi_reporting::NAME, &gongzhi_reporting::MIGRATIONS)),
            Self::Exchange => Some((gongzhi_exchange::NAME, &gongzhi_exchange::MIGRATIONS)),
            Self::Portal => None,
        }
    }

    /// The schema of its own; none for those without a database.
    pub fn schema(self) -> Option<&'static str> {
        self.record().map(|(schema, _)| schema)
    }

    /// How the histories of its kinds are folded, for the audit.
    pub fn folds(self) -> Vec<Fold> {
        let own = match self {
            Self::Organization => gongzhi_organization::folds(),
            Self::Grid => gongzhi_grid::folds(),
            Self::Dispatch => gongzhi_dispatch::folds(),
            Self::Deliberation => gongzhi_deliberation::folds(),
            Self::Exchange => gongzhi_exchange::folds(),
            // Projections and pages have no history.
            Self::Reporting | Self::Portal => Vec::new(),
        };
        [own, vec![Fold::of::<Seals>()]].concat()
    }

    /// Brings its schema to the newest version.
    pub async fn migrate(self, database_url: &str) -> Result<(), Failure> {
        match self.record() {
            Some((schema, migrations)) => record::migrate(database_url, schema, migrations).await,
            None => Ok(()),
        }
    }

    /// Brings an empty schema to the version that had run these migrations.
    pub async fn migrate_to(self, database_url: &str, versions: &BTreeSet<i64>) -> Result<(), Failure> {
        match self.record() {
            Some((schema, migrations)) => {
                record::migrate_to(database_url, schema, migrations, versions).await
            }
            None => Ok(()),
        }
    }

    /// Fails where one of these migrations is of a newer program.
    pub fn knows(self, versions: &[i64]) -> Result<(), Failure> {
        let own = self.record().map(|(_, migrations)| record::versions(migrations)).unwrap_or_default();
        match versions.iter().find(|version| !own.contains(version)) {
            None => Ok(()),
            Some(version) => Err(record::too_new(self.schema().unwrap_or_default(), *version)),
        }
    }

    /// Makes it ready to be mounted; none for the portal, which is not behind the gate.
    pub async fn service(self, context: &Context) -> Result<Option<Service>, Failure> {
        Ok(Some(match self {
            Self::Organization => gongzhi_organization::service(context).await?,
            Self::Grid => gongzhi_grid::service(context).await?,
            Self::Dispatch => gongzhi_dispatch::service(context).await?,
            Self::Deliberation => gongzhi_deliberation::service(context).await?,
            Self::Reporting => gongzhi_reporting::service(context).await?,
            Self::Exchange => gongzhi_exchange::service(context).await?,
            Self::Portal => return Ok(None),
        }))
    }
}
