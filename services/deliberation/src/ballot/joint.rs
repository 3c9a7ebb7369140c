//! What a ballot does together with its roll, its slips and its votes, each in one commit.

use gongzhi_chassis::caller::Scope;
use gongzhi_chassis::execute::{DoneOf, Target, Unit, Writer};
use gongzhi_chassis::gate::Admission;
use gongzhi_chassis::status::Failure;
use gongzhi_proto::ids::{BallotId, TopicId};

use super::count::{self, Choice};
use super::machine::Command;
use super::record::{self, Counted};
use super::state::{Closing, Elector, Secrecy};
use super::vote::{self, Asked, Poll, Vote, VoteKind};
use super::{BallotKind, store};
use crate::secrets::{Secrets, sha256};
use crate::slips;
use crate::topic::{Stage, TopicKind};

/// Tries against others who change the same ballot at the same moment.
const TRIES: usize = 4;

fn missing(id: &BallotId) -> Failure {
    Failure::NotFound(format!("ballot {id}"))
}

/// Enters electors, in the ballot's history and on its roll.
pub(super) async fn enter(
    writer: &Writer,
    admission: &Admission,
    id: &BallotId,
    (first, electors): (u32, Vec<Elector>),
) -> Result<DoneOf<BallotKind>, Failure> {
    let id = id.to_string();
    let command = Command::EnterElectors { first, electors: electors.clone() };
    for _ in 0..TRIES {
        let mut unit = writer.begin(admission).await?;
        let done = unit.execute::<BallotKind>(&(), Target::Existing(&id), &command).await?;
        if !unit.is_repeat() {
            store::enter(unit.connection().await?, &id, first, &electors).await?;
        }
        if unit.commit().await? {
            return Ok(done);
        }
    }
    Err(Failure::Conflict)
}

/// Publishes a ballot, if its topic may be voted on when it opens.
pub(super) async fn publish(
    writer: &Writer,
    admission: &Admission,
    id: &BallotId,
    topic: TopicId,
) -> Result<DoneOf<BallotKind>, Failure> {
    for _ in 0..TRIES {
        let mut unit = writer.begin(admission).await?;
        let scheduled = writer.load::<TopicKind>(&topic.to_string()).await?;
        let votable_from = scheduled.and_then(|(topic, _)| match topic.stage {
            Stage::Scheduled { votable_from, .. } => Some(votable_from),
            Stage::Open | Stage::Merged { .. } | Stage::Declined { .. } | Stage::Resolved { .. } => None,
        });
        let command = Command::Publish { votable_from };
        let done = unit.execute::<BallotKind>(&(), Target::Existing(&id.to_string()), &command).await?;
        if unit.commit().await? {
            return Ok(done);
        }
    }
    Err(Failure::Conflict)
}

/// Gives out the codes of all slips and keeps their digests.
pub(super) async fn print(
    writer: &Writer,
    secrets: &Secrets,
    admission: &Admission,
    id: &BallotId,
) -> Result<Vec<String>, Failure> {
    let key = id.to_string();
    for _ in 0..TRIES {
        let mut unit = writer.begin(admission).await?;
        let done = unit.execute::<BallotKind>(&(), Target::Existing(&key), &Command::PrintSlips).await?;
        let mut codes: Vec<String> =
            (1..=done.state.electors).map(|slip| slips::code(secrets, slips::BALLOT, &key, slip)).collect();
        if !unit.is_repeat() {
            let digests = slips::digests(secrets, slips::BALLOT, &key, &codes);
            store::keep_slips(unit.connection().await?, &key, &digests).await?;
        }
        if unit.commit().await? {
            // The order in which they are printed says nothing of the numbers under which votes are kept.
            if done.state.plan.secrecy == Secrecy::Secret {
                codes.sort_unstable();
            }
            return Ok(codes);
        }
    }
    Err(Failure::Conflict)
}

/// A vote with the code of its slip.
pub(super) struct Casting<'a> {
    pub(super) ballot: &'a BallotId,
    pub(super) code: &'a str,
    pub(super) command: vote::Command,
}

/// Casts or enters a vote. Whoever enters one must hold the permission where the ballot is; whoever casts one holds its slip.
pub(super) async fn vote(
    writer: &Writer,
    secrets: &Secrets,
    admission: &Admission,
    casting: &Casting<'_>,
) -> Result<Vote, Failure> {
    let ballot = casting.ballot.to_string();
    let unknown = || Failure::NotFound("a slip with this code in this ballot; read it once more".into());
    let digest = slips::digest(secrets, slips::BALLOT, &ballot, casting.code);
    let slip = store::slip(writer.pool(), &ballot, &digest).await?;
    let slip = slip.ok_or_else(unknown)?;
    let id = store::vote_id(&ballot, slip);
    for _ in 0..TRIES {
        let mut unit = writer.begin(admission).await?;
        let polling = store::polling(unit.connection().await?, &ballot).await?;
        let (polling, area) = polling.ok_or_else(|| missing(casting.ballot))?;
        admission.require(&Scope::area(area.clone()), None)?;
        let asked = Asked { command: casting.command.clone(), area };
        let done = unit.execute::<VoteKind>(&Poll { polling }, Target::Any(&id), &asked).await?;
        if unit.commit().await? {
            return Ok(done.state.vote);
        }
    }
    Err(Failure::Conflict)
}

/// Counts a ballot and writes its record. No vote is under way meanwhile.
pub(super) async fn close(
    writer: &Writer,
    secrets: &Secrets,
    admission: &Admission,
    id: &BallotId,
) -> Result<DoneOf<BallotKind>, Failure> {
    let key = id.to_string();
    for _ in 0..TRIES {
        let mut unit = writer.begin(admission).await?;
        let (command, text) = counted(writer, secrets, &mut unit, id).await?;
        let done = unit.execute::<BallotKind>(&(), Target::Existing(&key), &command).await?;
        if !unit.is_repeat() {
            store::keep_record(unit.connection().await?, &key, &text).await?;
        }
        if unit.commit().await? {
            return Ok(done);
        }
    }
    Err(Failure::Conflict)
}

async fn counted(
    writer: &Writer,
    secrets: &Secrets,
    unit: &mut Unit,
    id: &BallotId,
) -> Result<(Command, String), Failure> {
    let key = id.to_string();
    store::hold(unit.connection().await?, &key).await?;
    let (ballot, _) = writer.load::<BallotKind>(&key).await?.ok_or_else(|| missing(id))?;
    let roll = store::roll(unit.connection().await?, &key).await?;
    let standing = store::standing(unit.connection().await?, &key).await?;
    let half_entered = store::half_entered(unit.connection().await?, &key).await?;
    let votes = u32::try_from(standing.len()).unwrap_or(u32::MAX);
    let papers: Vec<Choice> = standing.iter().map(|(_, choice)| *choice).collect();
    let mut by_number = vec![None; roll.len()];
    let count = match ballot.plan.secrecy {
        Secrecy::Open => {
            for (slip, choice) in &standing {
                if let Some(place) = usize::try_from(*slip - 1).ok().and_then(|at| by_number.get_mut(at)) {
                    *place = Some(*choice);
                }
            }
            count::count(roll.iter().zip(&by_number).map(|(elector, choice)| (elector.area, *choice)))
        }
        // Which paper is whose nobody knows: heads are counted, and areas have no part in it.
        Secrecy::Secret => {
            let silent = roll.len().saturating_sub(papers.len());
            let voted = papers.iter().map(|choice| (0, Some(*choice)));
            count::count(voted.chain(std::iter::repeat_n((0, None), silent)))
        }
    };
    let outcome = count.outcome(&ballot.plan.threshold);
    let shown: &[Choice] = if ballot.plan.secrecy == Secrecy::Secret { &papers } else { &[] };
    let counted = Counted {
        plan: &ballot.plan,
        roll: &roll,
        by_number: &by_number,
        papers: shown,
        count,
        outcome,
        closed_at: unit.at(),
    };
    let text = record::write(&key, &counted).map_err(|error| Failure::Bug(error.to_string()))?;
    let record_sha256 = sha256(text.as_bytes());
    let (seal, seal_key) = secrets.sealed(record_sha256.as_bytes())?;
    let closing = Closing { count, outcome, record_sha256, seal, seal_key, at: unit.at() };
    Ok((Command::Close { votes, half_entered, closing: Box::new(closing) }, text))
}
