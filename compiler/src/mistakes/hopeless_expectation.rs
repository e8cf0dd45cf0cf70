//! E0910: a test expects, or lets happen, what never can.

use super::prelude::*;
use crate::builtin::{SENT, is_delivery};
use crate::checked::Message;
use crate::ids::{ChannelId, FileId, MessageId, PlacementId};
use crate::resolve::{Names, Symbol};
use comity_grammar::tree::{self, Expectation, ExprKind, TestStatementKind as Statement};

pub(super) const CODE: Code = Code::new("E0910", include_str!("../../../docs/diagnostics/E0910.md"));

/// Expectations that no policy like this can meet: a message on a channel that it doesn't have, or shown where nothing
/// was decided.
pub(crate) fn check(names: &Names<'_>, checked: &Checked) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for test in &names.tests {
        let one = Test { names, checked, file: test.file };
        // The last decision; of a placement that isn't known nothing can be said.
        let mut decided: Option<Option<PlacementId>> = None;
        let mut happened = Happened::default();
        for statement in &test.node.statements {
            if let Statement::Event { event, message, .. } = &statement.kind {
                problems.extend(one.reported(event, message.as_ref(), &happened));
            }
            happened.take(&statement.kind);
            match &statement.kind {
                Statement::Decide(path) => decided = Some(one.placement(path)),
                Statement::Expect(Expectation::Sent { message, via, .. }) => {
                    problems.extend(one.sent(message, via.as_ref()));
                }
                Statement::Expect(Expectation::Shown(messages)) => match decided {
                    Some(None) => {}
                    Some(Some(placement)) => {
                        problems.extend(messages.iter().filter_map(|path| one.shown(path, placement)));
                    }
                    None => problems.extend(messages.first().map(|path| one.nothing_decided(path))),
                },
                Statement::Event { message: Some(message), fields: Some(fields), .. } => {
                    let channel = fields.iter().find(|field| field.name.text == "channel");
                    if let Some(channel) = channel
                        && let ExprKind::Name(name) = &channel.value.kind
                    {
                        let via = tree::Path { package: None, name: name.clone() };
                        problems.extend(one.delivered(message, &via));
                    }
                }
                _ => {}
            }
        }
    }
    problems
}

/// What has happened in a test so far that can have sent something.
#[derive(Default)]
struct Happened {
    anything: bool,
    clock: bool,
}

impl Happened {
    fn take(&mut self, statement: &Statement) {
        match statement {
            Statement::Event { message: None, .. } | Statement::After(_) | Statement::Decide(_) => {
                self.anything = true;
            }
            // The first one only begins the story; what is due until the next one happens.
            Statement::At { .. } => self.anything |= std::mem::replace(&mut self.clock, true),
            _ => {}
        }
    }
}

struct Test<'t> {
    names: &'t Names<'t>,
    checked: &'t Checked,
    file: FileId,
}

impl Test<'_> {
    fn message(&self, path: &tree::Path) -> Option<&Message> {
        let found: Option<MessageId> = match self.names.find(self.file, path)? {
            (Symbol::Message(id), _) => Some(id),
            _ => None,
        };
        let message = &self.checked.messages[found?.index()];
        // One without any way out, or with one that isn't known, has been told of.
        (!message.via.is_empty() || !message.placements.is_empty()).then_some(message)
    }

    fn channel(&self, path: &tree::Path) -> Option<ChannelId> {
        match self.names.find(self.file, path)? {
            (Symbol::Channel(id), _) => Some(id),
            _ => None,
        }
    }

    fn placement(&self, path: &tree::Path) -> Option<PlacementId> {
        match self.names.find(self.file, path)? {
            (Symbol::Placement(id), _) => Some(id),
            _ => None,
        }
    }

    fn sent(&self, path: &tree::Path, via: Option<&tree::Path>) -> Option<Diagnostic> {
        let message = self.message(path)?;
        let here = at(self.file, path.span());
        if message.via.is_empty() {
            let text = format!("`{}` is never sent: it is only shown", message.name);
            return Some(
                CODE.at(here, text, "never sent")
                    .also(message.at, "has no `via`")
                    .help(format!("write `decide` and a placement, then `expect shown {}`", message.name)),
            );
        }
        let via = via?;
        let channel = self.channel(via)?;
        if message.via.contains(&channel) {
            return None;
        }
        let known = message.via.iter().map(|id| self.checked.channels[id.index()].name.as_str());
        let text = format!("`{}` never goes out on `{}`", message.name, via.name.text);
        Some(
            CODE.at(at(self.file, via.span()), text, "not one of its channels")
                .also(message.at, "the message")
                .help(format!("it goes out on {}", named(known, "or"))),
        )
    }

    /// What the world says of a message that it can't have got, or not in this way.
    fn reported(
        &self,
        event: &tree::Path,
        path: Option<&tree::Path>,
        happened: &Happened,
    ) -> Option<Diagnostic> {
        let here = at(self.file, event.span());
        let (Symbol::Event(id), _) = self.names.find(self.file, event)? else { return None };
        if id == SENT {
            return Some(
                CODE.at(
                    here,
                    "`sent` is what the policy does: it can't be reported to it",
                    "not from outside",
                )
                .help("write what happens before, and `expect sent …`"),
            );
        }
        if !is_delivery(id) {
            return None;
        }
        if !happened.anything {
            return Some(
                CODE.at(
                    here,
                    format!("nothing was sent yet, so nothing can be `{}`", event.name.text),
                    "too early",
                )
                .help("write before it what the message is sent for: `event …`, `after …` or `decide …`"),
            );
        }
        let message = self.message(path?)?;
        let only_shown =
            ["delivered", "failed", "opened", "unsubscribed"].contains(&event.name.text.as_str());
        let (text, help) =
            match (event.name.text.as_str(), message.placements.is_empty(), message.via.is_empty()) {
                ("shown", true, _) => (
                    format!("`{}` is never shown: it has no `at`", message.name),
                    "of a message that is sent, `opened` and `clicked` are told",
                ),
                (word, _, true) if only_shown => (
                    format!("`{}` is only shown, so it is never `{word}`", message.name),
                    "of a message that is shown, `clicked` and `dismissed` are told",
                ),
                _ => return None,
            };
        Some(CODE.at(here, text, "never happens").also(message.at, "the message").help(help))
    }

    fn delivered(&self, path: &tree::Path, via: &tree::Path) -> Option<Diagnostic> {
        let message = self.message(path)?;
        let channel = self.channel(via)?;
        let shown = message.placements.iter().map(|id| self.checked.placements[id.index()].channel);
        let channels: Vec<ChannelId> = message.via.iter().copied().chain(shown).collect();
        if channels.contains(&channel) {
            return None;
        }
        let text = format!("`{}` never goes out on `{}`", message.name, via.name.text);
        Some(
            CODE.at(at(self.file, via.span()), text, "not one of its channels")
                .also(message.at, "the message")
                .help("name one of its channels, or leave the channel out: then its latest send is meant"),
        )
    }

    fn shown(&self, path: &tree::Path, placement: PlacementId) -> Option<Diagnostic> {
        let message = self.message(path)?;
        if message.placements.contains(&placement) {
            return None;
        }
        let place = &self.checked.placements[placement.index()].name;
        let text = format!("`{}` is never shown on `{place}`", message.name);
        Some(
            CODE.at(at(self.file, path.span()), text, format!("not a candidate for `{place}`"))
                .also(message.at, format!("without `at {place}`"))
                .help(format!("write `at {place}` in the message, or decide another placement")),
        )
    }

    fn nothing_decided(&self, path: &tree::Path) -> Diagnostic {
        CODE.at(at(self.file, path.span()), "nothing was decided yet, so nothing is shown", "too early").help(
            "write `decide` and a placement before it: what is expected is what the last decision showed",
        )
    }
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn what_can_not_be() {
        with_messages(
            r#"message mail { class promotional purpose marketing on cart via email content email { subject "a" body "b" } }
message banner { class promotional purpose marketing at hero content hero { text "a" } }
placement other { on web show 1 }
test "t" {
  expect sent mail via email 2 times
  expect sent mail via sms
//                     ^^^ E0910
  expect sent banner
//            ^^^^^^ E0910
  expect shown banner
//             ^^^^^^ E0910
  decide hero
  expect shown banner, mail
//                     ^^^^ E0910
  decide other
  expect shown banner
//             ^^^^^^ E0910
  event cart { cart: "k", value: 3 EUR }
  event opened(mail) { channel: push }
//                              ^^^^ E0910
  event opened(mail)
  expect not sent banner
}
"#,
        );
    }

    #[test]
    fn what_the_world_can_not_say() {
        with_messages(
            r#"message mail { class promotional purpose marketing on cart via email content email { subject "a" body "b" } }
message banner { class promotional purpose marketing at hero content hero { text "a" } }
test "t" {
  at 2026-11-02 10:00
  event opened(mail)
//      ^^^^^^ E0910
  event cart { cart: "k", value: 3 EUR }
  event opened(mail)
  event sent(mail)
//      ^^^^ E0910
  event shown(mail)
//      ^^^^^ E0910
  event delivered(banner)
//      ^^^^^^^^^ E0910
  event clicked(banner)
  event dismissed(banner)
  event clicked(mail)
}
"#,
        );
    }
}
