//! What every [`Store`](crate::Store) must do: one suite for all of them.
