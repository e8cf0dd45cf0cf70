//! The language server of Comity. The crate has its place here so that the workspace has its shape; what an editor
//! asks for is not answered yet.

#![forbid(unsafe_code)]
