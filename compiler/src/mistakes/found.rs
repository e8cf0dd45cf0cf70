//! What the checker found where something else is wanted.

use crate::checked::Location;
use crate::types::Type;

/// A value, as far as messages speak of it.
pub(crate) struct Found {
    /// Its type.
    pub(crate) ty: Type,
    /// Whether it may be unknown.
    pub(crate) optional: bool,
    /// Where it stands.
    pub(crate) at: Location,
    /// What is written there, where it is short enough to be quoted.
    pub(crate) written: Option<String>,
}
