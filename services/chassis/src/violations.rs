//! Parsing of requests: every field error at once, each with the field's path and what to do.

use tonic_types::FieldViolation;

use crate::status::Failure;

/// Most field errors of one answer: they travel in the trailers of a call, which are small. Whoever mends these is told the rest.
const MOST: usize = 120;

/// Field errors found so far. A value that failed is stood in for, because nothing is used unless [`Violations::finish`] says that all is well.
#[derive(Debug, Default)]
pub struct Violations {
    found: Vec<FieldViolation>,
}

impl Violations {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes a field error, unless so many were noted that no more can be told.
    pub fn add(&mut self, field: impl Into<String>, what_to_do: impl Into<String>) {
        if self.found.len() == MOST {
            return;
        }
        self.found.push(FieldViolation::new(field, what_to_do));
    }

    /// Takes a text of `min` to `max` characters without control characters other than line breaks; blanks around it are cut off.
    pub fn text(&mut self, field: &str, given: &str, min: usize, max: usize) -> String {
        let text = given.trim();
        let length = text.chars().count();
        if length < min && length == 0 {
            self.add(field, format!("is required, {min} to {max} characters"));
        } else if length < min || length > max {
            self.add(field, format!("must have {min} to {max} characters, has {length}"));
        } else if text.chars().any(|letter| letter.is_control() && letter != '\n') {
            self.add(field, "must not hold control characters");
        }
        text.to_owned()
    }

    /// Takes an id of a certain shape.
    pub fn id<T, E: std::fmt::Display>(
        &mut self,
        field: &str,
        given: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        match parse(given) {
            Ok(id) => Some(id),
            Err(_) if given.is_empty() => {
                self.add(field, "is required");
                None
            }
            Err(error) => {
                self.add(field, format!("must be {error}"));
                None
            }
        }
    }

    /// Takes an enum value that must be stated.
    pub fn choice<T: TryFrom<i32> + PartialEq + Default>(&mut self, field: &str, given: i32) -> Option<T> {
        match T::try_from(given) {
            Ok(choice) if choice != T::default() => Some(choice),
            Ok(_) => {
                self.add(field, "must be stated");
                None
            }
            Err(_) => {
                self.add(field, format!("has no value {given}"));
                None
            }
        }
    }

    /// Fails with everything that was found.
    pub fn finish(self) -> Result<(), Failure> {
        if self.found.is_empty() { Ok(()) } else { Err(Failure::Invalid(self.found)) }
    }

    /// Fails with everything that was found; otherwise opens a value that failed only together with a violation.
    pub fn open<T>(self, value: Option<T>) -> Result<T, Failure> {
        self.finish()?;
        value.ok_or_else(|| Failure::Bug("a field failed without a violation".into()))
    }
}
