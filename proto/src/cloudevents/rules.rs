//! The types of CloudEvents attributes: which texts are instants, URIs, media types. Pure functions on text.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

/// Reads an instant of RFC 3339. Stricter than the type of instants itself, which takes other forms of ISO 8601; what lies below nanoseconds
/// is cut off.
pub(super) fn timestamp(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let shape = |at: usize, pattern: &[u8]| {
        let part = bytes.get(at..at + pattern.len())?;
        let fits = |(byte, wanted): (&u8, &u8)| match wanted {
            b'0' => byte.is_ascii_digit(),
            b'T' => byte.eq_ignore_ascii_case(&b'T'),
            _ => byte == wanted,
        };
        part.iter().zip(pattern).all(fits).then_some(())
    };
    shape(0, b"0000-00-00T00:00:00")?;
    let rest = &text[19..];
    let (fraction, offset) = match rest.strip_prefix('.') {
        Some(rest) => {
            let end = rest.find(|letter: char| !letter.is_ascii_digit())?;
            if end == 0 {
                return None;
            }
            rest.split_at(end)
        }
        None => ("", rest),
    };
    let at = text.len() - offset.len();
    if !offset.eq_ignore_ascii_case("Z") {
        let sign = offset.chars().next().filter(|sign| matches!(sign, '+' | '-'))?;
        shape(at + sign.len_utf8(), b"00:00")?;
        let (hours, minutes) = (offset.get(1..3)?, offset.get(4..)?);
        if hours > "23" || minutes.len() != 2 || minutes > "59" {
            return None;
        }
    }
    let nanoseconds = &fraction[..fraction.len().min(9)];
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{}{point}{nanoseconds}{offset}", &text[..19]).parse().ok()
}

/// Reads base64 with its padding.
pub(super) fn binary(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// Writes base64 with its padding.
pub(super) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// True for the name of an attribute. The standard asks for at most 20 letters but refuses no longer ones.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

/// True when the text has no control character and no noncharacter.
pub(super) fn is_string(text: &str) -> bool {
    text.chars().all(|letter| {
        let code = letter as u32;
        !letter.is_control() && !(0xfdd0..=0xfdef).contains(&code) && code & 0xfffe != 0xfffe
    })
}

/// True when JSON is what the media type names, or when none is named.
pub(super) fn is_json(media_type: Option<&str>) -> bool {
    let Some(media_type) = media_type else { return true };
    let subtype = media_type.split(';').next().and_then(|plain| plain.trim().split('/').nth(1));
    subtype.is_some_and(|subtype| {
        let subtype = subtype.to_ascii_lowercase();
        subtype == "json" || subtype.ends_with("+json")
    })
}

/// True for `type/subtype` with parameters, as RFC 2046 has it.
pub(super) fn is_media_type(text: &str) -> bool {
    let mut parts = parameters(text).into_iter();
    let Some((kind, subtype)) = parts.next().and_then(|plain| plain.trim_end().split_once('/')) else {
        return false;
    };
    is_token(kind)
        && is_token(subtype)
        && parts.all(|parameter| {
            parameter.trim().split_once('=').is_some_and(|(name, value)| is_token(name) && is_value(value))
        })
}

/// Cuts at every semicolon that is not within quotes.
fn parameters(text: &str) -> Vec<&str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(|letter: char| {
        let cut = letter == ';' && !quoted;
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
        cut
    })
    .collect()
}

fn is_value(text: &str) -> bool {
    let Some(inner) = text.strip_prefix('"') else { return is_token(text) };
    let Some(inner) = inner.strip_suffix('"') else { return false };
    let mut escaped = false;
    let whole = inner.chars().all(|letter| {
        let fits = escaped || letter != '"';
        escaped = letter == '\\' && !escaped;
        fits && letter.is_ascii() && letter != '\r'
    });
    whole && !escaped
}

fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?=".contains(&byte))
}

/// True for an absolute URI (RFC 3986): one with a scheme.
pub(super) fn is_uri(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, _)| is_scheme(scheme)) && is_uri_reference(text)
}

/// True for a URI-reference (RFC 3986): a URI, or what is read in relation to one.
pub(super) fn is_uri_reference(text: &str) -> bool {
    let (text, fragment) = text.split_once('#').unwrap_or((text, ""));
    let (text, query) = text.split_once('?').unwrap_or((text, ""));
    let rest = match text.split_once(':') {
        Some((scheme, rest)) if is_scheme(scheme) => rest,
        // A colon before the first slash would make what stands before it a scheme.
        Some((first, _)) if !first.contains('/') => return false,
        _ => text,
    };
    let (authority, path) = match rest.strip_prefix("//") {
        Some(rest) => rest.split_at(rest.find('/').unwrap_or(rest.len())),
        None => ("", rest),
    };
    is_authority(authority)
        && has_only(path, b"-._~!$&'()*+,;=:@/")
        && [query, fragment].iter().all(|part| has_only(part, b"-._~!$&'()*+,;=:@/?"))
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

fn is_authority(text: &str) -> bool {
    let (user, place) = text.rsplit_once('@').unwrap_or(("", text));
    let (host, port) = match place.strip_prefix('[') {
        Some(literal) => {
            let Some((address, port)) = literal.split_once(']') else { return false };
            if address.is_empty()
                || !address.bytes().all(|byte| byte.is_ascii_hexdigit() || b":.".contains(&byte))
            {
                return false;
            }
            ("", port)
        }
        None => place.split_at(place.find(':').unwrap_or(place.len())),
    };
    let is_port = port.is_empty()
        || port.strip_prefix(':').is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    is_port && has_only(host, b"-._~!$&'()*+,;=") && has_only(user, b"-._~!$&'()*+,;=:")
}

/// True when the text has only letters, digits, these marks, and bytes written as `%` and two hexadecimal digits.
fn has_only(text: &str, marks: &[u8]) -> bool {
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = match (first, after) {
            (b'%', [high, low, after @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => after,
            (byte, after) if byte.is_ascii_alphanumeric() || marks.contains(byte) => after,
            _ => return false,
        };
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_those_of_rfc_3339() {
        for text in [
            "2018-04-05T17:31:00Z",
            "2018-04-05t17:31:00.123456789123z",
            "2018-04-05T17:31:00-01:00",
            "2018-04-05T17:31:00.5+23:59",
        ] {
            assert!(timestamp(text).is_some(), "{text}");
        }
        for text in [
            "",
            "lunchtime",
            "2018-04-05",
            "2018-04-05T17:31Z",
            "2018-04-05 17:31:00Z",
            "2018-04-05T17:31:00",
            "2018-04-05T17:31:00X",
            "2018-04-05T17:31:00+25:00",
            "2018-04-05T17:31:00+05",
            "2018-04-05T17:31:00.Z",
            "2018-04-05T17:31:00+05:60",
            "2018-04-05T17:31:00+05:00:00",
            "2018-13-05T17:31:00Z",
            "2018-02-30T17:31:00Z",
            "2018-04-05T24:31:00Z",
            "20180405T173100Z",
            "2018-04-05T17:31:00Z[UTC]",
            "2018-04-05T17:31:00区Z",
        ] {
            assert!(timestamp(text).is_none(), "{text}");
        }
    }

    #[test]
    fn uris_are_those_of_rfc_3986() {
        for text in
            ["https://cloudevents.io", "urn:uuid:6e8bc430", "mailto:a@b.cn", "http://[::1]:80/a?b=c#d"]
        {
            assert!(is_uri(text) && is_uri_reference(text), "{text}");
        }
        for text in ["/330105/dispatch", "#fragment", "//authority/path", "./a:b", "a%20b", "?q"] {
            assert!(!is_uri(text) && is_uri_reference(text), "{text}");
        }
        for text in ["a b", "1a:b", ":b", "a%2", "http://[::1/", "http://a:b/", "/区", "a#b#c", "a[b", "a\\b"]
        {
            assert!(!is_uri_reference(text), "{text}");
        }
    }

    #[test]
    fn media_types_are_those_of_rfc_2046() {
        for text in
            ["application/json", "text/plain; charset=utf-8", "a/b;c=\"d;\\\"e\"", "application/x+JSON"]
        {
            assert!(is_media_type(text), "{text}");
        }
        for text in ["", "xyz", "a/", "/b", "a/b/c", "a b/c", "a/b;", "a/b;c", "a/b;c=\"d", "文/本"] {
            assert!(!is_media_type(text), "{text}");
        }
        assert!(is_json(None) && is_json(Some("application/x+JSON; a=b")) && !is_json(Some("text/plain")));
    }

    #[test]
    fn texts_have_no_control_characters() {
        assert!(is_string("米市社区 😀") && is_string(""));
        for text in ["a\u{7}b", "\u{85}", "\u{fffe}", "\u{1ffff}", "\u{fdd0}"] {
            assert!(!is_string(text), "{text:?}");
        }
    }
}
