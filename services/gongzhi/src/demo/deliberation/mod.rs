//! Step 7 of the story: nine cases in 米市新村 within a month raise a topic; residents say what they think, representatives are drawn by lot, the parties look for what all
//! of them can live with, a meeting debates and the estate votes; the resolution becomes goals with owners, days and money, and these become a case and a whistle. It takes
//! weeks, so it goes on between the sessions of the background whenever something is due.

mod balance;
mod ballot;
mod demand;
mod goals;
mod meeting;
mod money;
mod opinions;
mod panel;

use anyhow::{Result, ensure};
use gongzhi_chassis::clock::Clock;
use gongzhi_proto::deliberation::v1 as pb;
use jiff::{SignedDuration, Timestamp};

use super::actor::Stage;
use super::cast::Cast;
use super::teller::Teller;

/// 米市新村, the first of the eleven estates.
const ESTATE: &str = "330105001052001";
/// Days from the published agenda until volunteers and statements are no longer taken.
const GATHERED_AFTER: i64 = 12;
/// Days from the published agenda until the parties have found what they can live with.
const BALANCED_AFTER: i64 = 15;
/// Days from the published agenda to the meeting and the first vote, and for which votes are taken.
const OPENS_AFTER: i64 = 16;
const OPEN_FOR: i64 = 6;

/// Where the story happens and who acts in it.
#[derive(Clone, Copy)]
struct Estate<'a> {
    stage: &'a Stage,
    cast: &'a Cast,
    clock: &'a Clock,
    teller: &'a Teller,
}

impl Estate<'_> {
    /// The instant so many days from now.
    fn in_days(&self, days: i64) -> Timestamp {
        self.clock.now() + SignedDuration::from_hours(24 * days)
    }
}

/// How far it is.
enum Step {
    /// Volunteers and statements are gathered.
    Gathering,
    /// The panel is drawn.
    Drawn { panel: Vec<i32> },
    /// The parties agree.
    Balanced { panel: Vec<i32> },
    /// Votes were cast, also on the money.
    Voted { fund_id: String },
    /// The resolution was adopted.
    Resolved { resolution_id: String },
    /// Its work was done as far as the story tells.
    Told,
}

/// The deliberation while the story goes on.
pub(crate) struct Deliberation<'a> {
    estate: Estate<'a>,
    /// The topic, for the page that is told at the end.
    pub(crate) topic_id: String,
    /// What the money is for.
    second_topic_id: String,
    agenda_id: String,
    pool_id: String,
    conversation_id: String,
    ballot: ballot::Ballot,
    begun_at: Timestamp,
    step: Step,
}

impl<'a> Deliberation<'a> {
    /// From the nine cases to the published ballot.
    pub(crate) async fn begin(
        stage: &'a Stage,
        cast: &'a Cast,
        clock: &'a Clock,
        teller: &'a Teller,
    ) -> Result<Self> {
        let estate = Estate { stage, cast, clock, teller };
        for building in 1..=9 {
            demand::is_reported_and_settled(cast, building).await?;
        }
        let topic_id = demand::raised_topic(cast).await?;
        teller.say("米市新村一个月内九件电动车飞线充电:系统自动生成议题");
        let word = pb::WordTopicRequest {
            topic_id: topic_id.clone(),
            title: "电动自行车集中充电".into(),
            question: "充电棚建在哪里、钱从哪里来、谁来管,才能不再飞线充电?".into(),
        };
        cast.secretary.topics().word_topic(word).await?;
        let second_topic_id = demand::second_topic(cast).await?;
        for (topic, doors) in [(&topic_id, 1..=28), (&second_topic_id, 25..=36)] {
            for door in doors {
                demand::supports(cast, topic, door).await?;
            }
        }
        teller.say("网格员入户:28户附议充电议题,12户附议微更新;按住户支持比例拟定议程");
        let agenda_id = demand::publishes_agenda(cast, estate.in_days(OPENS_AFTER)).await?;
        teller.say("议程公示十五日,未经公示的事项不得表决");
        let conversation_id = opinions::speak(&estate, &topic_id).await?;
        let pool_id = panel::volunteers(&estate, &topic_id).await?;
        let times = (estate.in_days(OPENS_AFTER), estate.in_days(OPENS_AFTER + OPEN_FOR));
        let ballot = ballot::prepares(cast, &topic_id, times).await?;
        let (begun_at, step) = (clock.now(), Step::Gathering);
        Ok(Self {
            estate,
            topic_id,
            second_topic_id,
            agenda_id,
            pool_id,
            conversation_id,
            ballot,
            begun_at,
            step,
        })
    }

    /// Does what is due by now.
    pub(crate) async fn go_on(&mut self) -> Result<()> {
        let estate = &self.estate;
        let days = self.estate.clock.now().duration_since(self.begun_at).as_hours() / 24;
        self.step = match &self.step {
            Step::Gathering if days >= GATHERED_AFTER => {
                opinions::close(estate, &self.conversation_id).await?;
                Step::Drawn { panel: panel::is_drawn(estate, &self.pool_id).await? }
            }
            Step::Drawn { panel } if days >= BALANCED_AFTER => {
                balance::is_found(estate, &self.topic_id).await?;
                Step::Balanced { panel: panel.clone() }
            }
            Step::Balanced { panel } if days >= OPENS_AFTER => {
                meeting::is_held(estate, (&self.agenda_id, &self.topic_id), panel).await?;
                self.ballot.votes(estate).await?;
                Step::Voted { fund_id: money::is_asked_for(estate, &self.second_topic_id).await? }
            }
            Step::Voted { fund_id } if days >= OPENS_AFTER + OPEN_FOR => {
                money::is_given(estate, fund_id).await?;
                self.ballot.is_counted(estate).await?;
                let resolution_id = goals::are_set(estate, &self.topic_id, &self.ballot.id).await?;
                Step::Resolved { resolution_id }
            }
            Step::Resolved { resolution_id } => {
                goals::are_worked_on(estate, resolution_id).await?;
                Step::Told
            }
            _ => return Ok(()),
        };
        Ok(())
    }

    /// Fails when the story ended before the deliberation did.
    pub(crate) fn ends(&self) -> Result<()> {
        ensure!(matches!(self.step, Step::Told), "the deliberation of 米市新村 did not come to its end");
        Ok(())
    }
}
