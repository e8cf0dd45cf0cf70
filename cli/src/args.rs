//! What stands on the command line.

use crate::commands::Command;
use crate::terminal::Color;
use clap::builder::styling::{AnsiColor, Styles};
use clap::{CommandFactory as _, FromArgMatches as _, Parser};

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// Decide whom to contact, with what, where, when and why
///
/// A policy is a folder with `comity.toml` and `*.comity` files, or a single `.comity` file. Comity checks it,
/// compiles it and decides by it over a log of events.
#[derive(Debug, Parser)]
#[command(name = "comity", version, styles = STYLES, arg_required_else_help = true, subcommand_required = true)]
#[command(
    max_term_width = 100,
    disable_help_subcommand = true,
    after_help = "\
Examples:
  comity new shop                                   begin a project in the folder `shop`
  comity check shop                                 look for mistakes
  comity test shop                                  tell the stories of what must be so
  comity run shop --events shop/events.ndjson       decide over a log of events

Exit status: 0 done and nothing wrong, 1 the answer is no, 2 the call, a file or the environment is wrong"
)]
pub(crate) struct Args {
    /// When to use colours
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        value_enum,
        default_value_t,
        hide_possible_values = true
    )]
    #[arg(help = "When to use colours: auto, always or never", help_heading = "Everywhere")]
    pub(crate) color: Color,
    /// Say only what is asked for and what is wrong
    #[arg(long, short, global = true, help_heading = "Everywhere")]
    pub(crate) quiet: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Args {
    /// Reads the command line. Where it is wrong the usage is told as the help has it: clap would show what was given as if
    /// it had to be.
    pub(crate) fn read() -> Args {
        let mut command = Args::command();
        // Which tells the commands their whole names.
        command.build();
        let command = command.mut_subcommands(|mut one| {
            let usage = one.render_usage().ansi().to_string();
            let usage = usage.split_once(' ').map(|(_, usage)| usage.to_owned());
            one.override_usage(usage.unwrap_or_default())
        });
        let read = Args::from_arg_matches(&command.get_matches());
        read.unwrap_or_else(|error| error.exit())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn every_command_has_an_example_and_words() {
        for command in Args::command().get_subcommands() {
            let name = command.get_name();
            assert!(command.get_about().is_some(), "{name} says nothing of itself");
            let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(after.contains(&format!("comity {name}")), "{name} has no example");
        }
    }
}
