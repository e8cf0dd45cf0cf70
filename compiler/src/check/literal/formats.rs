//! Texts with a format of their own: countries, languages, zones, addresses.

use crate::diagnostic::closest;
use crate::types::Type;
use jiff::tz::TimeZoneDatabase;

/// A format that a text literal is checked against.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Country,
    Language,
    Timezone,
    Email,
    Phone,
    Url,
}

/// ISO 3166-1 alpha-2.
const COUNTRIES: &str = "\
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ \
    CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO \
    FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE \
    JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO \
    MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW \
    PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM \
    TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

impl Format {
    /// The format of a type.
    pub(crate) fn of(ty: Type) -> Option<Format> {
        Some(match ty {
            Type::Country => Format::Country,
            Type::Language => Format::Language,
            Type::Timezone => Format::Timezone,
            Type::Email => Format::Email,
            Type::Phone => Format::Phone,
            Type::Url => Format::Url,
            _ => return None,
        })
    }

    /// For "is not …".
    pub(crate) fn described(self) -> &'static str {
        match self {
            Format::Country => "a country of ISO 3166-1",
            Format::Language => "a language tag",
            Format::Timezone => "a time zone",
            Format::Email => "an email address",
            Format::Phone => "a phone number",
            Format::Url => "a URL",
        }
    }

    /// Whether a text has the format; else what may help.
    pub(crate) fn check(self, text: &str) -> Result<(), Option<String>> {
        let fails = |valid: bool, help: &str| if valid { Ok(()) } else { Err(Some(help.to_owned())) };
        match self {
            Format::Country => country(text),
            Format::Language => {
                fails(is_language(text), "tags are those of BCP 47: `de`, `de-AT`, `zh-Hant`")
            }
            Format::Timezone => zone(text),
            Format::Email => fails(is_email(text), "for instance `ada@shop.example`"),
            Format::Phone => fails(is_phone(text), "write the number with its country: `+4930123456`"),
            Format::Url => fails(is_url(text), "for instance `https://shop.example/cart`"),
        }
    }
}

fn country(text: &str) -> Result<(), Option<String>> {
    let exists = |code: &str| COUNTRIES.split(' ').any(|country| country == code);
    if exists(text) {
        return Ok(());
    }
    let capitals = text.to_uppercase();
    Err(Some(match capitals.as_str() {
        "UK" => "the United Kingdom is `GB`".to_owned(),
        "EL" => "Greece is `GR`".to_owned(),
        _ if exists(&capitals) => format!("countries are written in capitals: `{capitals}`"),
        _ => "countries are two capitals: `DE`, `FR`, `US`".to_owned(),
    }))
}

fn zone(text: &str) -> Result<(), Option<String>> {
    let database = TimeZoneDatabase::bundled();
    // The database ignores case; the language doesn't.
    let canonical = database.get(text).ok().and_then(|zone| zone.iana_name().map(str::to_owned));
    match canonical {
        Some(name) if name == text => Ok(()),
        Some(name) => Err(Some(format!("write `{name}`"))),
        None => {
            let names: Vec<String> = database.available().map(|name| name.as_str().to_owned()).collect();
            let city =
                |name: &&str| name.rsplit('/').next().is_some_and(|city| city.eq_ignore_ascii_case(text));
            let near =
                names.iter().map(String::as_str).find(city).map(|near| format!("did you mean `{near}`?"));
            let near = near
                .or_else(|| closest(text, names.iter().map(String::as_str)).map(|meant| meant.question()));
            Err(Some(
                near.unwrap_or_else(|| {
                    "zones have the names of the IANA database: `Europe/Berlin`".to_owned()
                }),
            ))
        }
    }
}

/// BCP 47: language, extended languages, script, region, variants, extensions, private use.
fn is_language(text: &str) -> bool {
    let mut parts = text.split('-').peekable();
    let letters = |part: &str| part.bytes().all(|b| b.is_ascii_alphabetic());
    let alphanumeric = |part: &str| part.bytes().all(|b| b.is_ascii_alphanumeric());
    let Some(language) = parts.next() else { return false };
    if language.eq_ignore_ascii_case("x") {
        let rest: Vec<&str> = parts.collect();
        return !rest.is_empty()
            && rest.iter().all(|part| (1..=8).contains(&part.len()) && alphanumeric(part));
    }
    if !(2..=8).contains(&language.len()) || !letters(language) {
        return false;
    }
    for _ in 0..3 {
        parts.next_if(|part| language.len() <= 3 && part.len() == 3 && letters(part));
    }
    parts.next_if(|part| part.len() == 4 && letters(part));
    parts.next_if(|part| {
        (part.len() == 2 && letters(part)) || (part.len() == 3 && part.bytes().all(|b| b.is_ascii_digit()))
    });
    let variant = |part: &str| {
        alphanumeric(part)
            && ((5..=8).contains(&part.len())
                || (part.len() == 4 && part.starts_with(|first: char| first.is_ascii_digit())))
    };
    while parts.next_if(|part| variant(part)).is_some() {}
    while let Some(singleton) = parts.next() {
        if singleton.len() != 1 || !alphanumeric(singleton) {
            return false;
        }
        let shortest = if singleton.eq_ignore_ascii_case("x") { 1 } else { 2 };
        let mut any = false;
        while parts.next_if(|part| (shortest..=8).contains(&part.len()) && alphanumeric(part)).is_some() {
            any = true;
        }
        if !any {
            return false;
        }
    }
    true
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let clean = |part: &str| !part.chars().any(|c| c.is_whitespace() || c.is_control() || c == '@');
    !local.is_empty()
        && clean(local)
        && clean(domain)
        && domain
            .split('.')
            .all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'))
}

fn is_phone(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('+') else { return false };
    let digits = rest.bytes().filter(u8::is_ascii_digit).count();
    (6..=15).contains(&digits) && rest.bytes().all(|b| b.is_ascii_digit() || b" -()./".contains(&b))
}

fn is_url(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let scheme_ok = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    let clean = !text.chars().any(|c| c.is_whitespace() || c.is_control());
    let host = match scheme.to_ascii_lowercase().as_str() {
        "http" | "https" => rest
            .strip_prefix("//")
            .is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['/', '?', '#', ':'])),
        _ => !rest.is_empty(),
    };
    scheme_ok && clean && host
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_accept_what_exists() {
        let good = [
            (Format::Country, vec!["DE", "GB", "US"]),
            (
                Format::Language,
                vec!["de", "de-AT", "zh-Hant-TW", "sl-rozaj-biske", "de-1996", "en-u-ca-buddhist", "x-a"],
            ),
            (Format::Timezone, vec!["Europe/Berlin", "UTC", "America/New_York"]),
            (Format::Email, vec!["ada@shop.example", "a+b@x.co"]),
            (Format::Phone, vec!["+4930123456", "+1 (212) 555-0100"]),
            (Format::Url, vec!["https://shop.example/a?b=c", "mailto:a@b.co"]),
        ];
        for (format, texts) in good {
            for text in texts {
                assert_eq!(format.check(text), Ok(()), "{text}");
            }
        }
        assert_eq!(COUNTRIES.split(' ').count(), 249);
    }

    #[test]
    fn formats_reject_what_does_not() {
        let bad = [
            (Format::Country, vec!["de", "UK", "XX", "DEU", ""]),
            (Format::Language, vec!["german language", "d", "de_AT", "de-", ""]),
            (Format::Timezone, vec!["Berlin", "europe/berlin", "CEST+2", ""]),
            (Format::Email, vec!["ada", "@x.co", "a@", "a b@x.co", "a@b..c"]),
            (Format::Phone, vec!["030 123456", "+12", "+49x"]),
            (Format::Url, vec!["shop.example", "https://", "https:// a"]),
        ];
        for (format, texts) in bad {
            for text in texts {
                assert!(format.check(text).is_err(), "{text}");
            }
        }
    }
}
