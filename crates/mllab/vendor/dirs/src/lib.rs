//! What hf-hub asks of the crate `dirs`: the home folder, and nothing else.
//!
//! The crate of that name brings `option-ext`, whose licence (MPL-2.0) is not one of those that
//! `deny.toml` allows. We give hf-hub its folder ourselves, so that even this is never called.

#![forbid(unsafe_code)]

#[must_use]
pub fn home_dir() -> Option<std::path::PathBuf> {
    std::env::home_dir()
}
