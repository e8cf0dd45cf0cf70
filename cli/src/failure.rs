//! Why a command could not be carried out: exit status 2.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// What is wrong with the call, a file or the environment, and what to do about it.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    help: Vec<String>,
    broken_pipe: bool,
}

/// What a command comes to.
pub(crate) type Result<T> = std::result::Result<T, Failure>;

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Failure {
        Failure { message: message.into(), help: Vec::new(), broken_pipe: false }
    }

    /// Also says what to do.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Failure {
        self.help.push(help.into());
        self
    }

    /// Also asks whether one of these names was meant, or says what there is: "it has `a`, `b`".
    pub(crate) fn did_you_mean<'n>(
        self,
        name: &str,
        names: impl Iterator<Item = &'n str>,
        there_is: &str,
    ) -> Failure {
        match meant(name, names, there_is) {
            Some(help) => self.help(help),
            None => self,
        }
    }

    /// Something could not be done with a file: "can't read `x`: there is no such file". One beside it may be meant.
    pub(crate) fn file(verb: &str, path: &Path, error: &io::Error) -> Failure {
        let mut failure = Failure::new(format!("can't {verb} `{}`: {}", path.display(), why(error)));
        failure.broken_pipe = error.kind() == io::ErrorKind::BrokenPipe;
        match beside(path).filter(|_| error.kind() == io::ErrorKind::NotFound) {
            Some(near) => failure.help(format!("did you mean `{}`?", near.display())),
            None => failure,
        }
    }

    /// Whether nobody reads the output any more.
    pub(crate) fn is_broken_pipe(&self) -> bool {
        self.broken_pipe
    }

    pub(crate) fn helps(&self) -> &[String] {
        &self.help
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// Which of these names was probably meant, or what there is; `None` where there is nothing.
pub(crate) fn meant<'n>(name: &str, names: impl Iterator<Item = &'n str>, there_is: &str) -> Option<String> {
    const NAMED: usize = 8;
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    // Half of a name can be wrong, but not what tells one number from another.
    let number = name.bytes().any(|byte| byte.is_ascii_digit());
    let close = |near: &str| if number { 1 } else { near.chars().count() / 2 };
    if let Some(near) = nearest(name, names.iter().copied(), close) {
        return Some(format!("did you mean `{near}`?"));
    }
    let more = if names.len() > NAMED { ", …" } else { "" };
    let named: Vec<String> = names.iter().take(NAMED).map(|name| format!("`{name}`")).collect();
    (!named.is_empty()).then(|| format!("{there_is} {}{more}", named.join(", ")))
}

/// The name that is most like one that isn't known, where at most so many letters differ.
pub(crate) fn nearest<'n>(
    name: &str,
    names: impl Iterator<Item = &'n str>,
    close: impl Fn(&str) -> usize,
) -> Option<&'n str> {
    let distances = names.map(|near| (strsim::damerau_levenshtein(name, near), near));
    let (_, near) = distances.filter(|(distance, near)| *distance <= close(near)).min()?;
    Some(near)
}

/// What a path that leads nowhere probably means: something in the same folder, or in one with nearly the same name.
fn beside(path: &Path) -> Option<PathBuf> {
    const MOST: usize = 1000;
    let folder = match path.parent()? {
        folder if folder == Path::new("") => Path::new("."),
        folder => folder,
    };
    if !folder.exists() {
        let near = beside(folder)?.join(path.file_name()?);
        return near.exists().then_some(near);
    }
    let entries = std::fs::read_dir(folder).ok()?.take(MOST).filter_map(io::Result::ok);
    let names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    let name = path.file_name()?.to_str()?;
    let close = |near: &str| (near.chars().count() / 4).clamp(1, 3);
    let others = names.iter().map(String::as_str).filter(|other| *other != name);
    Some(path.with_file_name(nearest(name, others, close)?))
}

/// Errors without a file are those of standard output.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        Failure {
            message: format!("can't write to standard output: {}", why(&error)),
            help: Vec::new(),
            broken_pipe: error.kind() == io::ErrorKind::BrokenPipe,
        }
    }
}

/// An error of the system in words, without its number.
pub(crate) fn why(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file or folder".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        io::ErrorKind::NotADirectory => "a part of its path is not a folder".to_owned(),
        io::ErrorKind::StorageFull => "the disk is full".to_owned(),
        _ => {
            let text = error.to_string();
            text.split(" (os error ").next().unwrap_or(&text).to_owned()
        }
    }
}
