//! Inputs that are large or deep on purpose: an error, never an overflow.

use comity_grammar::{SyntaxErrorKind as E, parse};

/// The kinds of error, each once, in the order of the text.
fn kinds(text: &str) -> Vec<E> {
    let mut kinds: Vec<E> = parse(text).errors.iter().map(|error| error.kind).collect();
    kinds.dedup();
    kinds
}

#[test]
fn sixty_four_levels_are_allowed_and_one_more_is_not() {
    let nested = |open: &str, close: &str, levels: usize| {
        format!("let a = {}1{}", open.repeat(levels), close.repeat(levels))
    };
    for (open, close) in [("(", ")"), ("not ", ""), ("- ", ""), ("f(", ")"), ("if a then b else ", "")] {
        // A minus before a number belongs to the number.
        let extra = usize::from(open == "- ");
        assert_eq!(kinds(&nested(open, close, 64 + extra)), [], "{open}");
        assert_eq!(kinds(&nested(open, close, 65 + extra)), [E::TooDeep], "{open}");
    }
    // Each level of `match` is two: the word and its braces.
    assert_eq!(kinds(&nested("match x { else => ", " }", 32)), []);
    assert_eq!(kinds(&nested("match x { else => ", " }", 33)), [E::TooDeep]);
    let blocks = |levels: usize| {
        format!("journey a {{ {} exit {} }}", "repeat 2 times {".repeat(levels), "}".repeat(levels))
    };
    assert_eq!(kinds(&blocks(63)), []);
    assert_eq!(kinds(&blocks(64)), [E::TooDeep]);
}

#[test]
fn what_follows_something_too_deep_is_still_read() {
    let text = format!("let a = {}1{}\nlet b = 2", "(".repeat(70), ")".repeat(70));
    let parsed = parse(&text);
    assert_eq!(parsed.errors.len(), 1);
    assert_eq!(parsed.file.declarations.len(), 2);
}

#[test]
fn hundred_thousand_levels_do_not_overflow() {
    let count = 100_000;
    for open in
        ["(", "[", "not ", "- ", "f(", "{", "if ", "match ", "years since ", "any (a where ", "-", "a."]
    {
        let errors = parse(&format!("let a = {}", open.repeat(count))).errors;
        assert!((1..=30).contains(&errors.len()), "{open}: {} errors", errors.len());
    }
    for open in ["repeat 2 times {", "if a {", "if a {} else ", "together {{", "wait for a up to 1d then {"] {
        let errors = parse(&format!("journey a {{ {}", open.repeat(count))).errors;
        assert!((1..=30).contains(&errors.len()), "{open}: {} errors", errors.len());
    }
    assert!(!parse(&format!("let a = {}", "\"{".repeat(count))).errors.is_empty());
    let errors = parse(&")".repeat(count)).errors;
    assert!(errors.len() <= 30);
}

#[test]
fn long_chains_are_read_or_refused_but_never_overflow() {
    for operator in [" + ", " or ", " and ", " otherwise ", " * ", " == "] {
        let short = vec!["a"; 400].join(operator);
        let errors = kinds(&format!("let a = {short}"));
        assert_eq!(errors, if operator == " == " { vec![E::ChainedComparison] } else { vec![] });
        let long = vec!["a"; 20_000].join(operator);
        let errors = kinds(&format!("let a = {long}"));
        assert_eq!(errors, [if operator == " == " { E::ChainedComparison } else { E::TooLong }]);
    }
}

/// Filters within filters don't hide how deep an expression is.
#[test]
fn deep_filters_are_refused() {
    let chain = vec!["a"; 400].join(" or ");
    let open = format!("{chain} or any (e where ");
    let text = format!("let a = {}b{}", open.repeat(60), ")".repeat(60));
    assert_eq!(kinds(&text), [E::TooLong]);
}

#[test]
fn long_lists_are_fine() {
    let list = vec!["\"x\""; 100_000].join(", ");
    assert_eq!(kinds(&format!("let a = x in [{list}]")), []);
}
