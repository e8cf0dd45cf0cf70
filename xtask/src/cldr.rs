//! Writes the extract of the Unicode CLDR that content is printed by: `runtime/src/format/customs.tsv`.
//!
//! The data come as JSON from the npm registry, in the packages that the CLDR project publishes there.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const VERSION: &str = "47.0.0";
const PACKAGES: [&str; 3] = ["cldr-core", "cldr-numbers-full", "cldr-dates-full"];

/// The languages of the table: those of the European Union and its neighbours, and those that most people speak.
const LANGUAGES: &str = "af am ar az be bg bn bs ca cs cy da de el en es et eu fa fi fil fr ga gl gu he hi hr hu hy id is it ja ka \
    kk km kn ko ky lo lt lv mk ml mn mr ms my nb ne nl nn no or pa pl ps pt ro ru si sk sl sq sr sv sw ta te th tk tr \
    uk und ur uz vi zh zu";

/// The currencies whose symbols are tabled; all others are shown by their codes.
const CURRENCIES: &str = "AED ARS AUD BDT BGN BRL CAD CLP CNY COP CRC CZK DKK EGP EUR GBP GEL HKD HUF IDR ILS INR ISK JPY KES \
    KRW KZT MAD MXN MYR NGN NOK NZD PEN PHP PKR PLN QAR RSD RUB SAR SEK SGD THB TRY TWD UAH USD UYU VND ZAR";

const HEAD: &str = "\
# From the Unicode CLDR 47 (LICENSE-UNICODE); written by `cargo xtask cldr`. What a tag leaves empty, and a symbol that it doesn't list, is as in the shorter tag, at last in `und`.
# tag, money, percent, symbols of currencies, numbers (point, group, minus, zero, digits of a group, digits before the first group), date, time, date with time, halves of the day, months
";

type Outcome<T> = Result<T, String>;

/// What one language does: its columns but for the symbols, and these.
#[derive(Clone, PartialEq)]
struct Customs {
    columns: [String; 8],
    symbols: BTreeMap<String, String>,
}

/// Fetches the packages and writes the table and the licence beside it.
///
/// # Errors
/// What couldn't be fetched, read or written.
pub(crate) fn write() -> Outcome<()> {
    let folder = std::env::temp_dir().join(format!("comity-cldr-{VERSION}"));
    for package in PACKAGES {
        fetch(package, &folder)?;
    }
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runtime/src/format");
    let licence = text(&folder.join("cldr-core/package/LICENSE"))?;
    let written = |error: std::io::Error| format!("{}: {error}", target.display());
    fs::write(target.join("LICENSE-UNICODE"), licence).map_err(written)?;
    fs::write(target.join("customs.tsv"), table(&folder)?).map_err(written)
}

fn fetch(package: &str, folder: &Path) -> Outcome<()> {
    let target = folder.join(package);
    if target.join("package").is_dir() {
        return Ok(());
    }
    fs::create_dir_all(&target).map_err(|error| format!("{}: {error}", target.display()))?;
    let address = format!("https://registry.npmjs.org/{package}/-/{package}-{VERSION}.tgz");
    let archive = target.join("package.tgz");
    let (archive, target) = (archive.to_string_lossy(), target.to_string_lossy());
    eprintln!("fetching {address}");
    run("curl", &["--silent", "--show-error", "--fail", "--location", "--output", &archive, &address])?;
    run("tar", &["-xzf", &archive, "-C", &target])
}

fn run(program: &str, args: &[&str]) -> Outcome<()> {
    match Command::new(program).args(args).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{program} ended with {status}")),
        Err(error) => Err(format!("can't run {program}: {error}")),
    }
}

fn text(path: &Path) -> Outcome<String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn json(path: PathBuf) -> Outcome<Value> {
    serde_json::from_str(&text(&path)?).map_err(|error| format!("{}: {error}", path.display()))
}

fn table(folder: &Path) -> Outcome<String> {
    let core = folder.join("cldr-core/package");
    let systems = json(core.join("supplemental/numberingSystems.json"))?;
    let available = json(core.join("availableLocales.json"))?;
    let available = available["availableLocales"]["full"].as_array().ok_or("no list of locales")?;
    let languages: BTreeSet<&str> = LANGUAGES.split_whitespace().collect();
    let language = |tag: &str| tag.split('-').next().unwrap_or_default().to_owned();
    let mut all = BTreeMap::new();
    for tag in available.iter().filter_map(Value::as_str) {
        if languages.contains(language(tag).as_str()) {
            all.insert(tag.to_owned(), read(folder, tag, &systems)?);
        }
    }
    // A country can stand for a script that isn't the language's first: `zh-TW` is written as `zh-Hant`.
    let likely = json(core.join("supplemental/likelySubtags.json"))?;
    let likely = likely["supplemental"]["likelySubtags"].as_object().ok_or("no likely subtags")?;
    for (tag, whole) in likely {
        let Some(whole) = whole.as_str() else { continue };
        let parts: Vec<&str> = tag.split('-').collect();
        let country = matches!(parts[..], [_, country] if country.len() == 2);
        if !country || parts[0] == "und" || !languages.contains(parts[0]) || all.contains_key(tag) {
            continue;
        }
        let mut longest = whole;
        while !all.contains_key(longest) {
            longest = longest.rsplit_once('-').map_or("und", |(shorter, _)| shorter);
        }
        all.insert(tag.clone(), all[longest].clone());
    }
    let mut out = HEAD.to_owned();
    for (tag, customs) in &all {
        let shorter = shorter(tag, &all);
        let column = |at: usize| match shorter {
            Some(shorter) if shorter.columns[at] == customs.columns[at] => "",
            _ => &customs.columns[at],
        };
        let symbols: Vec<String> = customs
            .symbols
            .iter()
            .filter(|(code, symbol)| match shorter {
                Some(shorter) => shorter.symbols[*code] != **symbol,
                None => *code != *symbol,
            })
            .map(|(code, symbol)| format!("{code}={symbol}"))
            .collect();
        let symbols = symbols.join(" ");
        let row = [
            tag,
            column(0),
            column(1),
            &symbols,
            column(2),
            column(3),
            column(4),
            column(5),
            column(6),
            column(7),
        ];
        if row[1..].iter().any(|cell| !cell.is_empty()) {
            out.push_str(&row.join("\t"));
            out.push('\n');
        }
    }
    Ok(out)
}

/// What a tag leaves unsaid is looked up there.
fn shorter<'c>(tag: &str, all: &'c BTreeMap<String, Customs>) -> Option<&'c Customs> {
    let mut tag = tag;
    while let Some((shorter, _)) = tag.rsplit_once('-') {
        tag = shorter;
        if let Some(customs) = all.get(tag) {
            return Some(customs);
        }
    }
    if tag == "und" { None } else { all.get("und") }
}

fn read(folder: &Path, tag: &str, systems: &Value) -> Outcome<Customs> {
    let of = |package: &str, file: &str| -> Outcome<Value> {
        let path = folder.join(package).join("package/main").join(tag).join(file);
        Ok(json(path)?["main"][tag].take())
    };
    let numbers = of("cldr-numbers-full", "numbers.json")?["numbers"].take();
    let currencies = of("cldr-numbers-full", "currencies.json")?["numbers"]["currencies"].take();
    let calendar = of("cldr-dates-full", "ca-gregorian.json")?["dates"]["calendars"]["gregorian"].take();
    let word = |value: &Value| -> Outcome<String> {
        let found = value.as_str().or_else(|| value["_value"].as_str());
        found.map(str::to_owned).ok_or_else(|| format!("{tag}: the data have another shape"))
    };

    let system = word(&numbers["defaultNumberingSystem"])?;
    let of_system = |what: &str| &numbers[format!("{what}-numberSystem-{system}")];
    let symbols = of_system("symbols");
    let decimal = word(&of_system("decimalFormats")["standard"])?;
    let digits = word(&systems["supplemental"]["numberingSystems"][&system]["_digits"])?;
    let percent = word(&of_system("percentFormats")["standard"])?;
    let figures = [
        word(&symbols["decimal"])?,
        // There is one for all: that of money, where it has its own.
        word(symbols.get("currencyGroup").unwrap_or(&symbols["group"]))?,
        word(&symbols["minusSign"])?,
        digits.chars().take(1).collect(),
        if decimal.contains("#,##,##") { "2" } else { "3" }.to_owned(),
        word(&numbers["minimumGroupingDigits"])?,
    ];
    let halves = &calendar["dayPeriods"]["format"]["abbreviated"];
    let months = &calendar["months"]["format"]["wide"];
    let months: Outcome<Vec<String>> = (1..=12).map(|month| word(&months[month.to_string()])).collect();
    // Where a year is told with its era, this is ours.
    let era = format!("'{}'", word(&calendar["eras"]["eraAbbr"]["1"])?);
    Ok(Customs {
        columns: [
            amount(&word(&of_system("currencyFormats")["standard"])?),
            amount(&percent).replace('%', &word(&symbols["percentSign"])?),
            figures.join("|"),
            word(&calendar["dateFormats"]["long"])?.replace('G', &era),
            // Parts of the day are told as its halves.
            word(&calendar["timeFormats"]["short"])?.replace('B', "a"),
            word(&calendar["dateTimeFormats"]["long"])?,
            format!("{}|{}", word(&halves["am"])?, word(&halves["pm"])?),
            months?.join("|"),
        ],
        symbols: CURRENCIES
            .split_whitespace()
            .map(|code| {
                let symbol = currencies[code]["symbol"].as_str().unwrap_or(code);
                (code.to_owned(), symbol.to_owned())
            })
            .collect(),
    })
}

/// A pattern of numbers with `0` in place of the digits.
fn amount(pattern: &str) -> String {
    let mut out = String::new();
    let mut digits = false;
    for character in pattern.chars() {
        let digit = matches!(character, '#' | ',' | '0' | '.');
        if !digit {
            out.push(character);
        } else if !digits {
            out.push('0');
        }
        digits = digit;
    }
    out
}
