//! Diagnostics as workflow commands of GitHub Actions, which become annotations of a change.

use super::{Place, word};
use crate::project::Loaded;
use comity_compiler::diagnostic::Diagnostic;

pub(super) fn render(loaded: &Loaded, diagnostics: &[Diagnostic]) -> String {
    diagnostics.iter().map(|diagnostic| command(loaded, diagnostic)).collect()
}

fn command(loaded: &Loaded, diagnostic: &Diagnostic) -> String {
    let place = diagnostic.location().and_then(|location| Place::of(loaded, location));
    let place = place.map_or_else(String::new, |place| {
        // A column counts only where the annotation stays on its line.
        let end = if place.start.line == place.end.line {
            format!(",endLine={},endColumn={}", place.end.line, place.end.column)
        } else {
            format!(",endLine={}", place.end.line)
        };
        format!("file={},line={},col={}{end},", property(&place.file), place.start.line, place.start.column)
    });
    let mut message = diagnostic.message.clone();
    for help in &diagnostic.help {
        message.push_str("\nhelp: ");
        message.push_str(help);
    }
    format!("::{} {place}title={}::{}\n", word(diagnostic.severity), diagnostic.code, data(&message))
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_a_meaning_in_commands_is_escaped() {
        assert_eq!(data("50% off\nnow: go"), "50%25 off%0Anow: go");
        assert_eq!(property("a:b,c.comity"), "a%3Ab%2Cc.comity");
    }
}
