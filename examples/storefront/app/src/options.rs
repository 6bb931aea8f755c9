//! The options of the command line and the environment.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Parser;
use lettre::message::Mailbox;
use tracing_subscriber::filter::Targets;

const EXAMPLES: &str = "\
Examples:
  storefront                                    serve on http://127.0.0.1:8080, with everything in ./storefront-data
  storefront --demo                             show what it does, and end
  storefront --listen 0.0.0.0:80 --smtp-url smtps://user:password@mail.example.com
  storefront --database 'sqlite:shop.db?mode=ro'   answer questions, and take no orders";

/// An order service in one process, whose parts do not know each other.
#[derive(Clone, Debug, Parser)]
#[command(name = "storefront", version, after_help = EXAMPLES)]
pub struct Options {
    /// Places twenty orders on a free port and in a temporary folder, tells what became of each, and ends
    #[arg(long, conflicts_with_all = ["listen", "database", "mail_dir", "smtp_url"])]
    pub demo: bool,

    /// The address to listen on; with port 0, on any that is free
    #[arg(
        long,
        env = "STOREFRONT_LISTEN",
        value_name = "ADDRESS",
        default_value = "127.0.0.1:8080"
    )]
    pub listen: SocketAddr,

    /// The database; a file that is missing is made. With `?mode=ro` it is only read
    #[arg(
        long,
        env = "STOREFRONT_DATABASE",
        value_name = "URL",
        default_value = "sqlite:storefront-data/shop.db"
    )]
    pub database: String,

    /// The folder in which mails are put, a file each
    #[arg(
        long,
        env = "STOREFRONT_MAIL_DIR",
        value_name = "FOLDER",
        default_value = "storefront-data/mail"
    )]
    pub mail_dir: PathBuf,

    /// Sends mails through this server instead, such as `smtps://user:password@mail.example.com`
    #[arg(
        long,
        env = "STOREFRONT_SMTP_URL",
        value_name = "URL",
        hide_env_values = true
    )]
    pub smtp_url: Option<String>,

    /// The sender of mails
    #[arg(
        long,
        env = "STOREFRONT_MAIL_FROM",
        value_name = "ADDRESS",
        default_value = "Storefront <orders@example.com>"
    )]
    pub mail_from: Mailbox,

    /// The level of the log on the standard error, and others for single targets, as in info,sqlx=warn
    #[arg(
        long,
        env = "STOREFRONT_LOG",
        value_name = "FILTER",
        default_value = "info"
    )]
    pub log: Targets,

    /// The seconds that requests and orders may take to end when the service is stopped
    #[arg(
        long,
        env = "STOREFRONT_STOP_LIMIT",
        value_name = "SECONDS",
        default_value = "10"
    )]
    pub stop_limit: u64,
}

impl Options {
    /// Returns the time that requests and orders may take to end when the service is stopped.
    #[must_use]
    pub const fn stop_limit(&self) -> Duration {
        Duration::from_secs(self.stop_limit)
    }

    /// Returns the default options, with everything in one folder, on a port that is free.
    #[must_use]
    pub fn within(&self, folder: &Path) -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            database: format!("sqlite:{}", folder.join("shop.db").display()),
            mail_dir: folder.join("mail"),
            smtp_url: None,
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_options_contradict_neither_each_other_nor_their_defaults() {
        Options::command().debug_assert();
        let options = Options::try_parse_from(["storefront"]).unwrap();
        assert_eq!(options.listen.port(), 8080);
        assert_eq!(options.stop_limit(), Duration::from_secs(10));
    }

    #[test]
    fn a_demonstration_chooses_its_own_places() {
        assert!(
            Options::try_parse_from(["storefront", "--demo"])
                .unwrap()
                .demo
        );
        for option in [
            "--listen=127.0.0.1:1",
            "--database=sqlite:x",
            "--mail-dir=x",
            "--smtp-url=smtp://x",
        ] {
            let error = Options::try_parse_from(["storefront", "--demo", option]).unwrap_err();
            let (name, _) = option.split_once('=').unwrap();
            let message = format!("the argument '--demo' cannot be used with '{name} <");
            assert!(error.to_string().contains(&message), "{error}");
        }
    }
}
