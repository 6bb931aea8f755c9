//! The transports for mails: files in a folder, or a mail server.

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
use lettre::{Address, AsyncFileTransport, AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use orders::{Mail, MailError, Mailer, OrderId};
use tokio::fs;

/// Puts each mail into a folder, as a file of its own.
#[derive(Debug)]
pub struct FolderMailer {
    from: Mailbox,
    transport: AsyncFileTransport<Tokio1Executor>,
}

impl FolderMailer {
    /// Creates the folder if it is missing.
    ///
    /// # Errors
    ///
    /// If it cannot be created or written to.
    pub async fn open(folder: &Path, from: Mailbox) -> io::Result<Self> {
        fs::create_dir_all(folder).await?;
        let probe = folder.join(".storefront-can-write");
        fs::write(&probe, "").await?;
        fs::remove_file(&probe).await?;
        let transport = AsyncFileTransport::new(folder);
        Ok(Self { from, transport })
    }
}

#[async_trait]
impl Mailer for FolderMailer {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let message = message(mail, &self.from)?;
        self.transport.send(message).await.map_err(MailError::new)?;
        Ok(())
    }
}

/// Sends mails through a server.
#[derive(Debug)]
pub struct SmtpMailer {
    from: Mailbox,
    transport: AsyncSmtpTransport<Tokio1Executor>,
}

impl SmtpMailer {
    /// Uses the server of a URL such as `smtps://user:password@mail.example.com`. Nothing is sent to it yet.
    ///
    /// # Errors
    ///
    /// If the URL is none.
    pub fn new(url: &str, from: Mailbox) -> Result<Self, impl Error + Send + Sync + 'static> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)?.build();
        Ok::<_, lettre::transport::smtp::Error>(Self { from, transport })
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let message = message(mail, &self.from)?;
        self.transport.send(message).await.map_err(MailError::new)?;
        Ok(())
    }
}

fn message(mail: &Mail, from: &Mailbox) -> Result<Message, MailError> {
    let address: Address = mail.to.email.parse().map_err(MailError::new)?;
    let to = Mailbox::new(Some(mail.to.name.clone()), address);
    // There is one mail for an order: a second attempt sends the same one.
    let id = format!("<{MESSAGE_ID}{}@{}>", mail.order_id, from.email.domain());
    Message::builder()
        .from(from.clone())
        .to(to)
        .subject(&mail.subject)
        .message_id(Some(id))
        .header(ContentType::TEXT_PLAIN)
        .body(mail.text.clone())
        .map_err(MailError::new)
}

const MESSAGE_ID: &str = "order-";

/// A mail in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredMail {
    /// The order that it is about.
    pub order_id: OrderId,
    /// The address of the recipient.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// The file.
    pub path: PathBuf,
}

/// The mails in the folder of a [`FolderMailer`], by order.
///
/// # Errors
///
/// If the folder or a file cannot be read, or a file is no mail about an order.
pub async fn stored_mails(folder: &Path) -> io::Result<Vec<StoredMail>> {
    let mut mails = Vec::new();
    let mut entries = fs::read_dir(folder).await?;
    while let Some(entry) = entries.next_entry().await? {
        let path = entry.path();
        let text = fs::read_to_string(&path).await?;
        let mail = parse(&text, &path).ok_or_else(|| {
            let message = format!("`{}` is no mail about an order", path.display());
            io::Error::new(io::ErrorKind::InvalidData, message)
        })?;
        mails.push(mail);
    }
    mails.sort_by(|a, b| (a.order_id, &a.path).cmp(&(b.order_id, &b.path)));
    Ok(mails)
}

fn parse(text: &str, path: &Path) -> Option<StoredMail> {
    let (head, _) = text.split_once("\r\n\r\n")?;
    let header = |name: &str| {
        let mut lines = head.split("\r\n");
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    };
    let id = header("Message-ID")?.strip_prefix('<')?;
    let (id, _) = id.strip_prefix(MESSAGE_ID)?.split_once('@')?;
    Some(StoredMail {
        order_id: OrderId(id.parse().ok()?),
        to: header("To")?.to_owned(),
        subject: header("Subject")?.to_owned(),
        path: path.to_owned(),
    })
}
