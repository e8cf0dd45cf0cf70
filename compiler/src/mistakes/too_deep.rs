//! E0014: too deep or too long.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0014", include_str!("../../../docs/diagnostics/E0014.md"));

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn deeper_than_anyone_reads() {
        let text = format!("let a = {}1{}\n", "(".repeat(80), ")".repeat(80));
        assert_eq!(only(&text).code.as_str(), "E0014");
    }
}
