//! Why a command could not be carried out: exit status 2.

use std::fmt;
use std::io;
use std::path::Path;

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

    /// Something could not be done with a file: "can't read `x`: there is no such file".
    pub(crate) fn file(verb: &str, path: &Path, error: &io::Error) -> Failure {
        let mut failure = Failure::new(format!("can't {verb} `{}`: {}", path.display(), why(error)));
        failure.broken_pipe = error.kind() == io::ErrorKind::BrokenPipe;
        failure
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
