//! What `neighbours` promises.
