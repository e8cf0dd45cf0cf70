//! Writes files so that nothing half-written remains.

use crate::failure::{Failure, Result};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

/// A file that comes into being as a whole: it is written beside its place and moved there at the end. What is
/// not finished is removed.
pub(crate) struct NewFile {
    path: PathBuf,
    /// Where it is written until then; nowhere else for what is no ordinary file (`/dev/null`, a pipe).
    beside: Option<PathBuf>,
    file: File,
}

impl NewFile {
    /// Begins to write a file.
    ///
    /// # Errors
    /// Where it can't be written.
    pub(crate) fn create(path: &Path) -> Result<NewFile> {
        let fail = |error: io::Error| Failure::file("write", path, &error);
        // A link stays one: the file that it leads to is replaced.
        let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let known = target.metadata().ok();
        if let Some(known) = &known
            && !known.is_file()
        {
            if known.is_dir() {
                return Err(fail(io::ErrorKind::IsADirectory.into()));
            }
            let file = OpenOptions::new().write(true).open(&target).map_err(fail)?;
            return Ok(NewFile { path: target, beside: None, file });
        }
        let Some(name) = target.file_name() else { return Err(fail(io::ErrorKind::IsADirectory.into())) };
        let beside = target.with_file_name(format!(".{}.{}.tmp", name.to_string_lossy(), std::process::id()));
        let mut unfinished = unfinished();
        let file = File::create(&beside).map_err(fail)?;
        unfinished.push(beside.clone());
        drop(unfinished);
        let new = NewFile { path: target, beside: Some(beside), file };
        if let Some(known) = known {
            new.file.set_permissions(known.permissions()).map_err(fail)?;
        }
        Ok(new)
    }

    /// Puts the file in its place.
    ///
    /// # Errors
    /// Where that can't be done; then what stood there before is untouched.
    pub(crate) fn finish(mut self) -> Result<()> {
        let fail = |error: io::Error| Failure::file("write", &self.path, &error);
        self.file.flush().map_err(fail)?;
        if let Some(beside) = &self.beside {
            let mut unfinished = unfinished();
            std::fs::rename(beside, &self.path).map_err(fail)?;
            unfinished.retain(|path| path != beside);
            drop(unfinished);
            self.beside = None;
        }
        Ok(())
    }

    /// Writes the next bytes.
    ///
    /// # Errors
    /// Where they can't be written.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).map_err(|error| Failure::file("write", &self.path, &error))
    }
}

/// For those who write in pieces of their own; who has the whole bytes uses [`NewFile::write`], whose failures say more.
impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if let Some(beside) = &self.beside {
            let mut unfinished = unfinished();
            // Nothing can be done about a file that can't be removed.
            let _ = std::fs::remove_file(beside);
            unfinished.retain(|path| path != beside);
        }
    }
}

/// The files that are being written: where the program is told to stop, they are removed. While this is held, no
/// signal ends the program.
fn unfinished() -> MutexGuard<'static, Vec<PathBuf>> {
    static FILES: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());
    static WATCHED: Once = Once::new();
    WATCHED.call_once(watch);
    FILES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits for Ctrl-C and the request to terminate. Then the program ends by that very signal, as who sent it expects:
/// a shell sees the status 130 or 143.
#[cfg(unix)]
fn watch() {
    use signal_hook::consts::{SIGINT, SIGTERM};
    // Where signals can't be watched, nothing is lost but tidiness.
    let Ok(mut signals) = signal_hook::iterator::Signals::new([SIGINT, SIGTERM]) else { return };
    std::thread::spawn(move || {
        for signal in signals.forever() {
            let files = unfinished();
            for file in files.iter() {
                let _ = std::fs::remove_file(file);
            }
            let _ = signal_hook::low_level::emulate_default_handler(signal);
        }
    });
}

#[cfg(not(unix))]
fn watch() {}

/// Refuses to write over what is read.
///
/// # Errors
/// Where an option (`--records`) names one of the inputs.
pub(crate) fn refuse_overwriting<'p>(
    option: &str,
    output: Option<&PathBuf>,
    inputs: impl IntoIterator<Item = &'p PathBuf>,
) -> Result<()> {
    let Some(target) = output.and_then(|path| path.canonicalize().ok()) else { return Ok(()) };
    for input in inputs {
        if input.is_file() && input.canonicalize().is_ok_and(|input| input == target) {
            return Err(Failure::new(format!("`{option}` would write over `{}`", input.display()))
                .help("give another file for what is written"));
        }
    }
    Ok(())
}

/// Refuses a file whose name asks for a form in which its command doesn't write: who opens it would find something else.
///
/// # Errors
/// Where it does; `help` says by which name it can be written.
pub(crate) fn refuse_form(command: &str, what: &str, path: Option<&Path>, help: &str) -> Result<()> {
    const FORMS: [(&str, &str); 9] = [
        ("csv", "CSV"),
        ("tsv", "TSV"),
        ("xls", "a workbook"),
        ("xlsx", "a workbook"),
        ("avro", "Avro"),
        ("arrow", "Arrow"),
        ("orc", "ORC"),
        ("gz", "gzip"),
        ("zst", "zstd"),
    ];
    let Some((path, extension)) = path.and_then(|path| Some((path, path.extension()?))) else {
        return Ok(());
    };
    let Some((end, form)) = FORMS.iter().find(|(end, _)| extension.eq_ignore_ascii_case(end)) else {
        return Ok(());
    };
    let failure = Failure::new(format!("{}: {what} aren't written as {form}", path.display()));
    Err(match *form {
        "gzip" | "zstd" => {
            failure.help(format!("leave `.{end}` out, or pipe them: `comity {command} … | {form} > FILE`"))
        }
        _ => failure.help(help),
    })
}

/// Writes a whole file.
///
/// # Errors
/// Where it can't be written.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut file = NewFile::create(path)?;
    file.write(bytes)?;
    file.finish()
}
