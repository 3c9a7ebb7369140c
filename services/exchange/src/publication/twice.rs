//! Members that stand in an object twice. Readers disagree about which one counts, so what is looked at here would not be what is read there.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

/// JSON pointers of all members that stand in their object twice.
pub(super) fn named_twice(json: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut reader = serde_json::Deserializer::from_str(json);
    // What is not JSON was found before.
    let _ = Place { at: String::new(), found: &mut found }.deserialize(&mut reader);
    found
}

struct Place<'a> {
    at: String,
    found: &'a mut Vec<String>,
}

impl<'de> DeserializeSeed<'de> for Place<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Place<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut seen = BTreeSet::new();
        while let Some(name) = map.next_key::<String>()? {
            let at = format!("{}/{}", self.at, name.replace('~', "~0").replace('/', "~1"));
            if !seen.insert(name) {
                self.found.push(at.clone());
            }
            map.next_value_seed(Place { at, found: self.found })?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let mut nth = 0;
        while list.next_element_seed(Place { at: format!("{}/{nth}", self.at), found: self.found })?.is_some()
        {
            nth += 1;
        }
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_that_stand_twice_are_found_at_every_depth() {
        assert_eq!(
            named_twice(r#"{"a": 1, "b": [{"c": null}], "d": {"a": "x", "c": 1.5}}"#),
            Vec::<String>::new()
        );
        assert_eq!(named_twice(r#"{"a": 1, "b": [{"c": 1, "\u0063": 2}], "a": {}}"#), ["/b/0/c", "/a"]);
    }
}
