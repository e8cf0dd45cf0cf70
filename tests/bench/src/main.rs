//! `comity-bench`: measures, and writes what it found as a page with a chart.

use clap::Parser;
use comity_bench::workload::Workload;
use comity_bench::{audience, measure, project, report};
use std::path::PathBuf;
use std::process::ExitCode;

/// As in the command.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measure Comity against other engines
#[derive(Debug, Parser)]
struct Args {
    /// How many messages a policy has
    #[arg(long, value_delimiter = ',', default_value = "1,10,100,1000,10000")]
    messages: Vec<usize>,
    /// How many customers with an event each
    #[arg(long, default_value_t = 20_000)]
    pairs: usize,
    /// How many interleaved rounds
    #[arg(long, default_value_t = 9)]
    rounds: usize,
    /// What the workload follows from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Compile no Rust for more messages than this: ten thousand take minutes
    #[arg(long, default_value_t = usize::MAX)]
    skip_native_above: usize,
    /// Compare with the other engines that were built in, up to so many messages
    #[arg(long, default_value_t = usize::MAX)]
    skip_peers_above: usize,
    /// Measure these parts only
    #[arg(long, value_delimiter = ',')]
    only: Vec<measure::Part>,
    /// Where the page and the chart go, such as `../../docs`; without it the page is printed
    #[arg(long)]
    out: Option<PathBuf>,
    /// The measurements as JSON
    #[arg(long)]
    json: Option<PathBuf>,
    /// Measure nothing, write the policies with their events and profiles into this folder
    #[arg(long)]
    write_projects: Option<PathBuf>,
    /// Measure nothing, write what `peers/duckdb.py` and `comity audience` need into this folder
    #[arg(long)]
    write_audience: Option<PathBuf>,
    /// Measure `comity audience` and DuckDB instead, over files in this folder, and put the section into the page
    #[arg(long)]
    audience: Option<PathBuf>,
    /// The command that is measured so
    #[arg(long, default_value = "../../target/release/comity")]
    comity: PathBuf,
    /// A Python that has DuckDB
    #[arg(long, default_value = "python3")]
    python: PathBuf,
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<(), String> {
    let failed = |error: std::io::Error| error.to_string();
    if let Some(folder) = &args.write_projects {
        for messages in &args.messages {
            let workload = Workload::new(args.seed, *messages, args.pairs);
            for (features, suffix) in [(project::Features::Plain, ""), (project::Features::All, "-all")] {
                project::write(&folder.join(format!("w1-{messages}{suffix}")), &workload, features)
                    .map_err(failed)?;
            }
        }
        return Ok(());
    }
    if let (Some(folder), Some(messages)) = (&args.write_audience, args.messages.last()) {
        let workload = Workload::undecided(args.seed, *messages, args.pairs);
        return audience::write(folder, &workload).map_err(failed);
    }
    if let (Some(folder), Some(messages)) = (&args.audience, args.messages.last()) {
        let workload = Workload::undecided(args.seed, *messages, args.pairs);
        let section = audience::measure(folder, &workload, args.rounds, &args.comity, &args.python)?;
        let Some(out) = &args.out else {
            print!("{section}");
            return Ok(());
        };
        let path = out.join("benchmarks.md");
        let page = std::fs::read_to_string(&path).map_err(failed)?;
        return std::fs::write(path, audience::with_section(&page, &section)).map_err(failed);
    }
    let results = measure::all(&measure::What {
        messages: args.messages.clone(),
        pairs: args.pairs,
        rounds: args.rounds,
        seed: args.seed,
        skip_native_above: args.skip_native_above,
        skip_peers_above: args.skip_peers_above,
        only: args.only.clone(),
    })?;
    if let Some(path) = &args.json {
        let text = serde_json::to_string_pretty(&results).map_err(|error| error.to_string())?;
        std::fs::write(path, text + "\n").map_err(failed)?;
    }
    let page = report::page(&results);
    match &args.out {
        Some(folder) => {
            // What is measured by itself stays.
            let path = folder.join("benchmarks.md");
            let before = std::fs::read_to_string(&path).unwrap_or_default();
            let page = audience::with_section(&page, audience::section_of(&before));
            std::fs::write(path, page).map_err(failed)?;
            std::fs::write(folder.join("src/images/benchmarks.svg"), report::chart(&results))
                .map_err(failed)?;
        }
        None => print!("{page}"),
    }
    Ok(())
}
