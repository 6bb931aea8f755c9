//! What cargo knows and does: the packages of a workspace, and builds.

mod build;
mod choose;
mod metadata;

pub(crate) use self::build::build;
pub(crate) use self::choose::{Chosen, choose};
use self::metadata::cargo;
pub(crate) use self::metadata::metadata;
