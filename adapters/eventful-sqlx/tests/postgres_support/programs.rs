//! The programs of PostgreSQL, and the user that they run as.

use std::env;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// They refuse to run as root.
const USER: &str = "postgres";

#[derive(Clone)]
pub(super) struct Programs {
    directory: PathBuf,
    user: Option<User>,
}

#[derive(Clone, Copy)]
struct User {
    id: u32,
    group: u32,
}

impl Programs {
    /// The newest that Debian has installed, else those of the `PATH`.
    pub(super) fn find() -> Result<Self, String> {
        let directory = debian().or_else(of_path).ok_or(
            "no folder with initdb, postgres and pg_basebackup; install PostgreSQL, or add it to PATH",
        )?;
        let user = if is_root() {
            Some(User::find().ok_or("no user postgres, and PostgreSQL refuses to run as root")?)
        } else {
            None
        };
        Ok(Self { directory, user })
    }

    /// A temporary folder of the user that they run as.
    pub(super) fn folder(&self) -> TempDir {
        let folder = tempfile::tempdir().expect("a temporary directory can be made");
        if let Some(user) = self.user {
            chown(folder.path(), Some(user.id), Some(user.group)).expect("root gives folders away");
        }
        folder
    }

    pub(super) fn path(&self, program: &str) -> PathBuf {
        self.directory.join(program)
    }

    /// A command by the user that may run these programs, in a folder.
    pub(super) fn command(&self, program: impl AsRef<std::ffi::OsStr>, folder: &Path) -> Command {
        let mut command = Command::new(program);
        if let Some(user) = self.user {
            command.uid(user.id).gid(user.group);
        }
        for (name, _) in env::vars_os() {
            // The port of another server, a password file and more.
            if name.as_encoded_bytes().starts_with(b"PG") {
                command.env_remove(name);
            }
        }
        command
            .env("HOME", folder)
            .env("LC_ALL", "C")
            .current_dir(folder);
        command
    }

    /// Runs a program to its end.
    pub(super) async fn run(&self, program: &str, arguments: &[&str], folder: &Path) {
        let mut command = self.command(self.path(program), folder);
        command.args(arguments);
        let output = tokio::task::spawn_blocking(move || command.output()).await;
        let output = output
            .expect("it does not panic")
            .expect("the program is there");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{program} failed: {said}");
    }
}

impl User {
    fn find() -> Option<Self> {
        Some(Self {
            id: Self::number("-u")?,
            group: Self::number("-g")?,
        })
    }

    fn number(of: &str) -> Option<u32> {
        let output = Command::new("id").args([of, USER]).output().ok()?;
        String::from_utf8_lossy(&output.stdout).trim().parse().ok()
    }
}

fn is_root() -> bool {
    let own = tempfile::tempfile().and_then(|file| file.metadata());
    own.is_ok_and(|own| own.uid() == 0)
}

/// Debian has a folder for each version, and most of the programs not in the `PATH`.
fn debian() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    let versions = versions.filter_map(|version| {
        let version = version.ok()?;
        let number: u32 = version.file_name().to_str()?.parse().ok()?;
        Some((number, version.path().join("bin")))
    });
    let complete = versions.filter(|(_, directory)| has_all(directory));
    complete.max().map(|(_, directory)| directory)
}

fn of_path() -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).find(|directory| has_all(directory))
}

fn has_all(directory: &Path) -> bool {
    let mut programs = ["initdb", "postgres", "pg_basebackup"].iter();
    programs.all(|program| directory.join(program).is_file())
}
