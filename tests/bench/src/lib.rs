//! Comity against other engines on one workload: what is measured, and how.

pub mod audience;
pub mod comity;
pub mod json;
pub mod machine;
pub mod measure;
pub mod native;
pub mod peers;
pub mod project;
pub mod race;
pub mod reading;
pub mod record;
pub mod report;
pub mod workload;
