//! Reads a condition. Says where it stopped and what would have gone on from there.

use super::{Comparison, Condition, DEEPEST, Literal, MOST_CHARACTERS, MOST_COMPARISONS, Operator};

/// A text that is not a condition.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at character {at}: {what}")]
pub struct Invalid {
    /// Where reading stopped, counted in characters from 1.
    pub at: usize,
    /// What is wrong and what would be right.
    pub what: String,
}

/// Reads a condition.
pub fn parse(text: &str) -> Result<Condition, Invalid> {
    let characters = text.chars().count();
    if characters > MOST_CHARACTERS {
        let what = format!("a condition has at most {MOST_CHARACTERS} characters, this one has {characters}");
        return Err(Invalid { at: MOST_CHARACTERS + 1, what });
    }
    let tokens = tokens(text)?;
    let mut reader = Reader { tokens: &tokens, next: 0, end: characters + 1, comparisons: 0 };
    let condition = reader.condition(0)?;
    match reader.peek() {
        None => Ok(condition),
        Some(_) => Err(reader.wrong("expected `and`, `or` or the end")),
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Number(f64),
    Sign(&'static str),
}

/// Signs, longer ones before those that begin them.
const SIGNS: [&str; 9] = ["!=", "<=", ">=", "=", "<", ">", "(", ")", ","];

fn tokens(text: &str) -> Result<Vec<(usize, Token)>, Invalid> {
    let letters: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < letters.len() {
        let (start, first) = (at, letters[at]);
        let token = match first {
            _ if first.is_whitespace() => {
                at += 1;
                continue;
            }
            'a'..='z' | 'A'..='Z' | '_' => {
                at = span(&letters, at, |letter| letter.is_ascii_alphanumeric() || letter == '_');
                Token::Word(letters[start..at].iter().collect())
            }
            '0'..='9' | '-' => {
                at = span(&letters, at + 1, |letter| letter.is_ascii_digit() || letter == '.');
                let digits: String = letters[start..at].iter().collect();
                let number = digits
                    .parse()
                    .map_err(|_| Invalid { at: start + 1, what: format!("{digits:?} is not a number") })?;
                Token::Number(number)
            }
            '"' | '\'' => {
                let (read, end) = quoted(&letters, at)?;
                at = end;
                Token::Text(read)
            }
            _ => {
                let sign = SIGNS
                    .into_iter()
                    .find(|sign| letters[at..].iter().take(sign.len()).copied().eq(sign.chars()));
                let sign = sign.ok_or_else(|| Invalid {
                    at: start + 1,
                    what: format!("{first:?} has no meaning here; texts stand in quotation marks"),
                })?;
                at += sign.len();
                Token::Sign(sign)
            }
        };
        tokens.push((start + 1, token));
    }
    Ok(tokens)
}

fn span(letters: &[char], from: usize, belongs: impl Fn(char) -> bool) -> usize {
    letters[from..].iter().position(|letter| !belongs(*letter)).map_or(letters.len(), |length| from + length)
}

/// Reads a text in quotation marks; a backslash takes the next character as it is.
fn quoted(letters: &[char], from: usize) -> Result<(String, usize), Invalid> {
    let (mark, mut read, mut at) = (letters[from], String::new(), from + 1);
    while let Some(letter) = letters.get(at) {
        at += 1;
        match letter {
            letter if *letter == mark => return Ok((read, at)),
            '\\' => {
                read.extend(letters.get(at));
                at += 1;
            }
            letter => read.push(*letter),
        }
    }
    Err(Invalid { at: from + 1, what: "the text that begins here has no closing quotation mark".into() })
}

struct Reader<'a> {
    tokens: &'a [(usize, Token)],
    next: usize,
    end: usize,
    comparisons: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next).map(|(_, token)| token)
    }

    fn take(&mut self) -> Option<Token> {
        let token = self.peek().cloned();
        self.next += 1;
        token
    }

    fn wrong(&self, what: impl Into<String>) -> Invalid {
        Invalid { at: self.tokens.get(self.next).map_or(self.end, |(at, _)| *at), what: what.into() }
    }

    /// Takes a word if it comes next.
    fn word(&mut self, word: &str) -> bool {
        let comes = matches!(self.peek(), Some(Token::Word(next)) if next == word);
        self.next += usize::from(comes);
        comes
    }

    /// Takes a sign if it comes next.
    fn sign(&mut self, sign: &str) -> bool {
        let comes = matches!(self.peek(), Some(Token::Sign(next)) if *next == sign);
        self.next += usize::from(comes);
        comes
    }

    fn condition(&mut self, depth: usize) -> Result<Condition, Invalid> {
        let mut parts = vec![self.term(depth)?];
        while self.word("or") {
            parts.push(self.term(depth)?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Condition::Any(parts) })
    }

    fn term(&mut self, depth: usize) -> Result<Condition, Invalid> {
        let mut parts = vec![self.factor(depth)?];
        while self.word("and") {
            parts.push(self.factor(depth)?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Condition::All(parts) })
    }

    fn factor(&mut self, depth: usize) -> Result<Condition, Invalid> {
        if depth > DEEPEST {
            return Err(self.wrong(format!("a condition is nested at most {DEEPEST} deep")));
        }
        if self.word("not") {
            return Ok(Condition::Not(Box::new(self.factor(depth + 1)?)));
        }
        if self.sign("(") {
            let inner = self.condition(depth + 1)?;
            return if self.sign(")") { Ok(inner) } else { Err(self.wrong("expected `)`")) };
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<Condition, Invalid> {
        self.comparisons += 1;
        if self.comparisons > MOST_COMPARISONS {
            return Err(self.wrong(format!("a condition has at most {MOST_COMPARISONS} comparisons")));
        }
        let field = match self.peek() {
            Some(Token::Word(word)) if !KEYWORDS.contains(&word.as_str()) => word.clone(),
            _ => return Err(self.wrong("expected the name of a field")),
        };
        self.next += 1;
        let operator = self.operator()?;
        let literals = match operator {
            Operator::In => self.list()?,
            _ => vec![self.literal()?],
        };
        if operator == Operator::StartsWith && !matches!(literals[..], [Literal::Text(_)]) {
            self.next -= 1;
            return Err(self.wrong("expected a text in quotation marks"));
        }
        Ok(Condition::Compare(Comparison { field, operator, literals }))
    }

    fn operator(&mut self) -> Result<Operator, Invalid> {
        let operator = match self.peek() {
            Some(Token::Sign("=")) => Operator::Equal,
            Some(Token::Sign("!=")) => Operator::Unequal,
            Some(Token::Sign("<")) => Operator::Less,
            Some(Token::Sign("<=")) => Operator::AtMost,
            Some(Token::Sign(">")) => Operator::Greater,
            Some(Token::Sign(">=")) => Operator::AtLeast,
            Some(Token::Word(word)) if word == "in" => Operator::In,
            Some(Token::Word(word)) if word == "starts_with" => Operator::StartsWith,
            _ => return Err(self.wrong("expected = != < <= > >= in or starts_with")),
        };
        self.next += 1;
        Ok(operator)
    }

    fn list(&mut self) -> Result<Vec<Literal>, Invalid> {
        if !self.sign("(") {
            return Err(self.wrong("expected `(` and a list of values"));
        }
        let mut literals = vec![self.literal()?];
        while self.sign(",") {
            literals.push(self.literal()?);
        }
        if self.sign(")") { Ok(literals) } else { Err(self.wrong("expected `,` or `)`")) }
    }

    fn literal(&mut self) -> Result<Literal, Invalid> {
        let literal = match self.peek() {
            Some(Token::Text(text)) => Literal::Text(text.clone()),
            Some(Token::Number(number)) => Literal::Number(*number),
            Some(Token::Word(word)) if word == "true" => Literal::Truth(true),
            Some(Token::Word(word)) if word == "false" => Literal::Truth(false),
            _ => return Err(self.wrong("expected a text in quotation marks, a number, true or false")),
        };
        self.take();
        Ok(literal)
    }
}

const KEYWORDS: [&str; 7] = ["and", "or", "not", "in", "starts_with", "true", "false"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for (text, said) in [
            ("", "at character 1: expected the name of a field"),
            ("level", "at character 6: expected = != < <= > >= in or starts_with"),
            ("level = red", "at character 9: expected a text in quotation marks, a number, true or false"),
            ("level = \"red", "at character 9: the text that begins here has no closing quotation mark"),
            ("level in (\"a\" \"b\")", "at character 15: expected `,` or `)`"),
            ("(level = 1", "at character 11: expected `)`"),
            ("level = 1 round = 2", "at character 11: expected `and`, `or` or the end"),
            ("level = 1.2.3", "at character 9: \"1.2.3\" is not a number"),
            ("level ~ 1", "at character 7: '~' has no meaning here; texts stand in quotation marks"),
            ("level starts_with 1", "at character 19: expected a text in quotation marks"),
            ("and = 1", "at character 1: expected the name of a field"),
        ] {
            assert_eq!(parse(text).unwrap_err().to_string(), said, "{text}");
        }
    }

    #[test]
    fn a_condition_is_bounded() {
        assert!(parse(&"x".repeat(MOST_CHARACTERS + 1)).is_err());
        assert!(parse(&vec!["a=1"; MOST_COMPARISONS + 1].join(" or ")).is_err());
        assert!(parse(&format!("{}a=1{}", "(".repeat(DEEPEST + 2), ")".repeat(DEEPEST + 2))).is_err());
        assert!(parse(&format!("{}a=1", "not ".repeat(DEEPEST + 2))).is_err());
        assert!(parse(&vec!["a=1"; MOST_COMPARISONS].join(" or ")).is_ok());
    }

    proptest::proptest! {
        #[test]
        fn no_text_breaks_the_reader(text in "\\PC{0,80}") {
            let _ = parse(&text);
        }
    }
}
