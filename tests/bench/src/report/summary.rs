//! What the page says in short.

use super::goals::{Goal, comity, straight_line};
use super::page::ratio;
use super::{digits, grouped, time};
use crate::measure::{Results, Size};
use crate::race::median;

/// A few sentences in plain words, for who reads nothing else.
pub fn summary(results: &Results, goals: &[Goal]) -> String {
    let (few, many): (Vec<&Size>, Vec<&Size>) =
        results.sizes.iter().partition(|size| size.shape.messages < 1000);
    let mut sentences: Vec<String> = many.iter().filter_map(|size| best(size)).collect();
    sentences.extend(few.first().and_then(|size| best_of_few(size)));
    sentences.extend(many.first().and_then(|size| others(size)));
    sentences.extend(many.last().and_then(|size| compiling(size)));
    if !goals.is_empty() {
        let reached = goals.iter().filter(|goal| goal.is_reached()).count();
        let all = goals.len();
        sentences.push(format!(
            "Of {all} [goals](#goals) {reached} are reached; of the others it is said why not."
        ));
    }
    sentences.push("(1 ns is a billionth of a second, 1 µs a millionth, 1 ms a thousandth.)".to_owned());
    format!("**In short.** {}\n\n", sentences.join(" "))
}

fn best(size: &Size) -> Option<String> {
    let (timing, straight) = comity(&size.best).zip(straight_line(&size.best))?;
    Some(format!(
        "To find the best of {} messages for a customer, with consent, caps and all else asked for, takes Comity {}; the \
         same conditions written down as a program in Rust take {}, {} times as long.",
        messages(size),
        time(timing.ns),
        time(straight.ns),
        digits(1.0 / timing.ratio),
    ))
}

fn best_of_few(size: &Size) -> Option<String> {
    let (timing, _) = comity(&size.best).zip(straight_line(&size.best))?;
    let (messages, ratio) = (messages(size), ratio(timing.ratio));
    Some(format!(
        "With only {messages} there is little that could be left out: Comity takes {ratio} times as long as the Rust."
    ))
}

/// The fastest of the other engines.
fn others(size: &Size) -> Option<String> {
    let comity = comity(&size.best)?;
    let others = size.best.iter().filter(|one| !one.name.starts_with("Comity") && !one.name.contains("Rust"));
    let fastest = others.min_by(|one, other| one.ns.total_cmp(&other.ns))?;
    Some(format!(
        "The fastest other engine, {}, takes {} for {} messages, {} times as long as Comity.",
        fastest.name,
        time(fastest.ns),
        messages(size),
        digits(median(fastest.ratios_to(comity))),
    ))
}

fn compiling(size: &Size) -> Option<String> {
    let took = |what: &str| {
        let one = size.compiled.iter().find(|one| one.what == what)?;
        Some(time(one.seconds * 1e9))
    };
    let (whole, edit) = took("Comity, text to ready").zip(took("one message changed"))?;
    let messages = messages(size);
    Some(format!(
        "To make a policy of {messages} messages ready takes {whole} from its text, and {edit} where one of them was changed."
    ))
}

fn messages(size: &Size) -> String {
    grouped(size.shape.messages as f64)
}
