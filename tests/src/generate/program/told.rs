//! Messages that something proposes, and tests about them.

use super::Maker;

/// A message that was declared.
pub(super) struct Told {
    name: String,
    /// Whether it is shown, and not sent.
    shown: bool,
}

impl Maker<'_> {
    /// Declares a message that is sent when something happens, or shown.
    pub(super) fn message(&mut self) -> Told {
        let name = self.fresh("message");
        let (class, purpose) = (self.need("promotional"), self.need("marketing"));
        let mut text = format!("message {name} {{\n  class {class}\n  purpose {purpose}");
        if self.random.once_in(3) {
            text.push_str("\n  tags sale, news\n  owner \"crm@shop.example\"");
        }
        if self.random.once_in(3) {
            self.need("category");
            text.push_str("\n  category = \"shoes\"\n  weight = 2.5");
        }
        if self.random.once_in(4) {
            self.need("timezone");
            text.push_str("\n  active 2026-01-01..2026-12-31");
        }
        if self.random.once_in(3) {
            text.push_str(&format!("\n  when {}", self.bool(2)));
        }
        if self.random.once_in(4) {
            text.push_str(&format!("\n  unless {}", self.bool(1)));
        }
        if self.random.once_in(3) {
            text.push_str(&format!("\n  value {}", self.money(1)));
        }
        if self.random.once_in(4) {
            text.push_str(&format!(
                "\n  propensity predict({})\n  lever 1.5\n  expires 2d",
                self.need("odds")
            ));
        }
        let shown = self.random.once_in(3);
        text.push_str(&self.ways_out(shown));
        self.own.push(format!("{text}\n}}"));
        Told { name, shown }
    }

    fn ways_out(&mut self, shown: bool) -> String {
        let nick = self.attribute("nick");
        let greeting = format!("Hi {{{nick} otherwise \"you\"}}");
        if shown {
            let (web, hero) = (self.need("web"), self.need("hero"));
            let place = if self.random.once_in(2) { &web } else { &hero };
            return format!("\n  at {hero}\n  content {place} {{ title \"{greeting}\" }}");
        }
        if self.random.once_in(2) {
            let (buy, sms) = (self.need("buy"), self.need("sms_channel"));
            self.need("language");
            return format!(
                "\n  on {buy} where stars is unknown\n  via {sms}\n  content {sms} {{ text \"{{event.amount}} \\{{\" }}\n  \
                 content {sms} for \"de\" {{ text \"{greeting}\" }}"
            );
        }
        let (on, email) = (self.occurrence(), self.need("email_channel"));
        format!("\n  on {on}\n  via {email}\n  content {email} {{ text \"{greeting}\" }}")
    }

    pub(super) fn test(&mut self) -> String {
        let Told { name, shown } = self.message();
        self.need("timezone");
        let (buy, purpose) = (self.need("buy"), self.need("marketing"));
        let mut lines = vec!["profile { }".to_owned(), format!("consent {purpose} confirmed")];
        if self.random.once_in(2) {
            self.need("tier");
            self.need("hobbies");
            lines[0] = "profile { tier: gold, hobbies: [\"golf\", \"chess\"], }".to_owned();
        }
        if self.random.once_in(3) {
            lines.push(format!("arm {} = b", self.need("trial")));
        }
        if self.random.once_in(3) {
            lines.push("subject \"c42\"".to_owned());
        }
        lines.push("at 2026-11-02 10:00".to_owned());
        lines.push(format!("event {buy} {{ order: \"o\", kind: \"a\", amount: 8.50 EUR }}"));
        lines.push("after 30m".to_owned());
        if shown {
            lines.push(format!("decide {}", self.need("hero")));
            lines.push(format!("expect shown {name}"));
            lines.push(format!("event clicked({name})"));
        } else {
            let expect =
                ["sent M", "sent M 2 times", "not sent M", "only sent M", "blocked M because capped"];
            lines.push(format!("expect {}", self.random.pick(&expect).replace('M', &name)));
            lines.push(format!("event opened({name})"));
        }
        if self.random.once_in(3) {
            lines.push(format!("withdraw {purpose} on {}", self.need("email_channel")));
        }
        if self.random.once_in(3) {
            lines.push(format!("expect not segment {}", self.need("regular")));
        }
        if self.random.once_in(4) {
            self.need("visits");
            lines.push("expect profile.visits == 0".to_owned());
        }
        let title = self.fresh("a test");
        format!("test \"{title}\" {{\n  {}\n}}", lines.join("\n  "))
    }
}
