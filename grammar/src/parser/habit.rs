//! What to do about times, durations and lists that are written as one would say them: `9 pm`, `two hours`, `in the
//! last 30 days`, `send cart_email tomorrow`.

use super::fault::{Label, Want};
use super::hint::Hint;
use crate::Span;
use crate::token::{Kind, Token, hours};

/// The tokens around the one that didn't fit.
#[derive(Clone, Copy)]
pub(super) struct Around<'a> {
    pub tokens: &'a [Token],
    /// The position of the one that didn't fit.
    pub at: usize,
    pub source: &'a str,
}

impl<'a> Around<'a> {
    fn token(&self, offset: isize) -> Option<Token> {
        self.at.checked_add_signed(offset).and_then(|index| self.tokens.get(index)).copied()
    }

    fn kind(&self, offset: isize) -> Kind {
        self.token(offset).map_or(Kind::End, |token| token.kind)
    }

    fn word(&self, offset: isize) -> &'a str {
        self.token(offset).and_then(|token| self.source.get(token.span.range())).unwrap_or_default()
    }

    /// Whether a token stands on the line of the one before it.
    fn goes_on(&self, offset: isize) -> bool {
        self.token(offset).is_some_and(|token| !token.first_on_line && token.kind != Kind::End)
    }

    fn span(&self, from: isize, to: isize) -> Span {
        let empty = Span { start: 0, end: 0 };
        let span = |offset| self.token(offset).map_or(empty, |token| token.span);
        span(from).to(span(to))
    }

    /// Between the end of one token and the start of another: what joins them, with its spaces.
    fn between(&self, from: isize, to: isize) -> Span {
        let end = self.token(from).map_or(0, |token| token.span.end);
        Span { start: end, end: self.token(to).map_or(end, |token| token.span.start.max(end)) }
    }
}

fn say(help: impl Into<String>) -> Option<Hint> {
    Some(Hint { help: help.into(), mend: None })
}

fn write(span: Span, right: impl Into<String>) -> Option<Hint> {
    let right = right.into();
    Some(Hint { help: format!("write `{}`", right.trim()), mend: Some((span, right)) })
}

/// A help, by what was wanted and what stands there.
pub(super) fn habit(around: Around<'_>, wants: &[Want]) -> Option<Hint> {
    let wanted = |label| wants.contains(&Want::A(label));
    let previous = around.kind(-1);
    if let Some(hint) = span_of_time(around) {
        return Some(hint);
    }
    if matches!(around.word(-1), "count" | "sum" | "average") && around.kind(0).is_name() && around.goes_on(0)
    {
        let start = around.span(0, 0).start;
        let help = match around.word(-1) {
            "count" => format!("a question to the history reads `count of {} within 30d`", around.word(0)),
            question => format!("a question to the history reads `{question} of purchase.amount within 30d`"),
        };
        let mend = (around.word(-1) == "count").then(|| (Span { start, end: start }, "of ".to_owned()));
        return Some(Hint { help, mend });
    }
    if wanted(Label::Time) || wanted(Label::Range) {
        return time(around);
    }
    if wants.contains(&Want::Token(Kind::Dots)) {
        return range(around, 0);
    }
    if wanted(Label::Duration) {
        return duration(around);
    }
    if wanted(Label::WholeNumber) {
        return match digits(around.word(0)) {
            Some(number) => write(around.span(0, 0), number.to_string()),
            None if previous == Kind::Touches => say("for instance `touches 3`: this many messages at most"),
            None => None,
        };
    }
    if previous == Kind::Reenter {
        return match (around.kind(0), around.word(0)) {
            (Kind::Duration | Kind::Int, _) => {
                let start = around.span(0, 0).start;
                let help = format!("write `after` before it: `reenter after {}`", around.word(0));
                Some(Hint { help, mend: Some((Span { start, end: start }, "after ".to_owned())) })
            }
            (_, "once" | "no" | "false" | "none") => write(around.span(0, 0), "never"),
            (_, "yes" | "true" | "any" | "ever") => say(
                "`reenter always` lets one begin at each event, `reenter when finished` one after the other",
            ),
            _ => say("for instance `reenter after 7d`, or `reenter never`"),
        };
    }
    if previous == Kind::For && wanted(Label::Event) && around.kind(-2) == Kind::Wait {
        let length = matches!(around.kind(0), Kind::Duration | Kind::Int) || digits(around.word(0)).is_some();
        return length.then(|| Hint {
            help: "`wait for` waits for an event; for a time, leave `for` out: `wait 2h`".to_owned(),
            mend: Some((around.span(-1, -1).to(around.between(-1, 0)), String::new())),
        });
    }
    if let Some(hint) = small(around, wants) {
        return Some(hint);
    }
    if wanted(Label::Date) {
        return date(around);
    }
    if wanted(Label::Money) && matches!(around.word(1), "cent" | "cents" | "ct" | "c") {
        let cents: f64 = around.word(0).parse().ok()?;
        return say(format!("amounts are in whole units of the currency: `{} EUR`", cents / 100.0));
    }
    if wants.contains(&Want::Token(Kind::At)) && matches!(around.kind(0), Kind::Int) && around.goes_on(0) {
        let start = around.span(0, 0).start;
        let help = format!("write `at most {}`", around.word(0));
        return Some(Hint { help, mend: Some((Span { start, end: start }, "at most ".to_owned())) });
    }
    if wants.contains(&Want::Token(Kind::Of)) && previous == Kind::Percent && around.kind(0).is_name() {
        let start = around.span(0, 0).start;
        let help = format!("write `of` before the classes: `{} of {}`", around.word(-1), around.word(0));
        return Some(Hint { help, mend: Some((Span { start, end: start }, "of ".to_owned())) });
    }
    if wanted(Label::Statement(Kind::Journey)) {
        return sending(around);
    }
    quoted_name(around, wants)
}

/// `9 pm`, `from 21:00 to 08:00`, `tomorrow`
fn time(around: Around<'_>) -> Option<Hint> {
    if let Some(right) = hours(around.word(0), around.word(1)).filter(|_| around.goes_on(1)) {
        return write(around.span(0, 1), right);
    }
    match (around.kind(0), around.word(0)) {
        (_, "weekend" | "weekends") if around.kind(-1) == Kind::Quiet => {
            write(around.span(0, 0), "00:00..24:00 on saturday, sunday")
        }
        (_, "from" | "between") => {
            let is_time = |offset| matches!(around.kind(offset), Kind::Time);
            let help = "the hours follow directly, with `..` between them: `quiet 21:00..08:00`";
            let right = (is_time(1) && is_time(3))
                .then(|| (around.span(0, 3), format!("{}..{}", around.word(1), around.word(3))));
            Some(Hint { help: help.to_owned(), mend: right })
        }
        (kind, _) if kind.is_weekday() => None,
        (kind, _) if kind.is_word() && around.kind(-1) == Kind::Until => {
            say("say the time of day, `wait until 10:00`, or how long, `wait 1d`")
        }
        _ => None,
    }
}

/// `2.11.2026`
fn date(around: Around<'_>) -> Option<Hint> {
    let start = around.span(0, 0).start;
    let rest = around.source.get(start as usize..)?;
    let length = rest.bytes().take_while(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'/')).count();
    let written = rest.get(..length)?.trim_end_matches('.');
    let parts: Vec<u32> = written.split(['.', '/']).map_while(|part| part.parse().ok()).collect();
    let &[day, month, year] = parts.as_slice() else { return None };
    if !(1000..10_000).contains(&year) {
        return None;
    }
    // 11/2 can be two days.
    let certain = !written.contains('/') && (1..=12).contains(&month) && (1..=31).contains(&day);
    let right = match certain {
        true => format!("{year}-{month:02}-{day:02}"),
        false => format!("{year}-12-31"),
    };
    Some(Hint {
        help: format!("a date is written year, month, day: `{right}`"),
        mend: certain.then(|| (Span { start, end: start + written.len() as u32 }, right)),
    })
}

/// A keyword or a mark that is nearly right.
fn small(around: Around<'_>, wants: &[Want]) -> Option<Hint> {
    let token = |kind| wants.contains(&Want::Token(kind));
    let wanted = |label| wants.contains(&Want::A(label));
    let insert = |word: &str, help: String| {
        let start = around.span(0, 0).start;
        Some(Hint { help, mend: Some((Span { start, end: start }, format!("{word} "))) })
    };
    match (around.kind(0), around.word(0)) {
        (_, "ignore" | "ignoring") if token(Kind::Ignores) => write(around.span(0, 0), "ignores"),
        (Kind::Of, _) if matches!(around.word(-1), "list" | "array") => Some(Hint {
            help: "several values of one type are a set: `set of text`".to_owned(),
            mend: Some((around.span(-1, -1), "set".to_owned())),
        }),
        (Kind::Colon, _) if token(Kind::OpenBrace) => {
            say(format!("what belongs to it stands in braces: `{} {{ … }}`", around.word(-1)))
        }
        (Kind::OpenBrace, _) if wanted(Label::Place) => {
            say("say what it is the content of: `content email { … }`")
        }
        (Kind::Every, _) if wanted(Label::Property(Kind::Message)) => {
            insert("on", format!("what proposes a message is said by `on`: `on every {} …`", around.word(1)))
        }
        (kind, word) if kind.is_name() && around.kind(-1) == Kind::Not && token(Kind::Sent) => {
            insert("sent", format!("write `expect not sent {word}`"))
        }
        (Kind::Then, _) if wanted(Label::Statement(Kind::Journey)) => Some(Hint {
            help: "leave `then` out: what comes next is the next statement".to_owned(),
            mend: Some((around.span(0, 0), String::new())),
        }),
        (Kind::Else | Kind::Otherwise, _) if wanted(Label::Mode) => {
            say("the first rule that fits counts: one without `when` at the end is for all others")
        }
        (Kind::Where, _) if wanted(Label::Declaration) && around.goes_on(0) => {
            say(format!("ask a question to the history: `any ({} where …)`", around.word(-1)))
        }
        _ if wanted(Label::Currency) && around.kind(-1) == Kind::Money => {
            say("say the currency: `money EUR`")
        }
        _ => None,
    }
}

/// `21:00-08:00`, `18 to 65`
fn range(around: Around<'_>, at: isize) -> Option<Hint> {
    let joins = matches!(around.kind(at), Kind::Minus | Kind::To | Kind::Until | Kind::And)
        || around.word(at) == "till";
    let (first, second) = (around.word(at - 1), around.word(at + 1));
    let literal = |offset| {
        matches!(around.kind(offset), Kind::Int | Kind::Number | Kind::Time | Kind::Date | Kind::Percent)
    };
    (joins && literal(at - 1) && literal(at + 1)).then(|| Hint {
        help: format!("from one to the other is written `{first}..{second}`"),
        mend: Some((around.between(at - 1, at + 1), "..".to_owned())),
    })
}

/// `two hours`, `2 hrs`, `tomorrow`
fn duration(around: Around<'_>) -> Option<Hint> {
    let (keyword, word) = (around.kind(-1), around.word(0));
    if let Some(number) = digits(word)
        && around.kind(1).is_duration_word()
        && around.goes_on(1)
    {
        let help = format!("numbers are written in digits: `{number} {}`", around.word(1));
        return Some(Hint { help, mend: Some((around.span(0, 0), number.to_string())) });
    }
    if around.kind(0) == Kind::Int && around.goes_on(1) {
        let unit = around.word(1);
        let short = match unit {
            "s" | "sec" | "secs" => "s",
            "m" | "min" | "mins" => "m",
            "h" | "hr" | "hrs" => "h",
            "d" => "d",
            "w" | "wk" | "wks" => "w",
            "month" | "months" | "quarter" | "quarters" | "year" | "years" => {
                let days = match unit.as_bytes()[0] {
                    b'm' => 30,
                    b'q' => 90,
                    _ => 365,
                };
                let days = word.parse::<u64>().ok().and_then(|count| count.checked_mul(days))?;
                let whole = unit.trim_end_matches('s');
                let calendar = match keyword {
                    Kind::Within => format!(", or since the {whole} began: `within this {whole}`"),
                    _ => String::new(),
                };
                return say(format!("no two {whole}s are equally long: say it in days, `{days}d`{calendar}"));
            }
            _ => return None,
        };
        return write(around.span(0, 1), format!("{word}{short}"));
    }
    match keyword {
        Kind::Expires if around.kind(0) == Kind::Date => say(format!(
            "`expires` says how long after its proposal a message is of use, `expires 2d`; its last day is said by `active`, `active 2026-01-01..{word}`"
        )),
        Kind::Expires if word == "never" => say("leave `expires` out: without it, a message doesn't expire"),
        Kind::Expires if matches!(word, "after" | "in") => {
            let mend = Some((around.span(0, 0).to(around.between(0, 1)), String::new()));
            Some(Hint { help: format!("leave `{word}` out"), mend })
        }
        Kind::Expires if around.kind(0).is_word() => {
            say("say how long after its proposal the message is of use: `expires 1d`")
        }
        Kind::Wait if word == "at" => {
            write(around.span(0, 0), "until").filter(|_| around.kind(1) == Kind::Time)
        }
        Kind::Wait if around.kind(0) == Kind::Time => {
            let start = around.span(0, 0).start;
            let help = format!("write `until` before a time of day: `wait until {word}`");
            Some(Hint { help, mend: Some((Span { start, end: start }, "until ".to_owned())) })
        }
        Kind::Wait if around.kind(0).is_word() => say(
            "say how long, `wait 2h`, until when, `wait until 10:00`, or for which event, `wait for purchase up to 2d`",
        ),
        _ => None,
    }
}

/// `in the last 30 days`, `during the last 7d`, `within the past 2 weeks`: how far back an event counts.
fn span_of_time(around: Around<'_>) -> Option<Hint> {
    let filler = |offset| matches!(around.word(offset), "the" | "last" | "past" | "previous" | "a");
    let begins = |offset| {
        matches!(around.word(offset), "in" | "during" | "over" | "for" | "within" | "last" | "past" | "the")
    };
    // It is noticed at `in` or behind it.
    let start = if begins(-1) && filler(0) { -1 } else { 0 };
    if !begins(start) {
        return None;
    }
    let mut end = start + 1;
    while filler(end) {
        end += 1;
    }
    let fillers = end > start + 1 || matches!(around.word(start), "last" | "past");
    let length = match (around.kind(end), around.kind(end + 1)) {
        (Kind::Duration, _) => true,
        (Kind::Int, unit) => unit.is_duration_word(),
        _ => false,
    };
    (fillers && length && around.goes_on(end)).then(|| {
        let long = &around.source[match around.kind(end) {
            Kind::Duration => around.span(end, end),
            _ => around.span(end, end + 1),
        }
        .range()];
        let before = Span { start: around.span(start, start).start, end: around.span(end, end).start };
        Hint { help: format!("write `within {long}`"), mend: Some((before, "within ".to_owned())) }
    })
}

/// `send cart_email tomorrow`, `send email cart_email`
fn sending(around: Around<'_>) -> Option<Hint> {
    let message = around.word(-1);
    if !(around.kind(-2) == Kind::Send && around.kind(-1).is_name() && around.goes_on(0)) {
        return None;
    }
    let other = around.kind(1).is_name() && around.goes_on(1);
    match (around.kind(0), around.word(0)) {
        (Kind::Time | Kind::Int | Kind::Duration, _) if message == "at" || message == "after" => {
            say("when is said before it: `wait until 10:00` or `wait 2h`, then `send …`")
        }
        (Kind::At | Kind::On, _) | (_, "tomorrow" | "today" | "now") => {
            say(format!("when is said before it: `wait until 10:00`, then `send {message}`"))
        }
        (Kind::After | Kind::In, _) | (_, "later" | "immediately") => {
            say(format!("when is said before it: `wait 2h`, then `send {message}`"))
        }
        (Kind::To | Kind::With | Kind::From, _) | (_, "by" | "over" | "through" | "using") if other => {
            write(around.span(0, 0), "via")
        }
        // Channels have any names; these are most probably some.
        (kind, word) if kind.is_name() && !super::is_line_keyword(kind) && is_usual_channel(message) => say(
            format!("a message is sent by its name, with the channel behind it: `send {word} via {message}`"),
        ),
        _ => None,
    }
}

fn is_usual_channel(word: &str) -> bool {
    matches!(
        word,
        "email" | "e_mail" | "mail" | "sms" | "text" | "push" | "whatsapp" | "letter" | "web" | "app"
    )
}

/// `send "cart_email"`, `send Cart_email`: names stand without quotes and in small letters.
fn quoted_name(around: Around<'_>, wants: &[Want]) -> Option<Hint> {
    use Label::*;
    let named = |want: &Want| {
        matches!(
            want,
            Want::A(
                Message
                    | Channel
                    | Place
                    | Placement
                    | Class
                    | Purpose
                    | Journey
                    | Segment
                    | Event
                    | Experiment
                    | Tag
                    | Holdout
                    | Arm
                    | Weekday
                    | Selector
            )
        )
    };
    if around.kind(0) == Kind::TypeName && wants.iter().any(|want| named(want) || *want == Want::A(Literal)) {
        return write(around.span(0, 0), around.word(0).to_ascii_lowercase());
    }
    let name = around.word(0).strip_prefix('"').and_then(|name| name.strip_suffix('"'))?;
    let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    let plain = plain && name.starts_with(|first: char| first.is_ascii_lowercase());
    (plain && wants.iter().any(named)).then(|| Hint {
        help: format!("a name stands without quotes: `{name}`"),
        mend: Some((around.span(0, 0), name.to_owned())),
    })
}

/// Whether the names before the one that didn't fit are a list, which would have commas.
pub(super) fn is_list(around: Around<'_>) -> bool {
    use Kind::*;
    let at = list_start(around);
    let mode = |kind| matches!(kind, OptIn | OptOut | DoubleOptIn | Always | Never);
    match around.kind(at - 1) {
        Via | Tags | Purpose | At | Rank | Of | For | Tagged | Ignores => true,
        On => around.kind(at).is_weekday() || mode(around.kind(at - 2)),
        kind => mode(kind),
    }
}

/// What to do about a second name where there is only one.
pub(super) fn only_one(around: Around<'_>) -> Option<String> {
    let joined = matches!(around.kind(0), Kind::Comma | Kind::Or | Kind::And);
    let (first, word) = (around.word(-1), around.word(isize::from(joined)));
    match around.kind(list_start(around) - 1) {
        Kind::On => Some(format!("each event has an `on` of its own: `on {first}  on {word}`")),
        Kind::Class => Some("there is one class: leave the others out".to_owned()),
        _ => None,
    }
}

/// Back over `a, b, c` to its first name.
fn list_start(around: Around<'_>) -> isize {
    let mut at = -1;
    while around.kind(at - 1) == Kind::Comma {
        at -= 2;
    }
    at
}

/// A number in words.
fn digits(word: &str) -> Option<u32> {
    const WORDS: [&str; 12] =
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
    match word {
        "a" | "an" | "once" => Some(1),
        "twice" => Some(2),
        _ => WORDS.iter().position(|one| *one == word).map(|at| at as u32 + 1),
    }
}
