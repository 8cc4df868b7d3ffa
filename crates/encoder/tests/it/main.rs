//! What `encoder` promises.
