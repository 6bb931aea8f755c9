//! The workspace and the commands of the README: they work as written, and they find what a program does not link.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The workspace of the README.
struct Workspace {
    directory: PathBuf,
    commands: Vec<String>,
}

impl Workspace {
    fn new() -> Self {
        let readme = fs::read_to_string(repository().join("README.md")).unwrap();
        let (_, section) = readme.split_once("### In a workspace\n").unwrap();
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("readme");
        if directory.exists() {
            fs::remove_dir_all(&directory).unwrap();
        }
        let workspace = Self {
            directory,
            commands: block(section, "```sh\n")
                .lines()
                .map(|line| line.split(" #").next().unwrap().trim().to_owned())
                .collect(),
        };
        workspace.write(
            "Cargo.toml",
            "[workspace]\nresolver = \"3\"\nmembers = [\"*\"]\n",
        );
        // The versions that are there already: nothing is downloaded.
        let versions = fs::read_to_string(repository().join("tests/fixtures/Cargo.lock")).unwrap();
        workspace.write("Cargo.lock", &versions);
        let files = block(
            section,
            "```rust,ignore (each part is a file of a workspace, which a test builds)\n",
        );
        for file in format!("\n{files}").split("\n// ").skip(1) {
            let (head, text) = file.split_once('\n').unwrap();
            let (path, dependencies) = head.split_once(" depends on ").unwrap_or((head, ""));
            workspace.write(path, text);
            if path.ends_with("/src/lib.rs") {
                workspace.write_manifest(path.split('/').next().unwrap(), dependencies);
            }
        }
        workspace
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.directory.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn write_manifest(&self, package: &str, dependencies: &str) {
        let eventful = format!(
            "eventful = {{ package = \"eventful-framework\", path = '{}'",
            repository().display()
        );
        let dependencies = dependencies.split(", ").filter(|name| !name.is_empty());
        let dependencies: Vec<_> = dependencies
            .map(|name| format!("{name} = {{ path = \"../{name}\" }}\n"))
            .collect();
        let manifest = format!(
            "[package]\nname = \"{package}\"\nedition = \"2024\"\n\n[dependencies]\n{eventful} }}\n{}\n\
             [dev-dependencies]\n{eventful}, features = [\"testing\"] }}\n",
            dependencies.concat()
        );
        self.write(&format!("{package}/Cargo.toml"), &manifest);
    }

    fn replace(&self, path: &str, old: &str, new: &str) {
        let text = fs::read_to_string(self.directory.join(path)).unwrap();
        assert_eq!(text.matches(old).count(), 1, "{text}");
        self.write(path, &text.replace(old, new));
    }

    /// Runs one of the README's commands.
    fn run(&self, command: &str, variables: &[(&str, &str)]) -> Output {
        assert!(
            self.commands.iter().any(|it| it == command),
            "{:?}",
            self.commands
        );
        let arguments: Vec<&str> = command.split(' ').skip(1).collect();
        let mut command = match arguments[0] {
            "eventful" => Command::new(env!("CARGO_BIN_EXE_cargo-eventful")),
            _ => Command::new(env!("CARGO")),
        };
        command
            .args(arguments)
            .current_dir(&self.directory)
            .env(
                "CARGO_TARGET_DIR",
                Path::new(env!("CARGO_TARGET_TMPDIR")).join("readme-target"),
            )
            .env("CARGO_NET_OFFLINE", "true")
            .env_remove("RUSTFLAGS")
            .env_remove("UPDATE_WIRING")
            .envs(variables.iter().copied());
        command.output().unwrap()
    }

    fn succeeds(&self, command: &str, variables: &[(&str, &str)]) -> String {
        let output = self.run(command, variables);
        assert!(output.status.success(), "{command}: {output:?}");
        all(&output)
    }

    fn fails(&self, command: &str, parts: &[&str]) {
        let output = self.run(command, &[]);
        assert!(!output.status.success(), "{command}: {output:?}");
        let said = all(&output);
        for part in parts {
            assert!(said.contains(part), "{part:?} is not in\n{said}");
        }
    }
}

const TEST: &str = "cargo test -p app";
const CHECK: &str = "cargo eventful check -p app --wiring app/wiring.txt";

#[test]
fn the_commands_of_the_readme_find_what_the_program_does_not_link() {
    let workspace = Workspace::new();
    workspace.fails(TEST, &["there is no ", "with UPDATE_WIRING=1 to write it"]);
    workspace.fails(
        CHECK,
        &[
            "there is no `app/wiring.txt`",
            "`cargo eventful list > app/wiring.txt`",
        ],
    );

    workspace.succeeds(TEST, &[("UPDATE_WIRING", "1")]);
    workspace.succeeds(TEST, &[]);
    assert!(workspace.succeeds(CHECK, &[]).contains("clean: "));
    let wiring = fs::read_to_string(workspace.directory.join("app/wiring.txt")).unwrap();
    assert!(
        wiring.contains("events::OrderCreated\n  billing::charge\n"),
        "{wiring}"
    );

    // Without the macro nothing links `billing`, and the program compiles and runs.
    workspace.replace(
        "app/src/lib.rs",
        "eventful::bus!()",
        "eventful::Bus::builder()",
    );
    let write = "  write in app/src/lib.rs\n    eventful::link!();\n";
    workspace.fails(
        TEST,
        &[
            "no handler is linked into ",
            "`eventful::bus!()`",
            "`eventful::link!();`",
        ],
    );
    workspace.fails(
        CHECK,
        &[
            "the crate `billing` is not linked",
            write,
            "-   billing::charge",
        ],
    );

    // The program has a handler of its own, and the wiring test one that was never there.
    let own = "#[eventful::handler(events::OrderCreated)]\nfn own(_: &events::OrderCreated) {}\n\nfn main()";
    workspace.replace("app/src/main.rs", "fn main()", own);
    workspace.replace(
        "app/Cargo.toml",
        "orders = ",
        "events = { path = \"../events\" }\norders = ",
    );
    workspace.fails(
        TEST,
        &[
            "-   billing::charge",
            "+   app::own",
            "`cargo eventful check` names the line",
        ],
    );
    workspace.succeeds(TEST, &[("UPDATE_WIRING", "1")]);
    workspace.fails(CHECK, &["the crate `billing` is not linked", write]);
}

fn block<'text>(text: &'text str, start: &str) -> &'text str {
    let (_, block) = text.split_once(start).unwrap();
    block.split_once("```").unwrap().0
}

fn all(output: &Output) -> String {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

fn repository() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.ancestors().nth(2).unwrap()
}
