//! E0018: something is missing.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0018", include_str!("../../../docs/diagnostics/E0018.md"));

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn what_is_left_out() {
        fixture("let a = 1 +\n//        ^ E0018\n  let b = 2\n");
        fixture("segment c = 1 in 2\n//               ^ E0018\n");
    }

    #[test]
    fn small_things_are_put_right() {
        let mends = |wrong: &str, right: &str| {
            let policy = |text: &str| vocabulary(&format!("segment a = {text}"));
            assert_eq!(mended(&policy(wrong)), policy(right));
        };
        mends("profile.tier is gold", "profile.tier == gold");
        mends("profile.spent > 20 eur", "profile.spent > 20 EUR");
        mends("Profile.score > 3", "profile.score > 3");
        let text = mended(&vocabulary("event sign_up { plan: text source: text }"));
        assert!(text.starts_with("event sign_up { plan: text, source: text }"), "{text}");
    }

    #[test]
    fn units_and_words_are_put_right() {
        let mends = |wrong: &str, right: &str| {
            assert_eq!(mended(&messages(wrong)), messages(right));
        };
        mends("suppress any if any cart within 7d", "suppress any when any cart within 7d");
        mends("cap daily max 1 per day for any", "cap daily at most 1 per day for any");
        mends("holdout control 5 of promotional", "holdout control 5% of promotional");
        mends("channel fax { inbound quiet 21..8 }", "channel fax { inbound quiet 21:00..08:00 }");
        mends("let a = EUR 50", "let a = 50 EUR");
        mends("let a = €50", "let a = 50 EUR");
        mends("let a = 50€", "let a = 50 EUR");
        mends("let a = 19,99 EUR", "let a = 19.99 EUR");
        mends("let a = 1,000 EUR", "let a = 1_000 EUR");
        mends("segment a: any cart", "segment a = any cart");
    }
}
