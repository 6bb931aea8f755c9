//! The examples of durable events in a file of SQLite.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use expect_test::expect;

use super::{check, example, folder, run};

fn durable(file: &Path) -> Command {
    let mut command = example("durable");
    command.arg("--file").arg(file);
    command
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The lines from the one that begins like this.
fn from<'a>(text: &'a str, begin: &str) -> Vec<&'a str> {
    let lines = text
        .lines()
        .skip_while(|line| !line.starts_with(begin))
        .collect();
    assert_ne!(lines, [""; 0], "{begin:?} is not in\n{text}");
    lines
}

/// Crashes in the middle of a handler, goes on, and runs once more.
fn crash_and_go_on(file: &Path, after: u32) {
    let crashed = run(durable(file).arg("--crash-after").arg(after.to_string()));
    let before = stdout(&crashed);
    assert!(!crashed.status.success(), "{before}");
    assert!(
        before.contains("  5 placed now, 0 by an earlier run\n"),
        "{before}"
    );
    let crash = from(&before, "crash in the middle of ")[0];
    let words: Vec<&str> = crash.split([' ', ':']).collect();
    let [_, _, _, _, _, handler, "for", "order", order, ..] = words[..] else {
        panic!("no crash: {crash}")
    };

    let output = run(&mut durable(file));
    let text = stdout(&output);
    assert!(
        output.status.success(),
        "{text}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(
        text.contains("  0 placed now, 5 by an earlier run\n"),
        "{text}"
    );
    let done = from(&text, "done, over all runs");
    expect![[r#"
        [
            "done, over all runs on this database, for 5 orders:",
            "  reserved       5",
            "  mailed         4, 2 of them after a retry",
            "  in the audit   5",
            "  dead letters   1",
            "    order 1004 in mail.confirm: 550 there is no such mailbox",
            "done more than once:",
            "  reservation    none",
        ]
    "#]]
    .assert_debug_eq(&&done[..8]);
    // The work was done, and not acknowledged: so it is done again, unless it was rolled back.
    let again = |line: &str| line.contains(order);
    let is_repeated = (again(done[8]), again(done[9]));
    match handler {
        "mail.confirm" => assert!(is_repeated.0, "{crash}\n{text}"),
        "audit.line" => assert!(is_repeated.1, "{crash}\n{text}"),
        _ => assert_eq!(handler, "stock.reserve", "{before}"),
    }

    let output = run(&mut durable(file));
    let text = stdout(&output);
    let nothing_new = [&["handling them"], &done[..]].concat();
    assert_eq!(from(&text, "handling them"), nothing_new, "{text}");
}

#[test]
fn durable_goes_on_where_it_has_crashed() {
    let folder = folder("durable");
    let file = |after: u32| folder.join(format!("{after}.db"));
    std::thread::scope(|scope| {
        for after in [1, 7, 12] {
            let file: PathBuf = file(after);
            scope.spawn(move || crash_and_go_on(&file, after));
        }
    });
}

#[test]
fn durable_says_in_one_line_what_is_wrong_with_a_file() {
    let folder = folder("durable_files");
    let text = folder.join("text.txt");
    std::fs::write(&text, "order_id,customer_id\n").expect("a file can be written");
    let output = run(&mut durable(&text));
    check(
        &output,
        2,
        &folder,
        &expect![""],
        &expect![[r"
            durable: OUTPUT/text.txt: error returned from database: (code: 26) file is not a database
        "]],
    );
    let output = run(&mut durable(&folder));
    check(
        &output,
        2,
        &folder,
        &expect![""],
        &expect![[r"
            durable: OUTPUT: it is a folder
        "]],
    );
    let output = run(&mut durable(&folder.join("none/shop.db")));
    check(
        &output,
        2,
        &folder,
        &expect![""],
        &expect![[r"
            durable: OUTPUT/none/shop.db: there is no folder OUTPUT/none
        "]],
    );
    let output = run(example("durable").arg("--crash-after").arg("0"));
    check(
        &output,
        2,
        &folder,
        &expect![""],
        &expect![[r#"
            durable: --crash-after needs a number from 1, not "0"; see `durable --help`
        "#]],
    );
}

#[test]
fn an_order_over_the_limit_is_rolled_back_with_its_event() {
    let output = run(&mut example("durable_limits"));
    assert!(output.status.success(), "{output:?}");
    let text = stdout(&output);
    let (mails, lines): (Vec<&str>, Vec<&str>) =
        text.lines().partition(|line| line.starts_with("mail"));
    expect![[r#"
        [
            "order of ada for 300: placed",
            "order of ada for 150: placed",
            "order of ada for 120: refused, ada would owe 570, over the limit of 500",
            "order of grace for 500: placed",
            "3 orders are in the file",
        ]
    "#]]
    .assert_debug_eq(&lines);
    let mut mails = mails;
    mails.sort_unstable();
    expect![[r#"
        [
            "mail to ada: thank you for an order of 150",
            "mail to ada: thank you for an order of 300",
            "mail to grace: thank you for an order of 500",
        ]
    "#]]
    .assert_debug_eq(&mails);
}
