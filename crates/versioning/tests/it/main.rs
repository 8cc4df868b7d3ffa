//! The stores, the versions and the cache from outside.

mod fixture;

mod cache;
mod claim;
mod killed;
mod lake;
mod manifest;
mod promotion;
mod protocol;
mod stores;
