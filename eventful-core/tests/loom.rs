//! Loom models of what is lazily or concurrently set: index assignment, the lazy default against `install`, scopes.
//!
//! ```text
//! RUSTFLAGS="--cfg loom" cargo test -p eventful-core --test loom --release
//! ```
//!
//! The files under test are compiled here a second time, on loom's primitives instead of the standard library's.
#![cfg(loom)]

#[path = "../src/bus/default_cell.rs"]
mod default_cell;
#[path = "../src/raw/index.rs"]
mod index;
#[path = "../src/raw/scoped_ref.rs"]
#[expect(
    unsafe_code,
    dead_code,
    reason = "the file is a part of `raw`, which has more uses for references"
)]
mod scoped_ref;
#[path = "loom/sync.rs"]
#[expect(unused_imports, reason = "what only the models of the gate use")]
mod sync;
#[path = "../src/raw/thread_stack.rs"]
#[expect(
    unsafe_code,
    dead_code,
    reason = "the file is a part of `raw`, which asks for more"
)]
mod thread_stack;

use loom::cell::Cell;

/// Stands for a bus. Loom reports whoever looks at one that was not handed over whole.
struct Bus {
    name: &'static str,
    content: Cell<u32>,
}

impl Bus {
    const WHOLE: u32 = 42;

    fn new(name: &'static str) -> Self {
        let bus = Self {
            name,
            content: Cell::new(0),
        };
        bus.content.set(Self::WHOLE);
        bus
    }

    fn name(&self) -> &'static str {
        assert_eq!(self.content.get(), Self::WHOLE);
        self.name
    }
}

/// An event's index is read without synchronisation: by whoever has a bus, which is made after the registry.
mod indexes {
    use std::convert::Infallible;

    use loom::sync::Arc;
    use loom::sync::atomic::{AtomicBool, Ordering};
    use loom::thread;

    use crate::default_cell::DefaultCell;
    use crate::index::Index;
    use crate::sync::{AtomicU32, Mutex, OnceLock};

    struct Events {
        indexes: [Index; 2],
        registry: OnceLock<()>,
    }

    impl Events {
        fn new() -> Self {
            let unassigned = || Index::new(AtomicU32::new(Index::UNASSIGNED));
            Self {
                indexes: [unassigned(), unassigned()],
                registry: OnceLock::new(),
            }
        }

        fn build_bus(&self) {
            self.registry
                .get_or_init(|| Index::assign(&self.indexes.each_ref()));
        }

        fn publish_on_a_bus(&self) {
            let indexes = self.indexes.each_ref().map(Index::get);
            assert_eq!(indexes, [0, 1], "an index was read that is not assigned");
        }
    }

    #[test]
    fn whoever_builds_a_bus_reads_assigned_indexes() {
        loom::model(|| {
            let events = Arc::new(Events::new());
            let build_and_publish = {
                let events = Arc::clone(&events);
                move || {
                    events.build_bus();
                    events.publish_on_a_bus();
                }
            };
            let threads = [
                thread::spawn(build_and_publish.clone()),
                thread::spawn(build_and_publish.clone()),
            ];
            build_and_publish();
            for thread in threads {
                thread.join().expect("it does not panic");
            }
        });
    }

    #[test]
    fn whoever_uses_the_lazy_default_reads_assigned_indexes() {
        loom::model(|| {
            let events = Arc::new(Events::new());
            let default = Arc::new(DefaultCell::new(OnceLock::new(), Mutex::new(())));
            let publish = move || {
                let make = || {
                    events.build_bus();
                    Ok::<_, Infallible>(())
                };
                let Ok(()) = default.get_or_try_init(make);
                events.publish_on_a_bus();
            };
            let threads = [
                thread::spawn(publish.clone()),
                thread::spawn(publish.clone()),
            ];
            publish();
            for thread in threads {
                thread.join().expect("it does not panic");
            }
        });
    }

    #[test]
    fn whoever_is_handed_a_bus_reads_assigned_indexes() {
        hand_over_twice(Ordering::Release, Ordering::Acquire);
    }

    /// Safe code cannot hand a bus over like this. It shows that the model above notices.
    #[test]
    #[should_panic(expected = "an index was read that is not assigned")]
    fn a_bus_that_is_handed_over_without_synchronisation_is_noticed() {
        hand_over_twice(Ordering::Relaxed, Ordering::Relaxed);
    }

    /// The main thread builds a bus, hands it to a second thread, and that one hands it to a third.
    fn hand_over_twice(store: Ordering, load: Ordering) {
        loom::model(move || {
            let events = Arc::new(Events::new());
            let handed_over = Arc::new([AtomicBool::new(false), AtomicBool::new(false)]);
            let second = {
                let (events, handed_over) = (Arc::clone(&events), Arc::clone(&handed_over));
                thread::spawn(move || {
                    if handed_over[0].load(load) {
                        events.publish_on_a_bus();
                        handed_over[1].store(true, store);
                    }
                })
            };
            let third = {
                let (events, handed_over) = (Arc::clone(&events), Arc::clone(&handed_over));
                thread::spawn(move || {
                    if handed_over[1].load(load) {
                        events.publish_on_a_bus();
                    }
                })
            };
            events.build_bus();
            handed_over[0].store(true, store);
            second.join().expect("it does not panic");
            third.join().expect("it does not panic");
        });
    }
}

/// `install` against first use, on several threads.
mod lazy_default {
    use loom::sync::Arc;
    use loom::sync::atomic::{AtomicUsize, Ordering};
    use loom::thread;

    use crate::Bus;
    use crate::default_cell::DefaultCell;
    use crate::sync::{Mutex, OnceLock};

    #[derive(Debug, PartialEq)]
    struct WrongWiring;

    struct Process {
        default: DefaultCell<Bus>,
        built: AtomicUsize,
    }

    impl Process {
        fn start() -> Arc<Self> {
            Arc::new(Self {
                default: DefaultCell::new(OnceLock::new(), Mutex::new(())),
                built: AtomicUsize::new(0),
            })
        }

        fn install(&self) -> Result<(), &'static str> {
            self.default.set(Bus::new("installed")).map_err(Bus::name)
        }

        fn first_use(&self, name: &'static str) -> &'static str {
            let make = || {
                self.built.fetch_add(1, Ordering::Relaxed);
                Ok::<_, WrongWiring>(Bus::new(name))
            };
            let default = self.default.get_or_try_init(make);
            default.map(Bus::name).expect("the wiring is right")
        }

        fn first_use_with_wrong_wiring(&self) -> Result<&'static str, WrongWiring> {
            let default = self.default.get_or_try_init(|| Err(WrongWiring));
            default.map(Bus::name)
        }

        fn default(&self) -> Option<&'static str> {
            self.default.get().map(Bus::name)
        }
    }

    #[test]
    fn everybody_sees_the_bus_that_came_first() {
        loom::model(|| {
            let process = Process::start();
            let second = {
                let process = Arc::clone(&process);
                thread::spawn(move || process.first_use("of the second thread"))
            };
            let third = {
                let process = Arc::clone(&process);
                thread::spawn(move || process.first_use("of the third thread"))
            };
            let installed = process.install();
            let seen = [
                second.join().expect("it does not panic"),
                third.join().expect("it does not panic"),
            ];
            let default = process.default().expect("it is set");
            assert_eq!(seen, [default, default]);
            let built = process.built.load(Ordering::Relaxed);
            match installed {
                Ok(()) => assert_eq!((default, built), ("installed", 0)),
                Err(present) => assert_eq!((present, built), (default, 1)),
            }
        });
    }

    #[test]
    fn one_of_two_installs_wins() {
        loom::model(|| {
            let process = Process::start();
            let second = {
                let process = Arc::clone(&process);
                thread::spawn(move || process.install())
            };
            let results = [process.install(), second.join().expect("it does not panic")];
            let lost = Err("installed");
            assert!(results == [Ok(()), lost] || results == [lost, Ok(())]);
        });
    }

    #[test]
    fn a_first_use_that_fails_leaves_install_possible() {
        loom::model(|| {
            let process = Process::start();
            let second = {
                let process = Arc::clone(&process);
                thread::spawn(move || process.first_use_with_wrong_wiring())
            };
            let third = {
                let process = Arc::clone(&process);
                thread::spawn(move || process.first_use_with_wrong_wiring())
            };
            assert_eq!(process.install(), Ok(()));
            for thread in [second, third] {
                let seen = thread.join().expect("it does not panic");
                assert!(matches!(seen, Ok("installed") | Err(WrongWiring)));
            }
            assert_eq!(process.default(), Some("installed"));
        });
    }

    #[test]
    fn a_first_use_that_fails_leaves_the_next_one_possible() {
        loom::model(|| {
            let process = Process::start();
            let second = {
                let process = Arc::clone(&process);
                thread::spawn(move || process.first_use_with_wrong_wiring())
            };
            assert_eq!(
                process.first_use("of the main thread"),
                "of the main thread"
            );
            let seen = second.join().expect("it does not panic");
            assert!(matches!(seen, Ok("of the main thread") | Err(WrongWiring)));
        });
    }
}

/// Scopes belong to a thread; the default, which is below all of them, to all threads.
mod scopes {
    use std::convert::Infallible;
    use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

    use loom::sync::Arc;
    use loom::sync::atomic::{AtomicUsize, Ordering};
    use loom::thread::{self, LocalKey};

    use crate::Bus;
    use crate::default_cell::DefaultCell;
    use crate::scoped_ref::{AtomicRef, Borrowing, ScopedRef};
    use crate::sync::{Mutex, OnceLock};
    use crate::thread_stack::{Frame, Key, ThreadStack};

    loom::thread_local! {
        static CURRENT: ThreadStack<Scope> = ThreadStack::empty();
    }

    impl Key<Scope> for LocalKey<ThreadStack<Scope>> {
        fn with_stack<R>(&'static self, body: impl FnOnce(&ThreadStack<Scope>) -> R) -> R {
            self.with(body)
        }
    }

    struct Scope {
        bus: ScopedRef<Bus>,
        outer: AtomicRef<Scope>,
    }

    impl Frame for Scope {
        fn parent(&self) -> &AtomicRef<Self> {
            &self.outer
        }
    }

    impl Scope {
        fn path(&self) -> String {
            let outer = self.outer.get().map_or(String::new(), Self::path);
            format!("{outer}/{}", self.bus.name())
        }
    }

    fn scope<R>(bus: &Bus, body: impl FnOnce() -> R) -> R {
        let scope = Borrowing::new(bus, |bus| Scope {
            bus,
            outer: AtomicRef::empty(),
        });
        ThreadStack::push(&CURRENT, &scope, |_| body())
    }

    struct Process {
        default: DefaultCell<Bus>,
        asked: AtomicUsize,
    }

    impl Process {
        fn current(&self) -> String {
            // The threads contend for this, so loom tries every order of them.
            self.asked.fetch_add(1, Ordering::Relaxed);
            ThreadStack::peek(&CURRENT, |scope| match scope {
                Some(scope) => scope.path(),
                None => self.default().name().to_owned(),
            })
        }

        fn default(&self) -> &Bus {
            let make = || Ok::<_, Infallible>(Bus::new("default"));
            let Ok(bus) = self.default.get_or_try_init(make);
            bus
        }
    }

    #[test]
    fn a_thread_sees_its_own_scopes_and_the_common_default() {
        loom::model(|| {
            let process = Arc::new(Process {
                default: DefaultCell::new(OnceLock::new(), Mutex::new(())),
                asked: AtomicUsize::new(0),
            });
            let in_scopes = move |outer: &'static str, inner: &'static str| {
                scope(&Bus::new(outer), || {
                    let inner_bus = Bus::new(inner);
                    let in_inner = || {
                        assert_eq!(process.current(), format!("/{outer}/{inner}"));
                        resume_unwind(Box::new(inner))
                    };
                    catch_unwind(AssertUnwindSafe(|| scope(&inner_bus, in_inner)))
                        .expect_err("it panics");
                    assert_eq!(process.current(), format!("/{outer}"));
                });
                assert_eq!(process.current(), "default");
            };
            let second = {
                let in_scopes = in_scopes.clone();
                thread::spawn(move || in_scopes("a", "b"))
            };
            in_scopes("c", "d");
            second.join().expect("it does not panic");
        });
    }
}
