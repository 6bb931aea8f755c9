//! Mails to customers, whoever sends them.

use std::error::Error;
use std::fmt;

use async_trait::async_trait;

use crate::{Customer, OrderId};

/// A mail to a customer about an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// What it is about.
    pub order_id: OrderId,
    /// Who gets it.
    pub to: Customer,
    /// What it is about, in a line.
    pub subject: String,
    /// What it says.
    pub text: String,
}

/// What sends mails.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Sends one mail.
    async fn send(&self, mail: &Mail) -> Result<(), MailError>;
}

/// Why a mail was not sent.
#[derive(Debug)]
pub struct MailError(Box<dyn Error + Send + Sync>);

impl MailError {
    /// What the transport says.
    pub fn new(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(cause.into())
    }
}

impl fmt::Display for MailError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the mail was not sent: {}", self.0)
    }
}

impl Error for MailError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0)
    }
}
