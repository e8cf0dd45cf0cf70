//! Times contenders against each other: round by round, each in its turn, so that what disturbs the machine disturbs
//! all of them; by the CPU time of the thread.

use cpu_time::ThreadTime;
use std::fmt::Debug;
use std::ops::Range;
use std::time::Duration;

/// Something that answers for rows; `A` is an answer.
pub trait Contender<A> {
    fn name(&self) -> String;

    /// What the round needs and is not measured.
    fn prepare(&mut self, _round: usize, _rows: Range<usize>) {}

    /// Answers for some rows, one after the other; this is measured.
    fn run(&mut self, rows: Range<usize>, answers: &mut [A]);

    /// Whether its answers are those of the workload; else it does only a part of the work, to compare with.
    fn answers(&self) -> bool {
        true
    }
}

/// What a contender took.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Timing {
    pub name: String,
    /// Median of a row, ns.
    pub ns: f64,
    /// Median of the ratios to the first contender in the same round.
    pub ratio: f64,
    /// In each round.
    pub rows: usize,
    /// ns of a row, round by round.
    pub rounds: Vec<f64>,
}

impl Timing {
    /// Its ratio to another one in the same rounds, round by round.
    pub fn ratios_to(&self, other: &Timing) -> Vec<f64> {
        self.rounds.iter().zip(&other.rounds).map(|(mine, other)| mine / other).collect()
    }
}

/// No round of one contender shall take longer than about this.
const LONGEST: Duration = Duration::from_millis(400);
/// So many rows at least.
const FEWEST: usize = 20;

/// Checks the answers of all contenders, then times them in interleaved rounds. Slow ones are asked for the first
/// rows only.
///
/// # Errors
/// Where an answer is wrong.
pub fn race<A: Clone + Debug + Default + PartialEq>(
    contenders: &mut [Box<dyn Contender<A> + '_>],
    right: &[A],
    rounds: usize,
) -> Result<Vec<Timing>, String> {
    let mut answers = vec![A::default(); right.len()];
    let mut rows = Vec::new();
    for contender in contenders.iter_mut() {
        let few = FEWEST.min(right.len());
        contender.prepare(0, 0..few);
        let took = time(contender.as_mut(), 0..few, &mut answers);
        let most = LONGEST.as_secs_f64() / took.as_secs_f64().max(1e-9) * few as f64;
        let many = (most as usize).clamp(few, right.len());
        contender.prepare(1, 0..many);
        time(contender.as_mut(), 0..many, &mut answers);
        let wrong = (0..many).find(|row| answers[*row] != right[*row]);
        if let Some(row) = wrong.filter(|_| contender.answers()) {
            let (name, said, right) = (contender.name(), &answers[row], &right[row]);
            return Err(format!("{name} answers {said:?} for row {row}, where {right:?} is right"));
        }
        rows.push(many);
    }
    let mut times = vec![Vec::new(); contenders.len()];
    for round in 0..rounds {
        for turn in 0..contenders.len() {
            let at = (round + turn) % contenders.len();
            let rows = 0..rows[at];
            contenders[at].prepare(round + 2, rows.clone());
            let took = time(contenders[at].as_mut(), rows.clone(), &mut answers);
            times[at].push(took.as_secs_f64() * 1e9 / rows.len() as f64);
        }
    }
    let timing = |at: usize| Timing {
        name: contenders[at].name(),
        ns: median(times[at].iter().copied()),
        ratio: median(times[at].iter().zip(&times[0]).map(|(mine, first)| mine / first)),
        rows: rows[at],
        rounds: times[at].clone(),
    };
    Ok((0..contenders.len()).map(timing).collect())
}

fn time<A>(contender: &mut (dyn Contender<A> + '_), rows: Range<usize>, answers: &mut [A]) -> Duration {
    let answers = &mut answers[rows.clone()];
    let start = ThreadTime::now();
    contender.run(rows, answers);
    start.elapsed()
}

/// The middle one; of none, not a number.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => values[odd / 2],
        even => (values[even / 2 - 1] + values[even / 2]) / 2.0,
    }
}
