//! A project as data: its manifest, its files and the projects that it depends on, as someone else has read them.

mod gather;
mod manifest;
mod models;

pub use gather::{Folder, Unread};
pub use manifest::{Dependency, LintLevel, Manifest};

use crate::checked::Location;
use crate::diagnostic::{Diagnostic, at};
use crate::ids::FileId;
use crate::limits::FILE_SIZE;
use crate::mistakes;
use crate::model::ModelFile;
use comity_grammar::Span;
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::ops::Range;

/// The name of the manifest.
pub const MANIFEST: &str = "comity.toml";

/// The ids of manifests begin here, far beyond those of policy files, which aren't all known when one is read.
const MANIFESTS: u32 = 1 << 31;

/// A policy project in memory.
#[derive(Clone, Debug)]
pub struct Project {
    /// What `comity.toml` says; of a single file, its stem and nothing else.
    pub manifest: Manifest,
    /// The policy files: the project's own, then those of what it depends on, each sorted by path; a file's id is its
    /// position.
    files: Vec<SourceFile>,
    /// The project itself, then what it depends on, the nearest first.
    packages: Vec<Package>,
    /// What was asked for by which path when it was gathered, as a position in `packages`.
    asked: BTreeMap<String, Result<usize, Unread>>,
    /// The files of models, by their paths from the project's own folder, as far as somebody has read them.
    models: BTreeMap<String, Result<ModelFile, Unread>>,
    /// What is wrong with the project before any policy is looked at.
    problems: Vec<Diagnostic>,
}

/// A project among those that a policy consists of.
#[derive(Clone, Debug, Default)]
pub(crate) struct Package {
    /// What stands before its names: nothing before those of the project itself, `base`, `base.core`.
    pub(crate) name: SmolStr,
    /// What it reaches by which name: a position among the packages, and where that is said.
    pub(crate) dependencies: BTreeMap<SmolStr, (usize, Location)>,
    /// Its folder from the project's own, without a `/` at the end; empty for that itself.
    folder: String,
    /// What tells its folder from others, however it is reached.
    identity: String,
    /// Its policy files.
    files: Range<usize>,
    manifest: Option<SourceFile>,
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
    /// Whether it begins with the mark of UTF-16.
    utf16: bool,
}

impl SourceFile {
    /// A file whose text is known to be UTF-8.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        SourceFile { path: path.into(), text: text.into(), bad_byte: None, utf16: false }
    }

    /// A file as it was read. Bytes that aren't UTF-8 become a diagnostic when the project is checked.
    pub fn from_bytes(path: impl Into<String>, bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => SourceFile::new(path, text),
            Err(error) => SourceFile {
                path: path.into(),
                text: String::from_utf8_lossy(bytes).into_owned(),
                bad_byte: Some(error.valid_up_to() as u32),
                utf16: bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]),
            },
        }
    }

    /// Whether its bytes were UTF-8.
    pub fn is_utf8(&self) -> bool {
        self.bad_byte.is_none()
    }

    /// What is wrong with it before it is read as a policy.
    fn problem(&self, id: FileId) -> Option<Diagnostic> {
        match self.text.len() {
            size if size > FILE_SIZE => Some(mistakes::too_much::file(&self.path, size)),
            _ => self.encoding_problem(id),
        }
    }

    fn encoding_problem(&self, id: FileId) -> Option<Diagnostic> {
        let offset = self.bad_byte? as usize;
        let place = at(id, Span::new(offset, offset + char::REPLACEMENT_CHARACTER.len_utf8()));
        Some(match self.utf16 {
            true => mistakes::not_utf8::utf16(&self.path, place),
            false => mistakes::not_utf8::file(&self.path, place),
        })
    }
}

impl Project {
    /// A folder with `comity.toml` and any number of `*.comity` files, in any order; on its own: what it depends on
    /// isn't there.
    pub fn new(manifest: SourceFile, files: Vec<SourceFile>) -> Project {
        let own = Folder { identity: String::new(), manifest, files };
        Project::gather(own, &mut |_| Err(Unread::Missing))
    }

    /// A single policy file; the policy is named for it.
    pub fn single(file: SourceFile) -> Project {
        let name = file.path.rsplit('/').next().unwrap_or_default();
        let name = SmolStr::new(name.strip_suffix(".comity").unwrap_or(name));
        let manifest = Manifest { name, ..Manifest::default() };
        let packages = vec![Package { files: 0..1, ..Package::default() }];
        let problems = file.problem(FileId(0)).into_iter().collect();
        let (asked, models) = (BTreeMap::new(), BTreeMap::new());
        Project { manifest, files: vec![file], packages, asked, models, problems }
    }

    /// The same project with other texts in some of its files; the ids stay, and what was read of models.
    pub fn edited(&self, texts: &BTreeMap<FileId, String>) -> Project {
        let file = |id: FileId, file: &SourceFile| match texts.get(&id) {
            Some(text) => SourceFile::new(file.path.clone(), text.clone()),
            None => file.clone(),
        };
        let folder = |position: usize| {
            let package = &self.packages[position];
            // Beside the project's own, a file's path begins with its folder.
            let below = |path: &str| {
                let rest = path.strip_prefix(&package.folder).unwrap_or(path);
                rest.strip_prefix('/').unwrap_or(rest).to_owned()
            };
            let files = package.files.clone().map(|id| file(FileId::at(id), &self.files[id]));
            Some(Folder {
                identity: package.identity.clone(),
                manifest: file(manifest_id(position), package.manifest.as_ref()?),
                files: files.map(|file| SourceFile { path: below(&file.path), ..file }).collect(),
            })
        };
        let edited = match folder(0) {
            Some(own) => Project::gather(own, &mut |path| {
                let asked = self.asked.get(path).cloned().unwrap_or(Err(Unread::Missing))?;
                folder(asked).ok_or(Unread::NoProject)
            }),
            None => {
                let edited = Project::single(file(FileId(0), &self.files[0]));
                Project { manifest: self.manifest.clone(), ..edited }
            }
        };
        Project { models: self.models.clone(), ..edited }
    }

    /// Another text for a policy file, which is one that can be read: UTF-8, and not too long.
    pub(crate) fn set_text(&mut self, id: FileId, text: String) {
        if let Some(file) = self.files.get_mut(id.index()) {
            file.text = text;
        }
    }

    /// The policy files: the project's own, then those of what it depends on, each sorted by path; a file's id is its
    /// position.
    pub fn files(&self) -> &[SourceFile] {
        &self.files
    }

    /// The project's own policy files: the first ones.
    pub fn own_files(&self) -> &[SourceFile] {
        &self.files[self.packages[0].files.clone()]
    }

    /// Whether a file, or the manifest, is the project's own and not of a project that it depends on.
    pub fn is_own(&self, id: FileId) -> bool {
        self.package_of(id) == 0
    }

    /// Path and text of a file, manifests included. The path is from the project's folder.
    pub fn file(&self, id: FileId) -> Option<(&str, &str)> {
        let manifest = |at: u32| self.packages.get(at as usize)?.manifest.as_ref();
        let file = match id.0.checked_sub(MANIFESTS) {
            Some(position) => manifest(position)?,
            None => self.files.get(id.index())?,
        };
        Some((&file.path, &file.text))
    }

    /// The project itself, then what it depends on.
    pub(crate) fn packages(&self) -> &[Package] {
        &self.packages
    }

    /// Whose file it is, as a position among the packages.
    pub(crate) fn package_of(&self, id: FileId) -> usize {
        match id.0.checked_sub(MANIFESTS) {
            Some(position) => position as usize,
            None => self.packages.iter().position(|one| one.files.contains(&id.index())).unwrap_or(0),
        }
    }

    /// What is wrong with the project before any policy is looked at.
    pub(crate) fn problems(&self) -> &[Diagnostic] {
        &self.problems
    }
}

/// The id of a package's manifest.
fn manifest_id(package: usize) -> FileId {
    FileId(MANIFESTS + package as u32)
}

#[cfg(test)]
mod tests;
