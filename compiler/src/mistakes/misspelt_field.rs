//! W0505: a field of content whose name is probably misspelt.

use super::prelude::*;
use crate::diagnostic::at;
use crate::resolve::Names;
use comity_grammar::tree::{Content, MessagePropertyKind};
use std::collections::{BTreeMap, BTreeSet};

pub(super) const CODE: Code =
    Code::new("W0505", include_str!("../../../docs/diagnostics/W0505.md")).lint("misspelt-field");

/// What fields are mostly called.
const USUAL: [&str; 4] = ["subject", "body", "title", "text"];

/// Fields that stand once, and are nearly called as fields are elsewhere. Fields can have any name, so that whoever
/// sends the message finds what it needs; but nobody finds `txet`.
pub(crate) fn find(names: &Names<'_>) -> Vec<Diagnostic> {
    let mut contents: Vec<(crate::ids::FileId, &Content)> = Vec::new();
    for message in &names.messages {
        contents.extend(message.node.properties.iter().filter_map(|property| match &property.kind {
            MessagePropertyKind::Content(content) => Some((message.file, content)),
            _ => None,
        }));
    }
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for field in contents.iter().flat_map(|(_, content)| &content.fields) {
        *times.entry(&field.name.text).or_default() += 1;
    }
    let mut problems = Vec::new();
    for (file, content) in &contents {
        let here: BTreeSet<&str> = content.fields.iter().map(|field| field.name.text.as_str()).collect();
        for field in &content.fields {
            let name = field.name.text.as_str();
            if USUAL.contains(&name) || times[name] > 1 {
                continue;
            }
            let often = times.iter().filter(|(_, count)| **count > 1).map(|(other, _)| *other);
            let known =
                USUAL.into_iter().chain(often).filter(|other| !here.contains(other) && !is_kin(name, other));
            let Some(meant) = closest(name, known) else { continue };
            let place = at(*file, field.name.span);
            let text = format!("the field `{name}` is probably misspelt");
            problems.push(CODE.at(place, text, "the only one of this name").did_you_mean(place, &meant));
        }
    }
    problems
}

/// `image` and `images`, `link_1` and `link_2`: alike, but meant so.
fn is_kin(one: &str, other: &str) -> bool {
    let stem = |name: &str| name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_').to_owned();
    let plural = |many: &str, few: &str| many.strip_suffix('s') == Some(few);
    let words = one.split('_').count() != other.split('_').count();
    stem(one) == stem(other) || plural(one, other) || plural(other, one) || words
}

#[cfg(test)]
mod tests {
    use crate::check;
    use crate::mistakes::fixture::*;

    fn fields(contents: &str) -> Vec<String> {
        let text = messages(&format!(
            "message a {{ class promotional purpose marketing on cart via sms, push {contents} }}"
        ));
        let found = check(&project(&text)).diagnostics.into_iter().filter(|one| one.code.as_str() == "W0505");
        found.map(|one| one.help.join(" ")).collect()
    }

    #[test]
    fn fields_that_are_nearly_called_as_others() {
        assert_eq!(
            fields("content sms { txet \"a\" } content push { text \"a\" }"),
            ["did you mean `text`?"]
        );
        let elsewhere = "content sms { headline \"a\" } content push { headline \"a\" } }
            message b { class promotional purpose marketing on cart via push, sms
            content sms { headlin \"a\" } content push { image \"a\" images \"b\" }";
        assert_eq!(fields(elsewhere), ["did you mean `headline`?"]);
    }

    #[test]
    fn fields_of_their_own() {
        assert_eq!(fields("content sms { text \"a\" next \"b\" } content push { offer \"a\" }"), [""; 0]);
        assert_eq!(
            fields("content sms { link_1 \"a\" link_2 \"b\" } content push { link_1 \"a\" }"),
            [""; 0]
        );
    }
}
