//! On what, and with what, something was measured.

use std::process::Command;

/// The machine and the programs.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Machine {
    pub processor: String,
    pub cores: usize,
    pub system: String,
    pub rustc: String,
    /// What rows are combined with.
    pub instructions: &'static str,
    pub date: String,
}

impl Machine {
    /// This one, today.
    pub fn here() -> Machine {
        let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = info.lines().find(|line| line.starts_with("model name"));
        let processor = model.and_then(|line| line.split(':').nth(1)).unwrap_or(std::env::consts::ARCH);
        Machine {
            processor: processor.trim().to_owned(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            system: said_by("uname", &["-sr"]),
            rustc: said_by("rustc", &["--version"]),
            instructions: comity_compiler::index::instructions(),
            date: jiff::Timestamp::now().strftime("%Y-%m-%d").to_string(),
        }
    }
}

/// What a program prints; empty where it can't be run.
pub fn said_by(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
}
