//! Texts with a format of their own: countries, languages, zones, addresses.

use crate::diagnostic::closest;
use crate::forms::{self, Malformed};
use crate::types::Type;
use smol_str::SmolStr;

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

    /// The value of a text that has the format, or else what may help.
    pub(crate) fn read(self, text: &str) -> Result<SmolStr, Option<String>> {
        let plain = |read: Result<(), Malformed>, help: &str| match read {
            Ok(()) => Ok(SmolStr::new(text)),
            Err(_) => Err(Some(help.to_owned())),
        };
        match self {
            Format::Country => country(text),
            Format::Language => match forms::language(text) {
                Ok(tag) => Ok(SmolStr::new(tag)),
                Err(_) => Err(Some("tags are those of BCP 47: `de`, `de-AT`, `zh-Hant`".to_owned())),
            },
            Format::Timezone => zone(text),
            Format::Email => plain(forms::email(text), "for instance `ada@shop.example`"),
            Format::Phone => plain(
                forms::phone(text),
                "write the number with its country, as digits without spaces: `+4930123456`",
            ),
            Format::Url => plain(forms::url(text), "for instance `https://shop.example/cart`"),
        }
    }
}

fn country(text: &str) -> Result<SmolStr, Option<String>> {
    let exists = |code: &str| forms::country(code).is_ok();
    if exists(text) {
        return Ok(SmolStr::new(text));
    }
    let capitals = text.to_uppercase();
    Err(Some(match capitals.as_str() {
        "UK" => "the United Kingdom is `GB`".to_owned(),
        "EL" => "Greece is `GR`".to_owned(),
        _ if exists(&capitals) => format!("countries are written in capitals: `{capitals}`"),
        _ => "countries are two capitals: `DE`, `FR`, `US`".to_owned(),
    }))
}

fn zone(text: &str) -> Result<SmolStr, Option<String>> {
    let names = forms::timezones();
    if names.iter().any(|name| name == text) {
        return Ok(SmolStr::new(text));
    }
    if let Some(name) = names.iter().find(|name| name.eq_ignore_ascii_case(text)) {
        return Err(Some(format!("write `{name}`")));
    }
    let city = |name: &&str| name.rsplit('/').next().is_some_and(|city| city.eq_ignore_ascii_case(text));
    let near = names.iter().map(String::as_str).find(city).map(|near| format!("did you mean `{near}`?"));
    let near = near.or_else(|| closest(text, names.iter().map(String::as_str)).map(|meant| meant.question()));
    Err(Some(near.unwrap_or_else(|| "zones have the names of the IANA database: `Europe/Berlin`".to_owned())))
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
            (Format::Phone, vec!["+4930123456", "+12125550100"]),
            (Format::Url, vec!["https://shop.example/a?b=c", "mailto:a@b.co"]),
        ];
        for (format, texts) in good {
            for text in texts {
                assert_eq!(format.read(text).as_deref(), Ok(text), "{text}");
            }
        }
        assert_eq!(Format::Language.read("DE-at").as_deref(), Ok("de-AT"));
    }

    #[test]
    fn formats_reject_what_does_not() {
        let bad = [
            (Format::Country, vec!["de", "UK", "XX", "DEU", ""]),
            (Format::Language, vec!["german language", "d", "de_AT", "de-", ""]),
            (Format::Timezone, vec!["Berlin", "europe/berlin", "CEST+2", ""]),
            (Format::Email, vec!["ada", "@x.co", "a@", "a b@x.co", "a@b..c", "ada@shop"]),
            (Format::Phone, vec!["030 123456", "+12", "+49x", "+49 30 123456", "+0123456789"]),
            (Format::Url, vec!["shop.example", "https://", "https:// a"]),
        ];
        for (format, texts) in bad {
            for text in texts {
                assert!(format.read(text).is_err(), "{text}");
            }
        }
    }
}
