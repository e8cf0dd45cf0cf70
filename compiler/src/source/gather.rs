//! A project and all that it depends on, as one policy (language reference §2, `docs/decisions/0012-dependencies-between-projects.md`).

use super::{MANIFEST, Manifest, Package, Project, SourceFile, manifest_id};
use crate::checked::Location;
use crate::diagnostic::Diagnostic;
use crate::ids::FileId;
use crate::limits::PROJECTS;
use crate::mistakes::{dependency_circle, dependency_unusable, no_policy, too_much};
use smol_str::{SmolStr, format_smolstr};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// The folder of a project, as somebody has read it.
#[derive(Clone, Debug)]
pub struct Folder {
    /// What tells it from other folders, however it is reached; for instance its path without links.
    pub identity: String,
    /// Its `comity.toml`.
    pub manifest: SourceFile,
    /// Its policy files, in any order, with their paths from the folder.
    pub files: Vec<SourceFile>,
}

/// Why a folder can't be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unread {
    /// There is no such folder, or file.
    Missing,
    /// There is no such file; there are these, of which one may be meant. Their paths begin where its path begins.
    MissingAmong(Vec<String>),
    /// It has no `comity.toml`.
    NoProject,
    /// It isn't in the folder of the project that names it, where it has to be.
    Outside,
    /// Something else is wrong, in words without a capital.
    Failed(String),
}

impl Project {
    /// A project and all that it depends on. `read` is asked for the folders of these, by their paths from the
    /// project's own folder, with `/`.
    pub fn gather(own: Folder, read: &mut dyn FnMut(&str) -> Result<Folder, Unread>) -> Project {
        let mut project = Project {
            manifest: Manifest::default(),
            files: Vec::new(),
            packages: Vec::new(),
            asked: BTreeMap::new(),
            models: BTreeMap::new(),
            problems: Vec::new(),
        };
        project.manifest = project.add(SmolStr::default(), String::new(), own);
        if project.files.is_empty() {
            project.problems.push(no_policy::project());
        }
        // The nearest first, so that what is reached by several ways has the shortest name.
        let mut open = vec![project.manifest.clone()];
        let mut position = 0;
        while position < open.len() {
            let manifest = std::mem::take(&mut open[position]);
            for (name, dependency) in &manifest.dependencies {
                let place = (dependency.name_at, dependency.path_at);
                let found = project.depend(position, name, &dependency.path, place, read);
                match found {
                    Ok(Some(manifest)) => open.push(manifest),
                    Ok(None) => {}
                    Err(problem) => project.problems.push(*problem),
                }
                if project.packages.len() > PROJECTS {
                    project.problems = vec![too_much::projects()];
                    return project;
                }
            }
            position += 1;
        }
        project
    }

    /// Takes the files of a folder in, and reads its manifest.
    fn add(&mut self, name: SmolStr, folder: String, read: Folder) -> Manifest {
        let below = |path: &str| match folder.as_str() {
            "" => path.to_owned(),
            folder => format!("{folder}/{path}"),
        };
        let mut files = read.files;
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let start = self.files.len();
        for file in files {
            let file = SourceFile { path: below(&file.path), ..file };
            self.problems.extend(file.problem(FileId::at(self.files.len())));
            self.files.push(file);
        }
        let id = manifest_id(self.packages.len());
        let manifest_file = SourceFile { path: below(MANIFEST), ..read.manifest };
        let (manifest, problems) = match manifest_file.encoding_problem(id) {
            Some(problem) => (Manifest::default(), vec![problem]),
            None => Manifest::read(&manifest_file.text, id),
        };
        self.problems.extend(problems);
        self.packages.push(Package {
            name,
            dependencies: BTreeMap::new(),
            folder,
            identity: read.identity,
            files: start..self.files.len(),
            manifest: Some(manifest_file),
        });
        manifest
    }

    /// Lets one package depend on what is at a path; gives the manifest of what wasn't there before.
    fn depend(
        &mut self,
        from: usize,
        name: &SmolStr,
        path: &str,
        (name_at, path_at): (Location, Location),
        read: &mut dyn FnMut(&str) -> Result<Folder, Unread>,
    ) -> Result<Option<Manifest>, Box<Diagnostic>> {
        let joined = joined(&self.packages[from].folder, path);
        let folder = match self.asked.get(&joined) {
            Some(Ok(known)) => Ok(Err(*known)),
            Some(Err(unread)) => Err(unread.clone()),
            None => read(&joined).map(|folder| {
                let known = self.packages.iter().position(|one| one.identity == folder.identity);
                known.map_or(Ok(folder), Err)
            }),
        };
        let folder = match folder {
            Ok(folder) => folder,
            Err(unread) => {
                self.asked.insert(joined, Err(unread.clone()));
                return Err(dependency_unusable::unread(path_at, path, &unread).into());
            }
        };
        let (to, manifest) = match folder {
            Err(known) => (known, None),
            Ok(folder) => {
                let name = match self.packages[from].name.as_str() {
                    "" => name.clone(),
                    outer => format_smolstr!("{outer}.{name}"),
                };
                (self.packages.len(), Some(self.add(name, joined.clone(), folder)))
            }
        };
        self.asked.insert(joined, Ok(to));
        if self.reaches(to, from) {
            return Err(dependency_circle::circle(path_at, &self.way(to, from)).into());
        }
        let twice = self.packages[from].dependencies.iter().find(|(_, (other, _))| *other == to);
        if let Some((first, (_, first_at))) = twice {
            return Err(dependency_unusable::twice(name_at, name, first, *first_at).into());
        }
        self.packages[from].dependencies.insert(name.clone(), (to, name_at));
        Ok(manifest)
    }

    /// Whether a package is another one, or depends on it.
    pub(crate) fn reaches(&self, from: usize, to: usize) -> bool {
        !self.way(from, to).is_empty()
    }

    /// The folders on the way from one package to another one that it depends on, both included; none where there is
    /// no way.
    fn way(&self, from: usize, to: usize) -> Vec<String> {
        let mut open = vec![from];
        let mut before: BTreeMap<usize, Option<usize>> = BTreeMap::from([(from, None)]);
        while let Some(one) = open.pop() {
            for (next, _) in self.packages[one].dependencies.values() {
                if let Entry::Vacant(unseen) = before.entry(*next) {
                    unseen.insert(Some(one));
                    open.push(*next);
                }
            }
        }
        let mut way = Vec::new();
        let mut step = before.contains_key(&to).then_some(to);
        while let Some(one) = step {
            way.push(self.packages[one].folder.clone());
            step = before[&one];
        }
        way.reverse();
        way
    }
}

/// A path from a folder, as a path from where that folder's own path begins.
pub(super) fn joined(folder: &str, path: &str) -> String {
    let path = path.replace('\\', "/");
    let absolute = path.starts_with('/') || path.as_bytes().get(1) == Some(&b':');
    let whole = if absolute { path.clone() } else { format!("{folder}/{path}") };
    let mut parts: Vec<&str> = Vec::new();
    for part in whole.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let rooted = if absolute { path.starts_with('/') } else { folder.starts_with('/') };
    match (rooted, parts.is_empty()) {
        (true, _) => format!("/{}", parts.join("/")),
        (false, true) => ".".to_owned(),
        (false, false) => parts.join("/"),
    }
}

#[cfg(test)]
mod tests {
    use super::joined;

    #[test]
    fn paths_from_one_folder_to_the_next() {
        assert_eq!(joined("", "../base"), "../base");
        assert_eq!(joined("../base", "../core/"), "../core");
        assert_eq!(joined("../base", "../../core"), "../../core");
        assert_eq!(joined("", "./shared\\rules"), "shared/rules");
        assert_eq!(joined("shared", ".."), ".");
        assert_eq!(joined("/srv/a", "../b"), "/srv/b");
        assert_eq!(joined("../base", "/srv/b"), "/srv/b");
    }
}
