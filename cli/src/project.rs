//! Reads a policy project from disk.

use crate::failure::{Failure, Result, why};
use comity_compiler::model::FILE_SIZE;
use comity_compiler::source::{Folder, MANIFEST, Project, SourceFile, Unread};
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};
use walkdir::{DirEntry, WalkDir};

/// How policy files end.
const EXTENSION: &str = "comity";
/// The path that means standard input.
pub(crate) const STDIN: &str = "-";

/// A project and where it came from.
pub(crate) struct Loaded {
    /// What was read.
    pub(crate) project: Project,
    home: Home,
    /// The file, where it was read by itself.
    single: Option<PathBuf>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Home {
    /// The paths of the files are relative to this folder.
    Folder(PathBuf),
    Stdin,
}

/// Reads a folder with `comity.toml`, a single `.comity` file, or one from standard input (`-`).
///
/// # Errors
/// Where nothing can be read. What is wrong inside the files is for the check to say.
pub(crate) fn load(path: &Path) -> Result<Loaded> {
    if path == Path::new(STDIN) {
        let file = SourceFile::from_bytes("stdin.comity", &read_stdin()?);
        let mut project = Project::single(file);
        let why = "a policy from standard input has no folder in which it could be";
        project.read_models(&mut |_| Err(Unread::Failed(why.to_owned())));
        return Ok(Loaded { project, home: Home::Stdin, single: None });
    }
    let metadata = path.metadata().map_err(|error| missing(path, &error))?;
    if metadata.is_dir() {
        return load_folder(path);
    }
    if is_policy(path) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let file = SourceFile::from_bytes(name, &read(path)?);
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        let mut project = Project::single(file);
        let homes = [PathBuf::from(identity(if folder == Path::new("") { Path::new(".") } else { &folder }))];
        project.read_models(&mut |path| model(&folder, path, &homes));
        return Ok(Loaded { project, home: Home::Folder(folder), single: Some(path.to_owned()) });
    }
    let failure = Failure::new(format!("`{}` is not a policy", path.display()));
    Err(if path.file_name().is_some_and(|name| name == MANIFEST) {
        let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
        failure.help(format!("give the folder that it is in: `{}`", folder.display()))
    } else {
        failure.help("a policy is a folder with `comity.toml`, or a single file that ends in `.comity`")
    })
}

fn load_folder(folder: &Path) -> Result<Loaded> {
    let manifest_path = folder.join(MANIFEST);
    let manifest = match std::fs::read(&manifest_path) {
        Ok(bytes) => SourceFile::from_bytes(MANIFEST, &bytes),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(no_manifest(folder)),
        Err(error) => return Err(Failure::file("read", &manifest_path, &error)),
    };
    let own = Folder { identity: identity(folder), manifest, files: sources(folder)? };
    let mut project = Project::gather(own, &mut |path| dependency(&folder.join(path)));
    let homes: Vec<PathBuf> = project.identities().map(PathBuf::from).collect();
    project.read_models(&mut |path| model(folder, path, &homes));
    Ok(Loaded { project, home: Home::Folder(folder.to_owned()), single: None })
}

/// The policy files of a project's folder.
fn sources(folder: &Path) -> Result<Vec<SourceFile>> {
    let files = policy_files(folder, Nested::LeaveOut)?.into_iter();
    files.map(|path| Ok(SourceFile::from_bytes(relative(folder, &path), &read(&path)?))).collect()
}

/// The folder of a project that another one depends on. That it can't be read is wrong with the other one's manifest.
fn dependency(folder: &Path) -> std::result::Result<Folder, Unread> {
    if !folder.is_dir() {
        return Err(Unread::Missing);
    }
    let manifest = match std::fs::read(folder.join(MANIFEST)) {
        Ok(bytes) => SourceFile::from_bytes(MANIFEST, &bytes),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(Unread::NoProject),
        Err(error) => return Err(Unread::Failed(why(&error))),
    };
    let files = sources(folder).map_err(|failure| Unread::Failed(failure.to_string()))?;
    Ok(Folder { identity: identity(folder), manifest, files })
}

/// The file of a model, which is in the folder of one of the projects, also where links lead to it. That it can't be read
/// is wrong with the policy that names it.
fn model(folder: &Path, asked: &str, homes: &[PathBuf]) -> std::result::Result<Vec<u8>, Unread> {
    let failed = |error: &std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            among(folder, asked, homes).map_or(Unread::Missing, Unread::MissingAmong)
        }
        _ => Unread::Failed(why(error)),
    };
    let path = folder.join(asked);
    let place = path.canonicalize().map_err(|error| failed(&error))?;
    if !homes.iter().any(|home| place.starts_with(home)) {
        return Err(Unread::Outside);
    }
    let metadata = path.metadata().map_err(|error| failed(&error))?;
    if !metadata.is_file() {
        return Err(Unread::Failed("it is not a file".to_owned()));
    }
    if metadata.len() > FILE_SIZE as u64 {
        let (size, most) = (metadata.len() >> 20, FILE_SIZE >> 20);
        return Err(Unread::Failed(format!("it has {size} MiB, and a model has {most} MiB at most")));
    }
    std::fs::read(path).map_err(|error| failed(&error))
}

/// The files that may be meant where the file of a model isn't there: those of its project that could be models. Their
/// paths begin at `folder`, as `path` does.
fn among(folder: &Path, path: &str, homes: &[PathBuf]) -> Option<Vec<String>> {
    const MODELS: [&str; 4] = ["txt", "json", "onnx", "model"];
    const MOST: usize = 100;
    let folder = if folder == Path::new("") { Path::new(".") } else { folder };
    let place = folder.join(path);
    let above = place.ancestors().skip(1).find(|above| above.is_dir())?;
    let known = above.canonicalize().ok()?;
    let home =
        homes.iter().filter(|home| known.starts_with(home)).max_by_key(|home| home.as_os_str().len())?;
    let down = known.strip_prefix(home).ok()?.components().count();
    let start = above.ancestors().nth(down)?;
    let is_model = |path: &PathBuf| {
        path.extension().is_some_and(|extension| MODELS.iter().any(|known| extension == *known))
    };
    let files = nearby(start).into_iter().filter(is_model).take(MOST);
    Some(files.map(|file| relative(folder, &file)).collect())
}

/// What tells a folder from others: its path without links and detours.
fn identity(folder: &Path) -> String {
    let path = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    path.to_string_lossy().into_owned()
}

/// A folder without `comity.toml` is no project: says what may be meant instead.
fn no_manifest(folder: &Path) -> Failure {
    let shown = folder.display();
    let failure = Failure::new(format!("`{shown}` is not a policy project: it has no `{MANIFEST}`"));
    let near = nearby(folder);
    let projects: Vec<String> = near
        .iter()
        .filter(|path| path.file_name().is_some_and(|name| name == MANIFEST) && !is_template(path))
        .filter_map(|path| Some(format!("`{}`", path.parent()?.display())))
        .collect();
    if !projects.is_empty() {
        const NAMED: usize = 5;
        let more = if projects.len() > NAMED { ", …" } else { "" };
        let named = projects[..projects.len().min(NAMED)].join(", ");
        return failure.help(format!("give the one that you mean: {named}{more}"));
    }
    let policies: Vec<&PathBuf> = near.iter().filter(|path| is_policy(path)).collect();
    match policies.as_slice() {
        [] => failure.help("begin a project with `comity new NAME`, or give the path of one"),
        [only] => failure.help(format!("for a policy of one file give the file: `{}`", only.display())),
        _ => failure.help(format!(
            "write `{MANIFEST}` with `[policy]`, `name = \"…\"` and `edition = \"2026\"`, or give a single file"
        )),
    }
}

/// The files in a folder and a little below it, as far as they can be read.
fn nearby(folder: &Path) -> Vec<PathBuf> {
    const DEPTH: usize = 3;
    const MOST: usize = 10_000;
    let inside = |entry: &DirEntry| entry.depth() == 0 || !passed_over(entry);
    let walk = WalkDir::new(folder).max_depth(DEPTH).sort_by_file_name().into_iter();
    let entries = walk.filter_entry(inside).take(MOST).filter_map(|entry| entry.ok());
    entries.filter(|entry| entry.file_type().is_file()).map(DirEntry::into_path).collect()
}

/// Whether a `comity.toml` is the template of one: where its policy's name stands, another is still to be filled in.
fn is_template(path: &Path) -> bool {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines().any(|line| line.trim_start().starts_with("name") && line.contains('{'))
}

fn is_policy(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == EXTENSION)
}

/// Nothing in there is meant: it is hidden, or was built.
fn passed_over(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    name.starts_with('.') || entry.file_type().is_dir() && name == "target"
}

/// What to do with the projects in sub-folders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nested {
    /// They are projects of their own.
    LeaveOut,
    /// Their files too.
    TakeIn,
}

/// The policy files in a folder and its sub-folders, sorted; hidden folders and `target` are left out.
///
/// # Errors
/// Where a folder can't be read.
pub(crate) fn policy_files(folder: &Path, nested: Nested) -> Result<Vec<PathBuf>> {
    let other = |entry: &DirEntry| {
        nested == Nested::LeaveOut && entry.file_type().is_dir() && entry.path().join(MANIFEST).exists()
    };
    let inside = |entry: &DirEntry| entry.depth() == 0 || !passed_over(entry) && !other(entry);
    let mut files = Vec::new();
    for entry in WalkDir::new(folder).follow_links(true).sort_by_file_name().into_iter().filter_entry(inside)
    {
        let entry = entry.map_err(|error| {
            let path = error.path().unwrap_or(folder).to_owned();
            match (error.loop_ancestor(), error.io_error()) {
                (Some(ancestor), _) => {
                    Failure::new(format!("`{}` is a link back to `{}`", path.display(), ancestor.display()))
                        .help("remove the link")
                }
                (None, Some(error)) => Failure::file("read", &path, error),
                (None, None) => Failure::new(format!("can't read `{}`", path.display())),
            }
        })?;
        if entry.file_type().is_file() && is_policy(entry.path()) {
            files.push(entry.into_path());
        }
    }
    Ok(files)
}

impl Loaded {
    /// A file's path as the user can open it.
    pub(crate) fn shown(&self, path: &str) -> String {
        match &self.home {
            Home::Stdin => "<stdin>".to_owned(),
            Home::Folder(folder) => shown(folder, path),
        }
    }

    /// A file that was read by itself, and the project in whose folder it lies: the names in the other files of that
    /// weren't known.
    pub(crate) fn project_around(&self) -> Option<(&Path, PathBuf)> {
        let file = self.single.as_deref()?;
        let place = file.canonicalize().ok()?;
        let (up, project) =
            place.ancestors().skip(1).enumerate().find(|(_, folder)| folder.join(MANIFEST).is_file())?;
        // As the user wrote it, where that leads there.
        let written = file.ancestors().nth(up + 1).map(|folder| match folder {
            folder if folder == Path::new("") => Path::new("."),
            folder => folder,
        });
        let written = written.filter(|folder| folder.canonicalize().is_ok_and(|folder| folder == project));
        Some((file, written.unwrap_or(project).to_owned()))
    }

    /// Where a file is, if it is one.
    pub(crate) fn path(&self, path: &str) -> Option<PathBuf> {
        match &self.home {
            Home::Stdin => None,
            Home::Folder(folder) => Some(folder.join(path)),
        }
    }
}

fn shown(folder: &Path, path: &str) -> String {
    let folder = folder.strip_prefix(".").unwrap_or(folder);
    let mut short = PathBuf::new();
    // `shop/../shared/a.comity` is `shared/a.comity`.
    for part in folder.join(path).components() {
        match part {
            Component::ParentDir if matches!(short.components().next_back(), Some(Component::Normal(_))) => {
                short.pop();
            }
            part => short.push(part),
        }
    }
    short.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/")
}

/// Relative to the folder, with `/`.
fn relative(folder: &Path, path: &Path) -> String {
    let path = path.strip_prefix(folder).unwrap_or(path);
    path.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/")
}

fn missing(path: &Path, error: &std::io::Error) -> Failure {
    let failure = Failure::file("read", path, error);
    if error.kind() == std::io::ErrorKind::NotFound {
        failure.help("give the folder of a policy project or a `.comity` file; `comity new NAME` makes one")
    } else {
        failure
    }
}

/// All the bytes of a file.
///
/// # Errors
/// Where it can't be read.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| Failure::file("read", path, &error))
}

/// All the bytes of standard input.
///
/// # Errors
/// Where it can't be read.
pub(crate) fn read_stdin() -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::io::stdin()
        .lock()
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::new(format!("can't read standard input: {}", why(&error))))?;
    Ok(bytes)
}
