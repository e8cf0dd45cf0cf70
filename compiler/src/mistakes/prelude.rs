//! What every file about a mistake needs.

pub(super) use super::Found;
pub(super) use crate::checked::{Checked, Location};
pub(super) use crate::diagnostic::{
    Candidate, Code, Diagnostic, at, closest, closest_of, list, named, quoted,
};
pub(super) use crate::types::Type;
