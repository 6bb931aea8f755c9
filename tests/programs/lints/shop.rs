//! Code of users, under every lint that they may have. An expansion that raises one is an error here.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![deny(
    missing_docs,
    missing_debug_implementations,
    missing_copy_implementations,
    unreachable_pub,
    unused,
    unused_lifetimes,
    unused_qualifications,
    unused_results,
    unused_import_braces,
    unused_macro_rules,
    unit_bindings,
    single_use_lifetimes,
    redundant_lifetimes,
    redundant_imports,
    let_underscore_drop,
    elided_lifetimes_in_paths,
    explicit_outlives_requirements,
    future_incompatible,
    keyword_idents,
    let_underscore,
    macro_use_extern_crate,
    meta_variable_misuse,
    non_ascii_idents,
    non_local_definitions,
    nonstandard_style,
    absolute_paths_not_starting_with_crate,
    trivial_casts,
    trivial_numeric_casts,
    unnameable_types,
    unsafe_op_in_unsafe_fn,
    variant_size_differences,
    rust_2018_idioms,
    rust_2021_compatibility,
    rust_2024_compatibility
)]
#![forbid(dead_code)]
#![deny(clippy::all, clippy::pedantic, clippy::nursery)]

use std::fmt::Write as _;
use std::sync::Mutex;

use eventful::{AnyEvent, Bus, Delivery, PublishError, event, family, handler, handlers};

/// An event that others see.
#[event]
#[derive(Clone, Debug)]
pub struct OrderCreated {
    /// The owner.
    pub user: String,
}

/// An event of several kinds, with options.
#[event(name = "order.changed", fail_fast)]
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum OrderChanged {
    /// One.
    Paid,
    /// Another.
    Shipped {
        /// When.
        day: u64,
    },
}

/// A generic event.
#[event]
#[derive(Clone, Debug)]
pub struct Changed<T: Copy>(pub T)
where
    Option<T>: Send;

/// An event of a deprecated kind.
#[deprecated = "events of this kind are no more"]
#[event]
#[derive(Clone, Copy, Debug)]
pub struct OrderFaxed;

/// An event whose handlers may be asynchronous.
#[event(async)]
#[derive(Clone, Debug)]
pub struct OrderShipped {
    /// With whom.
    pub carrier: String,
}

/// Something that is lent.
#[derive(Debug)]
pub struct Printer(Mutex<u64>);

/// An event whose publisher lends something.
#[event(with = Printer)]
#[derive(Clone, Debug)]
pub struct OrderPrinted {
    /// By whom.
    pub user: String,
}

/// An asynchronous one, whose handlers change it.
#[event(async, fail_fast, with = mut Vec<String>)]
#[derive(Clone, Debug)]
pub struct OrderArchived {
    /// By whom.
    pub user: String,
}

/// Only ever published through a bus, with something lent.
#[event(with = mut u64)]
struct NotedWith;

#[handler(OrderPrinted)]
fn print(event: &OrderPrinted, printer: &Printer, other: Option<&Printer>) {
    assert_eq!(other.is_some(), printer.0.is_poisoned(), "{}", event.user);
}

#[handler(OrderArchived, when = |event| event.user.is_empty())]
async fn archive(event: &OrderArchived, lines: &mut Vec<String>) -> Result<(), String> {
    std::future::ready(()).await;
    lines.push(event.user.clone());
    Ok(())
}

/// Publishes what lends something.
///
/// # Errors
///
/// If a handler fails.
pub async fn lend(bus: &Bus, user: String, lines: &mut Vec<String>) -> Result<(), PublishError> {
    let printer = Printer(Mutex::new(1));
    let _ = OrderPrinted { user: user.clone() }.publish(&printer)?;
    let _ = bus.publish_with(&NotedWith, &mut 1)?;
    let archived = OrderArchived { user };
    let _ = archived.publish(lines).await?;
    let _ = bus.publish_with(&archived, lines).await?;
    Ok(())
}

/// Only ever published through a bus: the inherent `publish` has no caller.
#[event]
struct Noted;

#[event]
struct NotedGeneric<const N: usize>;

#[event]
pub(crate) struct Checked {
    pub(crate) total: u64,
}

/// A family that others see.
#[family]
pub trait Auditable {
    /// The line to write down.
    fn line(&self) -> String;
}

#[family(async)]
pub(crate) trait Mailed {
    fn address(&self) -> &str;
}

/// Nobody handles it, and no event is one.
#[family]
trait Unused {}

/// A member of families.
#[event(async, as(dyn Auditable, dyn Mailed), handlers = 1..)]
#[derive(Clone, Debug)]
pub struct OrderReturned {
    /// By whom.
    pub user: String,
}

impl Auditable for OrderReturned {
    fn line(&self) -> String {
        self.user.clone()
    }
}

impl Mailed for OrderReturned {
    fn address(&self) -> &str {
        &self.user
    }
}

impl Auditable for OrderCreated {
    fn line(&self) -> String {
        self.user.clone()
    }
}

/// A generic member.
#[event(as(dyn Auditable), handlers = ..=3)]
#[derive(Clone, Copy, Debug)]
pub struct Counted<T>(pub T);

impl<T: Send + Sync + 'static> Auditable for Counted<T> {
    fn line(&self) -> String {
        String::new()
    }
}

/// A family of a deprecated kind.
#[deprecated = "nobody has a fax machine"]
#[family]
pub trait Faxed {}

/// The resource that handlers share.
#[derive(Debug, Default)]
pub struct Log(Mutex<Vec<String>>);

impl Log {
    fn write(&self, line: &str) {
        if let Ok(mut lines) = self.0.lock() {
            lines.push(line.to_owned());
        }
    }
}

#[handler(OrderCreated)]
fn write(event: &OrderCreated, log: &Log) {
    log.write(&event.user);
}

/// A handler that others see and name.
///
/// # Errors
///
/// If the name is empty.
#[handler(OrderCreated, after = [write, "billing.charge"], order = 1)]
pub fn check(event: &OrderCreated, log: Option<&Log>) -> Result<(), String> {
    let _ = log;
    if event.user.is_empty() {
        return Err("the name is empty".to_owned());
    }
    Ok(())
}

#[handler(OrderCreated, id = "billing.charge")]
fn charge<'a>(event: &'a OrderCreated, log: &'a Log, bus: &Bus, delivery: &Delivery) {
    let text = [event.user.as_str(), delivery.event_name()].concat();
    log.write(&text);
    bus.publish(&Noted).map(drop).unwrap_or_default();
    bus.publish(&NotedGeneric::<1>)
        .map(drop)
        .unwrap_or_default();
}

#[handler(OrderChanged)]
fn changed(event: &OrderChanged) -> Result<(), std::fmt::Error> {
    match event {
        OrderChanged::Paid => Ok(()),
        OrderChanged::Shipped { day } => write!(String::new(), "{day}"),
    }
}

#[handler(Changed<u8>)]
fn changed_to(&Changed(to): &Changed<u8>, log: &(dyn std::fmt::Debug + Send + Sync)) {
    let _text = format!("{to} {log:?}");
}

#[handler(Checked)]
fn checked(event: &Checked) {
    let _text = event.total.to_string();
}

#[handler(OrderShipped)]
async fn shipped(event: &OrderShipped, log: &Log) -> Result<(), std::fmt::Error> {
    std::future::ready(()).await;
    log.write(&event.carrier);
    Ok(())
}

#[handler(dyn Auditable)]
fn audit(event: &dyn Auditable, log: &Log) {
    log.write(&event.line());
}

#[handler(OrderCreated, OrderReturned, dyn Auditable, when = |event| event.line().len() > 3)]
fn audit_each<E: Auditable + ?Sized>(event: &E, log: &Log) {
    log.write(&event.line());
}

/// A handler of several events that others see.
#[handler(OrderCreated, Counted<u8>, after = audit_each::<OrderCreated>, order = 2)]
pub fn audit_unnamed(event: &impl Auditable, log: &Log) {
    log.write(&event.line());
}

#[handler(dyn Mailed, when = |event| !event.address().is_empty())]
async fn mail(event: &dyn Mailed, log: &Log) {
    std::future::ready(()).await;
    log.write(event.address());
}

#[handler(OrderReturned, dyn Mailed, when = is_known)]
async fn mail_each<E: Mailed + ?Sized>(event: &E, log: &Log) -> Result<(), std::fmt::Error> {
    std::future::ready(()).await;
    log.write(event.address());
    Ok(())
}

fn is_known(event: &(impl Mailed + ?Sized)) -> bool {
    !event.address().is_empty()
}

#[handler(dyn AnyEvent)]
fn count(event: &dyn AnyEvent, log: &Log) {
    log.write(event.event_name());
}

/// An event that follows from another one.
#[event]
#[derive(Clone, Copy, Debug)]
pub struct StockReserved;

#[handler(Checked, when = |event| event.total > 100)]
fn reserve(event: &Checked) -> Option<StockReserved> {
    (event.total < 1000).then_some(StockReserved)
}

#[handler(Checked)]
fn reserve_or_fail(event: &Checked) -> Result<(StockReserved, Vec<Noted>), std::fmt::Error> {
    if event.total == 0 {
        return Err(std::fmt::Error);
    }
    Ok((StockReserved, vec![Noted, Noted]))
}

/// A type whose methods are handlers.
#[derive(Debug, Default)]
pub struct Billing {
    currency: String,
}

#[handlers]
impl Billing {
    /// A constant between handlers.
    pub const MOST: usize = 3;

    /// A handler that others see and name.
    #[handler(OrderCreated, after = write)]
    pub fn bill(&self, event: &OrderCreated, log: &Log) {
        log.write(&[event.user.as_str(), &self.currency].concat());
    }

    #[handler(OrderShipped, after = [shipped, Self::before])]
    async fn collect(
        &self,
        event: &OrderShipped,
        log: &Log,
        this: Option<&Self>,
    ) -> Result<(), String> {
        std::future::ready(()).await;
        if event.carrier.len() > Self::MOST || this.is_none() {
            return Err(self.currency.clone());
        }
        log.write(&self.currency);
        Ok(())
    }

    #[handler(OrderReturned, OrderCreated, when = |event| event.line().len() < Self::MOST)]
    fn refund<E: Auditable>(&self, event: &E, log: &Log) {
        log.write(&[event.line().as_str(), &self.currency].concat());
    }

    #[handler(OrderShipped)]
    fn before<'a>(&'a self, event: &'a OrderShipped, log: &Log) {
        log.write(&format!("{} {}", event.carrier, self.currency));
    }

    #[cfg(not(test))]
    #[deprecated = "nobody has a fax machine"]
    #[handler(OrderCreated)]
    fn fax(&self, event: &OrderCreated) {
        let _text = [event.user.as_str(), &self.currency].concat();
    }
}

#[deprecated = "nobody has a fax machine"]
#[handler(OrderCreated)]
fn fax(event: &OrderCreated) {
    let _text = event.user.to_uppercase();
}

/// A deprecated type whose methods are handlers.
#[deprecated = "nobody has a fax machine"]
#[derive(Debug)]
pub struct Fax {
    /// The first line.
    pub header: String,
}

#[expect(deprecated, reason = "it is still delivered to")]
#[handlers]
impl Fax {
    #[handler(OrderCreated)]
    fn send(&self, event: &OrderCreated, log: &Log) {
        log.write(&[self.header.as_str(), &event.user].concat());
    }
}

/// Items of which every token but the name is a `macro_rules` macro's.
macro_rules! items {
    ($event:ident, $later:ident, $generic:ident, $family:ident, $owner:ident, $handler:ident) => {
        #[event(as(dyn $family))]
        pub(crate) struct $event;

        #[event(async)]
        pub(in crate) struct $later;

        #[event]
        pub(crate) struct $generic<T>(pub(crate) T);

        #[family]
        pub(crate) trait $family {}

        impl $family for $event {}

        #[derive(Debug)]
        pub(crate) struct $owner;

        #[handlers]
        impl $owner {
            #[handler($event)]
            pub(crate) fn by_method(&self, _: &$event, log: &Log) {
                log.write(&format!("{self:?}"));
            }
        }

        #[handler($event, $later)]
        pub(crate) fn $handler<E: Send>(_: &E, log: &Log) {
            log.write("made");
        }

        #[handler($generic<u8>, when = |event| event.0 > 1)]
        fn generic(event: &$generic<u8>, log: &Log) {
            log.write(&event.0.to_string());
        }
    };
}

items!(Made, MadeLater, MadeGeneric, MadeFamily, Maker, make);

/// Publishes on the current bus.
///
/// # Errors
///
/// If a handler fails.
pub fn publish() -> Result<(), PublishError> {
    #[event]
    struct Local;

    #[handler(Local)]
    fn local(_: &Local, log: &Log) {
        log.write("published");
    }

    let _delivered = Local.publish()?;
    let _delivered = Checked { total: 1 }.publish()?;
    drop((Made, MadeLater, MadeGeneric(String::new()), Maker));
    OrderChanged::Paid.publish().map(drop)
}
