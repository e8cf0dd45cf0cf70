//! What the generator calls well typed checks and has one layout.

use comity_compiler::diagnostic::{Severity, render};
use comity_tests::generate::{Random, policy};
use comity_tests::{project, properties};

#[test]
fn well_typed_policies_check() {
    for seed in 0..300 {
        let text = policy(&mut Random::new(seed));
        let before = project(&text);
        let analysis = comity_compiler::check(&before);
        let wrong = analysis.diagnostics.iter().find(|one| one.severity == Severity::Error);
        if let Some(one) = wrong {
            panic!("seed {seed}: {}\n{text}", render(&before, one));
        }
    }
}

#[test]
fn layouts_of_policies_are_stable() {
    for seed in 0..300 {
        let text = policy(&mut Random::new(seed));
        if let Some(difference) = properties::layout(&text) {
            panic!("seed {seed}: {difference}");
        }
    }
}
