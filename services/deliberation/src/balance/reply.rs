//! Balances as the contracts have them. A position that is sealed is no part of it.

use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::time::to_wire;

use super::state::{Balance, Party, PartyKind, Phase, Position, Round};

pub(super) fn number(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn party(party: &Party) -> pb::BalanceParty {
    let kind = match party.kind {
        PartyKind::State => pb::PartyKind::State,
        PartyKind::Social => pb::PartyKind::Social,
    };
    pb::BalanceParty { code: party.code.clone(), kind: kind as i32, name: party.name.clone() }
}

fn position((party, position): (&Party, &Position)) -> pb::BalancePosition {
    pb::BalancePosition {
        party: party.code.clone(),
        scores: position.scores.iter().copied().map(i32::from).collect(),
        bottom_line: i32::from(position.bottom_line),
    }
}

/// The number of an option, from 1.
fn option(option: usize) -> i32 {
    number(option + 1)
}

fn round(balance: &Balance, (nth, round): (usize, &Round)) -> pb::BalanceRound {
    let outcome = &round.outcome;
    pb::BalanceRound {
        round: number(nth + 1),
        positions: balance.plan.parties.iter().zip(&round.positions).map(position).collect(),
        feasible: outcome.feasible.iter().copied().map(option).collect(),
        choice: option(outcome.choice),
        product: outcome.product.clone().unwrap_or_default(),
        largest_minimum_gain_choice: outcome.largest_minimum_gain_choice.map_or(0, option),
        shortfalls: outcome.shortfalls.iter().flatten().copied().map(i32::from).collect(),
        conflicts: outcome
            .conflicts
            .iter()
            .map(|parties| pb::BalanceConflict { parties: parties.clone() })
            .collect(),
    }
}

pub(super) fn balance(id: &str, balance: &Balance, version: i64) -> pb::Balance {
    let mut shown = pb::Balance {
        balance_id: id.to_owned(),
        topic_id: balance.plan.topic.to_string(),
        area_code: balance.plan.area.to_string(),
        parties: balance.plan.parties.iter().map(party).collect(),
        options: balance.plan.options.clone(),
        round: number(balance.round()),
        most_rounds: i32::try_from(balance.plan.most_rounds).unwrap_or(i32::MAX),
        rounds: balance.rounds.iter().enumerate().map(|nth| round(balance, nth)).collect(),
        opened_at: Some(to_wire(balance.opened_at)),
        version,
        ..pb::Balance::default()
    };
    let status = match &balance.phase {
        Phase::Asking { given } => {
            shown.given = given.keys().cloned().collect();
            pb::BalanceStatus::Asking
        }
        Phase::Revealed => pb::BalanceStatus::Revealed,
        Phase::Agreed { common_goals, at } => {
            shown.common_goals = common_goals.clone();
            shown.agreed_at = Some(to_wire(*at));
            pb::BalanceStatus::Agreed
        }
    };
    pb::Balance { status: status as i32, ..shown }
}
