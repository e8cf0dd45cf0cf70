//! `comity decide`

use super::decider::{Engine, prepare};
use super::declared;
use super::strangers::Strangers;
use crate::Status;
use crate::failure::{Failure, Result};
use crate::input::{read_whole, refuse_two_stdins, shown};
use crate::instant;
use crate::shape;
use crate::terminal::Terminal;
use comity_compiler::ids::PlacementId;
use comity_runtime::effect::{EffectKind, Outcome};
use comity_runtime::intake::ProfileLine;
use comity_runtime::policy::Policy;
use comity_runtime::record::effect_id;
use comity_runtime::replay::Replay;
use comity_runtime::step::Detail;
use serde_json::{Map, Value, json};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Answer one request of a placement, as the sidecar would
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  comity decide shop --placement home_hero --profile ada.json
  comity decide shop --placement home_hero --profile - --at 2026-11-27T10:00:00Z --explain < ada.json")]
pub(crate) struct Decide {
    /// A project's folder or a single `.comity` file; `-` is standard input
    #[arg(default_value = ".")]
    path: PathBuf,
    /// Which placement asks
    #[arg(long, value_name = "PLACEMENT")]
    placement: String,
    /// The customer, as in a profiles file, plain or gzip; `-` is standard input
    #[arg(long, value_name = "FILE")]
    profile: PathBuf,
    /// The instant of the request; without it, now
    #[arg(long, value_name = "INSTANT", value_parser = instant::parse)]
    at: Option<i64>,
    /// Also say what is not shown, and why
    #[arg(long)]
    explain: bool,
    /// What evaluates the conditions
    #[arg(long, value_enum, default_value_t, value_name = "ENGINE")]
    engine: Engine,
}

impl Decide {
    pub(crate) fn run(self, terminal: Terminal) -> Result<Status> {
        refuse_two_stdins([&self.path, &self.profile])?;
        let Some(policy) = prepare(&self.path, self.engine, terminal)? else { return Ok(Status::No) };
        let placements = policy.plan.placements.iter().map(|placement| placement.name.as_str());
        let none = "it declares none: `placement home_hero { on web  show 1 }`";
        let placement = PlacementId::at(declared::position("placement", &self.placement, placements, none)?);
        let profile = profile(&policy, &self.profile, terminal)?;
        let at = self.at.unwrap_or_else(instant::now);
        let answer = answer(&policy, placement, profile, at, self.explain);
        writeln!(std::io::stdout().lock(), "{answer}")?;
        Ok(Status::Done)
    }
}

/// The one customer of a file. It may be laid out over several lines.
fn profile(policy: &Policy, path: &Path, terminal: Terminal) -> Result<ProfileLine> {
    let bytes = read_whole(path)?;
    let bytes = bytes.trim_ascii();
    let file = shown(path);
    let mut values = serde_json::Deserializer::from_slice(bytes).into_iter::<serde::de::IgnoredAny>();
    let (first, second) = (values.next(), values.next());
    if let (Some(Ok(_)), Some(_)) = (first, second) {
        return Err(Failure::new(format!("`{file}` holds more than one profile"))
            .help("give the one that the request is for, for instance by `grep`"));
    }
    let helped = |message: String| match shape::of_profile(bytes) {
        Some(help) => Failure::new(message).help(help),
        None => Failure::new(message),
    };
    if bytes.is_empty() {
        return Err(helped(format!("`{file}` is empty")));
    }
    let profile = shape::profile(&policy.schema, bytes).map_err(|why| helped(format!("{file}: {why}")))?;
    let mut strangers = Strangers::new(policy);
    strangers.look_at_profile(&profile, bytes);
    strangers.tell_attributes(&file, terminal);
    Ok(profile)
}

/// What `POST /v1/decide` answers (interfaces §4).
fn answer(
    policy: &Arc<Policy>,
    placement: PlacementId,
    profile: ProfileLine,
    at: i64,
    explain: bool,
) -> Value {
    let subject = profile.subject.clone();
    let mut replay = Replay::new(Arc::clone(policy), Detail { blocked: explain, redact: false });
    replay.import(profile);
    let mut records = Vec::new();
    let effects = replay.decide(&subject, placement, at, &mut records);
    let records: Vec<Value> =
        records.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect();
    let (mut shown, mut blocked) = (Vec::new(), Vec::new());
    for effect in &effects {
        let EffectKind::Message(decided) = &effect.kind else { continue };
        if decided.placement != Some(placement) {
            continue;
        }
        let Some(record) = records.iter().find(|record| record["id"] == effect.id.as_str()) else { continue };
        match decided.outcome {
            Outcome::Shown => shown.push(pick(
                record,
                &["id", "message", "placement", "channel", "class", "score", "content", "basis"],
            )),
            Outcome::Sent => {}
            _ => blocked.push(pick(record, &["message", "channel", "reason", "frees"])),
        }
    }
    let name = policy.plan.placements[placement.index()].name.as_str();
    let decision = effect_id("d_", &[&policy.plan.policy, name, &subject, &at.to_string()]);
    let mut answer = json!({ "decision": decision.as_str(), "shown": shown });
    if explain {
        answer["blocked"] = json!(blocked);
    }
    answer
}

/// These keys of a record, as far as it has them.
fn pick(record: &Value, keys: &[&str]) -> Value {
    let known = keys.iter().filter_map(|key| Some(((*key).to_owned(), record.get(key)?.clone())));
    Value::Object(known.collect::<Map<_, _>>())
}
