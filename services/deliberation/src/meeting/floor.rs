//! The floor: who speaks, who waits, and who is next. Nobody chooses: the block that has spoken for less time is served first; within it who has not spoken on this
//! motion yet, then the side that did not speak last, then the earliest hand. No weight by rank or by score.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// To which of the two equal sides of government and society a seat belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    /// 政府主体
    State,
    /// 社会主体
    Social,
}

/// For which side somebody speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// 赞成
    For,
    /// 反对
    Against,
}

/// A seat that speaks, or waits to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hand {
    /// Its number.
    pub seat: u32,
    /// Its block.
    pub block: Block,
    /// For which side.
    pub side: Side,
    /// Since when.
    pub since: Timestamp,
}

/// The floor during the debate on one motion.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Floor {
    /// Who waits, in the order of their hands.
    pub hands: Vec<Hand>,
    /// Who speaks.
    pub turn: Option<Hand>,
    /// Turns of each seat so far.
    pub turns: BTreeMap<u32, u32>,
    /// Seconds of each block so far.
    pub seconds: BTreeMap<Block, u32>,
    /// The side that spoke last.
    pub last: Option<Side>,
}

impl Floor {
    /// Turns that a seat has had.
    pub fn turns_of(&self, seat: u32) -> u32 {
        self.turns.get(&seat).copied().unwrap_or(0)
    }

    /// Seconds for which a block has spoken.
    pub fn seconds_of(&self, block: Block) -> u32 {
        self.seconds.get(&block).copied().unwrap_or(0)
    }

    /// Who has the floor next.
    pub fn next(&self) -> Option<Hand> {
        let least = self.hands.iter().map(|hand| self.seconds_of(hand.block)).min()?;
        let served = self.hands.iter().filter(|hand| self.seconds_of(hand.block) == least);
        // Of equals the first is taken, which is the earliest hand.
        served.min_by_key(|hand| (self.turns_of(hand.seat) > 0, self.last == Some(hand.side))).copied()
    }

    /// Who waits, in the order in which the rules give the floor if every turn takes `seconds`.
    pub fn order(&self, seconds: u32) -> Vec<Hand> {
        let mut floor = self.clone();
        floor.end(seconds);
        let mut order = Vec::with_capacity(floor.hands.len());
        while let Some(next) = floor.next() {
            floor.give(next.seat, next.since);
            floor.end(seconds);
            order.push(next);
        }
        order
    }

    /// Gives the floor to a seat that waits.
    pub fn give(&mut self, seat: u32, at: Timestamp) {
        let waits = self.hands.iter().position(|hand| hand.seat == seat);
        self.turn = waits.map(|nth| Hand { since: at, ..self.hands.remove(nth) });
    }

    /// Ends the turn of who speaks.
    pub fn end(&mut self, seconds: u32) {
        if let Some(turn) = self.turn.take() {
            *self.turns.entry(turn.seat).or_default() += 1;
            *self.seconds.entry(turn.block).or_default() += seconds;
            self.last = Some(turn.side);
        }
    }

    /// Takes a hand down.
    pub fn lower(&mut self, seat: u32) {
        self.hands.retain(|hand| hand.seat != seat);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hand(seat: u32, block: Block, side: Side) -> Hand {
        Hand { seat, block, side, since: Timestamp::UNIX_EPOCH }
    }

    #[test]
    fn blocks_take_turns_then_new_voices_then_the_other_side_then_the_earliest_hand() {
        use Block::{Social, State};
        use Side::{Against, For};
        let mut floor = Floor {
            hands: vec![
                hand(1, State, For),
                hand(2, State, For),
                hand(3, Social, For),
                hand(4, Social, Against),
                hand(5, Social, Against),
            ],
            ..Floor::default()
        };
        let seats: Vec<_> = floor.order(120).iter().map(|hand| hand.seat).collect();
        assert_eq!(seats, [1, 4, 2, 5, 3]);
        floor.give(1, Timestamp::UNIX_EPOCH);
        floor.end(30);
        floor.hands.push(hand(1, State, Against));
        let seats: Vec<_> = floor.order(30).iter().map(|hand| hand.seat).collect();
        assert_eq!(seats, [4, 2, 5, 3, 1], "who has spoken waits for who has not");
    }
}
