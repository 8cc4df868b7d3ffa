//! What `recommend` promises.
