//! What a conversation does together with its slips, its statements and its voices, each in one commit.

use gongzhi_chassis::caller::Scope;
use gongzhi_chassis::execute::{DoneOf, Target, Unit, Writer};
use gongzhi_chassis::gate::Admission;
use gongzhi_chassis::status::Failure;
use gongzhi_proto::ids::{AreaCode, ConversationId};

use super::machine::Command;
use super::map::Matrix;
use super::state::{Counts, Plan, Talk};
use super::statement::{self, Floor, Statement, StatementKind};
use super::store::{self, Hold};
use super::voice::{self, Judgement, VoiceKind};
use super::{ConversationKind, missing, numbered, parse, parted};
use crate::rules::{Policy, Rules};
use crate::secrets::Secrets;
use crate::slips;
use crate::topic::{self, Stage, TopicKind, community};

/// Tries against others who change the same conversation at the same moment.
const TRIES: usize = 4;

/// Opens a conversation while its topic is held fast, so that it is not over meanwhile.
pub(super) async fn open(
    writer: &Writer,
    rules: &Rules,
    admission: &Admission,
    asked: &parse::Asked,
) -> Result<DoneOf<ConversationKind>, Failure> {
    for _ in 0..TRIES {
        let mut unit = writer.begin(admission).await?;
        unit.load_all::<TopicKind>(&[asked.topic.to_string()].into()).await?;
        let (topic, _) = topic::find(writer, &asked.topic).await?;
        let area = community(&topic.area);
        admission.require(&Scope::area(area.clone()), None)?;
        let plan = Box::new(Plan {
            topic: asked.topic,
            area,
            question: asked.question.clone(),
            slips: asked.slips,
            closes_at: asked.closes_at,
            statements_per_slip: rules.at(Policy::StatementsPerSlip, unit.at()),
        });
        let topic_is_open = matches!(topic.stage, Stage::Open | Stage::Scheduled { .. });
        let id = unit.new_id().to_string();
        let command = Command::Open { plan, topic_is_open };
        let done = unit.execute::<ConversationKind>(&(), Target::Any(&id), &command).await?;
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
    id: &ConversationId,
) -> Result<Vec<String>, Failure> {
    let key = id.to_string();
    for _ in 0..TRIES {
        let mut unit = writer.begin(admission).await?;
        // In the order in which closing takes them, so that neither waits for the other for ever.
        held(&mut unit, id, Hold::Alone).await?;
        let done =
            unit.execute::<ConversationKind>(&(), Target::Existing(&key), &Command::PrintSlips).await?;
        let mut codes: Vec<String> = (1..=done.state.plan.slips)
            .map(|slip| slips::code(secrets, slips::CONVERSATION, &key, slip))
            .collect();
        if !unit.is_repeat() {
            let digests = slips::digests(secrets, slips::CONVERSATION, &key, &codes);
            store::keep_slips(unit.connection().await?, &key, &digests).await?;
        }
        if unit.commit().await? {
            // The order in which they are printed says nothing of the numbers under which voices are kept.
            codes.sort_unstable();
            return Ok(codes);
        }
    }
    Err(Failure::Conflict)
}

/// A slip of a conversation.
pub(super) struct Slip {
    conversation: ConversationId,
    /// Identity of its voice.
    pub(super) voice: String,
}

/// The slip of a code.
pub(super) async fn slip(
    writer: &Writer,
    secrets: &Secrets,
    (id, code): (ConversationId, &str),
) -> Result<Slip, Failure> {
    let key = id.to_string();
    let digest = slips::digest(secrets, slips::CONVERSATION, &key, code);
    let unknown =
        || Failure::NotFound("a slip with this code in this conversation; read it once more".into());
    let slip = store::slip(writer.pool(), &key, &digest).await?.ok_or_else(unknown)?;
    Ok(Slip { conversation: id, voice: numbered(&key, slip) })
}

async fn held(unit: &mut Unit, id: &ConversationId, hold: Hold) -> Result<(Talk, AreaCode), Failure> {
    let found = store::hold(unit.connection().await?, &id.to_string(), hold).await?;
    found.ok_or_else(|| missing(id))
}

/// Judges a statement with a slip.
pub(super) async fn judge(
    writer: &Writer,
    admission: &Admission,
    slip: &Slip,
    (number, judgement): (u32, Judgement),
) -> Result<(), Failure> {
    let key = slip.conversation.to_string();
    for _ in 0..TRIES {
        let mut unit = writer.begin(admission).await?;
        let (talk, area) = held(&mut unit, &slip.conversation, Hold::Shared).await?;
        let accepted = store::is_accepted(unit.connection().await?, &key, number).await?;
        let command = voice::Command::Judge { number, judgement, accepted };
        let asked = voice::Asked { command, area };
        unit.execute::<VoiceKind>(&talk, Target::Any(&slip.voice), &asked).await?;
        if unit.commit().await? {
            return Ok(());
        }
    }
    Err(Failure::Conflict)
}

/// Who makes a statement.
pub(super) enum Maker<'a> {
    /// A slip; of it is noted that it made one more, not which.
    Slip(&'a Slip),
    /// The organisers.
    Organisers(ConversationId),
}

impl Maker<'_> {
    fn conversation(&self) -> ConversationId {
        match self {
            Self::Slip(slip) => slip.conversation,
            Self::Organisers(conversation) => *conversation,
        }
    }
}

/// Makes a statement, with the next number.
pub(super) async fn make(
    writer: &Writer,
    admission: &Admission,
    maker: Maker<'_>,
    text: &str,
) -> Result<(u32, Statement), Failure> {
    let id = maker.conversation();
    let key = id.to_string();
    for _ in 0..TRIES {
        let mut unit = writer.begin(admission).await?;
        let (talk, area) = held(&mut unit, &id, Hold::Alone).await?;
        admission.require(&Scope::area(area.clone()), None)?;
        // Who says it again, because no answer came, is answered as before; and whoever says what somebody has said already says nothing new.
        if let Some(known) = store::same_statement(unit.connection().await?, &key, text).await? {
            return Ok(known);
        }
        let seed = match &maker {
            Maker::Slip(slip) => {
                let asked = voice::Asked { command: voice::Command::Make, area: area.clone() };
                unit.execute::<VoiceKind>(&talk, Target::Any(&slip.voice), &asked).await?;
                false
            }
            Maker::Organisers(_) => true,
        };
        let (number, has_room) = store::next_statement(unit.connection().await?, &key).await?;
        let command = statement::Command::Make { area, text: text.to_owned(), seed };
        let made = numbered(&key, number);
        let done =
            unit.execute::<StatementKind>(&Floor { talk, has_room }, Target::Any(&made), &command).await?;
        if unit.commit().await? {
            return Ok((parted(&done.id).1, done.state));
        }
    }
    Err(Failure::Conflict)
}

/// Accepts or rejects a statement.
pub(super) async fn moderate(
    writer: &Writer,
    admission: &Admission,
    (id, number): (ConversationId, u32),
    command: &statement::Command,
) -> Result<Statement, Failure> {
    let key = id.to_string();
    for _ in 0..TRIES {
        let mut unit = writer.begin(admission).await?;
        let (talk, area) = held(&mut unit, &id, Hold::Alone).await?;
        admission.require(&Scope::area(area), None)?;
        let (_, has_room) = store::next_statement(unit.connection().await?, &key).await?;
        let target = numbered(&key, number);
        let done = unit
            .execute::<StatementKind>(&Floor { talk, has_room }, Target::Existing(&target), command)
            .await?;
        if unit.commit().await? {
            return Ok(done.state);
        }
    }
    Err(Failure::Conflict)
}

/// Closes a conversation. Nothing is said meanwhile.
pub(super) async fn close(
    writer: &Writer,
    admission: &Admission,
    id: &ConversationId,
    reason: Option<&str>,
) -> Result<DoneOf<ConversationKind>, Failure> {
    let key = id.to_string();
    for _ in 0..TRIES {
        let mut unit = writer.begin(admission).await?;
        let (_, area) = held(&mut unit, id, Hold::Alone).await?;
        admission.require(&Scope::area(area), None)?;
        let matrix = Matrix::of(unit.connection().await?, &key).await?;
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let counts = Counts {
            participants: number(matrix.people.len()),
            statements: number(matrix.statements.len()),
            judgements: number(matrix.judgements()),
        };
        let command = Command::Close { counts, reason: reason.map(str::to_owned) };
        let done = unit.execute::<ConversationKind>(&(), Target::Existing(&key), &command).await?;
        if unit.commit().await? {
            return Ok(done);
        }
    }
    Err(Failure::Conflict)
}
