//! A folder to work in, and the binary.

use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A folder that is removed at the end.
pub(crate) struct Folder(tempfile::TempDir);

/// What the binary did.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Folder {
    pub(crate) fn new() -> Folder {
        Folder(tempfile::tempdir().expect("a folder for the test"))
    }

    /// With the project of `comity new shop` in `shop`.
    pub(crate) fn with_shop() -> Folder {
        let folder = Folder::new();
        let outcome = folder.comity(&["new", "shop"]);
        assert_eq!(outcome.status, 0, "{outcome:?}");
        folder
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    pub(crate) fn write(&self, path: &str, bytes: impl AsRef<[u8]>) -> &Folder {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().expect("it is in the folder")).expect("a sub-folder");
        std::fs::write(path, bytes).expect("a file");
        self
    }

    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub(crate) fn has(&self, path: &str) -> bool {
        self.path(path).exists()
    }

    /// The names in a sub-folder, sorted, the hidden ones too.
    pub(crate) fn names(&self, path: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.path(path)).expect("a folder");
        let mut names: Vec<String> = entries
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    pub(crate) fn comity(&self, args: &[&str]) -> Outcome {
        self.comity_with(args, b"")
    }

    /// With something on standard input.
    pub(crate) fn comity_with(&self, args: &[&str], stdin: &[u8]) -> Outcome {
        let mut child = command(self.0.path())
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        // It may end before it has read all.
        let _ = child.stdin.take().expect("piped").write_all(stdin);
        let output = child.wait_with_output().expect("the binary ends");
        Outcome {
            status: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).expect("UTF-8"),
            err: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }
}

/// As gzip packs it.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("into memory");
    encoder.finish().expect("into memory")
}

/// The binary, in a folder, with nothing around it that changes how it speaks.
pub(crate) fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_comity"));
    command.current_dir(folder);
    for name in ["NO_COLOR", "CLICOLOR_FORCE", "FORCE_COLOR", "COLUMNS"] {
        command.env_remove(name);
    }
    command
}

impl Outcome {
    /// It ended with this status, and said all of these on standard error.
    #[track_caller]
    pub(crate) fn ends(&self, status: i32, said: &[&str]) -> &Outcome {
        assert_eq!(self.status, status, "{self:#?}");
        for words in said {
            assert!(self.err.contains(words), "{words:?} was not said: {self:#?}");
        }
        self
    }

    /// Its standard output has all of these.
    #[track_caller]
    pub(crate) fn prints(&self, parts: &[&str]) -> &Outcome {
        for part in parts {
            assert!(self.out.contains(part), "{part:?} was not printed: {self:#?}");
        }
        self
    }

    /// Its standard output as NDJSON.
    #[track_caller]
    pub(crate) fn records(&self) -> Vec<serde_json::Value> {
        self.out.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
    }
}
