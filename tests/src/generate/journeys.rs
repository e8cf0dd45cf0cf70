//! Random journeys, with messages that only they send.

use super::{CATEGORIES, Writer};
use std::fmt::Write;

/// Statements nest no deeper.
const DEPTH: u64 = 3;

impl Writer<'_> {
    pub(super) fn journeys(&mut self) {
        let count = self.random.below(4).saturating_sub(1);
        for index in 0..count {
            self.journey(index);
        }
        if count > 0 && self.random.once_in(3) {
            let filter = self.filter("buy");
            let _ = writeln!(self.out, "stop lifecycle, promotional journeys on buy where {filter}");
        }
    }

    fn journey(&mut self, index: u64) {
        let event = match self.random.below(6) {
            0 | 1 => Some("view"),
            2 | 3 => Some("buy"),
            _ => None,
        };
        for message in 0..2 {
            self.sent_by_journey(index, message, event);
        }
        self.event = None;
        let _ = write!(self.out, "journey j{index} {{");
        if self.random.below(3) > 0 {
            let _ = write!(self.out, " class {}", self.random.pick(&["lifecycle", "promotional"]));
        }
        match event {
            Some(event) => {
                let _ = write!(self.out, " on {event}");
                if self.random.once_in(3) {
                    let filter = self.filter(event);
                    let _ = write!(self.out, " where {filter}");
                }
                if self.random.once_in(2) {
                    self.out.push_str(" key trigger.category");
                }
            }
            None => {
                let segment = self.random.below(self.segments);
                let on = match self.random.below(4) {
                    0 => format!("enter seg{segment}"),
                    1 => "every day at 02:30".to_owned(),
                    _ => "ping".to_owned(),
                };
                let _ = write!(self.out, " on {on}");
            }
        }
        if self.random.once_in(3) {
            let when = self.condition(event);
            let _ = write!(self.out, " when {when}");
        }
        let reenter = ["", "reenter never", "reenter after 2h", "reenter when finished", "reenter always"];
        let _ = write!(self.out, " {}", self.random.pick(&reenter));
        if self.random.once_in(3) {
            let _ = write!(self.out, " touches {}", 1 + self.random.below(2));
        }
        if self.random.once_in(3) {
            let filter = self.filter("buy");
            let on = match (event, self.random.below(4)) {
                (Some(_), 0) => "buy where category == trigger.category".to_owned(),
                (_, 1) => "leave seg0".to_owned(),
                (_, 2) => "opened".to_owned(),
                _ => format!("buy where {filter}"),
            };
            let _ = write!(self.out, " stop on {on}");
        }
        if self.random.once_in(4) {
            let condition = self.segment_condition(1);
            let _ = write!(self.out, " stop when {condition}");
        }
        if self.random.once_in(2) {
            self.out.push_str(" goal buy within 1d");
        }
        self.statements(index, event, DEPTH);
        // Each of its messages is sent somewhere.
        let _ = write!(self.out, " send s{index}_0 send s{index}_1");
        self.out.push_str(" }\n");
    }

    fn sent_by_journey(&mut self, journey: u64, index: u64, event: Option<&'static str>) {
        self.event = event;
        let class = self.random.pick(&["service", "lifecycle", "promotional"]);
        let purpose = self.random.pick(&["marketing", "servicing", "care"]);
        let _ = write!(self.out, "message s{journey}_{index} {{ class {class} purpose {purpose}");
        if self.random.once_in(2) {
            let when = self.bool(2);
            let _ = write!(self.out, " when {when}");
        }
        if self.random.once_in(4) {
            let _ = write!(self.out, " unless arm(trial) == {}", self.random.pick(&["a", "b"]));
        }
        if self.random.once_in(4) {
            let _ = write!(self.out, " expires {}", self.random.pick(&["1h", "3d"]));
        }
        if self.random.once_in(3) {
            let value = self.number(2);
            let _ = write!(self.out, " value {value}");
        }
        let text = self.piece();
        let _ = writeln!(
            self.out,
            " via push, sms, email content push {{ text \"{text}\" }} content sms {{ text \"{text}\" }} content email {{ subject \"{text}\" body \"b\" }} }}"
        );
    }

    /// A condition inside a journey, which knows its trigger but no `event`.
    fn condition(&mut self, event: Option<&'static str>) -> String {
        match (event, self.random.below(5)) {
            (Some(_), 0) => format!("trigger.category == \"{}\"", self.random.pick(CATEGORIES)),
            (Some("view"), 1) => "trigger.price > 10 EUR".to_owned(),
            (Some(_), 1) => "trigger.weight > 1.5".to_owned(),
            (_, 2) => format!("arm(trial) == {}", self.random.pick(&["a", "b"])),
            _ => self.bool(2),
        }
    }

    fn awaited(&mut self, journey: u64) -> String {
        let segment = self.random.below(self.segments);
        match self.random.below(7) {
            0 => format!("opened(s{journey}_0)"),
            1 => "clicked".to_owned(),
            2 => format!("enter seg{segment}"),
            3 => format!("leave seg{segment}"),
            _ => self.pattern().1,
        }
    }

    fn statements(&mut self, journey: u64, event: Option<&'static str>, depth: u64) {
        for _ in 0..1 + self.random.below(if depth == DEPTH { 4 } else { 2 }) {
            self.statement(journey, event, depth);
        }
    }

    fn block(&mut self, journey: u64, event: Option<&'static str>, depth: u64) {
        self.out.push_str(" {");
        if !self.random.once_in(5) {
            self.statements(journey, event, depth);
            if self.random.once_in(8) {
                self.out.push_str(" exit");
            }
        }
        self.out.push_str(" }");
    }

    fn statement(&mut self, journey: u64, event: Option<&'static str>, depth: u64) {
        let span = self.random.pick(&["5m", "1h", "3h", "1d", "20h"]);
        let message = format!("s{journey}_{}", self.random.below(2));
        let nested = if depth == 0 { 8 } else { 13 };
        match self.random.below(nested) {
            0 => {
                let _ = write!(self.out, " wait {span}");
                if self.random.once_in(2) {
                    let on = self.random.pick(&["view", "buy", "ping"]);
                    let limit = self.random.pick(&["", " up to 4h"]);
                    let _ = write!(self.out, " restart on {on}{limit}");
                }
            }
            1 => {
                let day = self.random.pick(&["", " on sunday", " on tuesday"]);
                let time = self.random.pick(&["02:30", "10:00", "23:59"]);
                let _ = write!(self.out, " wait until {time}{day}");
            }
            2 | 3 => {
                let via = self.random.pick(&[
                    "",
                    " via push, email",
                    " via sms then push within 1h",
                    " via push then email then sms",
                ]);
                let _ = write!(self.out, " send {message}{via}");
                if depth > 0 && self.random.once_in(2) {
                    self.out.push_str(" else");
                    self.block(journey, event, depth - 1);
                }
            }
            4 => {
                let value = self.int(1);
                let _ = write!(self.out, " set profile.visits = {value}");
            }
            5 => {
                let (value, text) = (self.number(1), self.text(1));
                let _ = write!(self.out, " emit told {{ value: {value}, text: {text} }}");
            }
            6 | 7 => {
                let on = self.awaited(journey);
                let or = if self.random.once_in(3) {
                    format!(" or {}", self.awaited(journey))
                } else {
                    String::new()
                };
                let _ = write!(self.out, " wait for {on}{or} up to {span}");
                if depth > 0 && self.random.once_in(2) {
                    self.out.push_str(" then");
                    self.block(journey, event, depth - 1);
                }
                if depth > 0 && self.random.once_in(2) {
                    self.out.push_str(" else");
                    self.block(journey, event, depth - 1);
                }
            }
            8 | 9 => {
                let condition = self.condition(event);
                let _ = write!(self.out, " if {condition}");
                self.block(journey, event, depth - 1);
                if self.random.once_in(2) {
                    self.out.push_str(" else");
                    self.block(journey, event, depth - 1);
                }
            }
            10 => {
                self.out.push_str(" split trial { a");
                self.block(journey, event, depth - 1);
                self.out.push_str(" b");
                self.block(journey, event, depth - 1);
                self.out.push_str(" }");
            }
            11 => {
                let _ = write!(self.out, " repeat {} times", 1 + self.random.below(3));
                self.block(journey, event, depth - 1);
            }
            _ => {
                self.out.push_str(" together {");
                self.block(journey, event, depth - 1);
                self.block(journey, event, depth - 1);
                self.out.push_str(" }");
            }
        }
    }
}
