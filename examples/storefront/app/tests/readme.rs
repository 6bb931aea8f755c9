//! The README shows the answers of the service.

use std::path::Path;
use std::process::Command;

use clap::Parser;
use storefront::{Options, Server};

const README: &str = include_str!("../../README.md");

/// The commands of the README, each with what it shows of their output.
fn shown() -> Vec<(&'static str, String)> {
    let (_, block) = README.split_once("```console\n").unwrap();
    let (block, _) = block.split_once("```").unwrap();
    let shown = block.split("$ ").skip(1).map(|text| {
        let (command, output) = text.split_once('\n').unwrap();
        (command, without_times(output))
    });
    shown.collect()
}

/// Instants of universal time are replaced by a word.
fn without_times(text: &str) -> String {
    let mut told = String::new();
    for (index, part) in text.split('"').enumerate() {
        if index > 0 {
            told.push('"');
        }
        let is_instant = part.len() == "2026-01-01T00:00:00.000Z".len()
            && part.starts_with("20")
            && part.ends_with('Z');
        told.push_str(if is_instant { "some time" } else { part });
    }
    told
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs curl; `.ci/run` has it"]
async fn the_commands_of_the_readme_do_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = Options::try_parse_from(["storefront"]).unwrap();
    options = options.within(&folder.path().join("storefront-data"));
    let server = Server::start(&options).await.unwrap();
    let address = server.address().to_string();
    for (command, output) in shown() {
        let command = command.replace("127.0.0.1:8080", &address);
        let folder = folder.path().to_owned();
        let told = tokio::task::spawn_blocking(move || (run(&command, &folder), command));
        let (told, command) = told.await.unwrap();
        let told = if told.ends_with('\n') {
            told
        } else {
            told + "\n"
        };
        assert_eq!(without_times(&told), output, "{command}");
    }
}

fn run(command: &str, folder: &Path) -> String {
    let output = Command::new("sh")
        .args(["-c", command])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    // Mails have two characters at the end of a line, which a terminal does not show.
    String::from_utf8(output.stdout).unwrap().replace('\r', "")
}
