//! E0304: not a valid country, zone, address ….

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0304", include_str!("../../../docs/diagnostics/E0304.md"));

/// A text in quotes that isn't the country, zone, address … that it should be: why, and what it should be instead
/// where that is certain.
pub(crate) fn text(
    text: &str,
    described: &str,
    here: Location,
    help: Option<String>,
    instead: Option<String>,
) -> Diagnostic {
    if text.trim().is_empty() {
        return CODE.at(here, format!("an empty text is not {described}"), "not valid").help(
            "what isn't there is unknown: ask `… is known` or `… is unknown`, and declare it with `?`",
        );
    }
    let problem = CODE.at(here, format!("\"{text}\" is not {described}"), "not valid").maybe_help(help);
    match instead {
        Some(right) => problem.replace(here, format!("\"{right}\"")),
        None => problem,
    }
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn countries_zones_and_addresses() {
        with_vocabulary(
            r#"profile { zone: timezone = "Berlin"  mail: email = "x"  site: url = "https://a.example" }
//                         ^^^^^^^^ E0304
//                                                 ^^^ E0304
segment f = profile.email is known and profile.email != ""
//                                                      ^^ E0304
segment e = profile.country == "Germany"
//                             ^^^^^^^^^ E0304
"#,
        );
    }

    #[test]
    fn what_is_certain_is_mended() {
        let mends = |ty: &str, wrong: &str, right: &str| {
            let policy = |text: &str| format!("profile {{ x: {ty} = \"{text}\" }}\n");
            assert_eq!(mended(&policy(wrong)), policy(right));
        };
        mends("country", "de", "DE");
        mends("country", "UK", "GB");
        mends("timezone", "Berlin", "Europe/Berlin");
        mends("timezone", "europe/berlin", "Europe/Berlin");
        mends("language", "de_AT", "de-AT");
        mends("phone", "+49 30 123-456", "+4930123456");
    }
}
