//! An index of random trees in Annoy's file format (angular).
//!
//! [`Forest::grow`] builds it, [`Forest::write_to`] writes the file, [`Index::open`] maps and serves it;
//! [`recall`] says how many of the true neighbours it finds, and [`grow_for_recall`] takes as many trees as a
//! wanted recall needs.
//!
//! The method is Annoy's: a tree splits the items by planes through the origin, each between the means of two
//! groups, down to buckets; a query goes down all trees at once, nearest side first, and compares itself with
//! the items of the buckets that it meets. The groups are found more carefully here than there
//! (`annoy/split.rs`), and an item that several trees offer is compared once.

mod layout;

mod rng;

mod split;

mod grow;

mod together;

mod tree;

mod write;

mod check;

mod index;

mod query;

mod recall;

pub use grow::{Forest, Params};
pub use index::Index;
pub use query::Neighbour;
pub use recall::{Grown, TIE, Wanted, grow_for_recall, recall};
