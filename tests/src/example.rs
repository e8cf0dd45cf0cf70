//! The projects under `examples/`, read as the command reads them.

use comity_compiler::plan::Plan;
use comity_compiler::source::{Project, SourceFile, Unread};
use comity_runtime::policy::Policy;
use comity_runtime::replay::Replay;
use flate2::read::MultiGzDecoder;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The names of all examples, sorted.
pub fn names() -> Vec<String> {
    let entries = fs::read_dir(folder("")).expect("the folder of examples").flatten();
    let projects = entries.filter(|entry| entry.path().join("comity.toml").exists());
    let mut names: Vec<String> =
        projects.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Where an example is.
pub fn folder(example: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../examples")).join(example)
}

/// Its policy's files.
pub fn sources(example: &str) -> Vec<SourceFile> {
    let mut files: Vec<SourceFile> = fs::read_dir(folder(example))
        .expect("the example's folder")
        .flatten()
        .filter(|entry| entry.path().extension().is_some_and(|extension| extension == "comity"))
        .map(|entry| {
            let text = fs::read_to_string(entry.path()).expect("a policy file");
            SourceFile::new(entry.file_name().to_string_lossy(), text)
        })
        .collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

/// The whole of it.
pub fn project(example: &str) -> Project {
    let manifest = fs::read_to_string(folder(example).join("comity.toml")).expect("comity.toml");
    let mut project = Project::new(SourceFile::new("comity.toml", manifest), sources(example));
    project.read_models(&mut |path| fs::read(folder(example).join(path)).map_err(|_| Unread::Missing));
    project
}

/// Its plan; it has neither errors nor warnings.
pub fn plan(example: &str) -> Arc<Plan> {
    let project = project(example);
    let compiled = comity_compiler::compile(&project);
    let mut said = String::new();
    for diagnostic in &compiled.analysis.diagnostics {
        let place = diagnostic.location().and_then(|at| {
            let (path, text) = project.file(at.file)?;
            let line = text[..at.span.start as usize].matches('\n').count() + 1;
            Some(format!("{path}:{line}"))
        });
        let place = place.unwrap_or_default();
        _ = writeln!(said, "{place} {} {} {:?}", diagnostic.code, diagnostic.message, diagnostic.help);
    }
    assert!(said.is_empty(), "{example}:\n{said}");
    compiled.plan.expect("a plan where there are no errors")
}

/// The lines of one of its files, gzipped or not.
pub fn lines(example: &str, name: &str) -> Vec<Vec<u8>> {
    let plain = folder(example).join(name);
    let reader: Box<dyn Read> = match File::open(&plain) {
        Ok(file) => Box::new(file),
        Err(_) => {
            let packed = folder(example).join(format!("{name}.gz"));
            Box::new(MultiGzDecoder::new(File::open(packed).expect("the example's data")))
        }
    };
    BufReader::new(reader).split(b'\n').map(|line| line.expect("a line")).collect()
}

/// Takes its profiles in and decides over its events, and on up to an instant (µs).
pub fn replay(
    example: &str,
    policy: &Arc<Policy>,
    replay: &mut Replay,
    until: Option<i64>,
    records: &mut Vec<u8>,
) {
    for line in lines(example, "profiles.ndjson") {
        let profile = policy.schema.profile(&line).unwrap_or_else(|error| panic!("{example}: {error}"));
        replay.import(profile);
    }
    for (place, line) in (1..).zip(lines(example, "events.ndjson")) {
        match policy.schema.event(&line) {
            Ok(event) => replay.event(place, event, records),
            Err(rejected) => replay.reject(place, &rejected, records),
        }
    }
    replay.finish(until, records);
}
