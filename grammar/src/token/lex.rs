//! From text to tokens. Never fails: what means nothing is reported and left out.

use super::scan::{self, Escape, escapes};
use super::{Comment, Kind, Token};
use crate::{Span, SyntaxError, SyntaxErrorKind as E};
use logos::Logos;

/// A file as tokens.
#[derive(Clone, Debug, Default)]
pub struct Lexed {
    /// All tokens; the last one is [`Kind::End`].
    pub tokens: Vec<Token>,
    /// All comments.
    pub comments: Vec<Comment>,
    /// What is wrong.
    pub errors: Vec<SyntaxError>,
    /// The `{…}` of all text literals, in the order of the text.
    pub(crate) pieces: Vec<Piece>,
}

/// The inside of a `{…}` of a text literal, as tokens: what it is in a content field.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    /// Braces included.
    pub span: Span,
    pub lexed: Lexed,
}

/// What logos tells apart.
#[derive(Logos, Clone, Copy, Debug, PartialEq, Eq)]
#[logos(skip r"[ \t\r\n]+")]
enum Raw {
    #[regex(r"//[^\n]*", allow_greedy = true)]
    Comment,
    /// Without capitals.
    #[regex(r"[a-z_][a-z0-9_]*", priority = 3)]
    Small,
    #[regex(r"[A-Za-z_][A-Za-z0-9_]*", priority = 2)]
    Word,
    #[regex(r"[0-9]+(_[0-9]+)*")]
    Int,
    #[regex(r"[0-9]+(_[0-9]+)*\.[0-9]+(_[0-9]+)*")]
    Number,
    #[regex(r"[0-9]+(_[0-9]+)*(\.[0-9]+(_[0-9]+)*)?%")]
    Percent,
    #[regex(r"[0-9]+(_[0-9]+)*(\.[0-9]+(_[0-9]+)*)?[smhdw]")]
    Duration,
    #[regex(r"[0-9][0-9]:[0-9][0-9]")]
    Time,
    #[regex(r"[0-9]:[0-9][0-9]")]
    ShortTime,
    #[regex(r"[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]")]
    Date,
    #[regex(
        r"[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9](\.[0-9]([0-9]([0-9]([0-9]([0-9][0-9]?)?)?)?)?)?(Z|[+-][0-9][0-9]:[0-9][0-9])"
    )]
    Instant,
    #[token("\"")]
    Quote,
    #[token("{")]
    OpenBrace,
    #[token("}")]
    CloseBrace,
    #[token("(")]
    OpenParen,
    #[token(")")]
    CloseParen,
    #[token("[")]
    OpenBracket,
    #[token("]")]
    CloseBracket,
    #[token(",")]
    Comma,
    #[token(":")]
    Colon,
    #[token(".")]
    Dot,
    #[token("..")]
    Dots,
    #[token("?")]
    Question,
    #[token("=")]
    Assign,
    #[token("=>")]
    Arrow,
    #[token("==")]
    Equal,
    #[token("!=")]
    NotEqual,
    #[token("<")]
    Less,
    #[token("<=")]
    LessEqual,
    #[token(">")]
    Greater,
    #[token(">=")]
    GreaterEqual,
    #[token("+")]
    Plus,
    #[token("-")]
    Minus,
    #[token("*")]
    Star,
    #[token("/")]
    Slash,
    #[token("&&")]
    DoubleAnd,
    #[token("||")]
    DoubleBar,
    #[token("!")]
    Bang,
    #[token("<>")]
    Unequal,
    #[token(";")]
    Semicolon,
}

/// Reads a whole file.
pub fn lex(text: &str) -> Lexed {
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    lex_range(text, start, text.len(), true)
}

/// There are seldom fewer bytes for each token, blanks included.
const BYTES_PER_TOKEN: usize = 4;

/// Reads `text[start..end]`; spans are those of `text`.
fn lex_range(text: &str, start: usize, end: usize, outermost: bool) -> Lexed {
    let tokens = Vec::with_capacity((end - start) / BYTES_PER_TOKEN + 1);
    let lexed = Lexed { tokens, ..Lexed::default() };
    let mut lexer = Lexer { text, start, end, outermost, lexed, line_end: start, fresh: true };
    lexer.run();
    lexer.lexed
}

struct Lexer<'t> {
    text: &'t str,
    start: usize,
    end: usize,
    /// Not inside a template.
    outermost: bool,
    lexed: Lexed,
    /// The end of the last token, from where to look for line breaks.
    line_end: usize,
    /// No token yet.
    fresh: bool,
}

impl Lexer<'_> {
    fn run(&mut self) {
        let mut raw = Raw::lexer(&self.text[self.start..self.end]);
        while let Some(found) = raw.next() {
            let span = Span::new(self.start + raw.span().start, self.start + raw.span().end);
            let extra = match found {
                Ok(kind) => self.token(kind, span),
                Err(()) => self.unknown(span),
            };
            raw.bump(extra);
        }
        let end = self.end;
        self.push(Kind::End, Span::new(end, end));
    }

    /// Takes one token; returns how many more bytes belong to it.
    fn token(&mut self, raw: Raw, span: Span) -> usize {
        let kind = match raw {
            Raw::Comment => return self.comment(span),
            Raw::Small => Kind::keyword(&self.text[span.range()]).unwrap_or(Kind::Name),
            Raw::Word => return self.word(span),
            Raw::Quote => return self.quote(span),
            Raw::Int => return self.number(Kind::Int, span),
            Raw::Number => return self.number(Kind::Number, span),
            Raw::Percent => return self.number(Kind::Percent, span),
            Raw::Duration => return self.number(Kind::Duration, span),
            Raw::Time => return self.number(Kind::Time, span),
            Raw::Date => return self.number(Kind::Date, span),
            Raw::Instant => return self.number(Kind::Instant, span),
            Raw::ShortTime => return self.short_time(span),
            Raw::OpenBrace => Kind::OpenBrace,
            Raw::CloseBrace => Kind::CloseBrace,
            Raw::OpenParen => Kind::OpenParen,
            Raw::CloseParen => Kind::CloseParen,
            Raw::OpenBracket => Kind::OpenBracket,
            Raw::CloseBracket => Kind::CloseBracket,
            Raw::Comma => Kind::Comma,
            Raw::Colon => Kind::Colon,
            Raw::Dot => Kind::Dot,
            Raw::Dots => Kind::Dots,
            Raw::Question => Kind::Question,
            Raw::Assign => Kind::Assign,
            Raw::Arrow => Kind::Arrow,
            Raw::Equal => return self.equal(span, "==", Kind::Equal),
            Raw::NotEqual => return self.equal(span, "!=", Kind::NotEqual),
            Raw::Less => Kind::Less,
            Raw::LessEqual => Kind::LessEqual,
            Raw::Greater => Kind::Greater,
            Raw::GreaterEqual => Kind::GreaterEqual,
            Raw::Plus => Kind::Plus,
            Raw::Minus => Kind::Minus,
            Raw::Star => Kind::Star,
            Raw::Slash => Kind::Slash,
            Raw::DoubleAnd => self.foreign(span, "and", Kind::And),
            Raw::DoubleBar => self.foreign(span, "or", Kind::Or),
            Raw::Bang => self.foreign(span, "not", Kind::Not),
            Raw::Unequal => self.foreign(span, "!=", Kind::NotEqual),
            Raw::Semicolon => {
                let message = "`;` means nothing in Comity";
                let help = "leave it out: each property and statement begins with its keyword";
                self.error(SyntaxError::new(E::UnknownCharacter, span, message).help(help).mend(span, ""));
                return 0;
            }
        };
        self.push(kind, span);
        0
    }

    fn push(&mut self, kind: Kind, span: Span) {
        let between = &self.text.as_bytes()[self.line_end..span.start as usize];
        let has_break = match between {
            [] | [b' '] => false,
            between => between.contains(&b'\n'),
        };
        let first_on_line = self.fresh || has_break;
        self.fresh = false;
        self.line_end = span.end as usize;
        let comments = self.lexed.comments.len() as u32;
        let index = self.lexed.tokens.len() as u32;
        self.lexed.tokens.push(Token { kind, first_on_line, span, comments, index });
    }

    fn error(&mut self, error: SyntaxError) {
        self.lexed.errors.push(error);
    }

    fn comment(&mut self, span: Span) -> usize {
        let text = self.text[span.range()].trim_end_matches('\r');
        let doc = text.starts_with("///") && !text.starts_with("////");
        let span = Span::new(span.start as usize, span.start as usize + text.len());
        self.lexed.comments.push(Comment { span, doc });
        if !self.outermost {
            let message = "a comment can't stand inside the braces of a text";
            self.error(SyntaxError::new(E::CommentInTemplate, span, message));
        }
        0
    }

    fn word(&mut self, span: Span) -> usize {
        if let Some(extra) = self.shouted(span) {
            return extra;
        }
        let kind = self.word_kind(span);
        self.push(kind, span);
        0
    }

    /// `===` and `!==`.
    fn equal(&mut self, span: Span, instead: &str, kind: Kind) -> usize {
        let more = usize::from(self.text[span.end as usize..self.end].starts_with('='));
        let whole = Span::new(span.start as usize, span.end as usize + more);
        if more > 0 {
            self.foreign(whole, instead, kind);
        }
        self.push(kind, whole);
        more
    }

    /// A keyword of SQL or of a spreadsheet in capitals, where no enum can stand: read as what it means here. How
    /// many more bytes belong to it; `None` where it is something else.
    fn shouted(&mut self, span: Span) -> Option<usize> {
        let word = &self.text[span.range()];
        let capitals = word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_uppercase());
        let before = self.lexed.tokens.last().map(|token| token.kind);
        // Names of enums stand behind these only.
        let enum_here = matches!(before, None | Some(Kind::Enum | Kind::Colon | Kind::Of | Kind::Dot));
        if !capitals || enum_here {
            return None;
        }
        let rest = &self.text[span.end as usize..self.end];
        let calls = rest.starts_with('(');
        if word == "IS" {
            return self.is_null(span, rest);
        }
        if word == "BETWEEN"
            && let Some(extra) = self.between(span, rest)
        {
            return Some(extra);
        }
        let (kind, help) = match word {
            "IF" if calls => (Kind::Name, "write `if … then … else …`"),
            "AND" if calls => (Kind::Name, "`and` stands between two conditions: `a and b`"),
            "OR" if calls => (Kind::Name, "`or` stands between two conditions: `a or b`"),
            "COUNT" | "COUNTIF" | "COUNTIFS" if calls => {
                (Kind::Name, "ask the history: `count of purchase within 30d`")
            }
            "SUM" | "SUMIF" | "SUMIFS" if calls => {
                (Kind::Name, "ask the history: `sum of purchase.amount within 30d`")
            }
            "AVG" | "AVERAGE" if calls => {
                (Kind::Name, "ask the history: `average of purchase.amount within 30d`")
            }
            "COALESCE" | "IFNULL" | "ISNULL" if calls => (Kind::Name, "write `… otherwise …`"),
            "LIKE" => (Kind::Matches, "write `starts with`, `ends with`, `contains` or `matches`"),
            "BETWEEN" => (Kind::Equal, "a range is asked by `in`: `profile.age in 18..65`"),
            "NULL" => {
                (Kind::Error, "there is no null: write `… is unknown`, or give a default with `otherwise`")
            }
            _ => {
                let small = word.to_ascii_lowercase();
                let kind = match Kind::keyword(&small)? {
                    kind if kind.is_reserved() || calls => kind,
                    _ => return None,
                };
                self.foreign(span, &small, kind);
                self.push(kind, span);
                return Some(0);
            }
        };
        let message = format!("`{word}` means nothing in Comity");
        self.error(SyntaxError::new(E::UnknownCharacter, span, message).help(help));
        self.push(kind, span);
        Some(0)
    }

    /// `BETWEEN 18 AND 65`
    fn between(&mut self, span: Span, rest: &str) -> Option<usize> {
        let mut words = rest.split_whitespace();
        let (from, and, to) = (words.next()?, words.next()?, words.next()?);
        let literal = |word: &str| word.starts_with(|first: char| first.is_ascii_digit());
        if and != "AND" || !literal(from) || !literal(to) {
            return None;
        }
        let length = rest.find(to).map(|at| at + to.len())?;
        let whole = Span::new(span.start as usize, span.end as usize + length);
        let message = "`BETWEEN` means nothing in Comity";
        let right = format!("in {from}..{to}");
        let error = SyntaxError::new(E::UnknownCharacter, whole, message);
        self.error(error.help(format!("a range is asked by `in`: write `{right}`")).mend(whole, right));
        self.push(Kind::Equal, span);
        self.push(Kind::Error, Span::new(span.end as usize, whole.end as usize));
        Some(length)
    }

    /// `IS NULL` and `IS NOT NULL`.
    fn is_null(&mut self, span: Span, rest: &str) -> Option<usize> {
        let (instead, kind, length) =
            [("NOT NULL", "is known", Kind::Known), ("NULL", "is unknown", Kind::Unknown)]
                .into_iter()
                .find_map(|(words, instead, kind)| {
                    let tail = rest.trim_start_matches(' ').strip_prefix(words)?;
                    (!tail.starts_with(|next: char| next.is_ascii_alphanumeric() || next == '_')).then_some((
                        instead,
                        kind,
                        rest.len() - tail.len(),
                    ))
                })
                .unwrap_or(("==", Kind::Equal, 0));
        let end = span.end as usize + length;
        let whole = Span::new(span.start as usize, end);
        self.foreign(whole, instead, kind);
        match kind {
            Kind::Equal => self.push(kind, whole),
            _ => {
                self.push(Kind::Is, span);
                self.push(kind, Span::new(span.end as usize, end));
            }
        }
        Some(length)
    }

    fn word_kind(&mut self, span: Span) -> Kind {
        let word = &self.text[span.range()];
        if word.starts_with(|first: char| first.is_ascii_uppercase()) && !word.contains('_') {
            return Kind::TypeName;
        }
        let message = format!("`{word}` mixes capitals and small letters in a way that no name does");
        let help =
            format!("names are written like `{}`, enums like `{}`", snake_case(word), camel_case(word));
        let error = SyntaxError::new(E::BadWord, span, message).help(help);
        // Whoever writes it like this writes it so everywhere, and all of it is mended alike.
        self.error(match word.starts_with(|first: char| first.is_ascii_lowercase()) {
            true => error.mend(span, snake_case(word)),
            false => error,
        });
        Kind::Error
    }

    /// A mark from another language; read as what it means here.
    fn foreign(&mut self, span: Span, instead: &str, kind: Kind) -> Kind {
        let message = format!("`{}` is written `{instead}` in Comity", &self.text[span.range()]);
        let word = instead.starts_with(|first: char| first.is_ascii_alphabetic());
        let touches = |byte: Option<&u8>| word && byte.is_some_and(|byte| !byte.is_ascii_whitespace());
        let bytes = self.text.as_bytes();
        let before = (span.start as usize).checked_sub(1).and_then(|at| bytes.get(at));
        let before = if touches(before.filter(|byte| **byte != b'(')) { " " } else { "" };
        let after = if touches(bytes.get(span.end as usize)) { " " } else { "" };
        let error = SyntaxError::new(E::UnknownCharacter, span, message);
        self.error(error.write(format!("{before}{instead}{after}")));
        kind
    }

    /// A numeric literal isn't followed directly by a letter, digit or `_`.
    fn number(&mut self, kind: Kind, span: Span) -> usize {
        let rest = &self.text[span.end as usize..self.end];
        let run = |accepts: fn(u8) -> bool| rest.bytes().take_while(|&byte| accepts(byte)).count();
        let extra = if kind == Kind::Time
            && rest.len() > 1
            && rest.starts_with(':')
            && is_word_byte(rest.as_bytes()[1])
        {
            run(|byte| is_word_byte(byte) || byte == b':')
        } else if kind == Kind::Date && rest.starts_with('T') {
            run(|byte| is_word_byte(byte) || matches!(byte, b':' | b'.' | b'+' | b'-'))
        } else {
            run(is_word_byte)
        };
        if extra == 0 {
            self.push(kind, span);
            return 0;
        }
        let whole = Span::new(span.start as usize, span.end as usize + extra);
        let (literal, written) = (&self.text[span.range()], &self.text[whole.range()]);
        let tail = &rest[..extra];
        self.error(bad_number(kind, whole, literal, tail, written));
        self.push(Kind::Error, whole);
        extra
    }

    fn short_time(&mut self, span: Span) -> usize {
        let written = &self.text[span.range()];
        let message = format!("`{written}` isn't a time: the hour has two digits");
        self.error(SyntaxError::new(E::BadTime, span, message).write(format!("0{written}")));
        self.push(Kind::Error, span);
        self.text[span.end as usize..self.end].bytes().take_while(|&byte| is_word_byte(byte)).count()
    }

    fn quote(&mut self, span: Span) -> usize {
        let start = span.start as usize;
        let scanned = scan::text(&self.text[start..self.end]);
        let whole = Span::new(start, start + scanned.len);
        if scanned.unterminated {
            let error = SyntaxError::new(E::UnterminatedText, whole, "this text isn't closed on its line")
                .help("put `\"` at its end; a line break in a text is written `\\n`");
            self.error(error);
        } else {
            for &lone in &scanned.lone {
                let brace = self.text.as_bytes()[start + lone] as char;
                let message = format!("this `{brace}` has no partner in the text");
                let at = Span::new(start + lone, start + lone + 1);
                let help = format!("a brace that stands for itself is written `\\{brace}`");
                let error = SyntaxError::new(E::LoneBrace, at, message).help(help);
                self.error(error.mend(at, format!("\\{brace}")));
            }
        }
        // Outside braces escapes mean the same in every text; inside, it depends on what the text is for.
        let mut plain = 1;
        let inner_end = if scanned.unterminated { scanned.len } else { scanned.len - 1 };
        for braces in scanned.braces.iter().cloned().chain(std::iter::once(inner_end..inner_end)) {
            let offset = start + plain;
            bad_escapes(&self.text[offset..start + braces.start], offset, &mut self.lexed.errors);
            plain = braces.end;
        }
        if self.outermost {
            for braces in &scanned.braces {
                let (from, to) = (start + braces.start, start + braces.end);
                let lexed = lex_range(self.text, from + 1, to - 1, false);
                self.lexed.pieces.push(Piece { span: Span::new(from, to), lexed });
            }
        }
        // Where the text ends is a guess if it isn't closed: what stands there is an error.
        self.push(if scanned.unterminated { Kind::Error } else { Kind::Text }, whole);
        scanned.len - 1
    }

    fn unknown(&mut self, span: Span) -> usize {
        let rest = &self.text[span.start as usize..self.end];
        let Some(character) = rest.chars().next() else { return 0 };
        // What logos has taken, and all that belongs to the mistake.
        let taken = span.range().len();
        let length = mistake(rest, character, self.outermost).max(character.len_utf8());
        let whole = Span::new(span.start as usize, span.start as usize + length);
        let message = match character {
            c if c.is_control() || c.is_whitespace() || c == '\u{feff}' => {
                format!("the character U+{:04X} can't stand here", character as u32)
            }
            '\\' => "`\\` means nothing outside a text".to_owned(),
            _ => format!("`{}` means nothing in Comity", &self.text[whole.range()]),
        };
        let error = SyntaxError::new(E::UnknownCharacter, whole, message);
        let (help, kind) = match character {
            '%' => ("a percentage is written without a space: `15%`", None),
            _ if is_quote(character) => {
                ("a text stands between straight double quotes: `\"…\"`", Some(Kind::Error))
            }
            '\\' => ("inside the braces of a text nothing is escaped: leave the `\\` out", None),
            '–' | '—' | '−' => ("write `-`", Some(Kind::Minus)),
            '#' => ("a comment begins with `//`", None),
            '@' => ("an address is a text, and stands in quotes: `\"ada@shop.example\"`", Some(Kind::Error)),
            '&' => ("conditions are joined by `and`; texts are put together in content", Some(Kind::Plus)),
            '|' if !self.outermost => {
                ("a default is given by `otherwise`: `{profile.first_name otherwise \"friend\"}`", None)
            }
            '|' => ("conditions are joined by `or`", None),
            '€' | '$' | '£' => ("an amount has the code of its currency behind it: `50 EUR`", None),
            '≥' => ("write `>=`", Some(Kind::GreaterEqual)),
            '≤' => ("write `<=`", Some(Kind::LessEqual)),
            '≠' => ("write `!=`", Some(Kind::NotEqual)),
            '×' => ("write `*`", Some(Kind::Star)),
            '÷' => ("write `/`", Some(Kind::Slash)),
            c if c.is_alphabetic() => {
                ("names are made of the letters a to z, digits and `_`", Some(Kind::Error))
            }
            _ => ("", None),
        };
        let written = &self.text[whole.range()];
        let mend = match character {
            '%' => self
                .lexed
                .tokens
                .last()
                .filter(|last| matches!(last.kind, Kind::Int | Kind::Number))
                .map(|last| (Span { start: last.span.end, end: whole.end }, "%".to_owned())),
            _ if is_quote(character) => straight(written).map(|text| (whole, text)),
            '€' | '$' | '£' => self.currency_sign(whole, character),
            _ => help.strip_prefix("write `").map(|rest| (whole, rest.trim_end_matches('`').to_owned())),
        };
        let error = if help.is_empty() { error } else { error.help(help) };
        self.error(match mend {
            Some((span, text)) => error.mend(span, text),
            None => error,
        });
        match (kind, self.lexed.tokens.last_mut()) {
            // The rest of a word whose beginning was fine.
            (Some(Kind::Error), Some(last)) if last.kind.is_word() && last.span.end == whole.start => {
                last.kind = Kind::Error;
                last.span.end = whole.end;
                self.line_end = whole.end as usize;
            }
            (Some(kind), _) => self.push(kind, whole),
            (None, _) => {}
        }
        length.saturating_sub(taken)
    }
}

impl Lexer<'_> {
    /// `€50` or `50€` as `50 EUR`. (`$` can be of several countries.)
    fn currency_sign(&self, sign: Span, character: char) -> Option<(Span, String)> {
        let code = match character {
            '€' => "EUR",
            '£' => "GBP",
            _ => return None,
        };
        let digits =
            |text: &str| text.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
        let after = &self.text[sign.end as usize..self.end];
        let length = digits(after);
        if length > 0 {
            let end = sign.end + length as u32;
            return Some((Span { start: sign.start, end }, format!("{} {code}", &after[..length])));
        }
        let last = self.lexed.tokens.last().filter(|last| matches!(last.kind, Kind::Int | Kind::Number))?;
        Some((Span { start: last.span.end, end: sign.end }, format!(" {code}")))
    }
}

/// A text in foreign quotes in straight ones, if nothing in it would then mean something else.
fn straight(written: &str) -> Option<String> {
    let mut inner = written.chars();
    let (first, last) = (inner.next()?, inner.next_back()?);
    let plain = !inner.as_str().contains(['"', '\\', '{', '}']);
    (is_quote(first) && is_quote(last) && plain).then(|| format!("\"{}\"", inner.as_str()))
}

fn is_quote(character: char) -> bool {
    matches!(character, '\'' | '“' | '”' | '„' | '«' | '»' | '‘' | '’' | '`')
}

/// How much of the text belongs to one mistake: a text in foreign quotes, or a word in foreign letters.
fn mistake(rest: &str, character: char, outermost: bool) -> usize {
    let line = rest.lines().next().unwrap_or_default();
    if is_quote(character) {
        let close = line.char_indices().skip(1).find(|&(_, other)| is_quote(other));
        return close.map_or(0, |(at, other)| at + other.len_utf8());
    }
    if character == '\\' && !outermost {
        return rest.len();
    }
    if character == '@' {
        let domain = |other: char| other.is_ascii_alphanumeric() || matches!(other, '@' | '.' | '-' | '_');
        return line.find(|other| !domain(other)).unwrap_or(line.len());
    }
    if character.is_alphabetic() {
        return line.find(|other: char| !other.is_alphanumeric() && other != '_').unwrap_or(line.len());
    }
    0
}

/// Reports the escapes in `text` that don't exist; `offset` is where it stands in the file.
pub(crate) fn bad_escapes(text: &str, offset: usize, errors: &mut Vec<SyntaxError>) {
    for escape in escapes(text) {
        if let Escape::Bad(range) = escape {
            let written = &text[range.clone()];
            let span = Span::new(offset + range.start, offset + range.end);
            let message = format!("`{written}` isn't an escape");
            let help = "there are `\\\"`, `\\\\`, `\\n`, `\\t`, `\\{`, `\\}` and `\\u{1F44B}`; a backslash is `\\\\`";
            errors.push(SyntaxError::new(E::UnknownEscape, span, message).help(help));
        }
    }
}

fn bad_number(kind: Kind, span: Span, literal: &str, tail: &str, written: &str) -> SyntaxError {
    if kind == Kind::Date && tail.starts_with('T') || kind == Kind::Instant {
        let message = format!("`{written}` isn't an instant");
        let help = "write it with seconds and an offset: `2026-11-27T10:00:00Z` or `2026-11-27T11:00:00+01:00`; microseconds at most";
        return SyntaxError::new(E::BadInstant, span, message).help(help);
    }
    if let Some(right) = hours(literal, tail) {
        let message = format!("`{written}` isn't a time");
        let help = format!("the hours of a day are counted to 24: `{right}`");
        return SyntaxError::new(E::BadTime, span, message).help(help).mend(span, right);
    }
    if kind == Kind::Time {
        let message = format!("`{written}` isn't a time");
        return SyntaxError::new(E::BadTime, span, message)
            .help("a time is written `HH:MM`, such as `21:00`");
    }
    let message = format!("`{tail}` can't follow directly on `{literal}`");
    let error = SyntaxError::new(E::BadNumber, span, message);
    let apart = format!("{literal} {tail}");
    if kind == Kind::Duration && tail.starts_with(|first: char| first.is_ascii_digit()) {
        return match one_unit(literal, tail) {
            Some(right) => error.help(format!("a duration has one unit: write `{right}`")).mend(span, right),
            None => error.help("a duration has one unit: write `90m` for one hour and a half"),
        };
    }
    if let Some(right) = usual_unit(written) {
        return error.help(format!("a duration is written `{right}`")).mend(span, right);
    }
    match tail {
        _ if tail.len() == 3 && tail.bytes().all(|byte| byte.is_ascii_uppercase()) => error
            .help(format!("between a number and its currency stands a space: `{apart}`"))
            .mend(span, apart),
        _ if Kind::keyword(tail).is_some_and(Kind::is_reserved) => {
            error.help(format!("put a space between them: `{apart}`")).mend(span, apart)
        }
        _ => error,
    }
}

/// `9` and `pm` as `21:00`.
pub(crate) fn hours(number: &str, half: &str) -> Option<String> {
    let (hour, minutes) = number.split_once(':').unwrap_or((number, "00"));
    let hour: u32 = hour.parse().ok()?;
    let hour = match half.to_ascii_lowercase().as_str() {
        "am" if (1..=12).contains(&hour) => hour % 12,
        "pm" if (1..=12).contains(&hour) => hour % 12 + 12,
        _ => return None,
    };
    Some(format!("{hour:02}:{minutes}"))
}

/// `1h` and `30m` as `90m`.
fn one_unit(first: &str, second: &str) -> Option<String> {
    let seconds = |text: &str| -> Option<(u64, u64, char)> {
        let unit = text.chars().next_back()?;
        let size = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            'w' => 604_800,
            _ => return None,
        };
        Some((text.strip_suffix(unit)?.parse::<u64>().ok()?.checked_mul(size)?, size, unit))
    };
    let ((one, ..), (other, size, unit)) = (seconds(first)?, seconds(second)?);
    let sum = one.checked_add(other)?;
    (sum % size == 0).then(|| format!("{}{unit}", sum / size))
}

/// `30min` as `30m`.
fn usual_unit(written: &str) -> Option<String> {
    let letters = written.find(|character: char| !character.is_ascii_digit())?;
    let unit = match &written[letters..] {
        "sec" | "secs" | "second" | "seconds" => "s",
        "min" | "mins" | "minute" | "minutes" => "m",
        "hr" | "hrs" | "hour" | "hours" => "h",
        "day" | "days" => "d",
        "wk" | "wks" | "week" | "weeks" => "w",
        _ => return None,
    };
    (letters > 0).then(|| format!("{}{unit}", &written[..letters]))
}

fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn snake_case(word: &str) -> String {
    let mut name = String::new();
    let mut small_before = false;
    for character in word.chars() {
        if character.is_ascii_uppercase() && small_before {
            name.push('_');
        }
        small_before = character.is_ascii_lowercase() || character.is_ascii_digit();
        name.push(character.to_ascii_lowercase());
    }
    name
}

fn camel_case(word: &str) -> String {
    let parts = word.split('_').filter(|part| !part.is_empty());
    parts.map(|part| format!("{}{}", part[..1].to_ascii_uppercase(), &part[1..])).collect()
}
