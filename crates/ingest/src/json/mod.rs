//! JSON: a file of one object, split into its records without being held, each record then read
//! on its own, so that a bad one spoils no other.

mod split;
pub(crate) use split::{JsonBlock, Splitter};

mod state;

mod layout;
pub(crate) use layout::Layout;

mod mend;

mod record;

mod block;
pub(crate) use block::read_block;
