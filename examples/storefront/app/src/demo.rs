//! A demonstration: the service, twenty orders over HTTP, and the story of each.

mod orders;

use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use ::orders::{AuditLine, NewOrder, OrderId, Status, TrackedOrder};
use serde::Deserialize;

use crate::{Client, Options, Server, StoredMail, stored_mails};

/// Starts the service on a port that is free, with a database and mails that are gone afterwards, places orders and
/// prints the story of each.
///
/// # Errors
///
/// If the service does not start or stop, if an order is refused or has no outcome, or if a customer did not get one
/// mail.
pub async fn demo(
    options: &Options,
    out: &mut impl Write,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let folder = tempfile::tempdir()?;
    let options = options.within(folder.path());
    let server = Server::start(&options).await?;
    writeln!(
        out,
        "A shop on http://{}, with its database and its mails in {} until this ends.\n\
         Twenty orders, each with what the audit says of it and the mail that its customer got:\n",
        server.address(),
        folder.path().display()
    )?;
    let mut telling = Telling {
        client: Client::connect(server.address()).await?,
        mails: &options.mail_dir,
        told: Told::default(),
    };
    let started = Instant::now();
    for (number, order) in (1..).zip(orders::orders()) {
        telling
            .place(&format!("demo-{number}"), &order, out)
            .await?;
    }
    let elapsed = started.elapsed();
    let Telling { client, told, .. } = telling;
    drop(client);
    server.stop().await?;
    told.sum_up(elapsed, out)?;
    Ok(())
}

struct Telling<'a> {
    client: Client,
    mails: &'a Path,
    told: Told,
}

#[derive(Default)]
struct Told {
    paid: usize,
    declined: usize,
    short: usize,
    mails: usize,
    lines: usize,
}

#[derive(Deserialize)]
struct Audit {
    lines: Vec<AuditLine>,
}

impl Telling<'_> {
    async fn place(
        &mut self,
        key: &str,
        new: &NewOrder,
        out: &mut impl Write,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        let placed: TrackedOrder = self.client.order(key, new).await?.read()?;
        let TrackedOrder { order, status } = &placed;
        let id = order.id;
        if !status.is_outcome() {
            return Err(format!("order {id} has no outcome, but is `{status}`").into());
        }
        let audit = self.client.get(&format!("/audit?order={id}")).await?;
        let Audit { lines } = audit.read()?;
        let mail = self.mail(id).await?;

        let items: Vec<_> = new
            .items
            .iter()
            .map(|item| format!("{} {}", item.quantity, item.sku))
            .collect();
        writeln!(
            out,
            "order {id:<3} {status:<9} {} wants {}",
            order.customer.name,
            items.join(", ")
        )?;
        for AuditLine { event, line, .. } in &lines {
            writeln!(out, "    {event:<24} {line}")?;
        }
        let to = format!("mail to {}", order.customer.name);
        writeln!(out, "    {to:<24} {}\n", mail.subject)?;
        self.told.count(*status, lines.len());
        Ok(())
    }

    async fn mail(&self, id: OrderId) -> Result<StoredMail, Box<dyn Error + Send + Sync>> {
        let mut mails = stored_mails(self.mails).await?;
        mails.retain(|mail| mail.order_id == id);
        let mails: [StoredMail; 1] = mails.try_into().map_err(|mails: Vec<_>| {
            format!("the customer of order {id} got {} mails", mails.len())
        })?;
        let [mail] = mails;
        Ok(mail)
    }
}

impl Told {
    fn count(&mut self, status: Status, lines: usize) {
        match status {
            Status::Paid => self.paid += 1,
            Status::Declined => self.declined += 1,
            Status::Short => self.short += 1,
            Status::Placed | Status::Reserved => {}
        }
        self.mails += 1;
        self.lines += lines;
    }

    fn sum_up(&self, elapsed: Duration, out: &mut impl Write) -> std::io::Result<()> {
        let Self {
            paid,
            declined,
            short,
            mails,
            lines,
        } = self;
        let orders = paid + declined + short;
        writeln!(
            out,
            "{orders} orders in {elapsed:.1?}: {paid} paid, {declined} declined, {short} short of stock; {mails} mails, \
             {lines} lines of audit.\n\
             What placed them knows none of the crates that did this. `cargo run -p storefront` serves, and shows at\n\
             http://127.0.0.1:8080/wiring who handles what."
        )
    }
}
