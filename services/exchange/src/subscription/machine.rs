//! The law of a subscription: pure, total, no clock, no ids of its own.
//!
//! ```text
//! active ⇄ paused (by its owner, by an operator, or because the receiver said that it is gone)
//!    └──────┴──end──▶ ended (by its owner, by an operator, or with its grant)
//! ```
//! A rewind counts up the epoch and leaves the state as it is; a change of filter or address leaves both.

use gongzhi_proto::ids::{AreaCode, GrantId};
use gongzhi_proto::subjects::Audience;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::party::Party;

/// Which facts, as asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// Areas; empty for the widest that the rights allow.
    pub areas: Vec<AreaCode>,
    /// Service and name each; empty for all that the rights allow.
    pub facts: Vec<String>,
    /// Addressees as they stand in subjects; empty for every one.
    pub audiences: Vec<String>,
    /// A condition on fields; empty for none.
    pub condition: String,
}

impl Filter {
    /// True when place, name and addressee of a fact fit. The condition is asked separately: it needs the content.
    pub fn admits(&self, fact: &str, area: &AreaCode, audience: &Audience) -> bool {
        let any = |list: &[String], word: &str| list.is_empty() || list.iter().any(|one| one == word);
        any(&self.facts, fact)
            && (self.areas.is_empty() || self.areas.iter().any(|one| one.contains(area)))
            && (self.audiences.is_empty() || any(&self.audiences, &audience.to_string()))
    }
}

/// How a webhook is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scheme {
    /// Ed25519, `v1a`.
    Ed25519,
    /// HMAC-SHA256, `v1`.
    Hmac,
}

/// How facts get to the subscriber.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// 拉取
    Pull,
    /// 回调
    Webhook {
        /// Where.
        url: String,
        /// How it is signed.
        scheme: Scheme,
        /// Private networks in which the address may lie.
        networks: Vec<String>,
    },
    /// 消息总线
    Nats,
}

/// A place in the stream to deliver from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct From {
    /// The stream, by the instant at which it was made.
    pub stream: String,
    /// Everything behind this position.
    pub position: i64,
    /// Of that, what happened at this instant or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
    /// Where this was the end of the stream: when that was so. By it the place is found again in a stream that is rebuilt before anything was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_at: Option<Timestamp>,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Making {
    /// Whose it is.
    pub party: Party,
    /// What its owner calls it.
    pub name: String,
    /// Grant that it hangs on; none for default rights.
    pub grant: Option<GrantId>,
    /// Which facts.
    pub filter: Filter,
    /// How they get there.
    pub way: Way,
    /// Where delivery begins.
    pub from: From,
    /// District in which it is made.
    pub district: AreaCode,
    /// Facts that may be with a subscriber on NATS without an acknowledgement; with one their order is kept whatever breaks.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub in_hand: u16,
    /// What the program that makes it knows it by; empty for none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reference: String,
}

fn one() -> u16 {
    1
}

fn is_one(number: &u16) -> bool {
    *number == 1
}

/// A subscription (订阅).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// As it was asked for.
    pub making: Making,
    /// When it was made.
    pub subscribed_at: Timestamp,
    /// Where it stands.
    pub standing: Standing,
    /// Counts rewinds.
    pub epoch: i32,
    /// Where delivery began in this epoch.
    pub from: From,
    /// Deliveries that are not tried again by themselves.
    pub trouble: Trouble,
    /// Signing keys that were made for it.
    pub keys: i32,
    /// The account on NATS by which it is fetched, by its public key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
}

/// Where a subscription stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// 投递中
    Active,
    /// 已暂停
    Paused {
        /// Why.
        reason: String,
    },
    /// 已结束
    Ended {
        /// Why.
        reason: String,
    },
}

/// Whether deliveries were parked and the operators told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// None that nobody knows of.
    None,
    /// Some are parked; it was told, and is not told again before somebody acts.
    Parked,
}

/// What may be asked of a subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// 订阅
    Make(Box<Making>),
    /// 变更
    Change {
        /// Which facts from now on.
        filter: Filter,
        /// Where to; of the same way as before.
        way: Way,
    },
    /// 暂停
    Pause {
        /// Why.
        reason: String,
    },
    /// 恢复
    Resume,
    /// 回溯
    Rewind(From),
    /// 终止
    End {
        /// Why.
        reason: String,
    },
    /// The grant that it hangs on has ended.
    EndWithGrant,
    /// 换钥
    RotateKey,
    /// 签发凭证
    IssueAccount {
        /// Public key of the new account.
        account: String,
    },
    /// Deliveries are not tried again by themselves any more.
    NotePark,
    /// Somebody had them tried again.
    NoteRetry,
}

/// What can happen to a subscription.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// Made.
    SubscriptionMade(Box<Making>),
    /// Asks for other facts, or to another address.
    SubscriptionChanged {
        /// Which facts.
        filter: Filter,
        /// Where to.
        way: Way,
    },
    /// Stopped for a while.
    SubscriptionPaused {
        /// Why.
        reason: String,
    },
    /// Goes on.
    SubscriptionResumed,
    /// Starts again from elsewhere.
    SubscriptionRewound(From),
    /// Ended for good.
    SubscriptionEnded {
        /// Why.
        reason: String,
    },
    /// Ended with its grant.
    EndedWithGrant,
    /// A new signing key was made.
    SigningKeyMade,
    /// An account on NATS was issued; the one before it is void.
    AccountIssued {
        /// Its public key.
        account: String,
    },
    /// Deliveries were parked.
    DeliveriesParked,
    /// Parked deliveries are tried again.
    DeliveriesRetried,
}

/// How the law says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is one of this identity.
    #[error("this subscription was made already")]
    AlreadyMade,
    /// There is none.
    #[error("there is no such subscription")]
    Absent,
    /// It is over.
    #[error("the subscription has ended; make a new one")]
    HasEnded,
    /// Nothing to pause.
    #[error("the subscription is paused already")]
    AlreadyPaused,
    /// Nothing to resume.
    #[error("the subscription is not paused")]
    NotPaused,
    /// It has no key.
    #[error("only webhooks are signed; this subscription is delivered another way")]
    NotAWebhook,
    /// It is not fetched over NATS.
    #[error("only subscriptions of the way NATS have credentials; this one is delivered another way")]
    NotOverNats,
}

impl Refusal {
    /// The word for it on the wire.
    pub fn word(&self) -> &'static str {
        match self {
            Self::AlreadyMade => "ALREADY_MADE",
            Self::Absent => "ABSENT",
            Self::HasEnded => "HAS_ENDED",
            Self::AlreadyPaused => "ALREADY_PAUSED",
            Self::NotPaused => "NOT_PAUSED",
            Self::NotAWebhook => "NOT_A_WEBHOOK",
            Self::NotOverNats => "NOT_OVER_NATS",
        }
    }
}

/// What follows from a command.
pub fn decide(subscription: Option<&Subscription>, command: &Command) -> Result<Vec<Event>, Refusal> {
    let subscription = match (subscription, command) {
        (None, Command::Make(making)) => return Ok(vec![Event::SubscriptionMade(making.clone())]),
        (Some(_), Command::Make(_)) => return Err(Refusal::AlreadyMade),
        (None, _) => return Err(Refusal::Absent),
        (Some(subscription), _) => subscription,
    };
    let ended = matches!(subscription.standing, Standing::Ended { .. });
    match command {
        // What the system notes of one that has ended meanwhile is no news.
        Command::EndWithGrant | Command::NotePark | Command::NoteRetry if ended => Ok(vec![]),
        _ if ended => Err(Refusal::HasEnded),
        Command::Make(_) => Err(Refusal::AlreadyMade),
        Command::Change { filter, way } => {
            let making = &subscription.making;
            let same = making.filter == *filter && making.way == *way;
            let changed = || Event::SubscriptionChanged { filter: filter.clone(), way: way.clone() };
            Ok(if same { vec![] } else { vec![changed()] })
        }
        Command::Pause { reason } => match subscription.standing {
            Standing::Active => Ok(vec![Event::SubscriptionPaused { reason: reason.clone() }]),
            Standing::Paused { .. } | Standing::Ended { .. } => Err(Refusal::AlreadyPaused),
        },
        Command::Resume => match subscription.standing {
            Standing::Paused { .. } => Ok(vec![Event::SubscriptionResumed]),
            Standing::Active | Standing::Ended { .. } => Err(Refusal::NotPaused),
        },
        Command::Rewind(from) => Ok(vec![Event::SubscriptionRewound(from.clone())]),
        Command::End { reason } => Ok(vec![Event::SubscriptionEnded { reason: reason.clone() }]),
        Command::EndWithGrant => Ok(vec![Event::EndedWithGrant]),
        Command::RotateKey => match subscription.making.way {
            Way::Webhook { .. } => Ok(vec![Event::SigningKeyMade]),
            Way::Pull | Way::Nats => Err(Refusal::NotAWebhook),
        },
        Command::IssueAccount { account } => match subscription.making.way {
            Way::Nats => Ok(vec![Event::AccountIssued { account: account.clone() }]),
            Way::Pull | Way::Webhook { .. } => Err(Refusal::NotOverNats),
        },
        Command::NotePark => Ok(match subscription.trouble {
            Trouble::None => vec![Event::DeliveriesParked],
            Trouble::Parked => vec![],
        }),
        Command::NoteRetry => Ok(match subscription.trouble {
            Trouble::None => vec![],
            Trouble::Parked => vec![Event::DeliveriesRetried],
        }),
    }
}

/// What a subscription is after an event.
///
/// # Panics
/// When the event cannot follow: a history that says so is damaged, or the program is wrong.
pub fn evolve(subscription: Option<Subscription>, at: Timestamp, event: &Event) -> Subscription {
    let now = |was: Subscription, standing| Subscription { standing, ..was };
    match (subscription, event) {
        (None, Event::SubscriptionMade(making)) => Subscription {
            from: making.from.clone(),
            keys: i32::from(matches!(making.way, Way::Webhook { .. })),
            making: making.as_ref().clone(),
            subscribed_at: at,
            standing: Standing::Active,
            epoch: 0,
            trouble: Trouble::None,
            account: None,
        },
        (Some(was), Event::SubscriptionChanged { filter, way }) => {
            let making = Making { filter: filter.clone(), way: way.clone(), ..was.making };
            Subscription { making, ..was }
        }
        (Some(was), Event::SubscriptionPaused { reason }) => {
            now(was, Standing::Paused { reason: reason.clone() })
        }
        (Some(was), Event::SubscriptionResumed) => now(was, Standing::Active),
        (Some(was), Event::SubscriptionRewound(from)) => {
            Subscription { epoch: was.epoch + 1, from: from.clone(), trouble: Trouble::None, ..was }
        }
        (Some(was), Event::SubscriptionEnded { reason }) => {
            now(was, Standing::Ended { reason: reason.clone() })
        }
        (Some(was), Event::EndedWithGrant) => {
            now(was, Standing::Ended { reason: "授权已终止 (its grant has ended)".into() })
        }
        (Some(was), Event::SigningKeyMade) => Subscription { keys: was.keys + 1, ..was },
        (Some(was), Event::AccountIssued { account }) => {
            Subscription { account: Some(account.clone()), ..was }
        }
        (Some(was), Event::DeliveriesParked) => Subscription { trouble: Trouble::Parked, ..was },
        (Some(was), Event::DeliveriesRetried) => Subscription { trouble: Trouble::None, ..was },
        (subscription, event) => panic!("{event:?} cannot follow {subscription:?}"),
    }
}
