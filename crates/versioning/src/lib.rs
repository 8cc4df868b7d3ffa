//! versioning.
