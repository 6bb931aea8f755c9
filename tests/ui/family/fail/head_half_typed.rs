use eventful::family;

#[family]
trait Auditable:


