//! Whether a condition can mean anything for the facts that it is put before: fields that exist and may be named, values of their kind.

use std::collections::BTreeSet;

use gongzhi_proto::catalogue::{Entry, Kind};

use super::{Comparison, Condition, Literal, Operator};

/// Everything that is wrong with a condition for these facts; `visible` says which fields of a fact the subscriber may see, because a filter on a
/// field that is withheld would tell its value.
pub fn check(condition: &Condition, facts: &[&Entry], visible: impl Fn(&Entry, &str) -> bool) -> Vec<String> {
    let mut wrong = BTreeSet::new();
    for comparison in condition.comparisons() {
        let having: Vec<_> = facts
            .iter()
            .filter_map(|entry| {
                Some((*entry, entry.fields.iter().find(|field| field.name == comparison.field)?))
            })
            .collect();
        if having.is_empty() {
            let known: BTreeSet<_> =
                facts.iter().flat_map(|entry| entry.filterable()).map(|field| field.name.as_str()).collect();
            let known: Vec<_> = known.into_iter().take(30).collect();
            wrong.insert(format!(
                "no fact here has a field {}; there is {}",
                comparison.field,
                known.join(", ")
            ));
            continue;
        }
        for (entry, field) in having {
            if !field.filterable {
                wrong
                    .insert(format!("{} of {}.{} cannot be compared", field.name, entry.service, entry.fact));
            } else if !visible(entry, &field.name) {
                wrong.insert(format!(
                    "{} of {}.{} is not covered by the grant",
                    field.name, entry.service, entry.fact
                ));
            } else {
                wrong.extend(unfit(comparison, &field.kind));
            }
        }
    }
    wrong.into_iter().collect()
}

/// What does not fit between a comparison and the kind of its field.
fn unfit(comparison: &Comparison, kind: &Kind) -> Vec<String> {
    let field = &comparison.field;
    let needs = match kind {
        Kind::Boolean => "true or false",
        Kind::Integer
        | Kind::UnsignedInteger
        | Kind::LongInteger
        | Kind::UnsignedLongInteger
        | Kind::Number => "a number",
        _ => "a text",
    };
    let mut wrong = Vec::new();
    for literal in &comparison.literals {
        let fits = match literal {
            Literal::Text(_) => needs == "a text",
            Literal::Number(_) => needs == "a number",
            Literal::Truth(_) => needs == "true or false",
        };
        if !fits {
            wrong.push(format!("{field} is compared with {needs}"));
        }
        if let (Kind::Choice(choices), Literal::Text(name)) = (kind, literal)
            && comparison.operator != Operator::StartsWith
            && !choices.iter().any(|choice| choice.name == *name)
        {
            let names: Vec<_> = choices.iter().map(|choice| choice.name.as_str()).collect();
            wrong.push(format!("{field} is never {name:?}; it is one of {}", names.join(", ")));
        }
    }
    wrong
}
