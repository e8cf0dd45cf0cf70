//! A literal of a policy and a value of an event are of one form: what one refuses, the other refuses too, and what
//! both accept is one value.

use crate::intake::Schema;
use comity_compiler::source::{Project, SourceFile};

const KINDS: [&str; 6] = ["country", "language", "timezone", "email", "phone", "url"];

const TEXTS: [&str; 52] = [
    "",
    "DE",
    "de",
    "UK",
    "GB",
    "XX",
    "DEU",
    "de-AT",
    "DE-at",
    "zh-hans-CN",
    "x-shop",
    "de_DE",
    "de-",
    "abcd",
    "de-DE-AT",
    "en-u-ca-buddhist",
    "de-u-x-a",
    "i",
    "Europe/Berlin",
    "europe/berlin",
    "US/Eastern",
    "UTC",
    "Berlin",
    "CEST",
    "ada@shop.example",
    "ada@shop",
    "Ada@Shop.Example",
    "ada@-shop.example",
    "ada@shop_one.example",
    "a..b@shop.example",
    "a b@shop.example",
    "ü@bücher.example",
    "ada@shop.example.",
    "@shop.example",
    "+4930123456",
    "+49 30 123456",
    "+49-30-123456",
    "+0123456789",
    "+12345",
    "+123456",
    "+1234567",
    "+1234567890123456",
    "004930123456",
    "https://shop.example/a?b=c",
    "HTTPS://shop.example",
    "HTTPS:///a",
    "https://",
    "https:shop",
    "mailto:ada@shop.example",
    "shop.example",
    "https://shop.example/<a>",
    "javascript:",
];

#[test]
fn literals_and_values_agree() {
    for kind in KINDS {
        let (mut accepted, mut refused) = (0, 0);
        for text in TEXTS {
            let literal = compiles(kind, text);
            let value = read(kind, text);
            assert_eq!(literal, value, "{kind} {text:?}");
            *if value { &mut accepted } else { &mut refused } += 1;
        }
        assert!(accepted > 0 && refused > 0, "{kind}");
    }
}

#[test]
fn tags_that_differ_in_case_are_one() {
    let schema = schema("language", "DE-at");
    let of = |json: &str| schema.attributes(json.as_bytes()).map(|(attributes, _)| attributes);
    let named = schema.text("de-AT");
    assert!(
        matches!(named, comity_compiler::value::Value::Cell(_)),
        "the policy names the tag as it is written: {named:?}"
    );
    assert_eq!(of(r#"{"x":"DE-AT"}"#), of(r#"{"x":"de-at"}"#));
}

fn policy(kind: &str, text: &str) -> Project {
    let policy = format!(
        "profile {{ x: {kind}? to: email? }} event go {{}} class only channel mail {{ to profile.to }} \
         purpose news {{ always on mail }}\n\
         message m {{ class only purpose news on go when profile.x is known and profile.x == \"{text}\" via mail \
         content mail {{ text \"hello\" }} }}"
    );
    Project::single(SourceFile::new("p.comity", policy))
}

fn compiles(kind: &str, text: &str) -> bool {
    let analysis = comity_compiler::check(&policy(kind, text));
    let errors: Vec<&str> = analysis.diagnostics.iter().map(|one| one.code.as_str()).collect();
    assert!(errors.iter().all(|code| *code == "E0304"), "{errors:?}");
    errors.is_empty()
}

fn schema(kind: &str, text: &str) -> Schema {
    Schema::new(&comity_compiler::compile(&policy(kind, text)).plan.expect("the policy compiles"))
}

fn read(kind: &str, text: &str) -> bool {
    thread_local! {
        static SCHEMAS: Vec<(&'static str, Schema)> = KINDS
            .into_iter()
            .zip(["DE", "de", "UTC", "a@b.example", "+4930123456", "https://b.example"])
            .map(|(kind, text)| (kind, schema(kind, text)))
            .collect();
    }
    SCHEMAS.with(|schemas| {
        let (_, schema) = schemas.iter().find(|(name, _)| *name == kind).expect("a kind");
        schema.attributes(serde_json::json!({ "x": text }).to_string().as_bytes()).is_ok()
    })
}
