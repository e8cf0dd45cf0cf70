//! How many threads to use.

use crate::terminal::Terminal;
use std::num::NonZeroUsize;

/// More for each core would bring nothing but memory.
const FOR_A_CORE: usize = 4;

/// What `--threads` says.
pub(crate) fn parse(text: &str) -> Result<NonZeroUsize, String> {
    text.parse().map_err(|_| {
        "give a whole number from 1 on, or leave `--threads` out for one for each core".to_owned()
    })
}

/// One for each core, or as many as are asked for.
pub(crate) fn count(asked: Option<NonZeroUsize>, terminal: Terminal) -> NonZeroUsize {
    let cores = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let most = cores.saturating_mul(NonZeroUsize::MIN.saturating_add(FOR_A_CORE - 1));
    if let Some(threads) = asked.filter(|threads| *threads > most) {
        terminal
            .note(format_args!("{threads} threads would bring nothing: {most} are used, four for each core"));
    }
    asked.map_or(cores, |threads| threads.min(most))
}
