use std::sync::Arc;

use eventful::Bus;

trait Mailer {}

struct Smtp;

impl Mailer for Smtp {}

fn main() {
    let mailer: Arc<dyn Mailer> = Arc::new(Smtp);
    let _ = Bus::isolated().provide_arc(mailer).build();
}
