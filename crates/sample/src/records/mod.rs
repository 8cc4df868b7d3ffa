//! Records: what is true, written as the source's forms would have it.

mod applicant;
mod posting;
mod prospects;
mod truth;
mod world;

pub(crate) use applicant::write as applicant;
pub(crate) use posting::write as posting;
pub(crate) use prospects::write as prospects;
pub(crate) use truth::{HEADER as TRUTH_HEADER, PERSONAL_HEADER, personal, write as truth};
pub(crate) use world::World;
pub use world::{FIRST_CANDIDATE, FIRST_JOB};
