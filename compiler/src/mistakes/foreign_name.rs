//! E0110: a name of another project.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0110", include_str!("../../../docs/diagnostics/E0110.md"));

/// A name with a project's name in front.
pub(crate) fn package(name: &str, place: Location) -> Diagnostic {
    let roots = ["profile", "event", "trigger", "message", "local"];
    CODE.at(place, format!("`{name}` is not a project that this one depends on"), "no such dependency")
        .did_you_mean_or(place, closest(name, roots), "names of other projects can't be used yet")
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn projects_that_are_not_there() {
        with_vocabulary(
            r#"let other = base.thing
//          ^^^^ E0110
"#,
        );
        assert_eq!(only(&vocabulary("let a = profil.age")).help, ["did you mean `profile`?"]);
    }
}
