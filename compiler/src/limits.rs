//! What is refused because it is too much. Each limit has its diagnostic, and no policy comes near it.

pub use comity_grammar::NESTING;

/// Bytes of one policy file.
pub const FILE_SIZE: usize = 8 * 1024 * 1024;

/// Declarations of a project, all files together.
pub const DECLARATIONS: usize = 50_000;

/// Projects that a policy consists of: itself and all that it depends on.
pub const PROJECTS: usize = 100;

/// Diagnostics that are shown to people at once; the others are counted. Programs get all of them.
pub const SHOWN: usize = 100;
