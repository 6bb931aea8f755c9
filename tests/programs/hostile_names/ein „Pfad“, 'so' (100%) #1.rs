//! A file with a name that a shell would rather not have.

use eventful::handler;

#[handler(super::Spaces, before = später)]
fn früher(_: &super::Spaces) {}

#[handler(super::Spaces)]
pub(crate) fn später(_: &super::Spaces) {}
