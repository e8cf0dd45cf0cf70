//! Texts of a checked kind: countries, languages, zones, addresses (language reference §4).
//!
//! A literal in a policy and a value in an event are of one form, or else they could never be equal: both are
//! checked here.

use jiff::tz::TimeZoneDatabase;
use std::borrow::Cow;

/// Why a text is not a value; the phrase, if any, tells more than what was expected does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed(pub Option<&'static str>);

impl Malformed {
    /// There is nothing to say but what was expected.
    pub const PLAIN: Malformed = Malformed(None);

    /// With a phrase.
    pub const fn because(hint: &'static str) -> Malformed {
        Malformed(Some(hint))
    }
}

/// ISO 3166-1 alpha-2, sorted.
const COUNTRIES: &[u8] = b"\
ADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZCACCCDCFCGCHCICKCLCMCNCOCRCUCVCWCXCYCZ\
DEDJDKDMDODZECEEEGEHERESETFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGNGPGQGRGSGTGUGWGYHKHMHNHRHTHUIDIEILIMINIOIQIRISITJEJM\
JOJPKEKGKHKIKMKNKPKRKWKYKZLALBLCLILKLRLSLTLULVLYMAMCMDMEMFMGMHMKMLMMMNMOMPMQMRMSMTMUMVMWMXMYMZNANCNENFNGNINLNONPNR\
NUNZOMPAPEPFPGPHPKPLPMPNPRPSPTPWPYQARERORSRURWSASBSCSDSESGSHSISJSKSLSMSNSOSRSSSTSVSXSYSZTCTDTFTGTHTJTKTLTMTNTOTRTTTVTWTZ\
UAUGUMUSUYUZVAVCVEVGVIVNVUWFWSYEYTZAZMZW";

/// An ISO 3166-1 alpha-2 code in capitals.
pub fn country(text: &str) -> Result<(), Malformed> {
    let known = |code: &[u8]| {
        let (codes, _) = COUNTRIES.as_chunks::<2>();
        code.first_chunk::<2>().is_some_and(|wanted| codes.binary_search(wanted).is_ok())
    };
    match text.as_bytes() {
        code @ [_, _] if known(code) => Ok(()),
        code @ [_, _] if known(&code.to_ascii_uppercase()) => Err(Malformed::because("write it in capitals")),
        b"UK" => Err(Malformed::because("the code of the United Kingdom is `GB`")),
        _ => Err(Malformed::PLAIN),
    }
}

/// The names of the IANA time zones, exactly as they are written.
pub fn timezones() -> Vec<String> {
    TimeZoneDatabase::bundled().available().map(|name| name.as_str().to_owned()).collect()
}

/// A well-formed BCP 47 tag, in the case that RFC 5646 §2.1.1 recommends: tags that differ only in case are one.
pub fn language(text: &str) -> Result<Cow<'_, str>, Malformed> {
    if matches!(text.len(), 2..=3) && text.bytes().all(|byte| byte.is_ascii_lowercase()) {
        // Most are just a language.
        return Ok(Cow::Borrowed(text));
    }
    if text.contains('_') {
        return Err(Malformed::because("its parts are joined by `-`"));
    }
    if !is_well_formed(text) {
        return Err(Malformed::PLAIN);
    }
    let mut canonical = String::with_capacity(text.len());
    let mut after_singleton = false;
    for (at, part) in text.split('-').enumerate() {
        if at > 0 {
            canonical.push('-');
        }
        let alphabetic = part.bytes().all(|byte| byte.is_ascii_alphabetic());
        let plain = at > 0 && !after_singleton;
        for (at_char, c) in part.chars().enumerate() {
            let upper = match part.len() {
                2 => plain,
                4 => plain && alphabetic && at_char == 0,
                _ => false,
            };
            canonical.push(if upper { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() });
        }
        after_singleton |= part.len() == 1;
    }
    Ok(if canonical == text { Cow::Borrowed(text) } else { Cow::Owned(canonical) })
}

/// RFC 5646 §2.1: language, extended languages, script, region, variants, extensions, private use.
fn is_well_formed(text: &str) -> bool {
    let mut parts = text.split('-').peekable();
    let letters = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphabetic());
    let alphanumeric = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let Some(language) = parts.next() else { return false };
    if language.eq_ignore_ascii_case("x") {
        let mut any = false;
        return parts.all(|part| {
            any = true;
            matches!(part.len(), 1..=8) && alphanumeric(part)
        }) && any;
    }
    // No language of four letters has ever been registered.
    if !matches!(language.len(), 2..=3 | 5..=8) || !letters(language) {
        return false;
    }
    for _ in 0..3 {
        parts.next_if(|part| language.len() <= 3 && part.len() == 3 && letters(part));
    }
    parts.next_if(|part| part.len() == 4 && letters(part));
    parts.next_if(|part| {
        (part.len() == 2 && letters(part))
            || (part.len() == 3 && part.bytes().all(|byte| byte.is_ascii_digit()))
    });
    let variant = |part: &str| {
        let digit_first = part.starts_with(|first: char| first.is_ascii_digit());
        alphanumeric(part) && (matches!(part.len(), 5..=8) || (part.len() == 4 && digit_first))
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

/// Something before and something after one `@`, without white space, within the lengths of RFC 5321.
pub fn email(text: &str) -> Result<(), Malformed> {
    let (local, domain) = text.rsplit_once('@').ok_or(Malformed::PLAIN)?;
    let fits = (1..=64).contains(&local.len())
        && text.len() <= 254
        && !text.chars().any(|c| c.is_whitespace() || c.is_control() || "<>()[],;:\\\"".contains(c))
        && !local.contains('@')
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && domain.split('.').count() >= 2
        && domain.split('.').all(label);
    if fits { Ok(()) } else { Err(Malformed::PLAIN) }
}

/// A label of a domain name, also of an international one.
fn label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && !text.starts_with('-')
        && !text.ends_with('-')
        && text.chars().all(|c| c.is_alphanumeric() || c == '-' || !c.is_ascii())
}

/// E.164: `+`, then 7 to 15 digits, the first not 0. One number has one form, as consent belongs to it.
pub fn phone(text: &str) -> Result<(), Malformed> {
    match text.as_bytes() {
        [b'+', digits @ ..] if digits.iter().all(u8::is_ascii_digit) => match digits {
            [b'1'..=b'9', ..] if (7..=15).contains(&digits.len()) => Ok(()),
            _ => Err(Malformed::PLAIN),
        },
        [b'+', ..] => Err(Malformed::because("write only digits after the `+`")),
        _ => Err(Malformed::because("it starts with `+` and the country's code")),
    }
}

/// A scheme and what follows it, without white space.
pub fn url(text: &str) -> Result<(), Malformed> {
    let (scheme, rest) = text.split_once(':').ok_or(Malformed::because("it starts with `https://`"))?;
    let plain = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
        && !text.chars().any(|c| c.is_whitespace() || c.is_control() || "<>\"".contains(c));
    let rest = match scheme.to_ascii_lowercase().as_str() {
        "http" | "https" => rest.strip_prefix("//").filter(|rest| !rest.starts_with(['/', ':', '?', '#'])),
        _ => Some(rest),
    };
    if plain && rest.is_some_and(|rest| !rest.is_empty()) { Ok(()) } else { Err(Malformed::PLAIN) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries() {
        let (codes, rest) = COUNTRIES.as_chunks::<2>();
        assert!(rest.is_empty() && codes.is_sorted_by(|a, b| a < b));
        assert_eq!(codes.len(), 249);
        for code in ["DE", "AT", "US", "ZW", "AD"] {
            assert_eq!(country(code), Ok(()));
        }
        assert_eq!(country("de"), Err(Malformed(Some("write it in capitals"))));
        assert_eq!(country("UK"), Err(Malformed(Some("the code of the United Kingdom is `GB`"))));
        for code in ["", "D", "DEU", "XX", "EA", "é", "D "] {
            assert!(country(code).is_err(), "{code}");
        }
    }

    #[test]
    fn languages() {
        let forms = [
            ("de", "de"),
            ("DE", "de"),
            ("de-at", "de-AT"),
            ("ZH-hans-cn", "zh-Hans-CN"),
            ("sl-rozaj-biske", "sl-rozaj-biske"),
            ("de-DE-1996", "de-DE-1996"),
            ("es-419", "es-419"),
            ("zh-yue-hant-hk", "zh-yue-Hant-HK"),
            ("X-Shop", "x-shop"),
            ("en-u-CA-Buddhist", "en-u-ca-buddhist"),
        ];
        for (text, canonical) in forms {
            assert_eq!(language(text).as_deref(), Ok(canonical), "{text}");
        }
        for text in [
            "",
            "d",
            "german!",
            "abcd",
            "de-",
            "de--DE",
            "-de",
            "de_DE",
            "de-DE-x",
            "toolongtag",
            "dé",
            "x",
            "german language",
            "de-DE-AT",
            "de-u-x-a",
            "1e",
            "de-toolongsub",
        ] {
            assert!(language(text).is_err(), "{text}");
        }
    }

    #[test]
    fn addresses() {
        for text in ["ada@shop.example", "a+b@x-y.co.uk", "ü@bücher.example", "a.b@1.de"] {
            assert!(email(text).is_ok(), "{text}");
        }
        let long = format!("{}@shop.example", "a".repeat(65));
        let refused = [
            "",
            "@",
            "ada",
            "ada@",
            "@shop.example",
            "ada@shop",
            "a b@shop.example",
            "a@b@shop.example",
            "ada@shop..example",
            "ada@-shop.example",
            ".a@shop.example",
            "a..b@shop.example",
            "ada@shop.example\n",
            "Ada <ada@shop.example>",
            &long,
        ];
        for text in refused {
            assert!(email(text).is_err(), "{text}");
        }
        assert!(phone("+4915112345678").is_ok());
        for text in [
            "",
            "+",
            "015112345678",
            "+49 151 1234567",
            "+0123456789",
            "+123456",
            "+1234567890123456",
            "004915112345678",
        ] {
            assert!(phone(text).is_err(), "{text}");
        }
        for text in
            ["https://shop.example/a?b=c#d", "http://localhost:80", "mailto:a@b.example", "shop://cart/1"]
        {
            assert!(url(text).is_ok(), "{text}");
        }
        for text in [
            "",
            "shop.example",
            "https://",
            "https:///x",
            "https:shop",
            "https://a b",
            "1a:b",
            "HTTPS:///x",
            "javascript:",
            "https://x\n",
        ] {
            assert!(url(text).is_err(), "{text}");
        }
    }

    #[test]
    fn zones() {
        let names = timezones();
        for zone in ["Europe/Berlin", "UTC", "America/New_York", "US/Eastern"] {
            assert!(names.iter().any(|name| name == zone), "{zone}");
        }
        assert!(!names.iter().any(|name| name == "europe/berlin"));
    }
}
