//! The stores, the versions and the cache from outside.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod fixture;

mod cache;
mod claim;
mod killed;
mod lake;
mod manifest;
mod promotion;
mod protocol;
mod prune_day;
mod releases;
mod stores;
mod verify;
