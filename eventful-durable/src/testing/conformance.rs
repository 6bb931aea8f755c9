//! Checks that a store keeps what [`Store`](crate::store::Store) promises.
