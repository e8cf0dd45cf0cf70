//! Journeys, with the message that they send.

use super::Maker;

/// Statements nest no deeper.
const DEPTH: u64 = 2;

impl Maker<'_> {
    pub(super) fn journey(&mut self) -> String {
        let message = self.sent();
        let (name, buy) = (self.fresh("journey"), self.need("buy"));
        let mut text = format!("journey {name} {{ on {buy}");
        for property in 0..8 {
            if !self.random.once_in(3) {
                continue;
            }
            text.push_str(&match property {
                0 => format!(" class {}", self.need("promotional")),
                1 => " key trigger.order".to_owned(),
                2 => format!(" when {}", self.bool(1)),
                3 => {
                    let reenter = ["never", "after 7d", "when finished", "always"];
                    format!(" reenter {}", self.random.pick(&reenter))
                }
                4 => " touches 3".to_owned(),
                5 => format!(" stop on {buy} where order == trigger.order"),
                6 => format!(" stop when {}", self.segment_condition(0)),
                _ => format!(" goal {} within 7d", self.need("ping")),
            });
        }
        let body = self.statements(DEPTH, &message);
        format!("{text}\n{body}  send {message}\n}}")
    }

    /// A message that nothing proposes but a journey.
    fn sent(&mut self) -> String {
        let name = self.fresh("letter");
        let (class, purpose) = (self.need("promotional"), self.need("marketing"));
        let (email, sms) = (self.need("email_channel"), self.need("sms_channel"));
        self.own.push(format!(
            "message {name} {{ class {class} purpose {purpose} via {email}, {sms} content {email} {{ text \
             \"{{event.amount}}\" }} content {sms} {{ text \"a\" link \"b\" }} }}"
        ));
        name
    }

    fn statements(&mut self, depth: u64, message: &str) -> String {
        let count = 1 + self.random.below(3);
        (0..count).map(|_| format!("  {}\n", self.statement(depth, message))).collect()
    }

    fn block(&mut self, depth: u64, message: &str) -> String {
        format!("{{ {}}}", self.statements(depth - 1, message).replace('\n', " "))
    }

    fn statement(&mut self, depth: u64, message: &str) -> String {
        let (email, sms) = (self.need("email_channel"), self.need("sms_channel"));
        if depth > 0 && self.random.once_in(2) {
            let (one, other) = (self.block(depth, message), self.block(depth, message));
            return match self.random.below(7) {
                0 => format!("if {} {one} else {other}", self.bool(1)),
                1 => format!("if {} {one} else if {} {other}", self.bool(0), self.bool(0)),
                2 => format!("split {} {{ a {one} b {other} }}", self.need("trial")),
                3 => format!("repeat 2 times {one}"),
                4 => format!("together {{ {one} {other} }}"),
                5 => format!("send {message} via {email} else {one}"),
                _ => {
                    let ping = self.need("ping");
                    format!("wait for opened({message}) or {ping} up to 24h then {one} else {other}")
                }
            };
        }
        match self.random.below(10) {
            0 => "wait 30m".to_owned(),
            1 => format!("wait 30 minutes restart on {} up to 4h", self.need("ping")),
            2 => {
                self.need("timezone");
                self.random.pick(&["wait until 10:00", "wait until 08:30 on monday"]).to_owned()
            }
            3 => format!("wait for ({} where amount > 3 EUR) up to 1d", self.need("buy")),
            4 => format!("send {message}"),
            5 => format!("send {message} via {sms}, {email}"),
            6 => format!("send {message} via {sms} then {email} within 2h"),
            7 => {
                self.need("token");
                "set profile.token = \"x\"".to_owned()
            }
            8 => format!("emit call_list {{ reason: \"none\", amount: {} }}", self.money(0)),
            _ => "if true { exit }".to_owned(),
        }
    }
}
