//! `comity new`

use crate::Status;
use crate::failure::{Failure, Result};
use crate::output;
use crate::terminal::{Style, Terminal, paint};
use std::path::{Path, PathBuf};

/// Begin a project: a first policy, events to try it on, and what CI and editors need
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  comity new shop
  cd shop && comity run . --events events.ndjson --profiles profiles.ndjson")]
pub(crate) struct New {
    /// The folder to make; its name becomes the policy's
    #[arg(value_name = "NAME")]
    path: PathBuf,
}

/// What a new project consists of; `{name}` becomes the policy's name.
const FILES: &[(&str, &str)] = &[
    ("comity.toml", include_str!("../../templates/comity.toml")),
    ("vocabulary.comity", include_str!("../../templates/vocabulary.comity")),
    ("messages.comity", include_str!("../../templates/messages.comity")),
    ("tests.comity", include_str!("../../templates/tests.comity")),
    ("profiles.ndjson", include_str!("../../templates/profiles.ndjson")),
    ("events.ndjson", include_str!("../../templates/events.ndjson")),
    ("README.md", include_str!("../../templates/README.md")),
    (".gitignore", include_str!("../../templates/gitignore")),
    (".editorconfig", include_str!("../../templates/editorconfig")),
    (".vscode/settings.json", include_str!("../../templates/vscode.json")),
    (".github/workflows/comity.yml", include_str!("../../templates/workflow.yml")),
];

impl New {
    pub(crate) fn run(self, terminal: Terminal) -> Result<Status> {
        let name = policy_name(&self.path)?;
        refuse_occupied(&self.path)?;
        for (file, text) in FILES {
            let path = self.path.join(file);
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder).map_err(|error| Failure::file("make", folder, &error))?;
            }
            output::write(&path, text.replace("{name}", &name).as_bytes())?;
        }
        let color = terminal.stderr_color();
        let shown = self.path.display();
        terminal.note(format_args!(
            "{} the policy `{name}` in `{shown}`. Try it:\n\n  cd {shown}\n  comity check\n  comity run . --events events.ndjson --profiles profiles.ndjson\n\nThen read `README.md` and change `messages.comity`.",
            paint(color, Style::Help, "began")
        ));
        Ok(Status::Done)
    }
}

/// The policy is named for its folder.
fn policy_name(path: &Path) -> Result<String> {
    let name = match path.file_name() {
        Some(name) => name.to_str().map(str::to_owned),
        // `.` and `..` have names of their own.
        None => path.canonicalize().ok().and_then(|path| Some(path.file_name()?.to_str()?.to_owned())),
    };
    let good = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphanumeric())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
    };
    name.filter(|name| good(name)).ok_or_else(|| {
        Failure::new(format!("`{}` can't name a policy", path.display()))
            .help("a name has letters, digits, `-` and `_`, and begins with a letter or digit: `comity new my-shop`")
    })
}

/// Nothing that is there already is written over.
fn refuse_occupied(path: &Path) -> Result<()> {
    let occupied = |what: &str| {
        Err(Failure::new(format!("`{}` {what}", path.display())).help("give the name of a new folder"))
    };
    match std::fs::read_dir(path).map(|mut entries| entries.next().is_some()) {
        Ok(false) => Ok(()),
        Ok(true) => occupied("is there already and isn't empty"),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => occupied("is a file"),
        Err(error) => Err(Failure::file("read", path, &error)),
    }
}
