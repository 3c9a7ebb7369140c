//! Where places lie: all grids in memory, fresh across replicas. The table is asked at most once a second whether a grid was drawn since, and at once
//! after a drawing of this process; only boundaries that changed are read again. Knows nothing of rosters or people.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use geo::Coord;
use gongzhi_chassis::status::Failure;
use gongzhi_proto::ids::GridId;
use sqlx::PgPool;

use super::store::{self, KeptBoundary};
use crate::boundary::{Boundary, Crs, Locator, import};

/// How long a drawing of another replica may go unnoticed.
const FRESH_FOR: Duration = Duration::from_secs(1);

/// A place on the ground (地点), in WGS 84.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Place {
    pub(super) longitude: f64,
    pub(super) latitude: f64,
}

impl Place {
    /// A place as it was stated in a system.
    pub(super) fn stated(crs: Crs, longitude: f64, latitude: f64) -> Self {
        let Coord { x, y } = crs.to_wgs84(Coord { x: longitude, y: latitude });
        Self { longitude: x, latitude: y }
    }
}

/// Finds the grid in which a place lies.
pub(super) struct Places {
    pool: PgPool,
    seen: RwLock<Seen>,
    /// One at a time looks again; the others wait for what it finds.
    looking: tokio::sync::Mutex<()>,
    /// Drawings of this process.
    drawn_here: AtomicU64,
}

/// What was seen in the table, and when.
#[derive(Clone)]
struct Seen {
    map: Arc<Map>,
    /// None before the first look.
    at: Option<Instant>,
    drawn_here: u64,
}

/// All grids at one instant.
struct Map {
    drawings: i64,
    boundaries: BTreeMap<GridId, (i64, Arc<Boundary>)>,
    locator: Locator<GridId>,
}

impl Places {
    pub(super) fn new(pool: PgPool) -> Self {
        let map = Arc::new(Map::of(0, BTreeMap::new()));
        let seen = RwLock::new(Seen { map, at: None, drawn_here: 0 });
        Self { pool, seen, looking: tokio::sync::Mutex::default(), drawn_here: AtomicU64::new(0) }
    }

    /// Notes that a grid was drawn by this process: the next answer knows it.
    pub(super) fn note_drawing(&self) {
        self.drawn_here.fetch_add(1, Ordering::SeqCst);
    }

    /// Tells in which grid a place lies; none outside of all.
    pub(super) async fn locate(&self, place: Place) -> Result<Option<GridId>, Failure> {
        Ok(self.map().await?.locator.locate(place.longitude, place.latitude).cloned())
    }

    async fn map(&self) -> Result<Arc<Map>, Failure> {
        if let Some(map) = self.fresh() {
            return Ok(map);
        }
        let _looking = self.looking.lock().await;
        if let Some(map) = self.fresh() {
            return Ok(map);
        }
        // Both are taken before the table is asked: what happens meanwhile is found by the next look.
        let (at, drawn_here) = (Some(Instant::now()), self.drawn_here.load(Ordering::SeqCst));
        let old = self.seen.read().unwrap_or_else(PoisonError::into_inner).map.clone();
        let map = self.look_again(old).await?;
        let seen = Seen { map: map.clone(), at, drawn_here };
        *self.seen.write().unwrap_or_else(PoisonError::into_inner) = seen;
        Ok(map)
    }

    fn fresh(&self) -> Option<Arc<Map>> {
        let seen = self.seen.read().unwrap_or_else(PoisonError::into_inner);
        let young = seen.at.is_some_and(|at| at.elapsed() < FRESH_FOR);
        (young && seen.drawn_here == self.drawn_here.load(Ordering::SeqCst)).then(|| seen.map.clone())
    }

    async fn look_again(&self, old: Arc<Map>) -> Result<Arc<Map>, Failure> {
        let drawings = store::drawings(&self.pool).await?;
        if drawings == old.drawings {
            return Ok(old);
        }
        let known: Vec<_> =
            old.boundaries.iter().map(|(id, (drawing, _))| (id.to_string(), *drawing)).collect();
        let changed = store::boundaries_unlike(&self.pool, &known).await?;
        // Reading boundaries is arithmetic without a pause: it must not hold up the calls on this thread.
        let map = tokio::task::spawn_blocking(move || old.with(drawings, changed)).await;
        map.map_err(|error| Failure::Bug(error.to_string()))?.map(Arc::new)
    }
}

impl Map {
    fn of(drawings: i64, boundaries: BTreeMap<GridId, (i64, Arc<Boundary>)>) -> Self {
        let locator =
            Locator::new(boundaries.iter().map(|(id, (_, boundary))| (id.clone(), boundary.as_ref())));
        Self { drawings, boundaries, locator }
    }

    fn with(&self, drawings: i64, changed: Vec<KeptBoundary>) -> Result<Self, Failure> {
        let mut boundaries = self.boundaries.clone();
        for kept in changed {
            let read = import(&kept.geojson, Some(Crs::Wgs84)).ok();
            let feature = read.and_then(|mut read| read.accepted.pop()).ok_or_else(|| {
                Failure::Bug(format!("the boundary kept of grid {} cannot be read; draw it anew", kept.id))
            })?;
            boundaries.insert(kept.id, (kept.drawing, Arc::new(feature.boundary)));
        }
        Ok(Self::of(drawings, boundaries))
    }
}
