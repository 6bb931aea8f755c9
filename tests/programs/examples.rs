//! The examples, as a newcomer sees them. `cargo test` has built them by the time these tests run.

#[cfg(feature = "sqlite")]
#[path = "examples/durable.rs"]
mod durable;
#[cfg(all(feature = "postgres", feature = "sqlite"))]
#[path = "examples/durable_replicas.rs"]
mod durable_replicas;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use expect_test::{Expect, expect};

fn example(name: &str) -> Command {
    let this_test = std::env::current_exe().expect("this test has a program");
    let profile = this_test
        .ancestors()
        .nth(2)
        .expect("it lies in `deps`, in the folder of the profile");
    let program = profile
        .join("examples")
        .join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    assert!(
        program.exists(),
        "{} is not built; run `cargo build --examples`",
        program.display()
    );
    let mut command = Command::new(program);
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

/// A new empty folder for the output of the test with this name.
fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).expect("the last run's output can be removed");
    }
    std::fs::create_dir_all(&folder).expect("a folder can be made");
    folder
}

fn run(command: &mut Command) -> Output {
    command.output().expect("the example can be started")
}

fn text(bytes: &[u8], output: &Path) -> String {
    String::from_utf8_lossy(bytes)
        .replace(&*output.to_string_lossy(), "OUTPUT")
        .replace('\\', "/")
}

fn check(output: &Output, status: i32, folder: &Path, stdout: &Expect, stderr: &Expect) {
    stderr.assert_eq(&text(&output.stderr, folder));
    stdout.assert_eq(&text(&output.stdout, folder));
    assert_eq!(output.status.code(), Some(status));
}

#[test]
fn orders_prints_what_each_handler_did_and_what_was_saved() {
    let folder = folder("orders");
    let output = run(example("orders").arg("--output").arg(&folder));
    check(
        &output,
        0,
        &folder,
        &expect![[r"
            order 1001: 2 × Blue teapot, 49.80 EUR
              cache: customer 7 has 1 order, 49.80 EUR
              notification: mail to ada@example.com in order-1001.eml
              audit: line 1 of this run
            order 1002: 1 × Walnut desk, 389.00 EUR
              cache: customer 12 has 1 order, 389.00 EUR
              notification: mail to grace@example.com in order-1002.eml
              audit: line 2 of this run
            order 1003: 6 × Cup, hand-painted, 57.00 EUR
              cache: customer 7 has 2 orders, 106.80 EUR
              notification: mail to ada@example.com in order-1003.eml
              audit: line 3 of this run
            order 1004: 1 × Fountain pen, 47.25 EUR
              cache: customer 31 has 1 order, 47.25 EUR
              notification: mail to edsger@example.com in order-1004.eml
              audit: line 4 of this run
            order 1005: 2 × Desk lamp, 130.00 EUR
              cache: customer 12 has 2 orders, 519.00 EUR
              notification: mail to grace@example.com in order-1005.eml
              audit: line 5 of this run

            5 orders saved, 0 rows refused
              OUTPUT/orders: 5 files
              OUTPUT/mail: 5 mails
              OUTPUT/audit.log: 5 lines, 5 of them now
              cache, read back:
                customer 7: 2 orders, 106.80 EUR
                customer 12: 2 orders, 519.00 EUR
                customer 31: 1 order, 47.25 EUR
        "]],
        &expect![""],
    );
    let read = |name: &str| {
        std::fs::read_to_string(folder.join(name)).expect("the example has written it")
    };
    assert_eq!(
        read("mail/order-1003.eml"),
        "To: ada@example.com\nSubject: Your order 1003\n\n\
         Thank you for ordering 6 × Cup, hand-painted, 57.00 EUR in all.\n"
    );
    assert_eq!(read("audit.log").lines().count(), 5);
    assert!(read("audit.log").starts_with(
        "orders::order::OrderCreated order=1001 customer=7 total=49.80 published_at="
    ));
    assert!(
        read("orders/order-1003.csv")
            .contains("1003,7,ada@example.com,\"Cup, hand-painted\",6,57.00")
    );

    run(example("orders").arg("--output").arg(&folder));
    assert_eq!(
        read("audit.log").lines().count(),
        10,
        "the audit file only grows"
    );
}

#[test]
fn rows_that_do_not_parse_are_reported_and_the_others_saved() {
    let folder = folder("bad_rows");
    let csv = folder.join("bad.csv");
    let rows = b"order_id,customer_id,email,product,quantity,unit_price\n\
        1,7,ada@example.com,Teapot,2,24.90\n\
        two,7,ada@example.com,Teapot,2,24.90\n\
        3,7,ada@example.com,Teapot,many,24.90\n\
        4,7,ada@example.com,Teapot,2\n\
        5,7,ada@example.com,Teapot,0,24.90\n\
        6,7,ada.example.com,Teapot,1,24.90\n\
        7,7,ada@example.com,Teapot,1,24.9\n\
        1,7,ada@example.com,Teapot,1,1.00\n\
        8,7,\xff\xfe@example.com,Teapot,1,1.00\n\
        9,7,ada@example.com,Teapot,4000000000,99999999999999.00\n\
        10,8,bob@example.com,Cup,1,3.00\n";
    std::fs::write(&csv, rows).expect("a file can be written");
    let output = run(example("orders").arg(&csv).arg("--output").arg(&folder));
    check(
        &output,
        1,
        &folder,
        &expect![[r"
            order 1: 2 × Teapot, 49.80 EUR
              cache: customer 7 has 1 order, 49.80 EUR
              notification: mail to ada@example.com in order-1.eml
              audit: line 1 of this run
            order 10: 1 × Cup, 3.00 EUR
              cache: customer 8 has 1 order, 3.00 EUR
              notification: mail to bob@example.com in order-10.eml
              audit: line 2 of this run

            2 orders saved, 9 rows refused
              OUTPUT/orders: 2 files
              OUTPUT/mail: 2 mails
              OUTPUT/audit.log: 2 lines, 2 of them now
              cache, read back:
                customer 7: 1 order, 49.80 EUR
                customer 8: 1 order, 3.00 EUR
        "]],
        &expect![[r#"
            OUTPUT/bad.csv:3: order_id: invalid digit found in string
            OUTPUT/bad.csv:4: quantity: invalid digit found in string
            OUTPUT/bad.csv:5: 5 fields instead of 6
            OUTPUT/bad.csv:6: quantity: an order is for at least one
            OUTPUT/bad.csv:7: email: no address has no `@`
            OUTPUT/bad.csv:8: "24.9" is not an amount like 24.90
            OUTPUT/bad.csv:9: order_id: 1 was saved from an earlier row
            OUTPUT/bad.csv:10: not UTF-8 in field 3
            OUTPUT/bad.csv:11: unit_price: too much
        "#]],
    );
    let mut files: Vec<_> = std::fs::read_dir(folder.join("orders"))
        .expect("it is a folder")
        .map(|entry| {
            entry
                .expect("it can be listed")
                .file_name()
                .into_string()
                .expect("it is text")
        })
        .collect();
    files.sort();
    assert_eq!(
        files,
        ["order-1.csv", "order-10.csv"],
        "nothing is half-saved"
    );
}

#[test]
fn what_cannot_be_read_or_written_is_one_line_and_status_2() {
    let folder = folder("unusable");
    let missing = folder.join("missing.csv");
    let output = run(example("orders").arg(&missing).arg("--output").arg(&folder));
    check(
        &output,
        2,
        &folder,
        &expect![""],
        &expect![[r"
        orders: OUTPUT/missing.csv: No such file or directory (os error 2)
    "]],
    );

    let headless = folder.join("headless.csv");
    std::fs::write(&headless, "order_id,customer_id\n1,2\n").expect("a file can be written");
    let output = run(example("orders")
        .arg(&headless)
        .arg("--output")
        .arg(&folder));
    check(
        &output,
        2,
        &folder,
        &expect![""],
        &expect![[r"
        orders: OUTPUT/headless.csv: the first line names no column email, product, quantity, unit_price
    "]],
    );

    // A file stands where the output folder would be.
    let output = run(example("orders").arg("--output").arg(&headless));
    check(
        &output,
        2,
        &folder,
        &expect![""],
        &expect![[r"
        orders: OUTPUT/headless.csv/orders: Not a directory (os error 20)
    "]],
    );

    let output = run(example("orders").arg("--outptu"));
    check(
        &output,
        2,
        &folder,
        &expect![""],
        &expect![[r"
        orders: unknown arguments: --outptu; see `orders --help`
    "]],
    );
}

#[test]
fn a_handler_that_cannot_do_its_work_is_logged_and_the_order_stands() {
    let folder = folder("no_mail");
    // A folder stands where the mail of order 1002 would be.
    std::fs::create_dir_all(folder.join("mail/order-1002.eml")).expect("a folder can be made");
    let output = run(example("orders").arg("--output").arg(&folder));
    assert_eq!(output.status.code(), Some(0));
    let (stdout, stderr) = (text(&output.stdout, &folder), text(&output.stderr, &folder));
    let log = [
        "ERROR",
        "handler failed",
        "orders::notification::send_notification",
        "Is a directory",
    ];
    if cfg!(feature = "tracing") {
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        assert!(log.iter().all(|part| stderr.contains(part)), "{stderr}");
    } else {
        assert_eq!(stderr, "", "without the feature nothing is logged");
    }
    assert!(
        stdout.contains("5 orders saved, 0 rows refused"),
        "{stdout}"
    );
    assert!(
        stdout.contains("OUTPUT/audit.log: 5 lines"),
        "the audit handler ran all the same: {stdout}"
    );
}

#[test]
fn the_smaller_examples_run() {
    let output = run(&mut example("hello"));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "Hello, world!\n");

    let output = run(&mut example("resources"));
    assert!(output.status.success());
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(
        stdout.contains("the bus cannot be built, 4 faults:"),
        "{stdout}"
    );
    assert!(
        stdout.ends_with("it was published by resources::reward\n"),
        "{stdout}"
    );

    let output = run(&mut example("methods"));
    assert!(output.status.success());
    assert!(!output.stdout.is_empty());

    let output = run(&mut example("failures"));
    assert!(output.status.success());
    let stdout = String::from_utf8_lossy(&output.stdout);
    for expected in [
        "2 of 3 handlers of `failures::PaymentReceived`",
        "handled by 3 handlers",
        "panic: false, ledger closed: true",
        "panic: true, ledger closed: false",
        "thank you for 5000",
        "100: allowed by 2 handlers",
        "700: refused, because 700 is over the limit of 500",
    ] {
        assert!(
            stdout.contains(expected),
            "{expected:?} is not in\n{stdout}"
        );
    }
}

#[test]
fn the_process_tells_what_became_of_each_order() {
    let output = run(&mut example("process"));
    assert!(output.status.success());
    let stdout = String::from_utf8_lossy(&output.stdout);
    let story = stdout
        .lines()
        .take_while(|line| !line.contains("failures in"));
    expect![[r"
        order 1:
          audit: order 1: 3 items
          counted: process::OrderCreated
          audit: order 1: reserved, returned by process::reserve
          counted: process::StockReserved
          audit: order 1: paid, returned by process::charge
          counted: process::OrderPaid
          events that followed: 2
        order 2:
          audit: order 2: 14 items
          counted: process::OrderCreated
          audit: order 2: 4 items are missing, returned by process::reserve
          counted: process::StockShort
          events that followed: 1
        order 3:
          audit: order 3: 9 items
          call the customer of order 3
          counted: process::OrderCreated
          audit: order 3: reserved, returned by process::reserve
          process::charge failed: 150000 cents are beyond the card's limit
          counted: process::StockReserved"]]
    .assert_eq(&story.collect::<Vec<_>>().join("\n"));
}

#[test]
fn the_asynchronous_examples_run() {
    let output = run(&mut example("async_handlers"));
    assert!(output.status.success());
    let stdout = String::from_utf8_lossy(&output.stdout);
    for expected in [
        "awaited:\n  cache: order 1 is on its way\n  mail: order 1 is on its way\n  carrier South is asked for order 1\n",
        "  timed out: true\n",
        "  3 are under way\n",
        "  0 are, at the end\n",
    ] {
        assert!(
            stdout.contains(expected),
            "{expected:?} is not in\n{stdout}"
        );
    }
    for log in [
        "WARN eventful: publish dropped half-way event=\"async_handlers::OrderShipped\"",
        "cancelled=\"async_handlers::notify\" never_started=\"async_handlers::call_carrier\"",
    ] {
        assert_eq!(
            stdout.contains(log),
            cfg!(feature = "tracing"),
            "{log:?}:\n{stdout}"
        );
    }

    let output = run(&mut example("axum_state"));
    assert!(output.status.success());
    let stdout = String::from_utf8_lossy(&output.stdout);
    let answers: Vec<&str> = stdout
        .lines()
        .filter(|line| !line.contains("eventful:"))
        .collect();
    assert_eq!(
        answers,
        [
            "200 ok",
            "201 order 1: 2 handlers",
            "202 order 2, but nobody has no address",
            "202 order 1 is on its way",
            "1 under way",
            "the carrier knows of order 1",
            "all is done",
        ]
    );
}

#[test]
fn a_slow_browser_is_told_how_much_it_has_missed_and_others_get_all_of_theirs() {
    let output = run(&mut example("sse"));
    check(
        &output,
        0,
        Path::new("OUTPUT"),
        &expect![[r"
            ada: 20000 notices, all of them hers: true, 0 missed
            operator: told to load the page again: true, and each notice is received or counted as missed: true
            the streams have ended, and the server with them
        "]],
        &expect![""],
    );
}

#[test]
fn a_program_does_the_same_before_and_after_the_port_from_a_broadcast_channel() {
    let output = run(&mut example("port"));
    check(
        &output,
        0,
        Path::new("OUTPUT"),
        &expect![[r#"
            before: Outcome { index: [2], mails: ["ada: order 1 is on its way", "ada: order 2 is on its way", "ada: order 1 is cancelled"], socket: [1, 2] }
            after:  Outcome { index: [2], mails: ["ada: order 1 is on its way", "ada: order 2 is on its way", "ada: order 1 is cancelled"], socket: [1, 2] }
        "#]],
        &expect![""],
    );
}

#[cfg(feature = "durable")]
#[test]
fn background_tries_mails_again_in_the_order_of_each_customer_and_gives_one_up() {
    let output = run(&mut example("background"));
    check(
        &output,
        0,
        Path::new("OUTPUT"),
        &expect![[r"
            now:
              order 1001: 2 × Blue teapot
              order 1001: no mail to ada@example.com, attempt 1
              order 1002: 1 × Walnut desk
              order 1002: no mail to grace@example.com, attempt 1
              order 1003: 6 × Cup, hand-painted
              order 1004: 1 × Fountain pen
              order 1004: call wanted
              order 1005: 2 × Desk lamp
            after 2 more seconds:
              order 1001: no mail to ada@example.com, attempt 2
              order 1002: no mail to grace@example.com, attempt 2
            after 4 more seconds:
              order 1001: mail to ada@example.com, attempt 3
              order 1002: mail to grace@example.com, attempt 3
              order 1003: mail to ada@example.com, attempt 1
              order 1005: mail to grace@example.com, attempt 1
            taken from the stock:
              2 × Blue teapot
              6 × Cup, hand-painted
              2 × Desk lamp
              1 × Fountain pen
              1 × Walnut desk
            subscriptions:
              audit.line: 0 retries wait, 0 dead
              mail.confirm: 0 retries wait, 1 dead
              stock.reserve: 0 retries wait, 0 dead
              support.call: 0 retries wait, 0 dead
            dead letters:
              order 1004 in mail.confirm: 550 there is no such mailbox
        "]],
        &expect![""],
    );
}

/// The names by which links reach the headings of a text, as they are made on GitHub.
fn headings(text: &str) -> BTreeSet<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    let name = |line: &str| {
        let words = line.trim_start_matches('#').trim().to_lowercase();
        let kept = words
            .chars()
            .filter(|it| it.is_alphanumeric() || *it == ' ');
        kept.collect::<String>().replace(' ', "-")
    };
    headings.map(name).collect()
}

#[test]
fn the_readme_points_to_what_is_there_and_leaves_out_no_example_and_no_chapter() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| std::fs::read_to_string(root.join(path)).expect("it can be read");
    let readme = read("README.md");
    let links: Vec<&str> = readme
        .split("](")
        .skip(1)
        .filter_map(|rest| Some(rest.split_once(')')?.0))
        .collect();
    let is_there = |link: &str| {
        let (file, heading) = link.split_once('#').unwrap_or((link, ""));
        root.join(file).exists() && (heading.is_empty() || headings(&read(file)).contains(heading))
    };
    let gone: Vec<_> = links.iter().filter(|link| !is_there(link)).collect();
    assert!(gone.is_empty(), "{gone:?}");

    let guide = read("src/guide.rs");
    let chapters = guide
        .split("include_str!(\"")
        .skip(1)
        .filter_map(|rest| Some(format!("src/{}", rest.split_once('"')?.0)));
    let entries = std::fs::read_dir(root.join("examples")).expect("it can be read");
    let examples = entries.filter_map(|entry| {
        let path = entry.expect("it can be read").path();
        let program = if path.is_dir() {
            path.join("main.rs")
        } else {
            path
        };
        let relative = program.strip_prefix(root).expect("it is below the root");
        let is_example = program.is_file() && program.extension()? == "rs";
        is_example.then(|| relative.to_string_lossy().replace('\\', "/"))
    });
    let left_out: Vec<_> = chapters
        .chain(examples)
        .filter(|path| !links.contains(&path.as_str()))
        .collect();
    assert!(left_out.is_empty(), "{left_out:?}");
}
