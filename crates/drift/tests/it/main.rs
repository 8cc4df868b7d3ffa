//! What `drift` promises.

mod browser;
mod made;
mod page;
mod reader;
