//! E0110: a name of another project.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0110", include_str!("../../../docs/diagnostics/E0110.md"));

/// A name with a project's name in front, among those that there are.
pub(crate) fn package<'n>(
    name: &'n str,
    place: Location,
    known: impl Iterator<Item = &'n str>,
) -> Diagnostic {
    let roots = ["profile", "event", "trigger", "message", "local"];
    CODE.at(place, format!("`{name}` is not a project that this one depends on"), "no such dependency")
        .did_you_mean_or(
            place,
            closest(name, roots.into_iter().chain(known)),
            format!(
                "name its folder under `[dependencies]` in `comity.toml`: `{name} = {{ path = \"../{name}\" }}`"
            ),
        )
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
