//! What touches a pool and its rows together, each in one commit: volunteers come and go, numbers are drawn.

use gongzhi_chassis::caller::Scope;
use gongzhi_chassis::execute::{DoneOf, Target, Writer};
use gongzhi_chassis::gate::Admission;
use gongzhi_chassis::status::Failure;
use gongzhi_proto::ids::PoolId;
use sqlx::PgConnection;

use super::lottery::{self, Kept, Sheet};
use super::machine::Event;
use super::state::{Draw, HouseholdRule, Replacing, Stage};
use super::{Command, Pool, PoolKind, Refusal, store};

/// Tries against others who change the same pool at the same moment.
const TRIES: usize = 4;

/// Who writes.
pub(super) struct Drawing<'a> {
    pub(super) writer: &'a Writer,
}

impl Drawing<'_> {
    /// Takes a volunteer in and gives the number. The pool is locked first, so that nobody else of the household comes in between.
    pub(super) async fn enrol(
        &self,
        admission: &Admission,
        id: &PoolId,
        rule: HouseholdRule,
        household: Option<String>,
        features: Vec<usize>,
    ) -> Result<u32, Failure> {
        let id = id.to_string();
        for _ in 0..TRIES {
            let mut unit = self.writer.begin(admission).await?;
            let done = unit.execute::<PoolKind>(&(), Target::Existing(&id), &Command::Enrol).await?;
            let Some(Event::Enrolled { number }) = done.events.first() else {
                return Err(Failure::Bug("a volunteer got no number".into()));
            };
            if !unit.is_repeat() {
                let connection = unit.connection().await?;
                if let (HouseholdRule::OneVolunteer, Some(household)) = (rule, &household)
                    && store::has_household(connection, &id, household).await?
                {
                    return Err(Failure::refused(&Refusal::HouseholdTwice));
                }
                let volunteer =
                    Kept { number: *number, household: household.clone(), features: features.clone() };
                store::keep(connection, &id, &volunteer).await?;
            }
            if unit.commit().await? {
                return Ok(*number);
            }
        }
        Err(Failure::Conflict)
    }

    /// Takes a volunteer out, and deletes what was said.
    pub(super) async fn withdraw(
        &self,
        admission: &Admission,
        id: &PoolId,
        number: u32,
    ) -> Result<DoneOf<PoolKind>, Failure> {
        let id = id.to_string();
        for _ in 0..TRIES {
            let mut unit = self.writer.begin(admission).await?;
            let command = Command::Withdraw { number };
            let done = unit.execute::<PoolKind>(&(), Target::Existing(&id), &command).await?;
            if !unit.is_repeat() && !store::delete(unit.connection().await?, &id, number).await? {
                return Err(Failure::refused(&Refusal::NoVolunteer(number)));
            }
            if unit.commit().await? {
                return Ok(done);
            }
        }
        Err(Failure::Conflict)
    }

    /// Draws, or takes members off, in one commit with the tickets that come with it.
    pub(super) async fn change(
        &self,
        admission: &Admission,
        id: &PoolId,
        wanted: &Wanted,
    ) -> Result<DoneOf<PoolKind>, Failure> {
        let id = id.to_string();
        for _ in 0..TRIES {
            let mut unit = self.writer.begin(admission).await?;
            unit.load_all::<PoolKind>(&[id.clone()].into()).await?;
            let loaded = store::state(unit.connection().await?, &id).await?;
            let pool = loaded.ok_or_else(|| Failure::NotFound(format!("pool {id}")))?;
            // Who may not see the pool learns nothing of what would follow.
            admission.require(&Scope::area(pool.opening.area.clone()), None)?;
            let found = if unit.is_repeat() {
                None
            } else {
                wanted.find(unit.connection().await?, &id, &pool).await?
            };
            // Where nothing is found, the law says why not.
            let (command, sheet) = found.unwrap_or_else(|| (wanted.unfounded(), None));
            let done = unit.execute::<PoolKind>(&(), Target::Existing(&id), &command).await?;
            if let Some((round, sheet)) = sheet {
                store::publish(unit.connection().await?, &id, round, &sheet).await?;
            }
            if unit.commit().await? {
                return Ok(done);
            }
        }
        Err(Failure::Conflict)
    }
}

/// What is asked of tickets.
pub(super) enum Wanted {
    /// The panel of a number.
    Panel(String),
    /// Tickets for replacements of members.
    Tickets(Vec<u32>),
    /// The panel with replacements, of a number.
    Replacements(String),
}

/// A command, with tickets of a round that are published with it.
type Found = (Command, Option<(usize, Sheet)>);

impl Wanted {
    /// The command as it is where there are no tickets.
    fn unfounded(&self) -> Command {
        let draw = |number: &str| Draw {
            left: Vec::new(),
            sha256: String::new(),
            tickets: 0,
            number: number.to_owned(),
            ticket: 0,
            panel: Vec::new(),
        };
        match self {
            Self::Panel(number) => Command::Draw { draw: draw(number), counts: Vec::new() },
            Self::Tickets(left) => {
                Command::Drop(Replacing { left: left.clone(), sha256: String::new(), tickets: 0 })
            }
            Self::Replacements(number) => Command::Replace { draw: draw(number), counts: Vec::new() },
        }
    }

    /// The command that follows from the pool and its tickets; none where the pool is not that far.
    async fn find(
        &self,
        connection: &mut PgConnection,
        id: &str,
        pool: &Pool,
    ) -> Result<Option<Found>, Failure> {
        let round = match (self, &pool.stage) {
            _ if pool.forgotten_at.is_some() => return Ok(None),
            (Self::Panel(_), Stage::Published(_)) => 0,
            (Self::Tickets(_), Stage::Drawn(panel)) => panel.draws.len() - 1,
            (Self::Replacements(_), Stage::Replacing(panel, _)) => panel.draws.len(),
            _ => return Ok(None),
        };
        let Some(sheet) = store::sheets(&mut *connection, id, Some(round)).await?.pop() else {
            return Ok(None);
        };
        let volunteers = store::volunteers(connection, id).await?;
        self.follow(pool, &sheet, &volunteers).map_err(|refusal| Failure::refused(&refusal))
    }

    fn follow(&self, pool: &Pool, sheet: &Sheet, volunteers: &[Kept]) -> Result<Option<Found>, Refusal> {
        let counts = |draw: &Draw| lottery::counts(&pool.opening, volunteers, &draw.panel);
        Ok(match (self, &pool.stage) {
            (Self::Panel(number), Stage::Published(lottery)) => {
                let draw = lottery::drawn(sheet, &lottery.sha256, number, &[])?;
                Some((Command::Draw { counts: counts(&draw), draw }, None))
            }
            (Self::Tickets(left), Stage::Drawn(panel)) => {
                let Some(last) = panel.draws.last() else { return Ok(None) };
                let (replacing, tickets) =
                    lottery::replacements(&pool.opening, volunteers, sheet, last, left)?;
                Some((Command::Drop(replacing), Some((panel.draws.len(), tickets))))
            }
            (Self::Replacements(number), Stage::Replacing(_, replacing)) => {
                let draw = lottery::drawn(sheet, &replacing.sha256, number, &replacing.left)?;
                Some((Command::Replace { counts: counts(&draw), draw }, None))
            }
            _ => None,
        })
    }
}
