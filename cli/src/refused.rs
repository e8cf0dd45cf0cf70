//! Lines, or rows of a table, that can't be read.

/// So many reasons are shown.
const SHOWN: usize = 5;

/// How many there are, and why: each reason with the first place only, for a wrong column is wrong in each row.
#[derive(Debug, Default)]
pub(crate) struct Refused {
    count: u64,
    /// The first of them.
    reasons: Vec<Reason>,
}

#[derive(Debug)]
struct Reason {
    /// As it stands behind the file's name.
    place: String,
    why: String,
    count: u64,
}

impl Refused {
    /// Adds what is refused at a place: ":7:", ": row 7,".
    pub(crate) fn add(&mut self, place: impl FnOnce() -> String, why: String) {
        self.count += 1;
        self.tell(place, why, 1);
    }

    /// Adds what was refused behind these.
    pub(crate) fn append(&mut self, later: Refused) {
        self.count += later.count;
        for Reason { place, why, count } in later.reasons {
            self.tell(|| place, why, count);
        }
    }

    /// A reason counts where it is known, and is kept where there is room.
    fn tell(&mut self, place: impl FnOnce() -> String, why: String, count: u64) {
        if let Some(known) = self.reasons.iter_mut().find(|reason| reason.why == why) {
            known.count += count;
        } else if self.reasons.len() < SHOWN {
            self.reasons.push(Reason { place: place(), why, count });
        }
    }

    /// How many were refused.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// The reasons with their places in a file, a line for each; `each` is what is refused, "line" or "row".
    pub(crate) fn lines(&self, file: &str, each: &str) -> String {
        let mut lines: Vec<String> = Vec::new();
        let mut rest = self.count;
        for Reason { place, why, count } in &self.reasons {
            rest -= count;
            let more = match count - 1 {
                0 => String::new(),
                1 => format!(" (and in 1 more {each})"),
                more => format!(" (and in {} more {each}s)", crate::table::grouped(more)),
            };
            lines.push(format!("{file}{place} {why}{more}"));
        }
        if rest > 0 {
            lines.push(format!("… and {} more", crate::table::grouped(rest)));
        }
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::Refused;

    #[test]
    fn each_reason_is_told_once() {
        let refused = |reasons: &[&str]| {
            let mut refused = Refused::default();
            for (at, why) in reasons.iter().enumerate() {
                refused.add(|| format!(":{at}:"), (*why).to_owned());
            }
            refused
        };
        let mut all = refused(&["a", "b", "a"]);
        assert_eq!(all.lines("f", "line"), "f:0: a (and in 1 more line)\nf:1: b");
        all.append(refused(&["b", "a", "a", "c", "d", "e", "f", "g"]));
        assert_eq!(all.count(), 11);
        let told =
            "f:0: a (and in 3 more rows)\nf:1: b (and in 1 more row)\nf:3: c\nf:4: d\nf:5: e\n… and 2 more";
        assert_eq!(all.lines("f", "row"), told);
    }
}
