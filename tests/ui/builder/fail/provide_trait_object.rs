use eventful::Bus;

trait Mailer: Send + Sync {}

struct Smtp;

impl Mailer for Smtp {}

fn main() {
    let _ = Bus::isolated().provide::<dyn Mailer>(Smtp).build();
}
