//! The law of a person on duty: which posts are held. Pure; whether a post exists in an area is the contract's to say, and checked before.

use std::fmt;

use gongzhi_proto::ids::{AreaCode, DepartmentCode};
use serde::{Deserialize, Serialize};

/// Most posts that one person holds.
pub const MAX_POSTS: usize = 10;

/// A post held in an area, for a department where the post asks for one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldPost {
    /// Name of the post in the contracts, for example `POST_GRID_WORKER`.
    pub post: String,
    /// Area in which it is held.
    pub area: AreaCode,
    /// Department for which it is held; none for posts of an area.
    pub department: Option<DepartmentCode>,
}

/// A person on duty (在岗人员).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staff {
    /// Name that the account signs in with.
    pub account: String,
    /// Name shown to colleagues.
    pub display_name: String,
    /// District in whose register the person stands.
    pub district: AreaCode,
    /// Posts held now, in the order in which they were granted.
    pub posts: Vec<HeldPost>,
}

impl Staff {
    /// The smallest area that holds all posts; the district for somebody without any.
    pub fn area(&self) -> AreaCode {
        let holds_all = |area: &AreaCode| self.posts.iter().all(|held| area.contains(&held.area));
        let mut area = self.posts.first().map(|held| held.area.clone());
        while let Some(candidate) = area {
            if holds_all(&candidate) {
                return candidate;
            }
            area = candidate.parent();
        }
        self.district.clone()
    }
}

/// What may be asked.
#[derive(Clone, Debug)]
pub enum Command {
    /// Take a person into the register.
    Appoint(Staff),
    /// Grant a further post.
    Grant(HeldPost),
    /// Revoke a post.
    Revoke(HeldPost),
}

/// What can happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// A person was taken into the register, without posts yet.
    StaffAppointed {
        /// Name that the account signs in with.
        account: String,
        /// Name shown to colleagues.
        display_name: String,
        /// District in whose register the person stands.
        district: AreaCode,
    },
    /// A post is held from now on.
    PostGranted(HeldPost),
    /// A post is no longer held.
    PostRevoked(HeldPost),
}

/// How the rules say no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Somebody else signs in with this name.
    AccountTaken(String),
    /// The person stands in the register.
    AlreadyAppointed,
    /// Nobody is in the register who could hold the post.
    NotAppointed,
    /// As many posts are held as one person may.
    TooManyPosts,
    /// The post is held for a department that nobody registered.
    DepartmentNotRegistered(DepartmentCode),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AccountTaken(account) => {
                write!(f, "somebody signs in as {account} already; choose another account name")
            }
            Self::AlreadyAppointed => f.write_str("this person was appointed already; grant a post instead"),
            Self::NotAppointed => f.write_str("this person was not appointed; appoint first"),
            Self::TooManyPosts => {
                write!(f, "one person holds at most {MAX_POSTS} posts; revoke one that is no longer needed")
            }
            Self::DepartmentNotRegistered(code) => {
                write!(f, "no department is registered as {code}; register it first")
            }
        }
    }
}

impl Refusal {
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::AccountTaken(_) => "ACCOUNT_TAKEN",
            Self::AlreadyAppointed => "ALREADY_APPOINTED",
            Self::NotAppointed => "NOT_APPOINTED",
            Self::TooManyPosts => "TOO_MANY_POSTS",
            Self::DepartmentNotRegistered(_) => "DEPARTMENT_NOT_REGISTERED",
        }
    }
}

/// What follows from a command.
pub fn decide(state: Option<&Staff>, command: &Command) -> Result<Vec<Event>, Refusal> {
    match (command, state) {
        (Command::Appoint(_), Some(_)) => Err(Refusal::AlreadyAppointed),
        (Command::Appoint(staff), None) if staff.posts.len() > MAX_POSTS => Err(Refusal::TooManyPosts),
        (Command::Appoint(staff), None) => {
            let appointed = Event::StaffAppointed {
                account: staff.account.clone(),
                display_name: staff.display_name.clone(),
                district: staff.district.clone(),
            };
            let posts = staff.posts.iter().cloned().map(Event::PostGranted);
            Ok(std::iter::once(appointed).chain(posts).collect())
        }
        (Command::Grant(_) | Command::Revoke(_), None) => Err(Refusal::NotAppointed),
        // A repeat changes nothing, whoever repeats it.
        (Command::Grant(post), Some(staff)) if staff.posts.contains(post) => Ok(Vec::new()),
        (Command::Grant(_), Some(staff)) if staff.posts.len() >= MAX_POSTS => Err(Refusal::TooManyPosts),
        (Command::Grant(post), Some(_)) => Ok(vec![Event::PostGranted(post.clone())]),
        (Command::Revoke(post), Some(staff)) if !staff.posts.contains(post) => Ok(Vec::new()),
        (Command::Revoke(post), Some(_)) => Ok(vec![Event::PostRevoked(post.clone())]),
    }
}

/// What the person is after an event.
pub fn evolve(state: Option<Staff>, event: &Event) -> Staff {
    match (event, state) {
        (Event::StaffAppointed { account, display_name, district }, None) => Staff {
            account: account.clone(),
            display_name: display_name.clone(),
            district: district.clone(),
            posts: Vec::new(),
        },
        (Event::PostGranted(post), Some(mut staff)) => {
            staff.posts.push(post.clone());
            staff
        }
        (Event::PostRevoked(post), Some(mut staff)) => {
            staff.posts.retain(|held| held != post);
            staff
        }
        (Event::StaffAppointed { .. }, Some(_)) => panic!("nobody can be appointed twice"),
        (Event::PostGranted(_) | Event::PostRevoked(_), None) => panic!("a post needs somebody who holds it"),
    }
}
