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
    pub(crate) fn read(self, text: &str) -> Result<SmolStr, Misfit> {
        let plain = |read: Result<(), Malformed>, help: &str| match read {
            Ok(()) => Ok(SmolStr::new(text)),
            Err(_) => Err(Misfit::help(help)),
        };
        match self {
            Format::Country => country(text),
            Format::Language => language(text),
            Format::Timezone => zone(text),
            Format::Email => plain(forms::email(text), "for instance `ada@shop.example`"),
            Format::Phone => phone(text),
            Format::Url => plain(forms::url(text), "for instance `https://shop.example/cart`"),
        }
    }
}

/// Why a text doesn't have a format.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Misfit {
    /// What may help.
    pub(crate) help: Option<String>,
    /// What is certainly meant.
    pub(crate) instead: Option<String>,
}

impl Misfit {
    fn help(help: impl Into<String>) -> Misfit {
        Misfit { help: Some(help.into()), instead: None }
    }

    fn write(help: impl Into<String>, instead: impl Into<String>) -> Misfit {
        Misfit { help: Some(help.into()), instead: Some(instead.into()) }
    }
}

fn country(text: &str) -> Result<SmolStr, Misfit> {
    let exists = |code: &str| forms::country(code).is_ok();
    if exists(text) {
        return Ok(SmolStr::new(text));
    }
    let capitals = text.to_uppercase();
    Err(match capitals.as_str() {
        "UK" => Misfit::write("the United Kingdom is `GB`", "GB"),
        "EL" => Misfit::write("Greece is `GR`", "GR"),
        _ if exists(&capitals) => {
            Misfit::write(format!("countries are written in capitals: `{capitals}`"), capitals)
        }
        _ => Misfit::help("countries are two capitals: `DE`, `FR`, `US`"),
    })
}

fn language(text: &str) -> Result<SmolStr, Misfit> {
    if let Ok(tag) = forms::language(text) {
        return Ok(SmolStr::new(tag));
    }
    Err(match forms::language(&text.replace('_', "-")) {
        Ok(tag) => Misfit::write(format!("write `{tag}`"), tag),
        Err(_) => Misfit::help("tags are those of BCP 47: `de`, `de-AT`, `zh-Hant`"),
    })
}

fn phone(text: &str) -> Result<SmolStr, Misfit> {
    if forms::phone(text).is_ok() {
        return Ok(SmolStr::new(text));
    }
    let help = "write the number with its country, as digits without spaces";
    let digits: String = text.chars().filter(|c| !" -()./".contains(*c)).collect();
    Err(match forms::phone(&digits) {
        Ok(()) => Misfit::write(format!("{help}: `{digits}`"), digits),
        Err(_) => Misfit::help(format!("{help}: `+4930123456`")),
    })
}

fn zone(text: &str) -> Result<SmolStr, Misfit> {
    let names = forms::timezones();
    if names.iter().any(|name| name == text) {
        return Ok(SmolStr::new(text));
    }
    if let Some(name) = names.iter().find(|name| name.eq_ignore_ascii_case(text)) {
        return Err(Misfit::write(format!("write `{name}`"), name.to_string()));
    }
    let city = |name: &&str| name.rsplit('/').next().is_some_and(|city| city.eq_ignore_ascii_case(text));
    let mut of_city = names.iter().map(|name| name.as_ref()).filter(city);
    if let (Some(only), None) = (of_city.next(), of_city.next()) {
        return Err(Misfit::write(format!("did you mean `{only}`?"), only));
    }
    Err(match closest(text, names.iter().map(|name| name.as_ref())) {
        Some(meant) => Misfit { help: Some(meant.question()), instead: meant.only().map(str::to_owned) },
        None => Misfit::help("zones have the names of the IANA database: `Europe/Berlin`"),
    })
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
