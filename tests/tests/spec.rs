//! The language reference, run: every policy in `tests/spec` is checked and, where events follow it, decided by.
//!
//! A fenced `comity` block is checked together with `docs/base.comity`; `comity,whole` is a policy on its own,
//! `comity,expression` has an expression to each line; `comity,project=NAME` is another project, on which the block after
//! it depends under this name. What may follow it:
//!
//! - `diagnostics`: all that is wrong with it, a line each: code, line and column, message. Without it, nothing is.
//! - `profiles` and `events`: what is imported and what happens, as JSON lines. `events,until=INSTANT` lets time pass.
//! - `tests`: what comes of its tests. Without it, they pass.
//! - `records`: what comes of the events, a line each; both engines must agree on it.
//!
//! `SPEC_UPDATE=1` writes what is found into the pages. Read it before you commit it.

use comity_compiler::check;
use comity_compiler::diagnostic::{Severity, line_and_column};
use comity_compiler::source::{Folder, Project, SourceFile, Unread};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/spec");

/// A fenced block: its first line without the backquotes, and the lines of its text as a range of the page's.
struct Block {
    info: String,
    from: usize,
    to: usize,
}

impl Block {
    fn language(&self) -> &str {
        self.info.split(',').next().unwrap_or_default()
    }

    fn flag(&self, name: &str) -> bool {
        self.info.split(',').skip(1).any(|flag| flag == name)
    }

    fn until(&self) -> Option<&str> {
        self.info.split(',').find_map(|flag| flag.strip_prefix("until="))
    }

    fn project(&self) -> Option<&str> {
        self.info.split(',').find_map(|flag| flag.strip_prefix("project="))
    }
}

fn blocks(lines: &[String]) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<(String, usize)> = None;
    for (number, line) in lines.iter().enumerate() {
        match (line.strip_prefix("```"), open.take()) {
            (Some(info), None) => open = Some((info.to_owned(), number + 1)),
            (Some(_), Some((info, from))) => blocks.push(Block { info, from, to: number }),
            (None, state) => open = state,
        }
    }
    assert!(open.is_none(), "a fence isn't closed");
    blocks
}

fn text(lines: &[String], block: &Block) -> String {
    lines[block.from..block.to].iter().map(|line| format!("{line}\n")).collect()
}

/// The policy of a block as it is checked: its own text first.
fn policy(lines: &[String], block: &Block, other: Option<&Block>, base: &str) -> (Project, String) {
    let own = match block.flag("expression") {
        true => {
            let lines = lines[block.from..block.to].iter().filter(|line| !line.trim().is_empty());
            lines.enumerate().map(|(number, line)| format!("let expression_{number} = {line}\n")).collect()
        }
        false => text(lines, block),
    };
    let base = if block.flag("whole") { "" } else { base };
    let files = vec![SourceFile::new("policy.comity", &own), SourceFile::new("z_base.comity", base)];
    // A block shows one thing, and what it declares for that needn't be used.
    let beside =
        ["unused", "empty-share", "never-eligible", "always-outranked", "cap-never-full", "journey-over-cap"];
    let lints: String = beside.iter().map(|lint| format!("{lint} = \"allow\"\n")).collect();
    let dependencies =
        other.and_then(Block::project).map(|name| format!("{name} = {{ path = \"../{name}\" }}\n"));
    let manifest = |rest: String| {
        SourceFile::new("comity.toml", format!("[policy]\nname = \"spec\"\nedition = \"2026\"\n{rest}"))
    };
    let own_manifest =
        manifest(format!("[lints]\n{lints}[dependencies]\n{}", dependencies.unwrap_or_default()));
    let folder = Folder { identity: ".".to_owned(), manifest: own_manifest, files };
    let mut project = Project::gather(folder, &mut |path| {
        let other = other.ok_or(Unread::Missing)?;
        let files = vec![SourceFile::new("policy.comity", text(lines, other))];
        Ok(Folder { identity: path.to_owned(), manifest: manifest(String::new()), files })
    });
    project.read_models(&mut comity_tests::model);
    (project, format!("{own}\n{base}"))
}

/// All that is found in the block itself, a line each.
fn diagnostics(project: &Project) -> String {
    let mut out = String::new();
    for one in check(project).diagnostics {
        let Some(at) = one.location() else { continue };
        let Some((path, text)) = project.file(at.file) else { continue };
        let here = path == "policy.comity";
        if here || one.severity == Severity::Error {
            let (line, column) = line_and_column(text, at.span.start);
            let file = if here { "" } else { "base:" };
            let _ = writeln!(out, "{} {file}{line}:{column} {}", one.code, one.message);
        }
    }
    out
}

/// The page with what is found in place of what it says.
fn as_found(page: &str, base: &str) -> String {
    let lines: Vec<String> = page.lines().map(str::to_owned).collect();
    let blocks = blocks(&lines);
    let mut found: Vec<(usize, usize, String)> = Vec::new();
    let policies = blocks.iter().enumerate().filter(|(_, block)| block.language() == "comity");
    for (position, block) in policies.filter(|(_, block)| block.project().is_none()) {
        let other =
            position.checked_sub(1).map(|before| &blocks[before]).filter(|one| one.project().is_some());
        let rest = &blocks[position + 1..];
        let rest = &rest[..rest.iter().position(|next| next.language() == "comity").unwrap_or(rest.len())];
        let following = |language: &str| rest.iter().find(|next| next.language() == language);
        let (project, whole) = policy(&lines, block, other, base);
        let wrong = diagnostics(&project);
        let is_sound = wrong.lines().all(|line| !line.starts_with('E'));
        match following("diagnostics") {
            Some(expected) => found.push((expected.from, expected.to, wrong)),
            None => assert!(wrong.is_empty(), "{}\nhas mistakes:\n{wrong}", text(&lines, block)),
        }
        if is_sound {
            let told = comity_tests::tell_tests(&project);
            match following("tests") {
                Some(expected) => found.push((expected.from, expected.to, told)),
                None => assert!(!told.contains("failed:"), "{}\n{told}", text(&lines, block)),
            }
        }
        if let Some(events) = following("events") {
            let records = following("records").expect("records after events");
            let profiles = following("profiles").map(|block| text(&lines, block)).unwrap_or_default();
            let happens = comity_tests::decide(&whole, &profiles, &text(&lines, events), events.until());
            found.push((records.from, records.to, happens));
        }
    }
    let mut out = String::new();
    let mut next = 0;
    for (from, to, text) in found {
        out.extend(lines[next..from].iter().map(|line| format!("{line}\n")));
        out.push_str(&text);
        next = to;
    }
    out.extend(lines[next..].iter().map(|line| format!("{line}\n")));
    out
}

fn pages() -> Vec<PathBuf> {
    let entries = fs::read_dir(FOLDER).expect("tests/spec");
    let mut pages: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    pages.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    pages.sort();
    pages
}

#[test]
fn the_reference_is_true() {
    let base = fs::read_to_string(Path::new(FOLDER).join("../../docs/base.comity")).expect("the base");
    let mut wrong = Vec::new();
    for path in pages() {
        let page = fs::read_to_string(&path).expect("a page");
        let found = as_found(&page, &base);
        if std::env::var_os("SPEC_UPDATE").is_some() {
            fs::write(&path, &found).expect("a page that can be written");
        } else if found != page {
            let differs = page.lines().zip(found.lines()).enumerate().find(|(_, (said, is))| said != is);
            let (line, (said, is)) = differs.unwrap_or((page.lines().count(), ("", "")));
            wrong.push(format!("{}:{}\n  says  {said}\n  found {is}", path.display(), line + 1));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every section of the language has its page, and every page is in the manual.
#[test]
fn the_manual_has_every_page() {
    let pages = pages();
    let numbers: Vec<String> =
        pages.iter().map(|path| path.file_name().unwrap().to_string_lossy()[..2].to_owned()).collect();
    for section in 2..=13 {
        assert!(numbers.contains(&format!("{section:02}")), "§{section} has no page");
    }
    let mut included = String::new();
    for folder in ["../../docs/src", "../../docs/src/language"] {
        for entry in fs::read_dir(Path::new(FOLDER).join(folder)).expect("the manual's chapters") {
            let path = entry.expect("an entry").path();
            if path.is_file() {
                included += &fs::read_to_string(path).expect("a chapter");
            }
        }
    }
    for path in pages {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        assert!(
            included.contains(&format!("{{{{#include ../../../tests/spec/{name}:3:}}}}"))
                || included.contains(&format!("{{{{#include ../../tests/spec/{name}:3:}}}}")),
            "{name} is in no chapter"
        );
    }
}
