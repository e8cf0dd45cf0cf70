//! The published test vectors of the assignment (reference §11): other programs draw the same customers.

use comity_runtime::bucket;

const PAGE: &str = include_str!("../spec/11-experiments.md");

/// Salt, customer, bucket as the page prints them.
const VECTORS: [(&str, &str); 6] = [
    ("spring", "c42"),
    ("spring", "ada"),
    ("2026-h2", "c42"),
    ("2026-h2", "ada"),
    ("x", ""),
    ("Größe", "käufer-1"),
];

#[test]
fn the_page_says_what_is_drawn() {
    let row = |(salt, customer)| format!("| `{salt}` | `{customer}` | {} |", bucket(salt, customer));
    let missing: Vec<String> = VECTORS.into_iter().map(row).filter(|row| !PAGE.contains(row)).collect();
    assert!(missing.is_empty(), "the page lacks\n{}", missing.join("\n"));
}
