//! `comity graph`

use super::declared;
use crate::Status;
use crate::failure::{Failure, Result};
use crate::output;
use crate::project::{self, STDIN};
use crate::report;
use crate::terminal::Terminal;
use comity_compiler::compile;
use comity_compiler::graph::{diagrams, dot, mermaid, svg};
use comity_compiler::ids::JourneyId;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Draw the journeys and the message flow
///
/// Each journey is drawn as it runs: its statements, the ways between them and when they are taken; and the message
/// flow, from the events to the channels. The SVG needs nothing else, and is for light and dark surroundings.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  comity graph shop -o shop.svg
  comity graph shop --journey cart_recovery -o cart_recovery.svg
  comity graph shop --format dot | dot -Tpdf -o shop.pdf
  comity graph shop --format mermaid")]
pub(crate) struct Graph {
    /// A project's folder or a single `.comity` file; `-` is standard input
    #[arg(default_value = ".")]
    path: PathBuf,
    /// How it is written
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
    /// Only this journey
    #[arg(long, value_name = "NAME")]
    journey: Option<String>,
    /// Where it goes; without it, or as `-`, to standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// How diagrams are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// A picture
    #[default]
    Svg,
    /// The language of Graphviz
    Dot,
    /// A flowchart of Mermaid
    Mermaid,
}

impl Graph {
    pub(crate) fn run(self, terminal: Terminal) -> Result<Status> {
        let loaded = project::load(&self.path)?;
        let compiled = compile(&loaded.project);
        let Some(plan) = &compiled.plan else {
            report::refuse(&loaded, &compiled.analysis.diagnostics, terminal);
            return Ok(Status::No);
        };
        let journeys = plan.journeys.iter().map(|journey| journey.name.as_str());
        let position = |name| declared::position("journey", name, journeys, "it declares none");
        let only = self.journey.as_deref().map(position).transpose()?.map(JourneyId::at);
        let all = diagrams(plan, only);
        if all.is_empty() {
            return Err(Failure::new("there is nothing to draw")
                .help("the policy declares no message and no journey"));
        }
        let text = match self.format {
            Format::Svg => svg(&all),
            Format::Dot => dot(&all),
            Format::Mermaid => mermaid(&all),
        };
        match self.output.as_deref().filter(|path| *path != Path::new(STDIN)) {
            Some(path) => output::write(path, text.as_bytes())?,
            None => std::io::stdout().lock().write_all(text.as_bytes())?,
        }
        Ok(Status::Done)
    }
}
