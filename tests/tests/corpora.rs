//! What fuzzing found worth keeping (`tests/fuzz/corpus`) holds in every run of the tests as well.

use comity_tests::fuzz::TARGETS;
use std::path::Path;

#[test]
fn all_that_is_kept_of_fuzzing_holds() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    // `coverage.sh` asks for one, with what was found and isn't kept.
    let asked = std::env::var("COMITY_CORPUS").ok();
    for (name, target) in TARGETS {
        if asked.as_ref().is_some_and(|asked| asked != name) {
            continue;
        }
        let folder = std::fs::read_dir(root.join("corpus").join(name));
        let folder = folder.unwrap_or_else(|_| panic!("{name} has a corpus"));
        let found = std::fs::read_dir(root.join("found").join(name)).ok().filter(|_| asked.is_some());
        let entries = folder.chain(found.into_iter().flatten());
        let mut inputs: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
        inputs.sort();
        assert!(!inputs.is_empty(), "{name} has inputs");
        for path in inputs {
            let data = std::fs::read(&path).expect("an input");
            if let Err(panic) = std::panic::catch_unwind(|| target(&data)) {
                eprintln!("{}", path.display());
                std::panic::resume_unwind(panic);
            }
        }
    }
}

/// Each target of the script exists, and the other way round.
#[test]
fn every_function_has_its_target() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let manifest = std::fs::read_to_string(root.join("Cargo.toml")).expect("the manifest");
    for (name, _) in TARGETS {
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name} isn't in the manifest");
        let target = std::fs::read_to_string(root.join(format!("fuzz_targets/{name}.rs"))).expect(name);
        assert!(target.contains(&format!("comity_tests::fuzz::{name}")), "{name} feeds another function");
    }
    assert_eq!(manifest.matches("[[bin]]").count(), TARGETS.len());
}
