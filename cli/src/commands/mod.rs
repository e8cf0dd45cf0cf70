//! The commands, a file for each.

mod audience;
mod bench;
mod check;
mod completions;
mod decide;
mod decider;
mod declared;
mod explain;
mod fmt;
mod graph;
mod man;
mod new;
mod profiles;
mod report;
mod run;
mod strangers;
mod test;
mod why;

pub(crate) use explain::title as explain_title;

use crate::Status;
use crate::failure::Result;
use crate::terminal::Terminal;
use clap::Subcommand;

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    New(new::New),
    Check(check::Check),
    #[command(alias = "format")]
    Fmt(fmt::Fmt),
    Test(test::Test),
    Run(run::Run),
    Decide(decide::Decide),
    Why(why::Why),
    Audience(audience::AudienceCommand),
    Bench(bench::Bench),
    Report(report::Report),
    Graph(graph::Graph),
    Explain(explain::Explain),
    Completions(completions::Completions),
    Man(man::Man),
}

/// Does it.
///
/// # Errors
/// Where the call, a file or the environment is wrong.
pub(crate) fn run(command: Command, terminal: &Terminal) -> Result<Status> {
    match command {
        Command::New(new) => new.run(*terminal),
        Command::Check(check) => check.run(*terminal),
        Command::Fmt(fmt) => fmt.run(*terminal),
        Command::Test(test) => test.run(*terminal),
        Command::Run(run) => run.run(*terminal),
        Command::Decide(decide) => decide.run(*terminal),
        Command::Why(why) => why.run(*terminal),
        Command::Audience(audience) => audience.run(*terminal),
        Command::Bench(bench) => bench.run(*terminal),
        Command::Report(report) => report.run(*terminal),
        Command::Graph(graph) => graph.run(*terminal),
        Command::Explain(explain) => explain.run(*terminal),
        Command::Completions(completions) => completions.run(),
        Command::Man(man) => man.run(*terminal),
    }
}
