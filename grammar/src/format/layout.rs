//! From marked tokens to lines.

use super::WIDTH;
use super::columns::{Line, padded, widths};
use super::marks::{Item, Marks, marks};
use crate::Parsed;
use crate::token::{Comment, Kind, Token};
use std::ops::Range;

/// Lays out a file without errors.
pub(super) fn file(source: &str, parsed: &Parsed) -> String {
    let tokens = &parsed.tokens;
    let mut layout = Layout {
        source,
        tokens,
        comments: &parsed.comments,
        marks: marks(parsed),
        partner: partners(tokens),
        out: String::new(),
        commented: false,
    };
    layout.body(None, tokens.len() - 1, 0);
    while layout.out.ends_with('\n') {
        layout.out.pop();
    }
    if !layout.out.is_empty() {
        layout.out.push('\n');
    }
    layout.out
}

/// For each bracket its partner.
fn partners(tokens: &[Token]) -> Vec<usize> {
    let mut partners = vec![0; tokens.len()];
    let mut open = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        if token.kind.opens() {
            open.push(index);
        } else if token.kind.closes()
            && let Some(start) = open.pop()
        {
            partners[start] = index;
            partners[index] = start;
        }
    }
    partners
}

/// Before which words a line that is too long is broken.
const LOOSEST_FIRST: [&[Kind]; 5] =
    [&[Kind::When, Kind::Requires], &[Kind::Then, Kind::Else], &[Kind::Or], &[Kind::And], &[Kind::Otherwise]];

struct Layout<'p> {
    source: &'p str,
    tokens: &'p [Token],
    comments: &'p [Comment],
    marks: Marks<'p>,
    partner: Vec<usize>,
    out: String,
    /// The line ends with a comment: nothing more fits on it.
    commented: bool,
}

impl Layout<'_> {
    fn kind(&self, index: usize) -> Kind {
        self.tokens[index].kind
    }

    fn text(&self, index: usize) -> &str {
        &self.source[self.tokens[index].span.range()]
    }

    /// The comments between a token and the one before it.
    fn comments(&self, index: usize) -> &[Comment] {
        let from = index.checked_sub(1).map_or(0, |before| self.tokens[before].comments);
        &self.comments[from as usize..self.tokens[index].comments as usize]
    }

    /// How many line breaks stand between two places.
    fn breaks(&self, from: u32, to: u32) -> usize {
        self.source[from as usize..to as usize].matches('\n').count()
    }

    /// Whether what is between the brackets begins with more than blanks.
    fn is_body(&self, open: usize) -> bool {
        let close = self.partner[open];
        self.kind(open) == Kind::OpenBrace
            && (self.marks.items[open + 1..close].iter().any(Option::is_some)
                || (open + 1..=close).any(|index| !self.comments(index).is_empty()))
    }

    /// Whether the author wrote it in several lines.
    fn is_spread(&self, open: usize) -> bool {
        self.breaks(self.tokens[open].span.end, self.tokens[self.partner[open]].span.start) > 0
    }

    /// The blanks before a token that isn't the first on its line.
    fn space(&self, index: usize) -> &'static str {
        use Kind::*;
        let (before, kind) = (self.kind(index - 1), self.kind(index));
        let none = matches!(kind, Comma | Colon | Question | CloseParen | CloseBracket | Dot | Dots)
            || matches!(before, OpenParen | OpenBracket | Dot | Dots)
            || before == OpenBrace && kind == CloseBrace
            || kind == OpenParen && self.marks.tight[index]
            || before == Minus && self.marks.tight[index - 1];
        match self.marks.items[index] {
            Some(item) if item != Item::Listed && before != OpenBrace => "  ",
            _ if none => "",
            _ => " ",
        }
    }

    /// A comma that ends a list in brackets can be left out.
    fn is_last_comma(&self, index: usize) -> bool {
        self.kind(index) == Kind::Comma && self.kind(index + 1).closes()
    }

    /// Tokens on one line, if nothing between them asks for more.
    fn inline(&self, range: Range<usize>) -> Option<String> {
        let mut line = String::new();
        for index in range.clone() {
            let first = index == range.start;
            if !first && !self.comments(index).is_empty()
                || self.kind(index).opens() && self.is_body(index) && self.is_spread(index)
                || self.marks.branches[index] && self.tokens[index].first_on_line
            {
                return None;
            }
            if self.is_last_comma(index) {
                continue;
            }
            if !first {
                line.push_str(self.space(index));
            }
            line.push_str(self.text(index));
        }
        Some(line)
    }

    fn width(text: &str) -> usize {
        text.chars().count()
    }

    fn column(&self) -> usize {
        Self::width(self.out.rsplit('\n').next().unwrap_or_default())
    }

    fn new_line(&mut self, indent: usize) {
        self.commented = false;
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n(' ', indent));
    }

    /// The items between two braces, or of the whole file.
    fn body(&mut self, open: Option<usize>, close: usize, indent: usize) {
        let lines = self.lines(open, close, indent);
        let mut first = true;
        for (position, line) in lines.iter().enumerate() {
            self.lead(line.range.start, indent, &mut first);
            let widths = widths(&lines, position);
            self.line(line, &widths, indent);
            if line.item == Item::Listed {
                self.out.push(',');
                if self.kind(line.range.end) == Kind::Comma {
                    self.comment_lines(line.range.end, indent, &mut first);
                }
            }
        }
        self.trail(close, indent, &mut first);
    }

    /// The comments before an item, and the line break.
    fn lead(&mut self, index: usize, indent: usize, first: &mut bool) {
        self.comment_lines(index, indent, first);
        let before = self.end_before(index);
        self.break_line(before, self.tokens[index].span.start, indent, first);
    }

    /// The comments at the end of a body.
    fn trail(&mut self, index: usize, indent: usize, first: &mut bool) {
        self.comment_lines(index, indent, first);
    }

    fn comment_lines(&mut self, index: usize, indent: usize, first: &mut bool) {
        let mut end = index.checked_sub(1).map(|before| self.tokens[before].span.end);
        let range = {
            let from = index.checked_sub(1).map_or(0, |before| self.tokens[before].comments);
            from as usize..self.tokens[index].comments as usize
        };
        for position in range {
            let span = self.comments[position].span;
            let text = self.source[span.range()].trim_end();
            match end {
                Some(end) if self.breaks(end, span.start) == 0 && !self.commented => self.out.push_str("  "),
                _ => self.break_line(end, span.start, indent, first),
            }
            self.out.push_str(text);
            self.commented = true;
            end = Some(span.end);
        }
    }

    /// Where what stands before a token ends: its last comment or the token before it.
    fn end_before(&self, index: usize) -> Option<u32> {
        let comment = self.comments(index).last().map(|comment| comment.span.end);
        comment.or(index.checked_sub(1).map(|before| self.tokens[before].span.end))
    }

    /// A new line, and an empty one before it where the author left one.
    fn break_line(&mut self, from: Option<u32>, to: u32, indent: usize, first: &mut bool) {
        let apart = from.is_some_and(|from| self.breaks(from, to) > 1);
        if apart && !*first {
            self.out.push('\n');
        }
        if !self.out.is_empty() {
            self.new_line(indent);
        }
        *first = false;
    }

    fn lines(&self, open: Option<usize>, close: usize, indent: usize) -> Vec<Line> {
        let start = open.map_or(0, |open| open + 1);
        let mut starts = Vec::new();
        let mut index = start;
        while index < close {
            if self.marks.items[index].is_some() || index == start {
                starts.push(index);
            }
            index = if self.kind(index).opens() { self.partner[index] + 1 } else { index + 1 };
        }
        let ends = starts.iter().skip(1).copied().chain([close]);
        let lines = starts.iter().zip(ends).map(|(&start, mut end)| {
            if self.kind(end - 1) == Kind::Comma {
                end -= 1;
            }
            let range = start..end;
            let item = self.marks.items[start].unwrap_or(Item::Statement);
            // What stands before a comma goes behind it.
            let comma =
                start > 0 && self.kind(start - 1) == Kind::Comma && !self.comments(start - 1).is_empty();
            let next = if comma { start - 1 } else { start };
            let before =
                self.comments(next).first().map_or(self.tokens[next].span.start, |one| one.span.start);
            let apart =
                next.checked_sub(1).is_some_and(|last| self.breaks(self.tokens[last].span.end, before) > 1);
            let cells = self.cells(range.clone(), indent);
            let head = match self.first_column(range.clone()) {
                Some(column) if item == Item::Property => {
                    self.inline(start..column).map(|head| (head, column))
                }
                _ => None,
            };
            let keyword = (item == Item::Declaration).then(|| self.kind(start));
            Line { range, item, keyword, cells, head, apart }
        });
        lines.collect()
    }

    fn first_column(&self, range: Range<usize>) -> Option<usize> {
        let mut index = range.start;
        while index < range.end {
            if index > range.start && self.marks.columns[index] {
                return Some(index);
            }
            index = if self.kind(index).opens() { self.partner[index] + 1 } else { index + 1 };
        }
        None
    }

    /// The columns of an item that fits on one line; columns inside its brackets are not its own.
    ///
    /// One that is too wide has none from the start: spread over several lines, it will have none when read again.
    fn cells(&self, range: Range<usize>, indent: usize) -> Option<Vec<String>> {
        self.inline(range.clone()).filter(|line| indent + Self::width(line) <= WIDTH)?;
        let mut cells = Vec::new();
        let mut start = range.start;
        let mut index = range.start;
        while index < range.end {
            if self.marks.columns[index] && index > start {
                cells.push(self.inline(start..index)?);
                start = index;
            }
            index = if self.kind(index).opens() { self.partner[index] + 1 } else { index + 1 };
        }
        cells.push(self.inline(start..range.end)?);
        Some(cells)
    }

    /// One item behind its indentation.
    fn line(&mut self, line: &Line, widths: &[usize], indent: usize) {
        if let Some(cells) = &line.cells {
            let padded = padded(cells, widths, line.item);
            if indent + Self::width(&padded) <= WIDTH {
                self.out.push_str(&padded);
                return;
            }
        }
        if let Some((head, column)) = &line.head
            && !self.is_commented(line.range.clone())
        {
            let pad = widths.first().copied().unwrap_or_default().max(Self::width(head));
            let value = *column..line.range.end;
            let inside = indent + pad + 1;
            self.out.push_str(head);
            self.out.extend(std::iter::repeat_n(' ', pad + 1 - Self::width(head)));
            self.broken(value, indent, inside);
            return;
        }
        self.broken(line.range.clone(), indent, indent + 2);
    }

    /// An item in several lines, if one isn't enough. Bodies stand at `indent`, what continues a line at `inside`.
    fn broken(&mut self, range: Range<usize>, indent: usize, inside: usize) {
        if self.push_if_fits(range.clone()) {
            return;
        }
        if self.is_commented(range.clone()) {
            return self.as_written(range, indent, inside);
        }
        let mut start = range.start;
        let mut index = range.start;
        let mut base = indent;
        while index < range.end {
            let kind = self.kind(index);
            if self.marks.branches[index] {
                self.flow(start..index, inside);
                base = indent + 2;
                self.new_line(base);
                start = index;
            }
            if !kind.opens() {
                index += 1;
                continue;
            }
            let close = self.partner[index];
            if kind == Kind::OpenBrace && self.is_body(index) {
                let inline = self.inline(index..close + 1).filter(|_| base > indent);
                let head = self.kind(start) != Kind::OpenBrace || start < index;
                if head {
                    self.join(start, range.start);
                    self.flow(start..index, inside);
                    self.join(index, range.start);
                }
                match inline {
                    Some(block) if self.column() + Self::width(&block) <= WIDTH => self.out.push_str(&block),
                    _ => {
                        self.out.push('{');
                        self.body(Some(index), close, base + 2);
                        self.new_line(base);
                        self.out.push('}');
                    }
                }
                start = close + 1;
            }
            index = close + 1;
        }
        if start < range.end {
            self.join(start, range.start);
            self.flow(start..range.end, inside);
        }
    }

    /// The blanks between two parts of one item.
    fn join(&mut self, index: usize, first: usize) {
        if index > first && !self.out.ends_with([' ', '\n']) {
            let space = self.space(index);
            self.out.push_str(space);
        }
    }

    fn push_if_fits(&mut self, range: Range<usize>) -> bool {
        match self.inline(range) {
            Some(line) if self.column() + Self::width(&line) <= WIDTH => {
                self.out.push_str(&line);
                true
            }
            _ => false,
        }
    }

    /// Comments before a token inside an item, each at the end of its line or on its own.
    fn comments_inside(&mut self, index: usize, inside: usize) {
        let from = index.checked_sub(1).map_or(0, |before| self.tokens[before].comments);
        let mut end = index.checked_sub(1).map_or(0, |before| self.tokens[before].span.end);
        for position in from as usize..self.tokens[index].comments as usize {
            let span = self.comments[position].span;
            if self.breaks(end, span.start) == 0 && !self.commented {
                self.out.truncate(self.out.trim_end_matches(' ').len());
                self.out.push_str("  ");
            } else {
                self.new_line(inside);
            }
            let text = self.source[span.range()].trim_end();
            self.out.push_str(text);
            self.commented = true;
            end = span.end;
        }
    }

    /// Whether comments stand between the tokens of an item, outside its bodies.
    fn is_commented(&self, range: Range<usize>) -> bool {
        let mut index = range.start;
        while index < range.end {
            if index > range.start && !self.comments(index).is_empty() {
                return true;
            }
            let body = self.kind(index).opens() && self.is_body(index);
            index = if body { self.partner[index] + 1 } else { index + 1 };
        }
        false
    }

    /// Tokens without bodies, broken at the loosest operator where they are too long.
    fn flow(&mut self, range: Range<usize>, inside: usize) {
        if range.is_empty() || self.push_if_fits(range.clone()) {
            return;
        }
        let indent = self.indentation();
        if self.is_commented(range.clone()) {
            return self.as_written(range, indent, inside);
        }
        for operators in LOOSEST_FIRST {
            let breaks = self.outer(range.clone(), |kind| operators.contains(&kind));
            if breaks.is_empty() {
                continue;
            }
            let mut start = range.start;
            for end in breaks.into_iter().chain([range.end]) {
                let deeper = if start == range.start { inside } else { inside + 2 };
                self.flow(start..end, deeper);
                if end < range.end {
                    self.new_line(inside);
                }
                start = end;
            }
            return;
        }
        if let Some(&open) = self.outer(range.clone(), |kind| kind.opens()).last()
            && self.partner[open] > open + 1
        {
            return self.bracket(range, open);
        }
        // The comma that a part ends with doesn't divide it any further.
        let commas = self.outer(range.start..range.end - 1, |kind| kind == Kind::Comma);
        if !commas.is_empty() {
            let mut start = range.start;
            for end in commas.into_iter().map(|comma| comma + 1).chain([range.end]) {
                self.flow(start..end, inside);
                if end < range.end {
                    self.new_line(inside);
                }
                start = end;
            }
            return;
        }
        self.as_written(range, indent, inside);
    }

    /// The blanks that the line begins with.
    fn indentation(&self) -> usize {
        let line = self.out.rsplit('\n').next().unwrap_or_default();
        line.len() - line.trim_start_matches(' ').len()
    }

    /// The elements of a bracket on lines of their own; those of a list fill them.
    fn bracket(&mut self, range: Range<usize>, open: usize) {
        let indent = self.indentation();
        let inside = indent + 2;
        let close = self.partner[open];
        self.as_written(range.start..open + 1, indent, inside);
        let mut start = open + 1;
        let ends = self.outer(open + 1..close, |kind| kind == Kind::Comma);
        for end in ends.into_iter().map(|comma| comma + 1).chain([close]) {
            if start >= end {
                continue;
            }
            let last = self.is_last_comma(end - 1);
            let element = start..if last { end - 1 } else { end };
            let fills = self.kind(open) == Kind::OpenBracket && start > open + 1;
            let inline = self.inline(element.clone()).filter(|_| fills);
            match inline {
                Some(line) if self.column() + 1 + Self::width(&line) <= WIDTH => {
                    self.out.push(' ');
                    self.out.push_str(&line);
                }
                _ => {
                    self.new_line(inside);
                    self.broken(element, inside, inside + 2);
                }
            }
            start = end;
        }
        self.new_line(indent);
        let tail = close..range.end;
        if !self.push_if_fits(tail.clone()) {
            self.as_written(tail, indent, inside);
        }
    }

    /// Tokens one after the other; only comments and bodies break the line.
    fn as_written(&mut self, range: Range<usize>, indent: usize, inside: usize) {
        let mut index = range.start;
        while index < range.end {
            let plain = self.comments(index).is_empty();
            if self.is_last_comma(index) && plain {
                index += 1;
                continue;
            }
            if index > range.start {
                if plain {
                    let space = self.space(index);
                    self.out.push_str(space);
                } else {
                    self.comments_inside(index, inside);
                    self.new_line(inside);
                }
            }
            let close = self.partner[index];
            if self.kind(index).opens() && self.is_body(index) && close < range.end {
                self.out.push('{');
                self.body(Some(index), close, indent + 2);
                self.new_line(indent);
                self.out.push('}');
                index = close + 1;
            } else {
                let text = &self.source[self.tokens[index].span.range()];
                self.out.push_str(text);
                index += 1;
            }
        }
    }

    /// The places outside all brackets of a range, its first token excepted, whose kind fits.
    fn outer(&self, range: Range<usize>, fits: impl Fn(Kind) -> bool) -> Vec<usize> {
        let mut found = Vec::new();
        let mut index = range.start;
        while index < range.end {
            if index > range.start && fits(self.kind(index)) {
                found.push(index);
            }
            index = if self.kind(index).opens() { self.partner[index] + 1 } else { index + 1 };
        }
        found
    }
}
