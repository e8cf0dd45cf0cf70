//! W0702: a share of nobody, or of everybody.

use super::prelude::*;
use crate::ids::FileId;
use crate::resolve::Names;
use comity_grammar::tree::{ExperimentPropertyKind as Property, Literal, LiteralKind};

pub(super) const CODE: Code =
    Code::new("W0702", include_str!("../../../docs/diagnostics/W0702.md")).lint("empty-share");

/// Arms and holdouts with nobody in them, and holdouts of everybody.
pub(crate) fn find(names: &Names<'_>) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for one in &names.experiments {
        let arms = one.node.properties.iter().filter_map(|property| match &property.kind {
            Property::Arms(arms) => Some(arms),
            _ => None,
        });
        for (arm, share) in arms.flatten().filter(|(_, share)| is(share, 0.0)) {
            problems.push(
                CODE.at(at(one.file, share.span), format!("nobody is in the arm `{}`", arm.text), "nobody")
                    .help("give it a share, or remove it until it has one"),
            );
        }
    }
    for one in &names.holdouts {
        problems.extend(holdout(&one.full, one.file, &one.node.share));
    }
    problems
}

fn holdout(name: &str, file: FileId, share: &Literal) -> Option<Diagnostic> {
    let here = at(file, share.span);
    if is(share, 0.0) {
        let problem = CODE.at(here, format!("the holdout `{name}` holds nobody out"), "nobody");
        return Some(problem.help("give it a share, for instance `5%`, or remove it"));
    }
    is(share, 100.0).then(|| {
        CODE.at(here, format!("the holdout `{name}` holds everybody out"), "everybody")
            .help("nothing of its classes is ever sent: give it a smaller share, for instance `5%`")
    })
}

/// Whether a literal is so many percent.
fn is(share: &Literal, percent: f64) -> bool {
    match &share.kind {
        LiteralKind::Percent(text) => text.replace('_', "").parse() == Ok(percent),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn nobody_and_everybody() {
        with_messages(
            r#"experiment tone { arms plain 100%, loud 0.0% }
//                                      ^^^^ W0702
holdout few 0% of promotional
//          ^^ W0702
holdout all 100% of lifecycle salt "x"
//          ^^^^ W0702
holdout some 5% of lifecycle salt "y"
"#,
        );
    }
}
