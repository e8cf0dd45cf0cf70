//! The commands end to end: the real binary, real files, what it prints and how it ends.

mod audience;
mod bad_input;
mod bench;
mod check;
mod decide;
mod fmt;
mod graph;
mod new;
mod projects;
mod report;
mod run;
mod support;
mod test;
mod usage;
mod why;
mod wrong_files;
