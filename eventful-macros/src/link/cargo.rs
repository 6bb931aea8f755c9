//! The crate that is being compiled, from cargo's environment variables.

use std::env;
use std::path::{Path, PathBuf};

/// The crate that is being compiled.
#[derive(Debug, Clone)]
pub(super) struct Unit {
    /// The Cargo.toml of its package.
    pub(super) manifest: PathBuf,
    /// The name of the crate, with underscores.
    pub(super) crate_name: String,
    /// The name of the program, set for binaries and for examples, and for the unit tests of both.
    pub(super) program: Option<String>,
    /// Set for integration tests and benchmarks: cargo gives only these a directory for temporary files.
    pub(super) is_test_or_bench: bool,
}

impl Unit {
    /// Reads the variables. `None` means that something other than cargo started the compiler.
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
