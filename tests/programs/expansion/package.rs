//! A package of one file that depends on the framework as a user's does, with the backend of the test that runs cargo on
//! it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs};

/// The package, written anew into the target directory, so that cargo compiles it each time.
pub(crate) struct Package {
    pub(crate) directory: PathBuf,
}

impl Package {
    /// Makes a library of the file `source`, a path from the root of the repository. The package calls the framework
    /// `framework`.
    pub(crate) fn new(name: &str, source: &str, framework: &str, edition: u16) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(directory.join("src")).expect("the target directory can be written");
        let features: &[&str] = if cfg!(feature = "inventory") {
            &["inventory"]
        } else {
            &[]
        };
        let manifest = format!(
            "[workspace]\n\
             [package]\nname = {name:?}\nversion = \"0.0.0\"\nedition = \"{edition}\"\n\
             [dependencies.{framework}]\npackage = \"eventful-framework\"\npath = {:?}\nfeatures = {features:?}\n",
            root.to_string_lossy()
        );
        let code = fs::read_to_string(root.join(source)).expect("the source can be read");
        // The versions that the repository is tested with, all of which are here already.
        let lock = fs::read_to_string(root.join("Cargo.lock")).expect("there is a Cargo.lock");
        for (file, content) in [
            ("Cargo.toml", manifest),
            ("Cargo.lock", lock),
            ("src/lib.rs", code),
        ] {
            fs::write(directory.join(file), content).expect("the target directory can be written");
        }
        Self { directory }
    }

    /// `cargo` in the package, with a target directory of its own.
    pub(crate) fn cargo(&self, arguments: &[&str]) -> Command {
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .current_dir(&self.directory)
            .args(arguments)
            .arg("--offline")
            .env("CARGO_TARGET_DIR", self.directory.join("target"))
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS");
        cargo
    }
}

/// The output of a command that must succeed.
pub(crate) fn stdout(command: &mut Command) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().expect("the command can be started");
    assert!(
        status.success(),
        "{command:?}\n{}",
        String::from_utf8_lossy(&stderr)
    );
    String::from_utf8(stdout).expect("the output is text")
}
