//! What cargo tells a macro about the unit that is being compiled.

use std::env;
use std::path::{Path, PathBuf};

/// The crate that is being compiled, as far as cargo's environment describes it.
#[derive(Debug, Clone)]
pub(super) struct Unit {
    /// The Cargo.toml of its package.
    pub(super) manifest: PathBuf,
    /// The name of the crate, with underscores.
    pub(super) crate_name: String,
    /// The name of the program, set for binaries and for examples, and for the unit tests of both.
    pub(super) program: Option<String>,
    /// Integration tests and benchmarks alone have a directory for temporary files.
    pub(super) is_test_or_bench: bool,
}

impl Unit {
    /// Nothing if the compiler was started by something other than cargo.
    pub(super) fn from_environment() -> Option<Self> {
        let manifest = env::var_os("CARGO_MANIFEST_PATH")
            .map(PathBuf::from)
            .or_else(|| {
                env::var_os("CARGO_MANIFEST_DIR")
                    .map(|directory| Path::new(&directory).join("Cargo.toml"))
            })?;
        Some(Self {
            manifest,
            crate_name: env::var("CARGO_CRATE_NAME").ok()?,
            program: env::var("CARGO_BIN_NAME").ok(),
            is_test_or_bench: env::var_os("CARGO_TARGET_TMPDIR").is_some(),
        })
    }
}
