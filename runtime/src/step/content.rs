//! Content: the templates of a message, filled in for one customer (reference §7).

use super::{Candidate, Step};
use crate::format;
use crate::profile::Profile;
use comity_compiler::plan::{Piece, Source, Variant};
use smallvec::SmallVec;
use smol_str::SmolStr;

impl Step<'_> {
    /// The fields of a message's content on one of its ways, in the customer's language where there is a variant.
    pub(super) fn content(
        &mut self,
        profile: &mut Profile,
        candidate: &Candidate,
        way: usize,
    ) -> SmallVec<[(SmolStr, SmolStr); 1]> {
        let policy = self.policy;
        let language = profile.language(policy);
        let Some(variant) = variant(&self.route(candidate, way).content, language.as_deref()) else {
            return SmallVec::new();
        };
        self.moment.look_at(policy, candidate.cause.event());
        let mut content = SmallVec::with_capacity(variant.fields.len());
        for (name, pieces) in &variant.fields {
            if let [Piece::Text(fixed)] = &pieces[..] {
                content.push((name.clone(), fixed.clone()));
                continue;
            }
            let text = &mut self.room.text;
            text.clear();
            for piece in pieces {
                let expr = match piece {
                    Piece::Text(fixed) => {
                        text.push_str(fixed);
                        continue;
                    }
                    Piece::Value(expr) => *expr,
                };
                let answer = self.moment.evaluate(policy, profile, expr);
                let from = text.len();
                let frame = self.moment.frame();
                let (ty, zone) = (policy.plan.expr(expr).ty, profile.zone);
                format::print(text, answer.cell, ty, &policy.plan, frame, language.as_deref(), zone);
                if self.detail.redact && is_personal(policy, expr) {
                    let hidden = format::redact(&text[from..]);
                    text.replace_range(from.., &hidden);
                }
            }
            content.push((name.clone(), SmolStr::new(&*text)));
        }
        content
    }
}

/// Whether a value depends on a personal attribute.
pub(crate) fn is_personal(policy: &crate::policy::Policy, expr: comity_compiler::ids::ExprId) -> bool {
    policy.engine.slots(expr).iter().any(|slot| match policy.plan.slots[slot.index()].source {
        Source::Attribute(attribute) => policy.plan.attributes[attribute.index()].personal,
        _ => false,
    })
}

/// The variant for a language: of `de-AT` that for `de-AT`, else that for `de` (RFC 4647 lookup), else the one
/// for all.
fn variant<'a>(content: &'a [Variant], language: Option<&str>) -> Option<&'a Variant> {
    let mut wanted = language;
    while let Some(tag) = wanted {
        let is = |variant: &&Variant| variant.language.as_ref().is_some_and(|l| l.eq_ignore_ascii_case(tag));
        if let Some(found) = content.iter().find(is) {
            return Some(found);
        }
        wanted = tag.rsplit_once('-').map(|(rest, _)| rest);
    }
    content.iter().find(|variant| variant.language.is_none())
}
