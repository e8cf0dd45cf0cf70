//! Policies with their mistakes marked: `//^^^ E0123` under the place, in the form of the manual's fixtures.

use crate::check::check;
use crate::diagnostic::{Diagnostic, line_and_column, render};
use crate::source::{Project, SourceFile};

/// A policy of one file.
pub(crate) fn project(text: &str) -> Project {
    Project::single(SourceFile::new("policy.comity", text))
}

/// All that is found in a policy of one file, as text.
pub(crate) fn found(text: &str) -> String {
    let project = project(text);
    let analysis = check(&project);
    // Whatever is wrong with it, it can be printed.
    crate::checked::print(&analysis.checked);
    analysis.diagnostics.iter().map(|diagnostic| render(&project, diagnostic)).collect::<Vec<_>>().join("\n")
}

/// Line, column and code of each mark: `//   ^^ E0123` means the place in the last line above that has no mark.
fn marks(text: &str) -> Vec<(usize, usize, String)> {
    let mut marks = Vec::new();
    let mut line = 0;
    for (position, source) in text.lines().enumerate() {
        match source.trim_start().strip_prefix("//").filter(|rest| rest.contains('^')) {
            Some(rest) => {
                let column = source.chars().position(|c| c == '^').unwrap_or(0) + 1;
                let code = rest.trim_start_matches(['^', ' ']).trim();
                marks.extend(code.split(' ').map(|code| (line, column, code.to_owned())));
            }
            None => line = position + 1,
        }
    }
    marks
}

/// A policy in which exactly the marked mistakes are found. A policy without messages is fine here, and lints count
/// only where one of their kind is marked: a fixture about something else has much that nothing uses.
pub(crate) fn fixture(text: &str) {
    let project = project(text);
    let analysis = check(&project);
    let mut places: Vec<(usize, usize, String)> = Vec::new();
    let meant = |one: &&Diagnostic| !is_beside(one) || text.contains(one.code.as_str());
    for diagnostic in analysis.diagnostics.iter().filter(meant) {
        let at = diagnostic.location().unwrap_or_else(|| panic!("{diagnostic:?} has no place"));
        let (line, column) = line_and_column(text, at.span.start);
        places.push((line, column, diagnostic.code.to_string()));
    }
    let mut wanted = marks(text);
    places.sort();
    wanted.sort();
    assert_eq!(places, wanted, "\n{}", found(text));
}

/// A LightGBM model of two features.
pub(crate) const LIGHTGBM: &str = include_str!("../../../tests/models/conversion.txt");

/// What is wrong with a policy that has this model.
pub(crate) fn with_model(file: &[u8], features: &str) -> Vec<Diagnostic> {
    let mut project = project(&format!("model m from \"m.txt\" {{ format lightgbm {features} }}"));
    project.read_models(&mut |_| Ok(file.to_vec()));
    let found = check(&project).diagnostics.into_iter();
    found.filter(|one| !is_beside(one)).collect()
}

/// Whether it is a lint about the policy as a whole, of which a short text has much that is unused, or never sent; or
/// the file of a model isn't there, as no file is.
pub(crate) fn is_beside(one: &Diagnostic) -> bool {
    if crate::mistakes::model_file::is(one) {
        return true;
    }
    one.code.lint_name().is_some_and(|lint| !["unused-tag", "consent-rule-unreached"].contains(&lint))
}

/// The only mistake of a policy that has exactly one.
pub(crate) fn only(text: &str) -> Diagnostic {
    let mut diagnostics = check(&project(text)).diagnostics;
    diagnostics.retain(|one| !is_beside(one));
    assert_eq!(diagnostics.len(), 1, "\n{}", found(text));
    diagnostics.remove(0)
}

/// A policy after the mend of its only mistake, and of what that uncovers; nothing is wrong with it any more.
pub(crate) fn mended(text: &str) -> String {
    let mut out = text.to_owned();
    while check(&project(&out)).diagnostics.iter().any(|one| !is_beside(one)) {
        let fix = only(&out).fix.unwrap_or_else(|| panic!("no mend:\n{}", found(&out)));
        let mut edits = fix.edits;
        edits.sort_by_key(|edit| std::cmp::Reverse(edit.location.span.start));
        for edit in edits {
            out.replace_range(edit.location.span.range(), &edit.text);
        }
    }
    out
}

/// A fixture with declarations that it can build on.
pub(crate) fn with_vocabulary(text: &str) {
    fixture(&vocabulary(text));
}

/// A policy with declarations that it can build on.
pub(crate) fn vocabulary(text: &str) -> String {
    format!(
        "{text}
enum Tier ordered {{ bronze, silver, gold }}
enum Mood {{ glad, sad }}
profile {{
  email: email?  phone: phone?  token: text?  name: text = \"\"  age: int?  score: number = 0
  country: country = \"DE\"  timezone: timezone = \"Europe/Berlin\"  language: language?
  tier: Tier = bronze  mood: Mood = glad  spent: money EUR = 0 EUR  born: date?  share: percent = 0%
  seen: instant?  delay: duration = 1d  interests: set of text  codes: set of int  vip: bool = false
}}
event purchase {{ order: text, category: text, amount: money EUR, count: int, weight: number, coupon: text? }}
event view {{ product: text, category: int }}
channel email {{ to profile.email }}
channel push {{ to device profile.token }}
channel web {{ inbound }}
placement hero {{ on web show 1 }}
"
    )
}

/// A fixture with channels, classes and a purpose around it.
pub(crate) fn with_messages(text: &str) {
    fixture(&messages(text));
}

/// A policy with channels, classes and a purpose around it.
pub(crate) fn messages(text: &str) -> String {
    format!(
        "{text}
enum Tier ordered {{ bronze, silver, gold }}
profile {{
  email: email?  phone: phone?  token: text?  name: text?  tier: Tier = bronze  age: int?
  timezone: timezone = \"Europe/Berlin\"
}}
event cart {{ cart: text, value: money EUR, note: text? }}
event order {{ value: money USD, note: text? }}
channel email {{ to profile.email }}
channel sms {{ to profile.phone }}
channel push {{ to device profile.token }}
channel web {{ inbound }}
placement hero {{ on web show 1 }}
class lifecycle
class promotional
class service {{ ignores holdout }}
arbitrate {{ rank service, lifecycle, promotional }}
every message has {{ category: text = \"none\"  margin: percent = 10% }}
purpose marketing {{ opt_in on email, sms, push always on web }}
"
    )
}
