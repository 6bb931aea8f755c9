//! Four asynchronous handlers, that are ready at once or wait once, in turn or together.

use std::future::{Ready, ready};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use eventful::handler;

use crate::case::Case;
use crate::peers::{AsyncTextbook, install, name, own_bus};
use crate::work::{Payload, salt};

pub const READY: &str = "4 async handlers, ready";
pub const PENDING: &str = "4 async handlers that wait";
pub const READY_TOGETHER: &str = "4 concurrent handlers, ready";
pub const PENDING_TOGETHER: &str = "4 concurrent handlers that wait";

/// Is pending once.
#[derive(Default)]
struct WaitOnce(bool);

impl Future for WaitOnce {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.0 {
            return Poll::Ready(());
        }
        self.0 = true;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Is ready at once.
fn go_on() -> Ready<()> {
    ready(())
}

async fn wait_once() {
    WaitOnce::default().await;
}

/// Polls to the end: nothing here waits for anybody else.
#[inline]
fn block_on<O>(future: impl Future<Output = O>) -> O {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}

macro_rules! handlers {
    ($event:ident($($mode:ident),*) in $module:ident, $workload:ident, $waits:ident, $publish:ident: $($handler:ident)*) => {
        pub mod $module {
            use super::*;

            #[eventful::event($($mode),*)]
            #[derive(Clone, Copy)]
            pub struct $event(pub Payload);

            $(
                #[handler($event)]
                async fn $handler(event: &$event) {
                    $waits().await;
                    event.0.work(const { salt(stringify!($handler)) });
                }
            )*

            fn subscribe(bus: &AsyncTextbook) {
                $(bus.subscribe(|event: &$event| Box::pin($handler(event)));)*
            }

            fn case(peer: &'static str, publish: impl FnMut(&$event) + 'static) -> Case {
                Case::new($workload, peer, [$(stringify!($handler)),*].len(), $event, publish)
            }

            #[must_use]
            pub fn cases() -> Vec<Case> {
                let bus = own_bus();
                let own_bus = case(name::OWN_BUS, move |event| {
                    block_on(bus.publish(event)).ok();
                });
                install();
                let default_bus = case(name::DEFAULT_BUS, |event| {
                    block_on(event.publish()).ok();
                });
                let bus = AsyncTextbook::default();
                subscribe(&bus);
                let textbook = case(name::TEXTBOOK, move |event| block_on(bus.$publish(event)));
                vec![own_bus, default_bus, textbook]
            }
        }
    };
}

handlers!(Ready(async) in ready, READY, go_on, publish: a0 a1 a2 a3);
handlers!(Pending(async) in pending, PENDING, wait_once, publish: a0 a1 a2 a3);
handlers!(ReadyTogether(async, concurrent) in ready_together, READY_TOGETHER, go_on, publish_concurrently: a0 a1 a2 a3);
handlers!(PendingTogether(async, concurrent) in pending_together, PENDING_TOGETHER, wait_once, publish_concurrently: a0 a1 a2 a3);
