//! How people who speak a language write: an extract of the Unicode CLDR, as text, read when it is needed.

const TABLE: &str = include_str!("customs.tsv");

/// What one language does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Customs {
    /// `0` stands for the amount, `¤` for the symbol; after `;` the pattern of negative amounts.
    money: &'static str,
    /// `0` stands for the digits.
    percent: &'static str,
    /// Symbols of currencies where they are not their codes, those of longer tags first.
    symbols: Vec<(&'static str, &'static str)>,
    numbers: Numbers,
    /// Patterns of dates: <https://unicode.org/reports/tr35/tr35-dates.html#Date_Format_Patterns>.
    pub(super) date: &'static str,
    pub(super) time: &'static str,
    /// `{1}` stands for the date, `{0}` for the time.
    pub(super) moment: &'static str,
    /// Of the day.
    halves: [&'static str; 2],
    months: [&'static str; 12],
}

/// How a language writes numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Numbers {
    point: &'static str,
    group: &'static str,
    minus: &'static str,
    /// The digit; the others follow it.
    zero: char,
    /// Digits of every group but the last, which has three: 2 in India.
    size: usize,
    /// Digits that must stand before the last group for groups to be made at all.
    least: usize,
}

impl Customs {
    /// Of a BCP 47 tag; `None` where the table doesn't know the language. What it doesn't say of a longer tag is
    /// as in the shorter one.
    pub(super) fn of(tag: &str) -> Option<Customs> {
        let mut customs = Customs {
            money: "¤\u{a0}0",
            percent: "0%",
            symbols: Vec::new(),
            numbers: Numbers { point: ".", group: ",", minus: "-", zero: '0', size: 3, least: 1 },
            date: "y MMMM d",
            time: "HH:mm",
            moment: "{1} {0}",
            halves: ["AM", "PM"],
            months: ["01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12"],
        };
        customs.add("und");
        let ends = tag.match_indices('-').map(|(at, _)| at).chain([tag.len()]);
        let known: Vec<bool> = ends.map(|end| customs.add(&tag[..end])).collect();
        let language = tag.split('-').next();
        if language != Some("und") && known.first() == Some(&true) { Some(customs) } else { None }
    }

    /// Puts what the table says of a tag over what was known before, and says whether it knows the tag.
    fn add(&mut self, tag: &str) -> bool {
        let mut lines = TABLE.lines().filter_map(|line| line.split_once('\t'));
        let Some((_, entry)) = lines.find(|(name, _)| *name == tag) else { return false };
        let columns: Vec<&'static str> = entry.split('\t').collect();
        let column = |at: usize| columns.get(at).copied().filter(|column| !column.is_empty());
        self.money = column(0).unwrap_or(self.money);
        self.percent = column(1).unwrap_or(self.percent);
        let symbols = column(2).unwrap_or_default().split(' ');
        self.symbols.splice(0..0, symbols.filter_map(|symbol| symbol.split_once('=')));
        self.numbers = column(3).and_then(numbers).unwrap_or(self.numbers);
        self.date = column(4).unwrap_or(self.date);
        self.time = column(5).unwrap_or(self.time);
        self.moment = column(6).unwrap_or(self.moment);
        self.halves = column(7).and_then(parts).unwrap_or(self.halves);
        self.months = column(8).and_then(parts).unwrap_or(self.months);
        true
    }

    /// A number: digits, perhaps after a `-`, perhaps with a point among them.
    pub(super) fn number(&self, number: &str) -> String {
        let Numbers { point, group, minus, size, least, .. } = self.numbers;
        let (sign, number) = match number.strip_prefix('-') {
            Some(number) => (minus, number),
            None => ("", number),
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let mut out = sign.to_owned();
        for (at, digit) in whole.chars().enumerate() {
            let left = whole.len() - at;
            let begins_group = left == 3 || (left > 3 && (left - 3).is_multiple_of(size));
            if at > 0 && begins_group && whole.len() >= 3 + least {
                out.push_str(group);
            }
            out.push(self.digit(digit));
        }
        if !fraction.is_empty() {
            out.push_str(point);
            out.extend(fraction.chars().map(|digit| self.digit(digit)));
        }
        out
    }

    fn digit(&self, digit: char) -> char {
        let value = digit.to_digit(10).unwrap_or_default();
        char::from_u32(u32::from(self.numbers.zero) + value).unwrap_or(digit)
    }

    /// An amount of a currency, in digits as for [`Customs::number`].
    pub(super) fn money(&self, amount: &str, code: &str) -> String {
        let symbol =
            self.symbols.iter().find(|(currency, _)| *currency == code).map_or(code, |(_, symbol)| symbol);
        let (positive, negative) = match self.money.split_once(';') {
            Some((positive, negative)) => (positive, Some(negative)),
            None => (self.money, None),
        };
        let minus = self.numbers.minus;
        let (sign, pattern) = match (amount.starts_with('-'), negative) {
            (false, _) => ("", positive.to_owned()),
            (true, None) => (minus, positive.to_owned()),
            (true, Some(negative)) => ("", negative.replace('-', minus)),
        };
        let (symbol, digits) = (spaced(&pattern, symbol), self.number(amount.trim_start_matches('-')));
        let mut out = sign.to_owned();
        for c in pattern.chars() {
            match c {
                '0' => out.push_str(&digits),
                '¤' => out.push_str(&symbol),
                other => out.push(other),
            }
        }
        out
    }

    /// A percentage, in digits as for [`Customs::number`].
    pub(super) fn percent(&self, number: &str) -> String {
        self.percent.replacen('0', &self.number(number), 1)
    }

    /// A date or a time of day by its pattern; what the pattern doesn't ask for is not looked at.
    pub(super) fn moment(&self, pattern: &str, moment: Moment) -> String {
        let mut out = String::new();
        let mut rest = pattern;
        while let Some(first) = rest.chars().next() {
            let length = rest.len() - rest.trim_start_matches(first).len();
            let (run, tail) = rest.split_at(length);
            rest = tail;
            let (value, width) = match run {
                "y" => (moment.year, 1),
                "MMMM" => {
                    let at = usize::from(moment.month).saturating_sub(1).min(11);
                    out.push_str(self.months[at]);
                    continue;
                }
                "M" | "MM" => (moment.month.into(), length),
                "d" | "dd" => (moment.day.into(), length),
                "H" | "HH" => (moment.hour.into(), length),
                "h" | "hh" => (((moment.hour + 11) % 12 + 1).into(), length),
                "mm" => (moment.minute.into(), 2),
                "a" => {
                    out.push_str(self.halves[usize::from(moment.hour >= 12)]);
                    continue;
                }
                // Between quotes, text; two of them, one.
                "'" => {
                    let (text, tail) = rest.split_once('\'').unwrap_or((rest, ""));
                    out.push_str(text);
                    rest = tail;
                    continue;
                }
                other => {
                    out.push_str(other);
                    continue;
                }
            };
            out.extend(format!("{value:0>width$}").chars().map(|digit| self.digit(digit)));
        }
        out
    }
}

/// What dates and times are made of.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Moment {
    pub(super) year: u64,
    /// From 1.
    pub(super) month: u8,
    pub(super) day: u8,
    pub(super) hour: u8,
    pub(super) minute: u8,
}

fn numbers(column: &'static str) -> Option<Numbers> {
    let [point, group, minus, zero, size, least] = parts(column)?;
    let zero = zero.chars().next()?;
    Some(Numbers { point, group, minus, zero, size: size.parse().ok()?, least: least.parse().ok()? })
}

fn parts<const N: usize>(column: &'static str) -> Option<[&'static str; N]> {
    column.split('|').collect::<Vec<_>>().try_into().ok()
}

/// The symbol with a space where a letter of it would touch a digit (CLDR's `currencySpacing`).
fn spaced(pattern: &str, symbol: &str) -> String {
    let letter = |c: Option<char>| c.is_some_and(char::is_alphabetic);
    if pattern.contains("¤0") && letter(symbol.chars().next_back()) {
        format!("{symbol}\u{a0}")
    } else if pattern.contains("0¤") && letter(symbol.chars().next()) {
        format!("\u{a0}{symbol}")
    } else {
        symbol.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_whole() {
        for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
            let columns: Vec<&'static str> = line.split('\t').collect();
            let [_, money, percent, symbols, number, date, time, moment, halves, months] = columns[..] else {
                panic!("{line}");
            };
            for pattern in money.split(';').filter(|pattern| !pattern.is_empty()) {
                assert!(pattern.contains('¤') && pattern.matches('0').count() == 1, "{line}");
            }
            assert!(percent.is_empty() || percent.matches('0').count() == 1, "{line}");
            assert!(symbols.split(' ').all(|symbol| symbol.is_empty() || symbol.contains('=')), "{line}");
            assert!(number.is_empty() || numbers(number).is_some_and(|n| matches!(n.size, 2 | 3)), "{line}");
            assert!(date.is_empty() || (date.contains('y') && date.contains('d')), "{line}");
            assert!(time.is_empty() || time.contains("mm"), "{line}");
            assert!(moment.is_empty() || (moment.contains("{0}") && moment.contains("{1}")), "{line}");
            assert!(halves.is_empty() || parts::<2>(halves).is_some(), "{line}");
            assert!(months.is_empty() || parts::<12>(months).is_some(), "{line}");
        }
    }

    #[test]
    fn longer_tags_add_to_shorter_ones() {
        let money = |tag: &str, amount: &str, code: &str| Customs::of(tag).unwrap().money(amount, code);
        assert_eq!(money("de", "1234.50", "EUR"), "1.234,50\u{a0}€");
        assert_eq!(money("de-AT", "1", "EUR"), "€\u{a0}1");
        assert_eq!(money("de-AT-x-shop", "1", "EUR"), "€\u{a0}1");
        assert_eq!(money("en", "1", "USD"), "$1");
        assert_eq!(money("en-GB", "1", "USD"), "US$1");
        assert_eq!(money("en", "1", "PLN"), "PLN\u{a0}1");
        assert_eq!(money("pl", "1", "PLN"), "1\u{a0}zł");
        assert_eq!(money("de-CH", "-1", "CHF"), "CHF-1");
        assert_eq!(money("en", "-1", "GBP"), "-£1");
        assert_eq!(Customs::of("tr").unwrap().percent("15"), "%15");
        for unknown in ["tlh", "und", "zxx", "", "d", "not a tag", "-", "de_DE"] {
            assert_eq!(Customs::of(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn groups() {
        let number = |tag: &str, number: &str| Customs::of(tag).unwrap().number(number);
        assert_eq!(number("en", "999"), "999");
        assert_eq!(number("en", "1000"), "1,000");
        assert_eq!(number("en", "-1234567.891"), "-1,234,567.891");
        assert_eq!(number("hi", "1234567"), "12,34,567");
        assert_eq!(number("es", "1234"), "1234");
        assert_eq!(number("es", "12345"), "12.345");
        assert_eq!(number("sv", "-1234"), "−1\u{a0}234");
        assert_eq!(number("fa", "1234.5"), "۱٬۲۳۴٫۵");
    }

    #[test]
    fn hours_of_half_days() {
        let english = Customs::of("en").unwrap();
        let at = |hour: u8| english.moment("h:mm a", Moment { hour, minute: 5, ..Moment::default() });
        assert_eq!(
            [0, 1, 11, 12, 13, 23].map(at),
            ["12:05 AM", "1:05 AM", "11:05 AM", "12:05 PM", "1:05 PM", "11:05 PM"]
        );
        assert_eq!(
            english.moment("d 'de' MMMM 'o''clock", Moment { day: 2, month: 5, ..Moment::default() }),
            "2 de May oclock"
        );
    }
}
