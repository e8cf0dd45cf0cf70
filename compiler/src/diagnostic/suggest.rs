//! Words for messages: what the author may have meant, and lists of things.

use smol_str::SmolStr;

/// A name that could stand where an unknown one was found.
pub(crate) struct Candidate {
    /// What is compared with the unknown name.
    pub(crate) name: SmolStr,
    /// What would be written: `profile.tier` for the attribute `tier`.
    pub(crate) written: String,
    /// Whether its type is the one that is wanted there.
    pub(crate) fits: bool,
}

impl Candidate {
    /// A name that is written as it is.
    pub(crate) fn plain(name: &str, fits: bool) -> Candidate {
        Candidate { name: name.into(), written: name.to_owned(), fits }
    }
}

impl Candidate {
    /// A name as it is written, perhaps with another project in front; compared with one that stands without.
    pub(crate) fn after_dot(written: &str, like: &str, fits: bool) -> Candidate {
        let name = match (like.contains('.'), written.rsplit_once('.')) {
            (false, Some((_, name))) => name,
            _ => written,
        };
        Candidate { name: name.into(), written: written.to_owned(), fits }
    }
}

/// What the author may have meant: one thing, or several that are equally likely.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Meant(Vec<String>);

impl Meant {
    /// The only thing that can have been meant.
    pub(crate) fn only(&self) -> Option<&str> {
        match self.0.as_slice() {
            [one] => Some(one),
            _ => None,
        }
    }

    /// As a question.
    pub(crate) fn question(&self) -> String {
        let names: Vec<String> = self.0.iter().map(|name| quoted(name)).collect();
        format!("did you mean {}?", list(&names, "or"))
    }
}

/// The known names that are most like an unknown one, if any is like it at all.
pub(crate) fn closest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<Meant> {
    closest_of(name, known.into_iter().map(|known| Candidate::plain(known, true)))
}

/// The same where types are known: one that fits goes before one that is closer by a letter.
pub(crate) fn closest_of(name: &str, known: impl IntoIterator<Item = Candidate>) -> Option<Meant> {
    let mut ranked: Vec<(usize, bool, String)> = known
        .into_iter()
        .filter(|one| one.name != name || one.written != name)
        .filter_map(|one| {
            let distance = distance(name, &one.name)?;
            Some((distance + usize::from(!one.fits), !one.fits, one.written))
        })
        .collect();
    ranked.sort();
    ranked.dedup();
    let (best, misfit, _) = ranked.first()?.clone();
    let equal = ranked.into_iter().take_while(|(distance, fits, _)| *distance == best && *fits == misfit);
    // More than a few are no help.
    Some(Meant(equal.map(|(_, _, written)| written).take(3).collect()))
}

/// How far a known name is from what was written; `None` where nobody would mistake one for the other.
fn distance(written: &str, known: &str) -> Option<usize> {
    // `firstName`, `FirstName` and `first-name` are ways to write `first_name`.
    let letters = |name: &str| -> String {
        name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let (a, b) = (letters(written), letters(known));
    if a == b {
        return Some(0);
    }
    let limit = match a.chars().count() {
        0..=4 => 1,
        5..=7 => 2,
        _ => 3,
    };
    let letters_apart = strsim::damerau_levenshtein(&a, &b);
    if letters_apart <= limit && letters_apart < b.chars().count() {
        return Some(letters_apart);
    }
    // `mail` for `cart_email` is far, `country_code` for `country` isn't: all words of one are in the other.
    let words = |name: &str| name.split('_').map(str::to_owned).collect::<Vec<_>>();
    let (a, b) = (words(written), words(known));
    let within =
        |few: &[String], many: &[String]| few.iter().all(|word| word.len() > 2 && many.contains(word));
    (a.len() != b.len() && (within(&a, &b) || within(&b, &a))).then_some(limit + 1)
}

/// In backquotes.
pub(crate) fn quoted(name: &str) -> String {
    format!("`{name}`")
}

/// "a", "a and b", "a, b and c"; at most twelve are named.
pub(crate) fn list(items: &[String], and: &str) -> String {
    const SHOWN: usize = 12;
    match items {
        [] => String::new(),
        [one] => one.clone(),
        many if many.len() > SHOWN => {
            format!("{} {and} {} more", many[..SHOWN].join(", "), many.len() - SHOWN)
        }
        [init @ .., last] => format!("{} {and} {last}", init.join(", ")),
    }
}

/// The names of things in backquotes, as a list.
pub(crate) fn named<'n>(names: impl IntoIterator<Item = &'n str>, and: &str) -> String {
    let names: Vec<String> = names.into_iter().map(quoted).collect();
    list(&names, and)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(name: &str, known: &[&str]) -> Vec<String> {
        closest(name, known.iter().copied()).map_or_else(Vec::new, |meant| meant.0)
    }

    #[test]
    fn names_that_are_mistaken_for_each_other() {
        assert_eq!(meant("emial", &["email", "phone"]), ["email"]);
        assert_eq!(meant("firstName", &["first_name", "last_name"]), ["first_name"]);
        assert_eq!(meant("country_code", &["country", "timezone"]), ["country"]);
        assert_eq!(meant("cart_1", &["cart_2", "cart_3"]), ["cart_2", "cart_3"]);
        assert_eq!(meant("x", &["y", "z"]), [""; 0]);
        assert_eq!(meant("value", &["tier", "hour"]), [""; 0]);
    }

    #[test]
    fn one_that_fits_goes_before_one_that_is_closer() {
        let known = [("spent_on", false), ("spent_at", true)];
        let known = known.map(|(name, fits)| Candidate::plain(name, fits));
        assert_eq!(closest_of("spent_in", known), Some(Meant(vec!["spent_at".into()])));
    }
}
