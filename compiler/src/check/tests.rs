use super::*;
use crate::diagnostic::render;
use crate::source::SourceFile;

/// All that is found in a policy of one file, as text.
fn found(text: &str) -> String {
    let project = Project::single(SourceFile::new("policy.comity", text));
    let analysis = check(&project);
    analysis.diagnostics.iter().map(|diagnostic| render(&project, diagnostic)).collect::<Vec<_>>().join("\n")
}

const SHOP: &str = include_str!("tests/shop.comity");

#[test]
fn the_reference_checks() {
    assert_eq!(found(SHOP), "");
}
