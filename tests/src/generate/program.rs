//! Random small programs with every declaration of the language, well typed: each is a project of one to three files,
//! some of them with another project that holds what is declared for all.
//!
//! A program has what one or two declarations of any kind need, and nothing else, so that ten thousand are soon read.

mod expression;
mod journey;
mod told;

use super::Random;
use comity_grammar::DECLARATIONS;
use std::collections::BTreeMap;

/// A project: its own files, and those of the project `base` that it depends on, where it does.
pub struct Program {
    /// Path and text.
    pub own: Vec<(String, String)>,
    /// The same.
    pub base: Vec<(String, String)>,
}

/// A random program.
pub fn program(random: &mut Random) -> Program {
    let split = random.once_in(6);
    let mut maker = Maker { random, split, shared: BTreeMap::new(), own: Vec::new(), count: 0, classes: 0 };
    for _ in 0..1 + maker.random.below(2) {
        let kind = DECLARATIONS[maker.random.below(DECLARATIONS.len() as u64) as usize];
        maker.declare(kind);
    }
    maker.finish()
}

struct Maker<'r> {
    random: &'r mut Random,
    /// Whether what is shared stands in a project of its own.
    split: bool,
    /// What others need, by its name.
    shared: BTreeMap<&'static str, String>,
    /// The declarations that were asked for.
    own: Vec<String>,
    /// For names that stand once.
    count: u64,
    /// How many classes there are beside those that are shared.
    classes: u64,
}

impl Maker<'_> {
    fn finish(mut self) -> Program {
        let shared_classes: Vec<&str> =
            ["service", "promotional"].into_iter().filter(|name| self.shared.contains_key(name)).collect();
        let arbitrates = self.own.iter().any(|text| text.starts_with("arbitrate"));
        if self.classes as usize + shared_classes.len() > 1 && !arbitrates {
            let text = self.arbitrate();
            self.own.push(text);
        }
        // A class that is declared later belongs to the rank as well.
        let mut rank: Vec<String> = shared_classes.iter().map(|name| self.path(name)).collect();
        rank.extend((0..self.classes).map(|index| format!("class_{index}")));
        for text in &mut self.own {
            *text = text.replace("RANK", &rank.join(", "));
        }
        if self.split && shared_classes.len() > 1 {
            self.shared.insert("arbitrate", format!("arbitrate {{ rank {} }}", shared_classes.join(", ")));
        }
        let shared: Vec<String> = std::mem::take(&mut self.shared).into_values().collect();
        let own = std::mem::take(&mut self.own);
        match self.split {
            true => Program { own: self.files(own), base: self.files(shared) },
            false => {
                let all = shared.into_iter().chain(own).collect();
                Program { own: self.files(all), base: Vec::new() }
            }
        }
    }

    /// Deals declarations out to files, in any order.
    fn files(&mut self, mut declarations: Vec<String>) -> Vec<(String, String)> {
        let count = 1 + self.random.below(3).min(declarations.len() as u64 / 3);
        let mut files: Vec<(String, String)> =
            (0..count).map(|index| (format!("part{index}.comity"), String::new())).collect();
        while !declarations.is_empty() {
            let next = self.random.below(declarations.len() as u64) as usize;
            let file = self.random.below(count) as usize;
            let text = declarations.swap_remove(next);
            let between =
                self.random.pick(&["\n", "\n\n", " ", "\n// why\n", " // why\n", "\n/// What it is.\n"]);
            files[file].1.push_str(between);
            files[file].1.push_str(&text);
        }
        files.iter_mut().for_each(|(_, text)| text.push('\n'));
        files
    }

    /// A name of its own.
    fn fresh(&mut self, stem: &str) -> String {
        self.count += 1;
        format!("{stem}_{}", self.count)
    }

    /// How something that is shared is written here.
    fn path(&self, name: &str) -> String {
        if self.split { format!("base.{name}") } else { name.to_owned() }
    }

    /// Declares something that is shared, and gives its name.
    fn need(&mut self, name: &'static str) -> String {
        if !self.shared.contains_key(name) {
            // It may need itself through something else.
            self.shared.insert(name, String::new());
            let (needs, text): (&[&'static str], &str) = shared(name);
            self.shared.insert(name, text.to_owned());
            for other in needs {
                self.need(other);
            }
        }
        self.path(name)
    }

    /// An attribute of the profile, which has no project in front.
    fn attribute(&mut self, name: &'static str) -> String {
        self.need(name);
        format!("profile.{name}")
    }

    fn declare(&mut self, kind: &str) {
        let text = match kind {
            "journey" => self.journey(),
            "stop" => {
                let (class, on) = (self.need("promotional"), self.occurrence());
                format!("stop {class} journeys on {on}")
            }
            "test" => self.test(),
            "message" => {
                self.message();
                return;
            }
            "invariant" => {
                let (name, selector, condition) = (self.fresh("invariant"), self.selector(), self.bool(1));
                format!("invariant {name}: {selector} requires ({condition}) or true")
            }
            "class" => {
                self.classes += 1;
                let ignores = self.random.pick(&["", " { ignores quiet }", " { ignores caps, suppression }"]);
                format!("class class_{}{ignores}", self.classes - 1)
            }
            "arbitrate" if self.own.iter().any(|text| text.starts_with("arbitrate")) => return,
            "arbitrate" => {
                self.need("promotional");
                self.arbitrate()
            }
            "every" => {
                self.need("category");
                return;
            }
            other => self.simple(other),
        };
        self.own.push(text);
    }

    fn arbitrate(&mut self) -> String {
        let score = self.random.pick(&["", "", " score propensity * value * lever", " score value - 1"]);
        let pick = self.random.pick(&["", " pick 1", " pick 2 per channel"]);
        format!("arbitrate {{ rank RANK{score}{pick} }}")
    }

    /// Kinds without much inside.
    fn simple(&mut self, kind: &str) -> String {
        match kind {
            "enum" => {
                self.count += 1;
                let name = format!("Kind{}", self.count);
                let ordered = self.random.pick(&["", " ordered"]);
                let rest = self.random.pick(&["", ", three", ",", ", three,"]);
                format!("enum {name}{ordered} {{ one, two{rest} }}")
            }
            "profile" => {
                let (name, ty) = (self.fresh("attribute"), self.attribute_type());
                format!("profile {{ {name}: {ty} }}")
            }
            "event" => {
                let (name, purposes) = (self.fresh("event"), self.only_for());
                let fields: Vec<String> = (0..self.random.below(4))
                    .map(|index| {
                        let optional = self.random.pick(&["", "?"]);
                        format!("f{index}: {}{optional}", self.plain_type())
                    })
                    .collect();
                format!("event {name}{purposes} {{ {} }}", fields.join(", "))
            }
            "segment" => {
                let (name, condition) = (self.fresh("segment"), self.segment_condition(1));
                format!("segment {name} = {condition}")
            }
            "let" => self.let_(),
            "table" => self.table(),
            "channel" => self.channel(),
            "placement" => {
                let (name, web) = (self.fresh("place"), self.need("web"));
                let distinct = if self.random.once_in(3) { "distinct category" } else { "" };
                if !distinct.is_empty() {
                    self.need("category");
                }
                format!("placement {name} {{ on {web}  show {} {distinct} }}", 1 + self.random.below(3))
            }
            "purpose" => self.purpose(),
            "cap" => {
                let (name, selector) = (self.fresh("cap"), self.selector());
                let span = self.random.pick(&["3h", "7d", "day", "week", "month", "2 weeks"]);
                if !span.starts_with(|first: char| first.is_ascii_digit()) {
                    self.need("timezone");
                }
                let per = self.random.pick(&["", " per message", " per tag", " per channel"]);
                format!("cap {name} at most {} per {span} for {selector}{per}", 1 + self.random.below(3))
            }
            "suppress" => {
                let (selector, condition) = (self.selector(), self.bool(2));
                format!("suppress {selector} when {condition}")
            }
            "holdout" => {
                let (name, class) = (self.fresh("holdout"), self.need("promotional"));
                let salt = format!("salt \"{name} of this year\"");
                let salt = if self.random.once_in(2) { salt } else { String::new() };
                format!("holdout {name} {}% of {class} {salt}", 1 + self.random.below(40))
            }
            "experiment" => {
                let name = self.fresh("experiment");
                let goal = match self.random.once_in(2) {
                    true => format!("goal {} within 7d", self.occurrence()),
                    false => String::new(),
                };
                format!("experiment {name} {{ arms x 25%, y 74.5%, z 0.5%  salt \"{name}\" {goal} }}")
            }
            _ => {
                let (name, feature) = (self.fresh("model"), self.number(1));
                let format = self.random.pick(&["lightgbm", "xgboost", "onnx"]);
                let second = self.bool(0);
                format!(
                    "model {name} from \"models/{name}\" {{ format {format} feature a = {feature} feature b = {second} }}"
                )
            }
        }
    }

    fn attribute_type(&mut self) -> String {
        let end = self.random.pick(&["", " personal"]).to_owned() + &self.only_for();
        let ty = match self.random.below(10) {
            0 => "set of text".to_owned(),
            1 => {
                let tier = self.need("Tier");
                format!("{tier} = gold")
            }
            2 => {
                let tier = self.need("Tier");
                format!("set of {tier}")
            }
            3 => "int = -3".to_owned(),
            4 => "money USD = 19.99 USD".to_owned(),
            5 => "duration = 1 day".to_owned(),
            6 => "percent = 2.5%".to_owned(),
            7 => "country = \"AT\"".to_owned(),
            _ => format!("{}?", self.plain_type()),
        };
        ty + &end
    }

    fn plain_type(&mut self) -> &'static str {
        self.random.pick(&[
            "text",
            "int",
            "number",
            "bool",
            "percent",
            "money EUR",
            "duration",
            "date",
            "instant",
            "time",
            "country",
            "language",
            "email",
            "phone",
            "url",
        ])
    }

    fn only_for(&mut self) -> String {
        match self.random.once_in(5) {
            true => format!(" only for {}", self.need("care")),
            false => String::new(),
        }
    }

    fn channel(&mut self) -> String {
        let name = self.fresh("channel");
        let end = match self.random.below(4) {
            0 => {
                self.need("timezone");
                let condition = self.bool(0);
                format!("quiet 21:00..08:00 quiet 00:00..24:00 on sunday, monday when {condition}")
            }
            1 => "spread 20m cost 0.0015 EUR".to_owned(),
            _ => String::new(),
        };
        match self.random.below(3) {
            0 => format!("channel {name} {{ inbound }}"),
            1 => format!("channel {name} {{ to {} {end} }}", self.attribute("email")),
            _ => format!("channel {name} {{ {end} to device {} }}", self.attribute("token")),
        }
    }

    fn purpose(&mut self) -> String {
        let (name, email, sms) =
            (self.fresh("purpose"), self.need("email_channel"), self.need("sms_channel"));
        // Consent is not asked for where it is ruled.
        let condition = format!("{} >= silver", self.attribute("tier"));
        let mode = self.random.pick(&["opt_out", "double_opt_in", "never", "always"]);
        format!("purpose {name} {{ {mode} on {email} when {condition}  opt_in on {email}, {sms} }}")
    }

    fn selector(&mut self) -> String {
        let mut text = match self.random.below(3) {
            0 => "any".to_owned(),
            1 => self.need("promotional"),
            _ => format!("{}, {}", self.need("promotional"), self.need("service")),
        };
        if self.random.once_in(3) {
            text.push_str(" tagged sale, news");
        }
        if self.random.once_in(3) {
            text.push_str(&format!(" on {}", self.need("email_channel")));
        }
        text
    }
}

/// What is declared for others: what it needs itself, and its text.
fn shared(name: &str) -> (&'static [&'static str], &'static str) {
    match name {
        "Tier" => (&[], "enum Tier ordered { bronze, silver, gold }"),
        "tier" => (&["Tier"], "profile { tier: Tier = bronze }"),
        "age" => (&[], "profile { age: int? }"),
        "visits" => (&[], "profile { visits: int = 0 }"),
        "ratio" => (&[], "profile { ratio: number = 0.5 }"),
        "spent" => (&[], "profile { spent: money EUR = 0 EUR }"),
        "nick" => (&[], "profile { nick: text? personal }"),
        "born" => (&[], "profile { born: date? }"),
        "hobbies" => (&[], "profile { hobbies: set of text }"),
        "email" => (&[], "profile { email: email? }"),
        "phone" => (&[], "profile { phone: phone? }"),
        "token" => (&[], "profile { token: text? }"),
        "timezone" => (&[], "profile { timezone: timezone = \"Europe/Berlin\" }"),
        "language" => (&[], "profile { language: language? }"),
        "buy" => (&[], "event buy { order: text, kind: text, amount: money EUR, stars: int? }"),
        "ping" => (&[], "event ping {}"),
        "email_channel" => (&["email"], "channel email_channel { to profile.email }"),
        "sms_channel" => (&["phone"], "channel sms_channel { to profile.phone }"),
        "web" => (&[], "channel web { inbound }"),
        "hero" => (&["web"], "placement hero { on web  show 1 }"),
        "service" => (&[], "class service { ignores quiet, caps, suppression, holdout }"),
        "promotional" => (&[], "class promotional"),
        "marketing" => (
            &["email_channel", "sms_channel", "web"],
            "purpose marketing { opt_in on email_channel, sms_channel  always on web }",
        ),
        "care" => (
            &["email_channel", "sms_channel", "web"],
            "purpose care { opt_out on email_channel, sms_channel  always on web }",
        ),
        "category" => (&[], "every message has { category: text = \"none\"  weight: number = 1 }"),
        "trial" => (&[], "experiment trial { arms a 50%, b 50% }"),
        "regular" => (&["buy"], "segment regular = count of buy within 30d >= 2"),
        // What is known there says nothing outside, so that it can stand beside `otherwise`.
        "grown" => (&["age"], "let grown = profile.age is known and profile.age in 18..65"),
        "over" => (&["visits"], "let over(limit: number) = profile.visits * 1.5 > limit"),
        "odds" => {
            (&["visits"], "model odds from \"odds.txt\" { format lightgbm  feature visits = profile.visits }")
        }
        other => unreachable!("nothing is called {other}"),
    }
}
