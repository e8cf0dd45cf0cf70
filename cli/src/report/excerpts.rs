//! A source whose lines are counted once: miette counts them from the beginning for each place that it shows.

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};
use std::sync::Arc;

/// A text, and where its lines begin.
#[derive(Clone, Debug)]
pub(super) struct Excerpts {
    text: Arc<str>,
    lines: Arc<[usize]>,
}

impl Excerpts {
    pub(super) fn of(text: &str) -> Excerpts {
        // As miette has it, `\r` alone ends a line, too.
        let bytes = text.as_bytes();
        let ends = |at: usize| match bytes[at] {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        };
        let begun = (0..bytes.len()).filter(|at| ends(*at)).map(|at| at + 1);
        Excerpts { text: Arc::from(text), lines: std::iter::once(0).chain(begun).collect() }
    }
}

impl SourceCode for Excerpts {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let line = self.lines.partition_point(|start| *start <= span.offset());
        // The line itself, those before it that are shown, and one more.
        let first = line.saturating_sub(before + 2);
        let start = self.lines[first];
        let rest = self.text.as_bytes().get(start..).ok_or(MietteError::OutOfBounds)?;
        let excerpt = rest.read_span(&(span.offset() - start, span.len()).into(), before, after)?;
        Ok(Box::new(MietteSpanContents::new(
            excerpt.data(),
            (excerpt.span().offset() + start, excerpt.span().len()).into(),
            excerpt.line() + first,
            excerpt.column(),
            excerpt.line_count() + first,
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_what_miette_reads_from_the_whole() {
        let text = "one\ntwo two\r\n\rthree\n\nfive five five\nsix\n\nlast";
        let excerpts = Excerpts::of(text);
        for start in 0..=text.len() {
            for len in 0..=(text.len() - start).min(12) {
                for (before, after) in [(0, 0), (1, 1), (2, 0), (0, 3)] {
                    let span = SourceSpan::from((start, len));
                    let said = |source: &dyn SourceCode| {
                        source.read_span(&span, before, after).ok().map(|read| {
                            let counts = (read.line(), read.column(), read.line_count());
                            (read.data().to_vec(), *read.span(), counts)
                        })
                    };
                    assert_eq!(said(&excerpts), said(&text), "{start} {len} {before} {after}");
                }
            }
        }
    }
}
