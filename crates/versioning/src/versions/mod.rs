//! A series: one sequence of versions below a prefix.
//!
//! ```text
//! <prefix>/latest.txt                     what is live; the one object that changes
//! <prefix>/_keys/<key>                    which version a key names, or named last, and the hash of its manifest
//! <prefix>/_promotions/0000000001.json    what was put live, when, by whom
//! <prefix>/_retired/v1.json               why a version was taken out
//! <prefix>/_gate/v1.json                 what was found when it was asked whether it may go live
//! <prefix>/_outcomes/<execution>.json     how far a run elsewhere has come
//! <prefix>/v1/claim.json                  for which key the number was taken
//! <prefix>/v1/…                           the files
//! <prefix>/v1/manifest.json               last: now the version exists
//! ```

mod claim;
mod committed;
mod latest;
mod promotion;
mod prune;
mod record;
mod repair;
mod retire;
mod select;
mod series;
mod verify;

pub use claim::Claim;
pub(crate) use claim::{Binding, ClaimRecord};
pub use committed::Committed;
pub(crate) use committed::open_verified;
pub(crate) use promotion::Move;
pub use promotion::{Promotion, PromotionKind};
pub(crate) use prune::PruneMode;
pub use prune::{Policy, Pruned};
pub use retire::Retired;
pub use select::Listed;
pub(crate) use select::by_date;
pub(crate) use series::KnownManifests;
pub use series::Series;

pub(crate) const MANIFEST: &str = "manifest.json";
const CLAIM: &str = "claim.json";
