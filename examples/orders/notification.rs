//! The mail that confirms an order.

use std::fs;
use std::io;
use std::path::PathBuf;

use eventful::handler;

use crate::cache;
use crate::order::OrderCreated;
use crate::store::create_folder;

/// Sends mails: all that the shop needs to know about a mail server.
pub(crate) trait Mailer: Send + Sync {
    fn send(&self, file_name: &str, to: &str, subject: &str, body: &str) -> io::Result<()>;
}

/// "Sends" mails into a folder, a file each.
pub(crate) struct MailFolder(PathBuf);

impl MailFolder {
    pub(crate) fn create(folder: PathBuf) -> io::Result<Self> {
        create_folder(&folder)?;
        Ok(Self(folder))
    }
}

impl Mailer for MailFolder {
    fn send(&self, file_name: &str, to: &str, subject: &str, body: &str) -> io::Result<()> {
        fs::write(
            self.0.join(file_name),
            format!("To: {to}\nSubject: {subject}\n\n{body}\n"),
        )
    }
}

pub(crate) fn file_name(order_id: u64) -> String {
    format!("order-{order_id}.eml")
}

#[handler(OrderCreated, after = cache::update_cache)]
pub(crate) fn send_notification(event: &OrderCreated, mailer: &dyn Mailer) -> io::Result<()> {
    let OrderCreated {
        order_id,
        email,
        product,
        quantity,
        total,
        ..
    } = event;
    let subject = format!("Your order {order_id}");
    let body = format!("Thank you for ordering {quantity} × {product}, {total} EUR in all.");
    mailer.send(&file_name(*order_id), email, &subject, &body)?;
    println!(
        "  notification: mail to {email} in {}",
        file_name(*order_id)
    );
    Ok(())
}
