//! How far long work has come, on a terminal.

use crate::terminal::Terminal;
use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use std::fmt;
use std::time::{Duration, Instant};

/// Work that takes no longer shows nothing.
const PATIENCE: Duration = Duration::from_secs(1);

/// A bar that appears when the work takes longer than a second.
pub(crate) struct Progress {
    shown: bool,
    what: &'static str,
    started: Instant,
    bar: Option<ProgressBar>,
}

impl Progress {
    pub(crate) fn new(terminal: Terminal, what: &'static str) -> Progress {
        Progress { shown: terminal.shows_progress(), what, started: Instant::now(), bar: None }
    }

    /// Never shows anything: where results are written to the same terminal.
    pub(crate) fn hide(&mut self) {
        self.shown = false;
    }

    /// So many bytes are done, of so many where that is known.
    pub(crate) fn at(&mut self, (size, done): (Option<u64>, u64)) {
        if !self.shown || self.bar.is_none() && self.started.elapsed() < PATIENCE {
            return;
        }
        let bar = self.bar.get_or_insert_with(|| {
            let bar = ProgressBar::with_draw_target(size, ProgressDrawTarget::stderr());
            let template = match size {
                Some(_) => "{msg} [{bar:30}] {percent:>3}%{left}",
                None => "{msg} {spinner} {bytes}, {bytes_per_sec}",
            };
            // The template is a constant, and good; without it the bar only looks plainer.
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style.progress_chars("=> ").with_key("left", left));
            }
            bar.set_message(self.what);
            bar
        });
        bar.set_position(done);
    }

    /// Takes the bar away.
    pub(crate) fn finish(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

/// How long it may still take, once something is done.
fn left(state: &ProgressState, out: &mut dyn fmt::Write) {
    if state.pos() > 0 {
        // A text can always be written.
        let _ = write!(out, ", {:#} left", HumanDuration(state.eta()));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.finish();
    }
}
