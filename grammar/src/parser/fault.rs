//! What chumsky reports: where it stopped and what could have stood there. Small, because most of these are
//! made while alternatives are tried and then thrown away.

use super::declaration::{self, DECLARATIONS};
use super::habit::{Around, habit, is_list, only_one};
use super::hint::{Hint, braces, elsewhere, hint};
use super::message::MESSAGE_PROPERTIES;
use crate::token::{Kind, Token};
use crate::{Span, SyntaxError, SyntaxErrorKind as E};
use chumsky::error::{Error, LabelError};
use chumsky::util::MaybeRef;
use chumsky::{DefaultExpected, span::SimpleSpan};

/// What could have stood at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Want {
    /// A mark or keyword.
    Token(Kind),
    /// Something that has a name in the language.
    A(Label),
}

/// What authors call the things that they write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Label {
    Declaration,
    /// The name of a new thing; the keyword says of what.
    NewName(Kind),
    FieldName,
    DotField,
    EnumName,
    Member,
    Parameter,
    Arm,
    Attribute,
    Language,
    Property(Kind),
    Statement(Kind),
    Expectation,
    Expression,
    ListItem,
    Literal,
    WholeNumber,
    Percentage,
    Duration,
    Time,
    Date,
    Text,
    Money,
    Currency,
    Type,
    ElementType,
    Event,
    Segment,
    Channel,
    Place,
    Placement,
    Class,
    Purpose,
    Message,
    Tag,
    Journey,
    Experiment,
    Holdout,
    Weekday,
    Cell,
    RowResult,
    Range,
    CalendarSpan,
    CapSpan,
    Mode,
    Exemption,
    Reason,
    State,
    Selector,
    ContentField,
    Branch,
}

impl Label {
    /// Where a keyword must stand: what it would be, and the keywords that there are.
    fn alternatives(self) -> Option<(String, &'static [&'static str])> {
        let words: &[&str] = match self {
            Label::Declaration => &DECLARATIONS,
            Label::Property(Kind::Message) => &MESSAGE_PROPERTIES,
            Label::Property(Kind::Channel) => &["inbound", "to", "quiet", "spread", "cost"],
            Label::Property(Kind::Placement) => &["on", "show", "distinct"],
            Label::Property(Kind::Arbitrate) => &["rank", "score", "pick"],
            Label::Property(Kind::Experiment) => &["arms", "salt", "goal"],
            Label::Property(Kind::Model) => &["format", "feature"],
            Label::Statement(Kind::Journey) => &[
                "class", "on", "key", "when", "reenter", "touches", "stop", "goal", "wait", "send", "if",
                "split", "repeat", "together", "set", "emit", "enter", "exit",
            ],
            Label::Statement(_) => &[
                "profile", "subject", "consent", "withdraw", "holdout", "arm", "at", "after", "event",
                "decide", "expect",
            ],
            _ => return None,
        };
        let what = match self {
            Label::Declaration => "a declaration".to_owned(),
            _ => self.describe().0,
        };
        Some((what, words))
    }

    /// How an author would say it, and the kind of error when it is missing.
    fn describe(self) -> (String, E) {
        let (text, kind) = match self {
            Label::Declaration => {
                ("a declaration such as `message`, `segment` or `profile`", E::ExpectedDeclaration)
            }
            Label::NewName(kind) => return (format!("a name for this {}", kind.text()), E::ExpectedName),
            Label::FieldName => ("the name of a field", E::ExpectedName),
            Label::DotField => ("a field such as `.amount`", E::ExpectedName),
            Label::EnumName => ("a name with a capital, such as `Tier`", E::ExpectedName),
            Label::Member => ("the name of a member", E::ExpectedName),
            Label::Parameter => ("the name of a parameter", E::ExpectedName),
            Label::Arm => ("the name of an arm", E::ExpectedName),
            Label::Attribute => ("the name of an attribute", E::ExpectedName),
            Label::Language => ("a language such as `\"de\"`", E::ExpectedLiteral),
            Label::Property(of) => return (format!("a property of the {}", of.text()), E::ExpectedProperty),
            Label::Statement(Kind::Journey) => {
                ("a property or statement of the journey", E::ExpectedStatement)
            }
            Label::Statement(of) => {
                return (format!("a statement of the {}", of.text()), E::ExpectedStatement);
            }
            Label::Expectation => {
                ("`sent`, `not sent`, `shown`, `blocked` or what else is expected", E::ExpectedStatement)
            }
            Label::Expression => ("a value", E::ExpectedExpression),
            Label::ListItem => ("a literal or a member", E::ExpectedLiteral),
            Label::Literal => ("a literal", E::ExpectedLiteral),
            Label::WholeNumber => ("a whole number", E::ExpectedLiteral),
            Label::Percentage => ("a percentage such as `5%`", E::ExpectedLiteral),
            Label::Duration => ("a duration such as `24h` or `30 minutes`", E::ExpectedLiteral),
            Label::Time => ("a time such as `21:00`", E::ExpectedLiteral),
            Label::Date => ("a date such as `2026-11-27`", E::ExpectedLiteral),
            Label::Text => ("a text in quotes", E::ExpectedLiteral),
            Label::Money => ("an amount of money such as `0.06 EUR`", E::ExpectedLiteral),
            Label::Currency => ("a currency such as `EUR`", E::ExpectedType),
            Label::Type => ("a type such as `text`, `int` or `money EUR`", E::ExpectedType),
            Label::ElementType => ("`text`, `int` or an enum", E::ExpectedType),
            Label::Event => ("an event", E::ExpectedEvent),
            Label::Segment => ("a segment", E::ExpectedReference),
            Label::Channel => ("a channel", E::ExpectedReference),
            Label::Place => ("a channel or a placement", E::ExpectedReference),
            Label::Placement => ("a placement", E::ExpectedReference),
            Label::Class => ("a class", E::ExpectedReference),
            Label::Purpose => ("a purpose", E::ExpectedReference),
            Label::Message => ("a message", E::ExpectedReference),
            Label::Tag => ("a tag", E::ExpectedReference),
            Label::Journey => ("a journey", E::ExpectedReference),
            Label::Experiment => ("an experiment", E::ExpectedReference),
            Label::Holdout => ("a holdout", E::ExpectedReference),
            Label::Weekday => ("a weekday such as `monday`", E::ExpectedReference),
            Label::Cell => ("`_`, a literal, a range or a member", E::ExpectedLiteral),
            Label::RowResult => {
                ("a literal, a member or an expression in parentheses", E::ExpectedExpression)
            }
            Label::Range => ("a range such as `18..65`", E::ExpectedLiteral),
            Label::CalendarSpan => ("`week`, `month`, `quarter` or `year`", E::ExpectedLiteral),
            Label::CapSpan => ("a duration, `day`, `week` or `month`", E::ExpectedLiteral),
            Label::Mode => ("`opt_in`, `double_opt_in`, `opt_out`, `always` or `never`", E::ExpectedProperty),
            Label::Exemption => ("`quiet`, `caps`, `suppression` or `holdout`", E::ExpectedReference),
            Label::Reason => ("a gate's reason such as `suppressed`", E::ExpectedReference),
            Label::State => ("`active`, `stopped` or `finished`", E::ExpectedReference),
            Label::Selector => ("`any` or a class", E::ExpectedReference),
            Label::ContentField => ("a field such as `subject \"…\"`", E::ExpectedProperty),
            Label::Branch => ("an arm of the experiment", E::ExpectedStatement),
        };
        (text.to_owned(), kind)
    }
}

/// `expected a, b or c`
fn listed(found: &str, wants: &[String]) -> String {
    match wants.split_last() {
        None => format!("{found} doesn't fit here"),
        Some((only, [])) => format!("expected {only}"),
        Some((last, others)) => format!("expected {} or {last}", others.join(", ")),
    }
}

/// The word that was probably meant: one letter away, of a longer word two; letters that changed places are one.
fn closest(word: &str, words: &[&'static str]) -> Option<&'static str> {
    let distance = |other: &str| {
        let (a, b) = (word.as_bytes(), other.as_bytes());
        // The rows of the last two letters: optimal string alignment.
        let (mut before, mut row): (Vec<usize>, Vec<usize>) = (Vec::new(), (0..=b.len()).collect());
        for i in 0..a.len() {
            let mut next = vec![i + 1];
            for j in 0..b.len() {
                let replaced = row[j] + usize::from(a[i] != b[j]);
                let mut cost = replaced.min(row[j + 1] + 1).min(next[j] + 1);
                if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
                    cost = cost.min(before[j - 1] + 1);
                }
                next.push(cost);
            }
            before = std::mem::replace(&mut row, next);
        }
        row[b.len()]
    };
    let close = words.iter().map(|&other| (distance(other), other)).min()?;
    let letters = match word.len() {
        0..=2 => 0,
        3..=5 => 1,
        _ => 2,
    };
    (close.0 <= letters).then_some(close.1)
}

/// At most this many alternatives are named.
const NAMED: usize = 4;

/// One failure to go on.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    /// The token that didn't fit.
    pub found: Token,
    wants: [Option<Want>; NAMED],
    /// A mistake with words of its own.
    pub error: Option<Box<SyntaxError>>,
}

impl Fault {
    /// `found` stands where something else is wanted.
    pub(super) fn expected(found: Token, want: Want) -> Self {
        Fault { found, wants: [Some(want), None, None, None], error: None }
    }

    /// `found` doesn't fit; what would is said by others.
    pub(super) fn unexpected(found: Token) -> Self {
        Fault { found, wants: [None; NAMED], error: None }
    }

    /// A mistake with words of its own.
    pub(super) fn custom(found: Token, error: SyntaxError) -> Self {
        Fault { found, wants: [None; NAMED], error: Some(Box::new(error)) }
    }

    /// In the author's words.
    pub(super) fn into_error(self, tokens: &[Token], source: &str) -> SyntaxError {
        if let Some(error) = self.error {
            return *error;
        }
        let previous = (self.found.index as usize).checked_sub(1).and_then(|index| tokens.get(index));
        let mut wants: Vec<String> = Vec::new();
        let mut kind = None;
        for want in self.wants.into_iter().flatten() {
            let (text, of) = match want {
                Want::Token(token) => (format!("`{}`", token.text()), E::ExpectedToken),
                Want::A(label) => label.describe(),
            };
            kind = Some(kind.map_or(of, |before: E| if before == E::ExpectedToken { of } else { before }));
            if !wants.contains(&text) {
                wants.push(text);
            }
        }
        let empty = self.found.span.start == self.found.span.end;
        let found = match self.found.kind {
            Kind::End if source[self.found.span.start as usize..].starts_with('}') => "`}`".to_owned(),
            Kind::End => "the end of the file".to_owned(),
            _ if empty => "the end of the group".to_owned(),
            _ => format!("`{}`", &source[self.found.span.range()]),
        };
        let kind = kind.unwrap_or(E::ExpectedToken);
        if wants.is_empty() {
            let error = SyntaxError::new(kind, self.found.span, listed(&found, &wants));
            return if self.found.kind == Kind::OpenBrace { error.help(braces()) } else { error };
        }
        let named: Vec<Want> = self.wants.into_iter().flatten().collect();
        let hinted = |error: SyntaxError| match hint(self.found, &named, tokens, source) {
            Some(Hint { help, mend: Some((span, text)) }) => error.help(help).mend(span, text),
            Some(Hint { help, mend: None }) => error.help(help),
            None => error,
        };
        let after = match previous.map(|previous| (previous.kind, &source[previous.span.range()])) {
            Some((kind, written)) if kind != Kind::Text && (1..=40).contains(&written.len()) => {
                format!(" after `{written}`")
            }
            _ => String::new(),
        };
        if kind == E::ExpectedDeclaration && !self.found.first_on_line {
            let after = if after.is_empty() { " here".to_owned() } else { after };
            let message = format!("{found} doesn't fit{after}");
            return hinted(SyntaxError::new(E::ExpectedToken, self.found.span, message));
        }
        if let (true, [Some(Want::A(label)), None, ..]) =
            (self.found.kind.is_word() && !self.found.kind.is_reserved(), self.wants)
            && let Some((what, words)) = label.alternatives()
        {
            let error = SyntaxError::new(kind, self.found.span, format!("{found} isn't {what}"));
            return self.wrong_word(error, label, words, tokens, source);
        }
        let Some(previous) = previous else {
            let message = format!("{}, found {found}", listed(&found, &wants));
            let error = SyntaxError::new(kind, self.found.span, message);
            return if self.found.kind == Kind::OpenBrace { error.help(braces()) } else { hinted(error) };
        };
        // `suppress when …`: the word was taken for the name of a class.
        let nameless = previous.kind == Kind::When && named.contains(&Want::Token(Kind::When));
        let message = match nameless {
            true => "the rule doesn't say which messages it stops".to_owned(),
            false => format!("{}{after}, found {found}", listed(&found, &wants)),
        };
        // What lacks at the end of a declaration isn't the fault of the next one.
        let index = self.found.index as usize;
        let next = self.found.first_on_line && index < tokens.len() && declaration::starts(tokens, index);
        let outside = self.found.kind == Kind::End || empty || next;
        hinted(SyntaxError::new(kind, if outside { previous.span } else { self.found.span }, message))
    }

    /// What may have been meant by a word that begins nothing here.
    fn wrong_word(
        &self,
        error: SyntaxError,
        label: Label,
        words: &[&'static str],
        tokens: &[Token],
        source: &str,
    ) -> SyntaxError {
        let word = &source[self.found.span.range()];
        let around = Around { tokens, at: self.found.index as usize, source };
        let listed = !self.found.first_on_line && is_list(around);
        if let Some(help) = elsewhere(label, word).filter(|_| !listed) {
            return error.help(help);
        }
        match habit(around, &[Want::A(label)]) {
            Some(Hint { help, mend: Some((span, text)) }) => return error.help(help).mend(span, text),
            Some(Hint { help, mend: None }) => return error.help(help),
            None => {}
        }
        if let Some(close) = closest(word, words) {
            return error.help(format!("did you mean `{close}`?")).mend(self.found.span, close);
        }
        let previous = (self.found.index as usize).checked_sub(1).and_then(|index| tokens.get(index));
        let Some(previous) = previous.filter(|_| !self.found.first_on_line) else {
            return if words.len() < 12 {
                error.help(format!("there is `{}`", words.join("`, `")))
            } else {
                error
            };
        };
        if previous.kind == Kind::Event {
            // `on event purchase`
            let leave = Span { start: previous.span.start, end: self.found.span.start };
            return error
                .help(format!("name the event without a word before it: `on {word}`"))
                .mend(leave, "");
        }
        if listed {
            let end = Span { start: previous.span.end, end: previous.span.end };
            return error.help("the names of a list have commas between them").mend(end, ",");
        }
        match only_one(around) {
            Some(help) => error.help(help),
            None if words.len() < 12 => error.help(format!("there is `{}`", words.join("`, `"))),
            None => error,
        }
    }

    /// The span that decides about order.
    pub(super) fn span(&self) -> Span {
        self.error.as_ref().map_or(self.found.span, |error| error.span)
    }
}

/// A token that stands for the end where chumsky has none.
const NOWHERE: Token = Token {
    kind: Kind::End,
    first_on_line: false,
    span: Span { start: u32::MAX, end: u32::MAX },
    comments: 0,
    index: u32::MAX,
};

impl<'s> Error<'s, &'s [Token]> for Fault {
    fn merge(mut self, other: Self) -> Self {
        if self.error.is_some() {
            return self;
        }
        if other.error.is_some() {
            return other;
        }
        for want in other.wants.into_iter().flatten() {
            if self.wants.contains(&Some(want)) {
                continue;
            }
            let Some(free) = self.wants.iter_mut().find(|slot| slot.is_none()) else { break };
            *free = Some(want);
        }
        self
    }
}

impl<'s> LabelError<'s, &'s [Token], DefaultExpected<'s, Token>> for Fault {
    fn expected_found<I: IntoIterator<Item = DefaultExpected<'s, Token>>>(
        _: I,
        found: Option<MaybeRef<'s, Token>>,
        _: SimpleSpan,
    ) -> Self {
        Fault::unexpected(found.map_or(NOWHERE, |found| *found))
    }
}
