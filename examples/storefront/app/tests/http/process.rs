//! The program itself, which a signal stops while it places orders.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use orders::{NewItem, NewOrder};
use storefront::{Client, Options};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::books;
use crate::options::options_in;

fn start(options: &Options) -> (Child, SocketAddr) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_storefront"))
        .arg("--listen=127.0.0.1:0")
        .arg(format!("--database={}", options.database))
        .arg(format!("--mail-dir={}", options.mail_dir.display()))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    output.read_line(&mut line).unwrap();
    let address = line.trim_end().strip_prefix("listening on http://");
    (child, address.expect(&line).parse().unwrap())
}

fn terminate(child: &Child) {
    let id = child.id().to_string();
    let status = Command::new("kill").args(["-TERM", &id]).status().unwrap();
    assert!(status.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_that_have_begun_are_finished_before_the_program_ends() {
    let folder = tempfile::tempdir().unwrap();
    let options = options_in(folder.path());
    books::begin(&options, &[]).await;
    let (mut child, address) = start(&options);
    let mut clients = JoinSet::new();
    for number in 0..20 {
        clients.spawn(async move {
            let items = vec![NewItem {
                sku: "tea".to_owned(),
                quantity: 1,
            }];
            let customer = "ada".to_owned();
            let new = NewOrder { customer, items };
            let mut client = Client::connect(address).await.unwrap();
            let answer = client.order(&number.to_string(), &new).await;
            answer.is_ok_and(|answer| answer.status.is_success())
        });
    }
    // The first is answered, and so the others have begun.
    assert!(clients.join_next().await.unwrap().unwrap());
    terminate(&child);
    let ended = tokio::task::spawn_blocking(move || child.wait().unwrap());
    let ended = timeout(Duration::from_mins(1), ended)
        .await
        .unwrap()
        .unwrap();
    assert!(ended.success(), "{ended}");

    let answered = 1 + clients
        .join_all()
        .await
        .into_iter()
        .filter(|&is_answered| is_answered)
        .count();
    let entries = books::read(&options).await;
    assert!(
        entries.len() >= answered,
        "{} orders, and {answered} are answered",
        entries.len()
    );
    for entry in entries {
        assert_eq!(entry.events, entry.expected_events(), "{entry:#?}");
        assert_eq!(entry.mails, [entry.expected_mail()], "{entry:#?}");
    }
}
