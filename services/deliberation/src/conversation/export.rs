//! The public record of a closed conversation: everything that is needed to draw its map again, and nobody's code. It holds the two files that `gongzhi compute opinion`
//! reads; people are numbered in the order of digests, which means nothing.

use std::fmt::Write as _;

use serde::Serialize;

use super::map::Matrix;
use super::state::Conversation;
use super::voice::Judgement;

#[derive(Serialize)]
struct Record<'a> {
    format: &'static str,
    conversation_id: &'a str,
    topic_id: String,
    area_code: &'a str,
    question: &'a str,
    participants: usize,
    files: Files,
}

#[derive(Serialize)]
struct Files {
    #[serde(rename = "statements.csv")]
    statements: String,
    #[serde(rename = "votes.csv")]
    votes: String,
}

/// The record as a text, the same for the same.
pub(super) fn write(
    id: &str,
    conversation: &Conversation,
    matrix: &Matrix,
) -> Result<String, serde_json::Error> {
    let record = Record {
        format: "gongzhi-conversation-1",
        conversation_id: id,
        topic_id: conversation.plan.topic.to_string(),
        area_code: conversation.plan.area.as_str(),
        question: &conversation.plan.question,
        participants: matrix.people.len(),
        files: Files { statements: statements(matrix), votes: votes(matrix) },
    };
    serde_json::to_string(&record)
}

fn statements(matrix: &Matrix) -> String {
    let mut csv = String::from("statement,moderated,seed,text\n");
    for statement in &matrix.statements {
        let text = statement.text.replace('"', "\"\"");
        // Writing to a text does not fail.
        let _ = writeln!(csv, "{},1,{},\"{text}\"", statement.number, statement.seed);
    }
    csv
}

fn votes(matrix: &Matrix) -> String {
    let mut csv = String::from("participant,statement,vote\n");
    for (person, said) in (1..).zip(&matrix.people) {
        for (number, judgement) in said {
            let vote = match judgement {
                Judgement::Agree => 1,
                Judgement::Pass => 0,
                Judgement::Disagree => -1,
            };
            let _ = writeln!(csv, "{person},{number},{vote}");
        }
    }
    csv
}
