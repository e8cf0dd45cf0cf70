//! The manual is true: its policies check, what it calls wrong is wrong, its data can be read, its links lead
//! somewhere, and its commands print what it says they print.
//!
//! A fenced `comity` block is checked together with `docs/base.comity`. In the fence's first line, after commas:
//! `whole` is a policy on its own, `expression` has an expression to each line, `error` must not check, and
//! `error=E0201` must not check for this reason.

use comity_compiler::diagnostic::Severity;
use comity_compiler::source::{Project, SourceFile};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

struct Block {
    /// `FILE:LINE`
    place: String,
    language: String,
    flags: Vec<String>,
    text: String,
}

impl Block {
    fn is(&self, flag: &str) -> bool {
        self.flags.iter().any(|one| one == flag)
    }

    /// `Some("")` where any error will do.
    fn error(&self) -> Option<&str> {
        self.flags.iter().find_map(|flag| flag.strip_prefix("error")).map(|code| code.trim_start_matches('='))
    }
}

fn markdown(folder: &Path, found: &mut BTreeSet<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            markdown(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.insert(path);
        }
    }
}

/// The manual's pages, the notes, the examples' pages and the project's own; the pages of diagnostics are tested
/// where diagnostics are.
fn pages() -> Vec<(String, String)> {
    let root = Path::new(ROOT);
    let mut found = BTreeSet::from([root.join("README.md"), root.join("CONTRIBUTING.md")]);
    for folder in ["docs", "examples"] {
        markdown(&root.join(folder), &mut found);
    }
    found.retain(|path| !path.starts_with(root.join("docs/diagnostics")));
    found
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).expect("a page that can be read");
            let name = path.strip_prefix(root).unwrap_or(&path).display().to_string();
            (name, text)
        })
        .collect()
}

fn blocks() -> Vec<Block> {
    let mut blocks = Vec::new();
    for (name, text) in pages() {
        let mut open: Option<Block> = None;
        for (number, line) in text.lines().enumerate() {
            match (&mut open, line.strip_prefix("```")) {
                (None, Some(info)) => {
                    let mut words = info.split(',').map(str::trim).map(str::to_owned);
                    open = Some(Block {
                        place: format!("{name}:{}", number + 1),
                        language: words.next().unwrap_or_default(),
                        flags: words.collect(),
                        text: String::new(),
                    });
                }
                (Some(_), Some(_)) => blocks.extend(open.take()),
                (Some(block), None) => {
                    block.text.push_str(line);
                    block.text.push('\n');
                }
                (None, None) => {}
            }
        }
        assert!(open.is_none(), "{name} has a fence that isn't closed");
    }
    blocks
}

/// Codes and messages of a block's errors.
fn errors(block: &Block) -> Vec<(String, String)> {
    let text = if block.is("expression") {
        let lines = block.text.lines().filter(|line| !line.trim().is_empty()).enumerate();
        lines.map(|(number, line)| format!("let expression_{number} = {line}\n")).collect()
    } else {
        block.text.clone()
    };
    let mut files = vec![SourceFile::new("block.comity", text)];
    if !block.is("whole") {
        let base = fs::read_to_string(format!("{ROOT}/docs/base.comity")).expect("docs/base.comity");
        files.push(SourceFile::new("base.comity", base));
    }
    let manifest = SourceFile::new("comity.toml", "[policy]\nname = \"manual\"\nedition = \"2026\"\n");
    let mut project = Project::new(manifest, files);
    project.read_models(&mut comity_tests::model);
    let compiled = comity_compiler::compile(&project);
    let errors = compiled.analysis.diagnostics.iter().filter(|d| d.severity == Severity::Error);
    errors.map(|d| (d.code.to_string(), d.message.clone())).collect()
}

#[test]
fn policies_in_the_manual_check() {
    let mut wrong = Vec::new();
    let mut checked = 0;
    for block in blocks().iter().filter(|block| block.language == "comity") {
        checked += 1;
        let errors = errors(block);
        match block.error() {
            None if !errors.is_empty() => wrong.push(format!("{}: has errors {errors:?}", block.place)),
            Some(_) if errors.is_empty() => wrong.push(format!("{}: has no error", block.place)),
            Some(code) if !code.is_empty() && !errors.iter().any(|(found, _)| found == code) => {
                wrong.push(format!("{}: {code} isn't among {errors:?}", block.place));
            }
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(checked > 2, "only {checked} blocks were found");
}

#[test]
fn data_in_the_manual_is_json() {
    for block in blocks().iter().filter(|block| block.language == "json") {
        for line in block.text.lines() {
            let read = serde_json::from_str::<serde_json::Value>(line);
            assert!(read.is_ok(), "{}: {line}", block.place);
        }
    }
}

#[test]
fn links_lead_somewhere() {
    // The pages of the reference are read as chapters of the manual.
    let mut reference = BTreeSet::new();
    markdown(&Path::new(ROOT).join("tests/spec"), &mut reference);
    let reference = reference.into_iter().map(|path| {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let chapter = if name.starts_with("09") { "docs/src" } else { "docs/src/language" };
        (format!("{chapter}/{name}"), fs::read_to_string(&path).expect("a page that can be read"))
    });
    for (name, text) in pages().into_iter().chain(reference) {
        let folder = Path::new(ROOT).join(&name);
        let folder = folder.parent().expect("a folder");
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = target.split('#').next().unwrap_or_default();
            if target.is_empty() || target.contains("://") || target.contains(char::is_whitespace) {
                continue;
            }
            assert!(folder.join(target).exists(), "{name}: {target} isn't there");
        }
        for target in text.split("{{#include ").skip(1).filter_map(|rest| rest.split('}').next()) {
            // `page.md:3:` leaves the first two lines out.
            let path = target.split(':').next().unwrap_or_default();
            assert!(folder.join(path).exists(), "{name}: {target} isn't there");
        }
    }
}

/// A chapter that is made of another file says what it is about and where that file is: where no book is made of it,
/// as on a server that shows the repository, nothing else is to be seen.
#[test]
fn chapters_that_include_say_what() {
    for folder in ["docs/src", "docs/src/language", "docs/src/playbooks"] {
        for entry in fs::read_dir(format!("{ROOT}/{folder}")).expect("the manual's chapters") {
            let path = entry.expect("an entry").path();
            let Ok(text) = fs::read_to_string(&path) else { continue };
            let Some((before, rest)) = text.split_once("{{#include ") else { continue };
            let path = path.display();
            assert!(
                before.starts_with("# ") && before.trim_end().lines().count() >= 3,
                "{path} has no introduction"
            );
            // One file that is the whole chapter is linked; several stand in a list.
            let included = rest.split('}').next().unwrap_or_default();
            if let Some(file) = included.strip_suffix(":3:") {
                assert!(before.contains(&format!("]({file})")), "{path} doesn't say where {file} is");
            }
        }
    }
}

/// Policies are shown as `comity fmt` lays them out: who copies one changes nothing by formatting it.
#[test]
fn policies_are_laid_out() {
    let shown =
        |block: &&Block| block.language == "comity" && !block.is("expression") && block.error().is_none();
    for block in blocks().iter().filter(shown) {
        if let Ok(layout) = comity_grammar::format(&block.text) {
            assert_eq!(layout, block.text, "{}", block.place);
        }
    }
}

#[test]
fn every_diagnostic_is_in_the_book() {
    let page =
        fs::read_to_string(format!("{ROOT}/docs/src/diagnostics.md")).expect("the page of diagnostics");
    for code in comity_compiler::diagnostic::CODES {
        let include = format!("{{{{#include ../diagnostics/{code}.md}}}}");
        assert!(page.contains(&include), "docs/src/diagnostics.md lacks {include}");
    }
}

#[test]
fn every_decision_is_in_the_book() {
    let page = fs::read_to_string(format!("{ROOT}/docs/src/decisions.md")).expect("the page of decisions");
    let mut notes = BTreeSet::new();
    markdown(&Path::new(ROOT).join("docs/decisions"), &mut notes);
    let mut rest = page.as_str();
    for note in notes {
        let name = note.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let include = format!("{{{{#include ../decisions/{name}}}}}");
        let (_, after) = rest
            .split_once(&include)
            .unwrap_or_else(|| panic!("docs/src/decisions.md lacks {include}, in order"));
        rest = after;
        let text = fs::read_to_string(&note).expect("a note");
        assert!(text.starts_with(&format!("## {} ", &name[..4])), "{name} has a heading without its number");
    }
}

/// `console,run`: the lines that begin with `$ comity ` are run in the project's root; what they print, results and
/// the rest, is what follows.
#[test]
fn commands_in_the_manual_print_what_it_says() {
    let comity = comity();
    for block in blocks().iter().filter(|block| block.language == "console" && block.is("run")) {
        let mut shown = String::new();
        for line in block.text.lines().filter(|line| line.starts_with("$ ")) {
            let arguments = line.strip_prefix("$ comity ").expect("a call of comity").split(' ');
            let output = Command::new(&comity)
                .args(arguments)
                .current_dir(ROOT)
                .env("NO_COLOR", "1")
                .env("COLUMNS", "120")
                .output()
                .expect("comity runs");
            shown.push_str(line);
            shown.push('\n');
            shown.push_str(&String::from_utf8_lossy(&output.stdout));
            shown.push_str(&String::from_utf8_lossy(&output.stderr));
        }
        assert_eq!(shown, block.text, "{}", block.place);
    }
}

/// The command beside this test; it is built where nothing has built it yet.
fn comity() -> PathBuf {
    let test = std::env::current_exe().expect("this test");
    let folder = test.parent().and_then(Path::parent).expect("the target folder");
    let command = folder.join(format!("comity{}", std::env::consts::EXE_SUFFIX));
    if !command.exists() {
        let built = Command::new(env!("CARGO")).args(["build", "-p", "comity"]).current_dir(ROOT).status();
        assert!(built.is_ok_and(|status| status.success()), "comity can't be built");
    }
    command
}
