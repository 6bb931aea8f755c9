//! Cargo: the packages of a workspace, and builds.

mod build;
mod choose;
mod dependencies;
mod metadata;

pub(crate) use self::build::{Built, BuiltLibrary, build, build_without_lto};
pub(crate) use self::choose::{Chosen, choose};
pub(crate) use self::dependencies::{Dependent, EventfulCrate, eventful_crates, leaves_records};
use self::metadata::cargo;
pub(crate) use self::metadata::metadata;
