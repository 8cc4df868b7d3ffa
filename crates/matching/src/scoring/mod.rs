//! Applying a model: to pairs that somebody names, and to today's applications.

pub mod live;
pub mod pairs;
pub(crate) mod score;
mod scorer;
pub use scorer::Scorer;
