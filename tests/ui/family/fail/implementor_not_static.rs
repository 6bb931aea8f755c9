use eventful::family;

#[family]
trait Auditable {}

struct Name<'a>(&'a str);

impl Auditable for Name<'_> {}

fn main() {}
