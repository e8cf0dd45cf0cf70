//! A report as one HTML page: tables and charts, for light and dark, that loads nothing from elsewhere.

use super::chart::{Row, bars, intervals};
use super::human::{part, percent, points, range, sample_ratio, signed, signed_percent, sums};
use crate::table::grouped;
use comity_compiler::graph::markup;
use comity_runtime::report::{
    ArmOutcome, Comparison, Estimate, JourneyActivity, MessageActivity, OutcomeTable, Report,
};
use std::fmt::Write as _;

const STYLE: &str = include_str!("page.css");

pub(super) fn render(report: &Report, records: &str) -> String {
    let mut body = String::new();
    let figures = &report.figures;
    _ = write!(
        body,
        "<h1>Report</h1><p class=\"lead\">{} customers, {} records of <code>{}</code>",
        grouped(figures.customers),
        grouped(figures.records),
        markup(records)
    );
    if figures.events > 0 {
        _ = write!(body, ", {} events", grouped(figures.events));
    }
    body.push_str("</p>");
    for (kind, comparisons) in [("Experiment", &report.experiments), ("Holdout", &report.holdouts)] {
        for comparison in comparisons {
            compare(&mut body, kind, comparison);
        }
    }
    if !report.journeys.is_empty() {
        body.push_str("<section><h2>Journeys</h2>");
        journeys(&mut body, &report.journeys);
        body.push_str("</section>");
    }
    if !report.messages.is_empty() {
        body.push_str("<section><h2>Messages</h2>");
        messages(&mut body, &report.messages);
        body.push_str("</section>");
    }
    body.push_str(concat!(
        "<footer><p>Ranges hold with 95% confidence; where 0 lies within one, it can be chance. Several arms are each ",
        "compared with one, without a correction for their number.</p>",
        "<p>Rates: Wilson 1927. Differences of rates: Newcombe 1998, method 10. Lift of rates: Katz 1978. Values: ",
        "Student and Welch 1947. Lift of values: delta method on the logarithm. Sample ratio: Pearson's chi-squared, ",
        "alarm below p = 0.001.</p></footer>",
    ));
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\"><meta http-equiv=\"Content-Security-Policy\" \
         content=\"default-src 'none'; style-src 'unsafe-inline'\"><title>Report</title><style>{STYLE}</style></head>\
         <body><main>{body}</main></body></html>\n"
    )
}

fn compare(body: &mut String, kind: &str, comparison: &Comparison) {
    let (alarming, ratio) = sample_ratio(comparison);
    let class = if alarming { "alarm" } else { "fine" };
    _ = write!(
        body,
        "<section><h2>{kind} <code>{}</code></h2><p>{} customers, compared with <code>{}</code>.</p>\
         <p class=\"{class}\">{}</p>",
        markup(&comparison.name),
        grouped(comparison.arms.iter().map(|side| side.exposed).sum()),
        markup(&comparison.control),
        markup(&ratio)
    );
    for outcome in &comparison.outcomes {
        _ = write!(body, "<h3>{}</h3>", markup(&outcome.outcome));
        rates(body, outcome, &comparison.control);
        values(body, outcome, &comparison.control);
    }
    body.push_str("</section>");
}

/// The arms of an outcome with one of their estimates. The control is grey, wherever it stands.
fn arms<'a>(
    outcome: &'a OutcomeTable,
    control: &str,
    estimate: impl Fn(&ArmOutcome) -> Option<Estimate>,
) -> Vec<Row<'a>> {
    const COLOURS: usize = 4;
    let mut others = 0;
    let row = |arm: &'a ArmOutcome| {
        let is_control = arm.arm == control;
        others += usize::from(!is_control);
        let colour = if is_control { 0 } else { (others - 1) % COLOURS + 1 };
        Some(Row { name: &arm.arm, colour, estimate: estimate(arm)? })
    };
    outcome.arms.iter().filter_map(row).collect()
}

fn rates(body: &mut String, outcome: &OutcomeTable, control: &str) {
    let of = |estimate: fn(&ArmOutcome) -> Option<Estimate>| arms(outcome, control, estimate);
    figure(body, "Rate of conversion", &intervals("Rate of conversion", &of(|arm| arm.rate), &short_percent));
    figure(body, "Lift of the rate", &intervals("Lift of the rate", &of(|arm| arm.lift), &signed_percent));
    let rows = outcome.arms.iter().map(|arm| {
        vec![
            arm.arm.clone(),
            grouped(arm.exposed),
            grouped(arm.converted),
            range(arm.rate, percent),
            range(arm.difference, points),
            range(arm.lift, signed_percent),
        ]
    });
    table(body, &["arm", "exposed", "converted", "rate", "difference", "lift"], rows);
}

fn values(body: &mut String, outcome: &OutcomeTable, control: &str) {
    let currencies = outcome.arms.first().map_or(0, |arm| arm.value.len());
    for at in 0..currencies {
        let worth = |arm: &ArmOutcome| arm.value.get(at).cloned();
        let currency = outcome.arms.iter().find_map(worth).map(|worth| worth.currency).unwrap_or_default();
        let means = arms(outcome, control, |arm| worth(arm)?.mean);
        let title = format!("Value per customer, {currency}");
        figure(body, &title, &intervals(&title, &means, &|value| format!("{value:.2}")));
        let rows = outcome.arms.iter().filter_map(|arm| {
            let worth = worth(arm)?;
            Some(vec![
                arm.arm.clone(),
                format!("{} {currency}", worth.sum),
                range(worth.mean, |value| format!("{value:.4}")),
                range(worth.difference, |value| signed(value, 4)),
                range(worth.lift, signed_percent),
            ])
        });
        table(body, &["arm", "in all", "per customer", "difference", "lift"], rows);
    }
}

fn journeys(body: &mut String, journeys: &[JourneyActivity]) {
    for journey in journeys {
        let mut rows = vec![("entered".to_owned(), journey.entered)];
        rows.push(("messages sent".to_owned(), journey.sent));
        if let Some(reports) = &journey.reports {
            rows.push(("opened".to_owned(), reports.opened));
            rows.push(("clicked".to_owned(), reports.clicked));
        }
        rows.push(("goal met".to_owned(), journey.goals));
        rows.extend(journey.reasons.iter().map(|(reason, count)| (format!("stopped {reason}"), *count)));
        figure(body, &journey.journey, &bars(&journey.journey, &rows));
    }
    let rows = journeys.iter().map(|journey| {
        let counts = [journey.entered, journey.finished, journey.stopped, journey.running, journey.goals];
        let mut row = vec![journey.journey.clone()];
        row.extend(counts.map(grouped));
        row.extend([part(journey.goals, journey.entered), sums(&journey.value), sums(&journey.cost)]);
        row
    });
    let header =
        ["journey", "entered", "finished", "stopped", "running", "goals", "of entered", "value", "cost"];
    table(body, &header, rows);
}

fn messages(body: &mut String, messages: &[MessageActivity]) {
    let name = |message: &MessageActivity| format!("{}, {}", message.message, message.channel);
    let sent =
        messages.iter().map(|message| (name(message), message.sent + message.shown)).collect::<Vec<_>>();
    figure(body, "Messages that left", &bars("Messages that left", &sent));
    let has_reports = messages.iter().any(|message| message.reports.is_some());
    let mut header = vec!["message", "channel", "sent", "shown", "held out", "deferred", "blocked"];
    header.extend(if has_reports { &["delivered", "opened", "clicked", "unsubscribed"][..] } else { &[] });
    header.extend(["goals", "cost"]);
    let rows = messages.iter().map(|message| {
        let mut row = vec![message.message.clone(), message.channel.clone()];
        let counts = [message.sent, message.shown, message.held_out, message.deferred, message.blocked];
        row.extend(counts.map(grouped));
        if let Some(reports) = &message.reports {
            let all = message.sent + message.shown;
            row.push(grouped(reports.delivered));
            row.extend([reports.opened, reports.clicked].map(|count| match count {
                0 => "0".to_owned(),
                count => format!("{} ({})", grouped(count), part(count, all)),
            }));
            row.push(grouped(reports.unsubscribed));
        }
        row.push(message.goals.map_or_else(|| "–".to_owned(), grouped));
        row.push(sums(&message.cost));
        row
    });
    table(body, &header, rows);
}

fn figure(body: &mut String, caption: &str, svg: &str) {
    if !svg.is_empty() {
        _ = write!(body, "<figure><figcaption>{}</figcaption>{svg}</figure>", markup(caption));
    }
}

fn table(body: &mut String, header: &[&str], rows: impl Iterator<Item = Vec<String>>) {
    body.push_str("<div class=\"scroll\"><table><thead><tr>");
    for name in header {
        _ = write!(body, "<th>{}</th>", markup(name));
    }
    body.push_str("</tr></thead><tbody>");
    for row in rows {
        body.push_str("<tr>");
        for cell in row {
            _ = write!(body, "<td>{}</td>", markup(&cell));
        }
        body.push_str("</tr>");
    }
    body.push_str("</tbody></table></div>");
}

fn short_percent(value: f64) -> String {
    format!("{:.2}%", value * 100.0)
}
