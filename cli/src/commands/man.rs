//! `comity man`

use crate::Status;
use crate::args::Args;
use crate::failure::{Failure, Result};
use crate::terminal::Terminal;
use clap::CommandFactory as _;
use std::io::Write as _;
use std::path::PathBuf;

/// Print the man page, or write those of all commands into a folder
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  comity man | man -l -
  comity man --dir ~/.local/share/man/man1")]
pub(crate) struct Man {
    /// Write a page for each command into this folder
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

impl Man {
    pub(crate) fn run(self, terminal: Terminal) -> Result<Status> {
        let Some(dir) = self.dir else {
            let mut page = Vec::new();
            clap_mangen::Man::new(Args::command()).render(&mut page)?;
            std::io::stdout().lock().write_all(&page)?;
            return Ok(Status::Done);
        };
        std::fs::create_dir_all(&dir).map_err(|error| Failure::file("make", &dir, &error))?;
        clap_mangen::generate_to(Args::command(), &dir)
            .map_err(|error| Failure::file("write into", &dir, &error))?;
        terminal.note(format_args!("wrote the man pages into `{}`", dir.display()));
        Ok(Status::Done)
    }
}
