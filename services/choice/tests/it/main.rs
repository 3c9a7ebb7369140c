//! The rules against the answers of others, on instances from `../shared/data/deliberation`, and from the folder that `GONGZHI_DELIBERATION` names.

#![allow(clippy::unwrap_used)] // A test that cannot go on says where.

mod draws;
mod folders;
mod hostile;
mod households;
mod laws;
mod objectives;
mod opinion;
mod opinion_laws;
mod pools;
mod quotas;
mod ranking;
mod reference;
mod sites;
