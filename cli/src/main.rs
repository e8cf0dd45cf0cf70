//! `comity`: policies of consented, timed and explained messages, from the command line.

mod args;
mod commands;
mod failure;
mod input;
mod instant;
mod output;
mod parquet_file;
mod progress;
mod project;
mod refused;
mod report;
mod shape;
mod table;
mod terminal;
mod threads;

use alloc_counter::AllocCounter;
use std::process::ExitCode;

/// Profiles and histories are many small pieces of memory: with this a run is an eighth faster than with glibc's. It
/// counts, for `comity bench` (docs/decisions/0020).
#[global_allocator]
static ALLOCATOR: AllocCounter<mimalloc::MiMalloc> = AllocCounter(mimalloc::MiMalloc);

/// How a command ended that could be carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    /// Nothing is wrong.
    Done,
    /// The answer is no: errors in the policy, a difference where none was allowed.
    No,
}

fn main() -> ExitCode {
    let args = args::Args::read();
    let terminal = terminal::Terminal::new(args.color, args.quiet);
    match commands::run(args.command, &terminal) {
        Ok(Status::Done) => ExitCode::SUCCESS,
        Ok(Status::No) => ExitCode::from(1),
        // Whoever read the output has seen enough.
        Err(failure) if failure.is_broken_pipe() => ExitCode::SUCCESS,
        Err(failure) => {
            terminal.failure(&failure);
            ExitCode::from(2)
        }
    }
}
