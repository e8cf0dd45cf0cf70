//! What to do about mistakes that authors bring along from other languages.

use super::fault::{Label, Want};
use super::habit::{Around, habit, is_list, only_one};
use crate::Span;
use crate::token::{Kind, Token};

/// What to do, and what to write where, if that is certain.
pub(super) struct Hint {
    pub help: String,
    pub mend: Option<(Span, String)>,
}

/// A help for what was found where something else was wanted, by the tokens around it.
pub(super) fn hint(found: Token, wants: &[Want], tokens: &[Token], source: &str) -> Option<Hint> {
    let around = Around { tokens, at: found.index as usize, source };
    if let Some(hint) = habit(around, wants) {
        return Some(hint);
    }
    let previous = *tokens.get((found.index as usize).checked_sub(1)?)?;
    let written = &source[found.span.range()];
    let before = &source[previous.span.range()];
    let wanted = |want| wants.contains(&want);
    let name = previous.kind.is_name();
    let mut mend = None;
    let behind = Span { start: previous.span.end, end: previous.span.end };
    let ahead = Span { start: found.span.start, end: found.span.start };
    let rest = &source[found.span.end as usize..];
    let help = match found.kind {
        Kind::OpenBrace if wanted(Want::A(Label::Expression)) => braces(),
        _ if wants
            .iter()
            .any(|want| matches!(want, Want::A(label) if elsewhere(*label, written).is_some())) =>
        {
            let labels = wants.iter().filter_map(|want| match want {
                Want::A(label) => elsewhere(*label, written),
                Want::Token(_) => None,
            });
            labels.take(1).collect()
        }
        _ if previous.kind == Kind::When && wanted(Want::Token(Kind::When)) => {
            mend = Some((Span { start: previous.span.start, end: previous.span.start }, "any ".to_owned()));
            "name their classes before `when`, or write `any` for all messages: `suppress any when …`"
                .to_owned()
        }
        Kind::OpenBrace if wanted(Want::A(Label::WholeNumber)) && before == "repeat" => {
            "say how often: `repeat 3 times { … }`".to_owned()
        }
        _ if wanted(Want::A(Label::Date)) && before == "active" => {
            "two dates with `..` between them: `active 2026-01-01..2026-01-31`".to_owned()
        }
        Kind::Comma if wanted(Want::A(Label::Percentage)) => {
            "each arm has its share: `arms plain 50%, playful 50%`".to_owned()
        }
        Kind::Colon | Kind::Assign if wanted(Want::A(Label::Text)) => {
            mend = Some((found.span, String::new()));
            format!("leave the `{written}` out")
        }
        _ if wanted(Want::A(Label::Expectation)) && found.kind.is_name() => {
            let state = rest.split_whitespace().next().unwrap_or_default();
            match state {
                "sent" | "shown" | "blocked" => format!("`{state}` comes first: `expect {state} {written}`"),
                _ => format!("say what is expected of it: `expect sent {written}`"),
            }
        }
        _ if wanted(Want::Token(Kind::OpenBrace)) && name && found.first_on_line => {
            format!("what belongs to it stands in braces: `{before} {{ … }}`")
        }
        Kind::Int | Kind::Number if wanted(Want::A(Label::Percentage)) => {
            mend = Some((Span { start: found.span.end, end: found.span.end }, "%".to_owned()));
            format!("a share is a percentage: `{written}%`")
        }
        Kind::Int if previous.kind.is_duration_word() => {
            "a duration has one unit: `90 minutes`, not `1 hour 30 minutes`".to_owned()
        }
        Kind::Int | Kind::Number if wanted(Want::A(Label::Duration)) => {
            format!("say the unit: `{written}d`, `{written}h` or `{written}m`")
        }
        Kind::Int if wanted(Want::A(Label::Time)) => match written.parse::<u32>() {
            Ok(hour) if hour < 24 => {
                mend = Some((found.span, format!("{hour:02}:00")));
                format!("a time has hours and minutes: `{hour:02}:00`")
            }
            _ => "a time has hours and minutes: `21:00`".to_owned(),
        },
        Kind::Int | Kind::Number if wanted(Want::A(Label::Money)) => {
            format!("say the currency: `{written} EUR`")
        }
        Kind::If | Kind::Where if wanted(Want::Token(Kind::When)) || wanted(Want::A(Label::Mode)) => {
            mend = Some((found.span, "when".to_owned()));
            "a condition is said by `when`".to_owned()
        }
        _ if wanted(Want::A(Label::Mode)) && mode(written, rest).is_some() => {
            let right = mode(written, rest).unwrap_or_default();
            let length = right.len() as u32;
            mend = Some((Span { start: found.span.start, end: found.span.start + length }, right.to_owned()));
            format!("write `{right}`")
        }
        _ if matches!(written, "max" | "maximum" | "limit" | "up_to") && wanted(Want::Token(Kind::At)) => {
            mend = Some((found.span, "at most".to_owned()));
            "write `at most`".to_owned()
        }
        Kind::Comma | Kind::Or | Kind::And
            if name
                && !is_list(around)
                && only_one(around).is_some()
                && wants
                    .iter()
                    .any(|want| matches!(want, Want::A(Label::Property(_) | Label::Statement(_)))) =>
        {
            only_one(around).unwrap_or_default()
        }
        Kind::Or | Kind::And
            if is_list(around)
                && wants
                    .iter()
                    .any(|want| matches!(want, Want::A(Label::Property(_) | Label::Statement(_)))) =>
        {
            mend = Some((Span { start: previous.span.end, end: found.span.end }, ",".to_owned()));
            "the names of a list have commas between them".to_owned()
        }
        _ if wanted(Want::Token(Kind::Up)) && found.kind != Kind::End => {
            "say how long to wait at most: `wait for opened(cart_email) up to 24h`".to_owned()
        }
        _ if wanted(Want::Token(Kind::For)) && previous.kind != Kind::Only => {
            "say which messages it counts: `for any`, or those of a class, `for promotional`".to_owned()
        }
        _ if wanted(Want::Token(Kind::On)) && found.kind.is_name() => {
            mend = Some((ahead, "on ".to_owned()));
            format!("write `on` before it: `{before} on {written}`")
        }
        kind if wanted(Want::A(Label::Time)) && kind.is_weekday() && previous.kind == Kind::Until => {
            format!("the time comes first: `wait until 10:00 on {written}`")
        }
        Kind::Colon if wants == [Want::Token(Kind::Assign)] => {
            mend = Some((found.span, " =".to_owned()));
            "write `=`".to_owned()
        }
        Kind::Assign if wants == [Want::Token(Kind::Colon)] => {
            mend = Some((found.span, ":".to_owned()));
            "write `:`".to_owned()
        }
        Kind::Text if wants == [Want::Token(Kind::OpenBrace)] => {
            "content has fields: `content email { subject \"…\"  body \"…\" }`".to_owned()
        }
        Kind::Question => {
            "write `if … then … else …`; whether something is known is asked by `is known`".to_owned()
        }
        Kind::Arrow => {
            "the events that are meant are chosen by `where`: `any (purchase where category == \"shoes\")`"
                .to_owned()
        }
        Kind::Comma if previous.kind == Kind::Int && rest.starts_with(|next: char| next.is_ascii_digit()) => {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            match digits {
                3 => {
                    mend = Some((found.span, "_".to_owned()));
                    format!("numbers have no commas: `{before}_{}`", &rest[..digits])
                }
                _ => {
                    mend = Some((found.span, ".".to_owned()));
                    format!("decimals stand behind a point: `{before}.{}`", &rest[..digits])
                }
            }
        }
        Kind::TypeName
            if wanted(Want::A(Label::Expression))
                && written.len() == 3
                && written.bytes().all(|byte| byte.is_ascii_uppercase())
                && amount(rest).is_some() =>
        {
            let number = amount(rest).unwrap_or_default();
            let end = found.span.end + (rest.len() - rest.trim_start().len() + number.len()) as u32;
            let right = format!("{number} {written}");
            mend = Some((Span { start: found.span.start, end }, right.clone()));
            format!("an amount has its currency behind it: `{right}`")
        }
        Kind::Comma
            if wants.iter().any(|want| matches!(want, Want::A(Label::Property(_) | Label::ContentField))) =>
        {
            mend = Some((found.span, String::new()));
            "leave the comma out".to_owned()
        }
        _ if previous.kind == Kind::Is && wanted(Want::Token(Kind::Known)) => {
            if found.kind.is_word() && found.kind != Kind::Not || found.kind == Kind::Text {
                mend = Some((previous.span, "==".to_owned()));
            }
            "values are compared by `==`; `is` only asks whether one is known".to_owned()
        }
        _ if wanted(Want::Token(Kind::Else)) => "an `if` that gives a value always has an `else`".to_owned(),
        _ if previous.kind == Kind::Since && wanted(Want::Token(Kind::Last)) => {
            let attribute = (found.kind == Kind::Profile)
                .then(|| rest.strip_prefix('.'))
                .flatten()
                .and_then(|rest| rest.split(|part: char| !(part.is_alphanumeric() || part == '_')).next());
            match attribute {
                Some(name) => format!(
                    "`time since` asks for events: `time since last visit`; how long ago an attribute was is asked of an instant by `now - profile.{name} < 30d`, in the `when` of a message, not in a segment, and of a date by `days since profile.{name} < 30`"
                ),
                None => format!("say which one is meant: `time since last {written}`"),
            }
        }
        _ if wanted(Want::A(Label::DotField)) => {
            "ask for a field, as in `last purchase.amount`, or `time since last purchase` for how long ago"
                .to_owned()
        }
        Kind::Dots => "whether a value lies in a range is asked by `in`: `x in 18..65`".to_owned(),
        Kind::Within if name => format!("begin with the question: `any {before} within 7d`"),
        Kind::Within => {
            "`within` stands right behind the event: `count of purchase within 7d > 3`".to_owned()
        }
        Kind::OpenParen if wanted(Want::Token(Kind::OpenBracket)) => {
            if let Some(inner) =
                rest.split_once(')').map(|(inner, _)| inner).filter(|inner| !inner.contains('('))
            {
                let end = found.span.end + inner.len() as u32 + 1;
                mend = Some((Span { start: found.span.start, end }, format!("[{inner}]")));
            }
            "a list stands in square brackets: `in [\"DE\", \"AT\"]`".to_owned()
        }
        Kind::Dot if name && rest.starts_with("includes(") => {
            format!("whether something is in a set is asked by `contains`: `profile.{before} contains \"…\"`")
        }
        Kind::Dot if name && (rest.starts_with("startsWith(") || rest.starts_with("endsWith(")) => {
            "write `starts with` or `ends with` between the two texts".to_owned()
        }
        Kind::Dot if name || previous.kind == Kind::CloseParen => {
            "an attribute has no fields of its own; functions stand in front: `length(profile.name)`"
                .to_owned()
        }
        Kind::TypeName if wanted(Want::A(Label::Expression)) => {
            mend = Some((found.span, written.to_ascii_lowercase()));
            format!("names begin with a small letter: `{}`", written.to_ascii_lowercase())
        }
        Kind::Name if matches!(previous.kind, Kind::Int | Kind::Number) && written.len() == 3 => {
            mend = Some((found.span, written.to_ascii_uppercase()));
            format!("currencies are written in capitals: `{before} {}`", written.to_ascii_uppercase())
        }
        // Between the parts of a list; what begins the next one shows that it goes on.
        _ if wants == [Want::Token(Kind::Comma)]
            && (found.kind.is_name() || found.kind == Kind::TypeName) =>
        {
            mend = Some((behind, ",".to_owned()));
            format!("put a comma behind `{before}`")
        }
        _ => return None,
    };
    Some(Hint { help, mend })
}

/// In a text of content, what looks like another tool's placeholder.
pub(super) fn braces() -> String {
    "one pair of braces is enough: `{profile.first_name otherwise \"friend\"}`".to_owned()
}

/// The digits at the beginning of a text, after spaces.
fn amount(rest: &str) -> Option<&str> {
    let rest = rest.trim_start_matches(' ');
    let length = rest.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
    (length > 0).then(|| &rest[..length])
}

/// `opt-in` as `opt_in`.
fn mode(written: &str, rest: &str) -> Option<&'static str> {
    let modes = ["double_opt_in", "opt_in", "opt_out"];
    let dashed = |mode: &&str| {
        let dashed = mode.replace('_', "-");
        dashed.strip_prefix(written).is_some_and(|tail| tail.starts_with('-') && rest.starts_with(tail))
    };
    modes.into_iter().find(dashed)
}

/// What is said otherwise in Comity, for words of other tools and languages.
pub(super) fn elsewhere(label: Label, word: &str) -> Option<&'static str> {
    Some(match (label, word) {
        (Label::Declaration, "audience" | "list" | "group" | "cohort") => {
            "a group of customers is a segment: `segment active = count of purchase within 30d > 0`"
        }
        (Label::Declaration, "campaign" | "newsletter" | "mail" | "mailing" | "notification") => {
            "what is sent is a message: `message spring_sale { class … purpose … on … via … content … }`"
        }
        (Label::Declaration, "flow" | "workflow" | "automation" | "sequence" | "drip") => {
            "several steps are a journey: `journey welcome { on … send … wait 2d send … }`"
        }
        (Label::Declaration, "user" | "customer" | "contact" | "attribute" | "field") => {
            "what is known of the customer stands in `profile { … }`"
        }
        (Label::Declaration, "var" | "const" | "def" | "function" | "define" | "set") => {
            "a value gets a name by `let`: `let basket = …`"
        }
        (Label::Declaration, "if" | "when" | "rule") => {
            "a condition stands in a message (`when …`), or gets a name by `segment`"
        }
        (Label::Property(Kind::Message), "trigger" | "event" | "after" | "upon") => {
            "what proposes a message is said by `on`: `on purchase`"
        }
        (
            Label::Property(Kind::Message),
            "audience" | "segment" | "to" | "filter" | "if" | "where" | "condition",
        ) => "who gets a message is said by `when`: `when active_shopper`",
        (Label::Property(Kind::Message), "channel" | "channels" | "send" | "by" | "over") => {
            "the ways out are said by `via`: `via email, push`"
        }
        (Label::Property(Kind::Message), "subject" | "body" | "text" | "title" | "template") => {
            "texts stand in `content`: `content email { subject \"…\"  body \"…\" }`"
        }
        (Label::Property(Kind::Message), "limit" | "cap" | "frequency") => {
            "how often is said once, outside of messages: `cap weekly at most 3 per 7d for promotional`"
        }
        (Label::Property(Kind::Message), "priority" | "rank" | "weight") => {
            "what goes first is said by `arbitrate { rank … }` and by the message's `value`"
        }
        (Label::Property(Kind::Message), "start" | "end" | "dates" | "from" | "until") => {
            "the days of a message are said by `active`: `active 2026-01-01..2026-01-31`"
        }
        (Label::Statement(Kind::Test), "wait" | "later" | "sleep" | "then") => {
            "time goes on by `after`: `after 1h`"
        }
        (Label::Statement(Kind::Test), "send" | "assert" | "should") => {
            "what must have happened is said by `expect`: `expect sent welcome`"
        }
        (Label::Statement(Kind::Journey), "goto" | "loop" | "while" | "for" | "jump") => {
            "a journey goes forward: repeat a part of it by `repeat 3 times { … }`"
        }
        (Label::Statement(Kind::Journey), "delay" | "sleep" | "pause") => "write `wait`: `wait 1d`",
        (Label::Statement(Kind::Journey), "email" | "mail" | "message" | "notify" | "push" | "sms") => {
            "write `send` and the message's name: `send cart_email`"
        }
        (Label::Statement(Kind::Journey), "end" | "quit" | "return" | "break" | "finish") => "write `exit`",
        (Label::Statement(Kind::Journey), "trigger" | "start") => "what starts a journey is said by `on`",
        _ => return None,
    })
}
