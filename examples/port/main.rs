//! A program with a broadcast channel, and the same program after the port: `cargo run --example port`.

mod after;
mod before;

use std::sync::{Arc, Mutex};

use tokio::sync::mpsc;

/// The parts of a shop that want to know what happens, the same before and after.
#[derive(Clone, Default)]
struct Shop {
    index: Arc<Mutex<Vec<u64>>>,
    mails: Arc<Mutex<Vec<String>>>,
}

impl Shop {
    async fn add_to_index(&self, order_id: u64) {
        tokio::task::yield_now().await;
        self.index.lock().expect("nobody panics").push(order_id);
    }

    async fn remove_from_index(&self, order_id: u64) {
        tokio::task::yield_now().await;
        let mut index = self.index.lock().expect("nobody panics");
        index.retain(|&indexed| indexed != order_id);
    }

    fn send_mail(&self, user: &str, text: &str) {
        let mut mails = self.mails.lock().expect("nobody panics");
        mails.push(format!("{user}: {text}"));
    }
}

/// The state of a shop at the end, and what its web socket was sent.
#[derive(Debug, PartialEq)]
struct Outcome {
    index: Vec<u64>,
    mails: Vec<String>,
    socket: Vec<u64>,
}

impl Outcome {
    async fn of(shop: Shop, mut socket: mpsc::Receiver<u64>) -> Self {
        let mut sent = Vec::new();
        while let Some(order_id) = socket.recv().await {
            sent.push(order_id);
        }
        let (index, mails) = (shop.index.lock(), shop.mails.lock());
        Self {
            index: index.expect("nobody panics").clone(),
            mails: mails.expect("nobody panics").clone(),
            socket: sent,
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let before = before::run().await?;
    let after = after::run().await?;
    println!("before: {before:?}");
    println!("after:  {after:?}");
    assert_eq!(before, after);
    Ok(())
}
