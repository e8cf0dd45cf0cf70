//! A writer of canonical JSON that builds no tree: keys come in their order.

use crate::effect::Json;

/// An object that is being written. Keys must be given in ascending order.
pub struct Object<'a> {
    out: &'a mut Vec<u8>,
    last: &'static str,
}

/// A list that is being written.
pub struct List<'a> {
    out: &'a mut Vec<u8>,
    empty: bool,
}

impl<'a> Object<'a> {
    /// Begins an object.
    pub fn begin(out: &'a mut Vec<u8>) -> Object<'a> {
        out.push(b'{');
        Object { out, last: "" }
    }

    /// Ends it.
    pub fn end(self) {
        self.out.push(b'}');
    }

    fn key(&mut self, key: &'static str) -> &mut Vec<u8> {
        debug_assert!(self.last < key, "keys are sorted: {} before {key}", self.last);
        if !self.last.is_empty() {
            self.out.push(b',');
        }
        self.last = key;
        self.out.push(b'"');
        self.out.extend_from_slice(key.as_bytes());
        self.out.extend_from_slice(b"\":");
        self.out
    }

    /// A text.
    pub fn text(&mut self, key: &'static str, value: &str) {
        write_text(self.key(key), value);
    }

    /// A text that is there or isn't.
    pub fn optional(&mut self, key: &'static str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(key, value);
        }
    }

    /// A truth.
    pub fn bool(&mut self, key: &'static str, value: bool) {
        self.key(key).extend_from_slice(if value { b"true" } else { b"false" });
    }

    /// A count.
    pub fn count(&mut self, key: &'static str, value: u64) {
        self.key(key).extend_from_slice(value.to_string().as_bytes());
    }

    /// A finite number, with the fewest digits that read back as the same.
    pub fn number(&mut self, key: &'static str, value: f64) {
        let out = self.key(key);
        // Writing a number to memory can't fail.
        let _ = serde_json::to_writer(out, &value);
    }

    /// An instant (µs), RFC 3339 in UTC.
    pub fn instant(&mut self, key: &'static str, micros: i64) {
        let out = self.key(key);
        out.push(b'"');
        super::write_instant(out, micros);
        out.push(b'"');
    }

    /// An object.
    pub fn object(&mut self, key: &'static str, write: impl FnOnce(&mut Object<'_>)) {
        let mut object = Object::begin(self.key(key));
        write(&mut object);
        object.end();
    }

    /// A list.
    pub fn list(&mut self, key: &'static str, write: impl FnOnce(&mut List<'_>)) {
        let out = self.key(key);
        out.push(b'[');
        write(&mut List { out, empty: true });
        out.push(b']');
    }

    /// A value.
    pub fn value(&mut self, key: &'static str, value: &Json) {
        write_value(self.key(key), value);
    }

    /// An object of values whose keys are not known beforehand: they are sorted here; of equal ones the first
    /// stays.
    pub fn values<'t>(&mut self, key: &'static str, entries: impl Iterator<Item = (&'t str, &'t Json)>) {
        self.sorted(key, entries, write_value);
    }

    /// The same, of texts.
    pub fn texts<'t>(&mut self, key: &'static str, entries: impl Iterator<Item = (&'t str, &'t str)>) {
        self.sorted(key, entries, write_text);
    }

    fn sorted<'t, V: Copy>(
        &mut self,
        key: &'static str,
        entries: impl Iterator<Item = (&'t str, V)>,
        write: impl Fn(&mut Vec<u8>, V),
    ) {
        let mut entries: Vec<_> = entries.collect();
        entries.sort_by_key(|(key, _)| *key);
        entries.dedup_by_key(|(key, _)| *key);
        let out = self.key(key);
        out.push(b'{');
        for (index, (key, value)) in entries.into_iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            write_text(out, key);
            out.push(b':');
            write(out, value);
        }
        out.push(b'}');
    }
}

impl List<'_> {
    /// The next element, an object.
    pub fn object(&mut self, write: impl FnOnce(&mut Object<'_>)) {
        if !std::mem::replace(&mut self.empty, false) {
            self.out.push(b',');
        }
        let mut object = Object::begin(self.out);
        write(&mut object);
        object.end();
    }
}

fn write_value(out: &mut Vec<u8>, value: &Json) {
    match value {
        Json::Null => out.extend_from_slice(b"null"),
        Json::Bool(value) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
        Json::Int(value) => out.extend_from_slice(value.to_string().as_bytes()),
        // Writing to memory can't fail; what is no finite number is null.
        Json::Number(value) => _ = serde_json::to_writer(out, value),
        Json::Text(value) => write_text(out, value),
    }
}

fn write_text(out: &mut Vec<u8>, value: &str) {
    // Writing a text to memory can't fail.
    let _ = serde_json::to_writer(out, value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_what_a_reader_reads_back() {
        let mut out = Vec::new();
        let mut object = Object::begin(&mut out);
        object.list("a", |list| {
            list.object(|o| o.bool("x", true));
            list.object(|o| o.count("y", 7));
        });
        object.text("b", "quote \" line\n\u{1}ü");
        object.texts("c", [("z", "1"), ("k", "2")].into_iter());
        object.number("d", 1.0);
        object.instant("e", 1_793_613_600_000_000);
        object.end();
        let text = String::from_utf8(out).unwrap();
        let expected = r#"{"a":[{"x":true},{"y":7}],"b":"quote \" line\n\u0001ü","c":{"k":"2","z":"1"},"d":1.0,"e":"2026-11-02T10:00:00Z"}"#;
        assert_eq!(text, expected);
        // serde_json keeps objects sorted: writing it again gives the same.
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value.to_string(), text);
    }
}
