//! What a file probably is that isn't what was asked for, by a line of it.

/// What to do about a log of which no line is an event.
pub(in super::super) fn of_events(line: &[u8]) -> String {
    if has(line, "attributes") || has(line, "consents") {
        return "these lines look like profiles: give them by `--profiles`".to_owned();
    }
    form(line).unwrap_or_else(|| {
        "an event is a line such as {\"id\":\"e1\",\"type\":\"purchase\",\"subject\":\"c1\",\"time\":\"2026-11-02T10:00:00Z\",\"data\":{}}".to_owned()
    })
}

/// What to do about profiles of which a line is none, where more is wrong than a value.
pub(in super::super) fn of_profiles(line: &[u8]) -> Option<String> {
    if is_event(line) {
        return Some("these lines look like events: give them by `--events`".to_owned());
    }
    form(line)
}

/// Whether a line has what only events have.
pub(in super::super) fn is_event(line: &[u8]) -> bool {
    has(line, "type") && has(line, "time")
}

/// What to do about a file that isn't one JSON object on each line.
fn form(line: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(line);
    let text = text.trim_start_matches('\u{feff}').trim();
    let whole = serde_json::from_str::<serde_json::Value>(text);
    let help = match (text.bytes().next(), whole) {
        (Some(b'['), _) => {
            "this is one JSON array; a log has one object on each line: `jq -c '.[]' FILE` makes it so"
        }
        (Some(b'{'), Err(error)) if error.is_eof() => {
            "this is JSON over several lines; a log has one object on each line: `jq -c . FILE` makes it so"
        }
        (Some(b'{'), _) => return None,
        _ if line.starts_with(b"PK\x03\x04") => {
            "this is a zip archive: unpack it first; gzip is read as it is"
        }
        _ if line.iter().filter(|byte| **byte == 0).count() > line.len() / 4 => {
            "this is no text, or UTF-16: logs are UTF-8, plain or gzip"
        }
        _ if text.contains([',', ';', '\t']) => {
            "this looks like CSV; a log is NDJSON: one JSON object on each line"
        }
        _ => "a log is NDJSON: one JSON object on each line, plain or gzip",
    };
    Some(help.to_owned())
}

/// Whether a line is an object with such a key.
fn has(line: &[u8], key: &str) -> bool {
    let object = serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(line);
    object.is_ok_and(|object| object.contains_key(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_is_instead() {
        let of = |line: &str| of_events(line.as_bytes());
        assert!(of("id,type,subject,time").contains("CSV"));
        assert!(of("[").contains("array") && of(r#"[{"id":"e"}]"#).contains("array"));
        assert!(of("{").contains("several lines"));
        assert!(of(r#"{"subject":"c","attributes":{}}"#).contains("--profiles"));
        assert!(of(r#"{"subject":"c"}"#).starts_with("an event is a line such as"));
        assert!(of("i\0d\0,\0").contains("UTF-16"));
        let event = br#"{"id":"e","type":"t","subject":"c","time":"x"}"#;
        assert!(of_profiles(event).is_some_and(|help| help.contains("--events")));
        assert_eq!(of_profiles(br#"{"subject":3}"#), None);
    }
}
