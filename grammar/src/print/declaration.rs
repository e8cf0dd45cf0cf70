//! Declarations except journeys and tests, one line per property.

use super::expression::{cell, expression, literal, occurrence, range};
use super::{Outline, journey, name, names, path, paths, text, with};
use crate::tree::*;

pub(super) fn print(outline: &mut Outline, declaration: &Declaration) {
    for line in &declaration.doc {
        outline.line(format!("/// {}", line.value));
    }
    match &declaration.kind {
        DeclarationKind::Error => outline.line("<error>"),
        DeclarationKind::Enum(one) => {
            let ordered = if one.ordered { " ordered" } else { "" };
            outline.line(format!("enum {}{ordered}: {}", name(&one.name), names(&one.members)));
        }
        DeclarationKind::Profile(one) => {
            outline.node("profile", |outline| attributes(outline, &one.attributes))
        }
        DeclarationKind::EveryMessage(one) => {
            outline.node("every message", |outline| attributes(outline, &one.attributes));
        }
        DeclarationKind::Event(one) => event(outline, one),
        DeclarationKind::Segment(one) => {
            outline.line(format!("segment {} = {}", name(&one.name), expression(&one.condition)));
        }
        DeclarationKind::Let(one) => {
            let parameters = with("of", &parameters(&one.parameters));
            outline.line(format!("let {}{parameters} = {}", name(&one.name), expression(&one.value)));
        }
        DeclarationKind::Table(one) => {
            let head = format!(
                "table {} (of {}): {}",
                name(&one.name),
                parameters(&one.parameters),
                ty(&one.result)
            );
            outline.node(head, |outline| {
                for row in &one.rows {
                    let cells: Vec<_> = row.cells.iter().map(cell).collect();
                    outline.line(format!("{} => {}", cells.join(" "), expression(&row.result)));
                }
            });
        }
        DeclarationKind::Channel(one) => channel(outline, one),
        DeclarationKind::Placement(one) => {
            outline.node(format!("placement {}", name(&one.name)), |outline| {
                for property in &one.properties {
                    outline.line(match &property.kind {
                        PlacementPropertyKind::Error => "<error>".to_owned(),
                        PlacementPropertyKind::On(channel) => format!("on {}", path(channel)),
                        PlacementPropertyKind::Show(count) => format!("show {}", literal(count)),
                        PlacementPropertyKind::Distinct(attribute) => format!("distinct {}", name(attribute)),
                    });
                }
            })
        }
        DeclarationKind::Class(one) => {
            outline.line(format!("class {}{}", name(&one.name), with("ignores", &names(&one.ignores))));
        }
        DeclarationKind::Purpose(one) => purpose(outline, one),
        DeclarationKind::Message(one) => outline.node(format!("message {}", name(&one.name)), |outline| {
            for property in &one.properties {
                message_property(outline, &property.kind);
            }
        }),
        DeclarationKind::Cap(one) => cap(outline, one),
        DeclarationKind::Suppress(one) => {
            let selector = selector(&one.selector);
            outline.line(format!("suppress {selector} (when {})", expression(&one.condition)));
        }
        DeclarationKind::Arbitrate(one) => arbitrate(outline, one),
        DeclarationKind::Holdout(one) => {
            let salt = with("salt", &one.salt.as_ref().map(text).unwrap_or_default());
            let (share, classes) = (literal(&one.share), paths(&one.classes));
            outline.line(format!("holdout {} {share} (of {classes}){salt}", name(&one.name)));
        }
        DeclarationKind::Experiment(one) => experiment(outline, one),
        DeclarationKind::Model(one) => {
            let head = format!("model {} (from {})", name(&one.name), text(&one.file));
            outline.node(head, |outline| {
                for property in &one.properties {
                    outline.line(match &property.kind {
                        ModelPropertyKind::Error => "<error>".to_owned(),
                        ModelPropertyKind::Format(format) => format!("format {}", name(format)),
                        ModelPropertyKind::Feature { name: feature, value } => {
                            format!("feature {} = {}", name(feature), expression(value))
                        }
                    });
                }
            });
        }
        DeclarationKind::Journey(one) => journey::journey(outline, one),
        DeclarationKind::Stop(one) => {
            outline.line(format!("stop {} (on {})", paths(&one.classes), occurrence(&one.on)));
        }
        DeclarationKind::Test(one) => journey::test(outline, one),
        DeclarationKind::Invariant(one) => {
            let (selector, condition) = (selector(&one.selector), expression(&one.condition));
            outline.line(format!("invariant {}: {selector} (requires {condition})", name(&one.name)));
        }
    }
}

fn ty(ty: &Type) -> String {
    let kind = match &ty.kind {
        TypeKind::Error => "<error>".to_owned(),
        TypeKind::Named(name) => path(name),
        TypeKind::Money(currency) => format!("money:{}", currency.text),
        TypeKind::Set(element) => format!("(set {})", self::ty(element)),
    };
    if ty.optional { format!("{kind}?") } else { kind }
}

fn parameters(all: &[Parameter]) -> String {
    all.iter().map(|one| format!("{}: {}", name(&one.name), ty(&one.ty))).collect::<Vec<_>>().join(", ")
}

fn attributes(outline: &mut Outline, all: &[Attribute]) {
    for one in all {
        for line in &one.doc {
            outline.line(format!("/// {}", line.value));
        }
        let default = one.default.as_ref().map(literal).or(one.default_member.as_ref().map(name));
        let default = default.map(|default| format!(" = {default}")).unwrap_or_default();
        let personal = if one.personal.is_some() { " personal" } else { "" };
        let only = with("only-for", &paths(&one.only_for));
        outline.line(format!("{}: {}{default}{personal}{only}", name(&one.name), ty(&one.ty)));
    }
}

fn event(outline: &mut Outline, event: &Event) {
    let head = format!("event {}{}", name(&event.name), with("only-for", &paths(&event.only_for)));
    outline.node(head, |outline| {
        for field in &event.fields {
            for line in &field.doc {
                outline.line(format!("/// {}", line.value));
            }
            let only = with("only-for", &paths(&field.only_for));
            outline.line(format!("{}: {}{only}", name(&field.name), ty(&field.ty)));
        }
    });
}

fn channel(outline: &mut Outline, channel: &Channel) {
    outline.node(format!("channel {}", name(&channel.name)), |outline| {
        for property in &channel.properties {
            outline.line(match &property.kind {
                ChannelPropertyKind::Error => "<error>".to_owned(),
                ChannelPropertyKind::Inbound => "inbound".to_owned(),
                ChannelPropertyKind::To { device, address } => {
                    format!("to{} {}", if *device { " device" } else { "" }, expression(address))
                }
                ChannelPropertyKind::Quiet(quiet) => {
                    let on = with("on", &names(&quiet.weekdays));
                    format!("quiet {}{on}{}", range(&quiet.range), when(&quiet.condition))
                }
                ChannelPropertyKind::Spread(duration) => format!("spread {}", literal(duration)),
                ChannelPropertyKind::Cost(money) => format!("cost {}", literal(money)),
            });
        }
    });
}

fn when(condition: &Option<Expr>) -> String {
    with("when", &condition.as_ref().map(expression).unwrap_or_default())
}

fn purpose(outline: &mut Outline, purpose: &Purpose) {
    outline.node(format!("purpose {}", name(&purpose.name)), |outline| {
        for rule in &purpose.rules {
            let mode = match rule.mode {
                ConsentMode::OptIn => "opt_in",
                ConsentMode::DoubleOptIn => "double_opt_in",
                ConsentMode::OptOut => "opt_out",
                ConsentMode::Always => "always",
                ConsentMode::Never => "never",
            };
            outline.line(format!("{mode} (on {}){}", paths(&rule.channels), when(&rule.condition)));
        }
    });
}

fn selector(selector: &Selector) -> String {
    let what = if selector.any.is_some() { "any".to_owned() } else { paths(&selector.classes) };
    let (tags, channels) = (with("tagged", &names(&selector.tags)), with("on", &paths(&selector.channels)));
    format!("(for {what}{tags}{channels})")
}

fn cap(outline: &mut Outline, cap: &Cap) {
    let span = match &cap.span_of {
        CapSpan::Error(_) => "<error>".to_owned(),
        CapSpan::Rolling(duration) => literal(duration),
        CapSpan::Day(_) => "day".to_owned(),
        CapSpan::Week(_) => "week".to_owned(),
        CapSpan::Month(_) => "month".to_owned(),
    };
    let per = match cap.per {
        None => "",
        Some((CapPer::Message, _)) => " (per message)",
        Some((CapPer::Tag, _)) => " (per tag)",
        Some((CapPer::Channel, _)) => " (per channel)",
    };
    let (limit, selector) = (literal(&cap.limit), selector(&cap.selector));
    outline.line(format!("cap {} {limit} (per {span}) {selector}{per}", name(&cap.name)));
}

fn arbitrate(outline: &mut Outline, arbitrate: &Arbitrate) {
    outline.node("arbitrate", |outline| {
        for property in &arbitrate.properties {
            outline.line(match &property.kind {
                ArbitratePropertyKind::Error => "<error>".to_owned(),
                ArbitratePropertyKind::Rank(classes) => format!("rank {}", paths(classes)),
                ArbitratePropertyKind::Score(score) => format!("score {}", expression(score)),
                ArbitratePropertyKind::Pick { limit, per_channel } => {
                    let per = if *per_channel { " (per channel)" } else { "" };
                    format!("pick {}{per}", literal(limit))
                }
            });
        }
    });
}

fn experiment(outline: &mut Outline, experiment: &Experiment) {
    outline.node(format!("experiment {}", name(&experiment.name)), |outline| {
        for property in &experiment.properties {
            outline.line(match &property.kind {
                ExperimentPropertyKind::Error => "<error>".to_owned(),
                ExperimentPropertyKind::Arms(arms) => {
                    let arms: Vec<_> = arms
                        .iter()
                        .map(|(arm, share)| format!("({} {})", name(arm), literal(share)))
                        .collect();
                    format!("arms {}", arms.join(" "))
                }
                ExperimentPropertyKind::Salt(salt) => format!("salt {}", text(salt)),
                ExperimentPropertyKind::Goal { occurrence: on, within } => {
                    format!("goal {} (within {})", occurrence(on), literal(within))
                }
            });
        }
    });
}

fn message_property(outline: &mut Outline, property: &MessagePropertyKind) {
    outline.line(match property {
        MessagePropertyKind::Error => "<error>".to_owned(),
        MessagePropertyKind::Class(class) => format!("class {}", path(class)),
        MessagePropertyKind::Purpose(purposes) => format!("purpose {}", paths(purposes)),
        MessagePropertyKind::Owner(owner) => format!("owner {}", text(owner)),
        MessagePropertyKind::Tags(tags) => format!("tags {}", names(tags)),
        MessagePropertyKind::Attribute { name: attribute, value } => {
            format!("{} = {}", name(attribute), expression(value))
        }
        MessagePropertyKind::Active(dates) => format!("active {}", range(dates)),
        MessagePropertyKind::When(condition) => format!("when {}", expression(condition)),
        MessagePropertyKind::Unless(condition) => format!("unless {}", expression(condition)),
        MessagePropertyKind::On(on) => format!("on {}", occurrence(on)),
        MessagePropertyKind::At(placements) => format!("at {}", paths(placements)),
        MessagePropertyKind::Value(value) => format!("value {}", expression(value)),
        MessagePropertyKind::Propensity(value) => format!("propensity {}", expression(value)),
        MessagePropertyKind::Lever(value) => format!("lever {}", expression(value)),
        MessagePropertyKind::Expires(duration) => format!("expires {}", literal(duration)),
        MessagePropertyKind::Via(channels) => format!("via {}", paths(channels)),
        MessagePropertyKind::Content(one) => return content(outline, one),
    });
}

fn content(outline: &mut Outline, content: &Content) {
    let language = with("for", &content.language.as_ref().map(text).unwrap_or_default());
    outline.node(format!("content {}{language}", path(&content.place)), |outline| {
        for field in &content.fields {
            let pieces = field.template.pieces.iter().map(|piece| match piece {
                Piece::Text(plain) => format!("{plain:?}"),
                Piece::Value(value) => format!("{{{}}}", expression(value)),
            });
            outline.line(format!("{} {}", name(&field.name), pieces.collect::<Vec<_>>().join(" ")));
        }
    });
}
