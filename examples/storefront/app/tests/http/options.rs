//! The options of a service that keeps everything in one folder.

use std::path::Path;

use clap::Parser;
use storefront::Options;

/// On a port that is free.
pub(crate) fn options_in(folder: &Path) -> Options {
    Options::try_parse_from(["storefront"])
        .unwrap()
        .within(folder)
}
