//! What the crate promises.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod annoy;

mod damage;

mod exact;

mod made;

mod npy;
