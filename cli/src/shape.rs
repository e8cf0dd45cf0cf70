//! What a file probably is that isn't what was asked for, by its name, by how it begins or by a line of it.

use crate::failure::Failure;
use crate::input::CUT;
use crate::report::counted;
use crate::terminal::Terminal;
use comity_runtime::intake::{ProfileLine, Schema};
use std::path::Path;

/// What nearly all commands read.
const NDJSON: &str = "NDJSON: one JSON object on each line, plain or gzip";

/// Files that aren't text, by how they begin: what they are, and what to do.
const FOREIGN: [(&[u8], &str, &str); 15] = [
    (b"PAR1", "Parquet", PARQUET),
    (b"PARE", "encrypted Parquet", PARQUET),
    (b"PK\x03\x04", "a zip archive or a workbook", "unpack it first, or export the sheet"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "unpack it first"),
    (b"\x1f\x8b", "packed by gzip twice", "unpack it once: `gzip -dc FILE`"),
    (b"\x28\xb5\x2f\xfd", "packed by zstd", "unpack it first: `zstd -dc FILE`"),
    (b"BZh91AY&SY", "packed by bzip2", "unpack it first: `bzip2 -dc FILE`"),
    (b"\xfd7zXZ\0", "packed by xz", "unpack it first: `xz -dc FILE`"),
    (b"\x04\x22\x4d\x18", "packed by LZ4", "unpack it first: `lz4 -dc FILE`"),
    (b"Obj\x01", "Avro", "write it as JSON"),
    (b"ARROW1", "Arrow", "write it as JSON"),
    (b"SQLite format 3\0", "a database of SQLite", "write the table as JSON"),
    (b"%PDF-", "a PDF", "give the data that it was made from"),
    (b"\xff\xfe", "UTF-16", "write it as UTF-8: `iconv -f UTF-16 -t UTF-8 FILE`"),
    (b"\xfe\xff", "UTF-16", "write it as UTF-8: `iconv -f UTF-16 -t UTF-8 FILE`"),
];

const PARQUET: &str = "only `comity audience` reads Parquet, and only from a file that is not compressed as a whole; \
                       records to be read again are written by `comity run --records FILE.ndjson`";

/// Whether a file is Parquet by its name.
pub(crate) fn is_parquet(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("parquet"))
}

/// Refuses a policy, by its name, where data is wanted.
pub(crate) fn policy(path: &Path) -> Option<Failure> {
    let is_policy = path.extension().is_some_and(|extension| extension == "comity")
        || path.file_name().is_some_and(|name| name == "comity.toml");
    is_policy.then(|| {
        Failure::new(format!("`{}` is a policy, or a part of one", path.display()))
            .help("a policy is given without an option: `comity run shop.comity --events FILE`")
            .help(format!("what is wanted is {NDJSON}"))
    })
}

/// Where tar says what it is.
const TAR: (usize, &[u8]) = (257, b"ustar");

/// Refuses a file that isn't text, by its first bytes: no line of it could say what is wrong.
pub(crate) fn foreign(file: &str, bytes: &[u8]) -> Option<Failure> {
    let known = FOREIGN.iter().find(|(start, ..)| bytes.starts_with(start));
    let known = known.map(|(_, what, help)| (*what, *help));
    let is_tar = bytes.get(TAR.0..).is_some_and(|rest| rest.starts_with(TAR.1));
    let (what, help) =
        known.or(is_tar.then_some(("a tar archive", "unpack it first: `tar -xOf FILE NAME`")))?;
    Some(Failure::new(format!("`{file}` is {what}")).help(help).help(format!("what is wanted is {NDJSON}")))
}

/// A log of which no line is an event.
pub(crate) fn no_log(file: &str, lines: u64, first: &[u8], is_cut: bool) -> Failure {
    let lines = counted(lines as usize, "line");
    let failure = Failure::new(format!("{file}: nothing could be read as an event, of {lines}"));
    failure.help(if is_cut { CUT.to_owned() } else { of_events(first) })
}

/// Warns of a log of which some lines are no events, where `comity run` says more.
pub(crate) fn tell_rejected(file: &str, lines: u64, is_cut: bool, terminal: Terminal) {
    let lines = counted(lines as usize, "line");
    terminal.warn(format_args!("{file}: {lines} rejected; `comity run` says why"));
    if is_cut {
        terminal.warn(format_args!("{file}: {CUT}"));
    }
}

/// What to do about a log of which no line is an event.
fn of_events(line: &[u8]) -> String {
    if is_profile(line) {
        return "these lines look like profiles: give them by `--profiles`".to_owned();
    }
    if is_record(line) {
        return "these lines look like records; give the events over which they were decided".to_owned();
    }
    form(line, &format!("a log is {NDJSON}")).unwrap_or_else(|| {
        "an event is a line such as {\"id\":\"e1\",\"type\":\"purchase\",\"subject\":\"c1\",\"time\":\"2026-11-02T10:00:00Z\",\"data\":{}}".to_owned()
    })
}

/// What to do about profiles of which a line is none, where more is wrong than a value.
pub(crate) fn of_profiles(line: &[u8]) -> Option<String> {
    if is_event(line) {
        return Some("these lines look like events: give them by `--events`".to_owned());
    }
    if is_record(line) {
        return Some(format!("these lines look like records; profiles are {NDJSON}"));
    }
    form(line, &format!("profiles are {NDJSON}"))
}

/// What to do about a file that doesn't hold one profile, where more is wrong than a value.
pub(crate) fn of_profile(text: &[u8]) -> Option<String> {
    const ONE: &str = "the file holds one profile, plain or gzip: {\"subject\":\"c42\",\"attributes\":{…},\"consents\":[{…}]}";
    if is_event(text) || is_record(text) || text.is_empty() {
        return Some(ONE.to_owned());
    }
    let cut = || serde_json::from_slice::<serde::de::IgnoredAny>(text).is_err_and(|error| error.is_eof());
    if text.starts_with(b"{") && cut() {
        return Some(CUT.to_owned());
    }
    form(text, ONE)
}

/// What to do about records of which a line is none.
pub(crate) fn of_records(line: &[u8]) -> String {
    const MADE: &str = "`comity run --records FILE` writes records";
    if is_event(line) {
        return format!("this line looks like an event: give events by `--events`; {MADE}");
    }
    if is_profile(line) {
        return format!("this line looks like a profile; {MADE}");
    }
    form(line, &format!("records are {NDJSON}")).unwrap_or_else(|| MADE.to_owned())
}

/// Reads a line as a profile. One that is an event or a record says nothing of a customer, and is refused.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn profile(schema: &Schema, line: &[u8]) -> Result<ProfileLine, String> {
    let profile = schema.profile(line).map_err(|rejected| rejected.to_string())?;
    let is_bare = profile.attributes.is_empty() && profile.consents.is_empty();
    match is_bare {
        true if is_event(line) => Err("this is an event".to_owned()),
        true if is_record(line) => Err("this is a record".to_owned()),
        _ => Ok(profile),
    }
}

/// Whether a line has what only events have.
pub(crate) fn is_event(line: &[u8]) -> bool {
    has(line, "type") && has(line, "time")
}

fn is_profile(line: &[u8]) -> bool {
    has(line, "attributes") || has(line, "consents")
}

fn is_record(line: &[u8]) -> bool {
    has(line, "kind") && has(line, "policy")
}

/// What to do about a file that isn't one JSON object on each line.
fn form(line: &[u8], wanted: &str) -> Option<String> {
    let text = String::from_utf8_lossy(line);
    let text = text.trim_start_matches('\u{feff}').trim();
    let whole = serde_json::from_str::<serde_json::Value>(text);
    let is_control = |byte: &u8| *byte < b'\t' || (0x0e..b' ').contains(byte);
    let mend = |call: &str| format!("; what is wanted has one object on each line: `{call}` makes it so");
    let help = match (text.bytes().next(), whole) {
        (Some(b'['), _) => format!("this is one JSON array{}", mend("jq -c '.[]' FILE")),
        (Some(b'{'), Err(error)) if error.is_eof() => {
            format!("this is JSON over several lines{}", mend("jq -c . FILE"))
        }
        (Some(b'{'), _) => return None,
        _ if line.iter().filter(|byte| **byte == 0).count() > line.len() / 4 => {
            format!("this is no text, or UTF-16; {wanted}, in UTF-8")
        }
        _ if std::str::from_utf8(line).is_err() && line.iter().any(is_control) => {
            format!("this is no text; {wanted}")
        }
        _ if text.contains([',', ';', '\t']) => format!("this looks like CSV; {wanted}"),
        _ => wanted.to_owned(),
    };
    Some(help)
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
        assert!(of(r#"{"kind":"sent","policy":"p@1"}"#).contains("look like records"));
        assert!(of(r#"{"subject":"c"}"#).starts_with("an event is a line such as"));
        assert!(of("i\0d\0,\0").contains("UTF-16"));
        assert!(of_events(b"\xff\x01\x02,").contains("no text"));
        assert!(of_events(b"caf\xe9,id").contains("CSV"));
        let event = br#"{"id":"e","type":"t","subject":"c","time":"x"}"#;
        assert!(of_profiles(event).is_some_and(|help| help.contains("--events")));
        assert_eq!(of_profiles(br#"{"subject":3}"#), None);
        assert!(of_records(event).contains("--events"));
        assert!(of_records(br#"{"subject":3}"#).contains("comity run --records"));
    }

    #[test]
    fn files_that_are_no_text() {
        let what = |bytes: &[u8]| foreign("f", bytes).map(|failure| failure.to_string());
        assert_eq!(what(b"PAR1\x15\x04").as_deref(), Some("`f` is Parquet"));
        assert_eq!(what(b"\xfd7zXZ\0\0").as_deref(), Some("`f` is packed by xz"));
        let mut tar = vec![0; 512];
        tar[257..262].copy_from_slice(b"ustar");
        assert_eq!(what(&tar).as_deref(), Some("`f` is a tar archive"));
        for text in [&b"{\"id\":1}"[..], b"PARTY,id", b"BZh,id", b"", b"id\n"] {
            assert_eq!(what(text), None);
        }
    }
}
