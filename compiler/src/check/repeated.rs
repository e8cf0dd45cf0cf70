//! One name that is unknown in many places is one mistake: it is told where it stands first, with the other places as
//! labels and one mend for all. Where what was probably meant is nowhere used, the slip is in its declaration.

use crate::checked::Location;
use crate::diagnostic::{Diagnostic, Edit, Fix, Label, at};
use crate::ids::FileId;
use crate::mistakes;
use crate::source::Project;
use comity_grammar::Span;
use std::collections::BTreeMap;

/// In so many places one name is wrong once; in fewer, each may be a slip of its own.
const MANY: usize = 3;

/// More places than these aren't shown.
const SHOWN: usize = 4;

/// The diagnostics, in the order in which they are shown, with what is said of one name told once.
pub(super) fn told_once(found: Vec<Diagnostic>, project: &Project) -> Vec<Diagnostic> {
    // What is said and mended alike in each place; helps may differ.
    type Key = (String, Option<String>);
    let key = |one: &Diagnostic| -> Option<Key> {
        let mend = one.fix.as_ref().and_then(|fix| fix.edits.first()).map(|edit| edit.text.clone());
        mistakes::is_about_a_word(one).then(|| (one.message.clone(), mend))
    };
    let mut alike: BTreeMap<Key, Vec<Diagnostic>> = BTreeMap::new();
    for one in &found {
        if let Some(key) = key(one) {
            alike.entry(key).or_default().push(one.clone());
        }
    }
    let told = found.into_iter().filter_map(|one| {
        let Some(key) = key(&one) else { return Some(one) };
        // With the first of them all are told.
        let count = alike.get(&key).map_or(0, Vec::len);
        let declared = if count > 1 { misspelt(project, &one) } else { None };
        match count >= MANY || count > 1 && declared.is_some() {
            true => together(std::mem::take(alike.get_mut(&key)?), declared),
            false => (count > 0).then_some(one),
        }
    });
    told.collect()
}

/// What is said of one name in several places, as one. `declared` is what was meant, its place and its right name.
fn together(alike: Vec<Diagnostic>, declared: Option<(String, Location, String)>) -> Option<Diagnostic> {
    let mut rest = alike.into_iter();
    let mut one = rest.next()?;
    let rest: Vec<Diagnostic> = rest.collect();
    let label = |location, text: String| Label { location, text, primary: false };
    let places = rest.iter().filter_map(Diagnostic::location).take(SHOWN);
    one.labels.extend(places.map(|place| label(place, "here as well".to_owned())));
    if rest.len() > SHOWN {
        one.help.push(format!("it stands in {} more places", rest.len() - SHOWN));
    }
    match (declared, &mut one.fix) {
        (Some((meant, place, right)), fix) => {
            one.help = vec![format!("did you mean `{meant}`? Then its declaration is misspelt")];
            one.labels.push(label(place, format!("`{meant}` is declared here")));
            let edits = vec![Edit { location: place, text: right.clone() }];
            *fix = Some(Fix { title: format!("name it `{right}`"), edits });
        }
        (None, Some(fix)) => {
            fix.edits.extend(rest.into_iter().filter_map(|other| other.fix).flat_map(|fix| fix.edits));
        }
        (None, None) => {}
    }
    Some(one)
}

/// Where the slip is in a declaration that nothing names as it is: what it declares, where, and what it should.
fn misspelt(project: &Project, one: &Diagnostic) -> Option<(String, Location, String)> {
    let meant = one.fix.as_ref()?.edits.first()?.text.clone();
    let place = only_place(project, &meant)?;
    Some((meant, place, missing(&one.message)?.to_owned()))
}

/// The name that a message misses: "there is no purpose `marketing`".
fn missing(message: &str) -> Option<&str> {
    message.strip_suffix('`').and_then(|rest| rest.rsplit_once('`')).map(|(_, name)| name)
}

/// Where a word stands that stands only once in the project.
fn only_place(project: &Project, word: &str) -> Option<Location> {
    if word.is_empty() || !word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return None;
    }
    let mut found = None;
    for (position, file) in project.files().iter().enumerate() {
        let part = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        for (start, _) in file.text.match_indices(word) {
            let (bytes, end) = (file.text.as_bytes(), start + word.len());
            if part(start.checked_sub(1).and_then(|before| bytes.get(before))) || part(bytes.get(end)) {
                continue;
            }
            if found.replace(at(FileId::at(position), Span::new(start, end))).is_some() {
                return None;
            }
        }
    }
    found.filter(|place| project.is_own(place.file))
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    const SHOP: &str = "profile { email: email?  timezone: timezone = \"UTC\" }
event signup {}
channel email { to profile.email }
class news
message a { class news purpose marketing on signup via email content email { subject \"a\" body \"b\" } }
message b { class news purpose marketing on signup via email content email { subject \"a\" body \"b\" } }
";

    #[test]
    fn a_name_that_is_misspelt_in_its_declaration_is_one_mistake() {
        let text = format!("{SHOP}purpose marketin {{ always on email }}\n");
        let one = only(&text);
        assert_eq!(one.labels.len(), 3, "{}", found(&text));
        assert_eq!(mended(&text), format!("{SHOP}purpose marketing {{ always on email }}\n"));
    }

    #[test]
    fn a_name_that_is_misspelt_in_several_places_is_one_mistake() {
        let message = SHOP.lines().last().unwrap_or_default();
        let more = [message.replace("message b", "message c"), message.replace("message b", "message d")];
        let right = format!("{SHOP}{}\npurpose marketing {{ always on email }}\n", more.join("\n"));
        let text = right.replacen("purpose marketing on", "purpose marketin on", 3);
        assert_eq!(only(&text).labels.len(), 3, "{}", found(&text));
        assert_eq!(mended(&text), right);
    }
}
