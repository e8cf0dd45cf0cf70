//! A project as data: its manifest and its files, as someone else has read them.

mod manifest;

pub use manifest::{LintLevel, Manifest};

use crate::diagnostic::{Diagnostic, at};
use crate::ids::FileId;
use crate::limits::FILE_SIZE;
use crate::mistakes;
use comity_grammar::Span;
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// The name of the manifest.
pub const MANIFEST: &str = "comity.toml";

/// A policy project in memory.
#[derive(Clone, Debug)]
pub struct Project {
    /// What `comity.toml` says; of a single file, its stem and nothing else.
    pub manifest: Manifest,
    /// The policy files, sorted by path; a file's id is its position.
    files: Vec<SourceFile>,
    /// `comity.toml`; its id comes after those of the files.
    manifest_file: Option<SourceFile>,
    /// What is wrong with the project before any policy is looked at.
    problems: Vec<Diagnostic>,
}

/// A file of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// Relative to the project's folder, with `/`.
    pub path: String,
    /// Its text; what wasn't UTF-8 is replaced by U+FFFD.
    pub text: String,
    /// Offset of the first byte that isn't UTF-8.
    bad_byte: Option<u32>,
}

impl SourceFile {
    /// A file whose text is known to be UTF-8.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        SourceFile { path: path.into(), text: text.into(), bad_byte: None }
    }

    /// A file as it was read. Bytes that aren't UTF-8 become a diagnostic when the project is checked.
    pub fn from_bytes(path: impl Into<String>, bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => SourceFile::new(path, text),
            Err(error) => SourceFile {
                path: path.into(),
                text: String::from_utf8_lossy(bytes).into_owned(),
                bad_byte: Some(error.valid_up_to() as u32),
            },
        }
    }

    /// Whether its bytes were UTF-8.
    pub fn is_utf8(&self) -> bool {
        self.bad_byte.is_none()
    }

    fn encoding_problem(&self, id: FileId) -> Option<Diagnostic> {
        let offset = self.bad_byte? as usize;
        let place = at(id, Span::new(offset, offset + char::REPLACEMENT_CHARACTER.len_utf8()));
        Some(mistakes::not_utf8::file(&self.path, place))
    }
}

impl Project {
    /// A folder with `comity.toml` and any number of `*.comity` files, in any order.
    pub fn new(manifest: SourceFile, files: Vec<SourceFile>) -> Project {
        let id = FileId::at(files.len());
        let mut project = Project::of(files);
        let (read, problems) = match manifest.encoding_problem(id) {
            Some(problem) => (Manifest::default(), vec![problem]),
            None => Manifest::read(&manifest.text, id),
        };
        project.manifest = read;
        project.problems.extend(problems);
        project.manifest_file = Some(manifest);
        if project.files.is_empty() {
            project.problems.push(mistakes::no_policy::project());
        }
        project
    }

    /// A single policy file; the policy is named for it.
    pub fn single(file: SourceFile) -> Project {
        let name = file.path.rsplit('/').next().unwrap_or_default();
        let name = SmolStr::new(name.strip_suffix(".comity").unwrap_or(name));
        let mut project = Project::of(vec![file]);
        project.manifest.name = name;
        project
    }

    fn of(mut files: Vec<SourceFile>) -> Project {
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let problems = files
            .iter()
            .enumerate()
            .filter_map(|(position, file)| match file.text.len() {
                size if size > FILE_SIZE => Some(mistakes::too_much::file(&file.path, size)),
                _ => file.encoding_problem(FileId::at(position)),
            })
            .collect();
        Project { manifest: Manifest::default(), files, manifest_file: None, problems }
    }

    /// The same project with other texts in some of its files; the ids stay.
    pub fn edited(&self, texts: &BTreeMap<FileId, String>) -> Project {
        let file = |id: usize, file: &SourceFile| match texts.get(&FileId::at(id)) {
            Some(text) => SourceFile::new(file.path.clone(), text.clone()),
            None => file.clone(),
        };
        let files: Vec<SourceFile> = self.files.iter().enumerate().map(|(id, one)| file(id, one)).collect();
        match &self.manifest_file {
            Some(manifest) => Project::new(file(files.len(), manifest), files),
            None => {
                let project = Project::of(files);
                Project { manifest: self.manifest.clone(), ..project }
            }
        }
    }

    /// The policy files, sorted by path; a file's id is its position.
    pub fn files(&self) -> &[SourceFile] {
        &self.files
    }

    /// Path and text of a file, the manifest included.
    pub fn file(&self, id: FileId) -> Option<(&str, &str)> {
        let manifest = (id.index() == self.files.len()).then_some(self.manifest_file.as_ref()).flatten();
        self.files.get(id.index()).or(manifest).map(|file| (file.path.as_str(), file.text.as_str()))
    }

    /// What is wrong with the project before any policy is looked at.
    pub(crate) fn problems(&self) -> &[Diagnostic] {
        &self.problems
    }
}

#[cfg(test)]
mod tests;
