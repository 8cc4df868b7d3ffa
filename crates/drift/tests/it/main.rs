//! What `drift` promises.
