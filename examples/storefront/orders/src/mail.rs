//! Mails to customers, and the trait of what sends them.

use std::error::Error;
use std::fmt;

use async_trait::async_trait;

use crate::{Customer, OrderId};

/// A mail to a customer about an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// The order that it is about.
    pub order_id: OrderId,
    /// The address of the recipient.
    pub to: Customer,
    /// The subject line.
    pub subject: String,
    /// The text.
    pub text: String,
}

/// A transport for mails.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Sends one mail.
    async fn send(&self, mail: &Mail) -> Result<(), MailError>;
}

/// The error of a mail that was not sent.
#[derive(Debug)]
pub struct MailError(Box<dyn Error + Send + Sync>);

impl MailError {
    /// The error of the transport.
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
