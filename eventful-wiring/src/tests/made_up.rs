//! A wiring that is made up, with everything that the formats can show.

use crate::handler::{CATCH_ALL, Source};
use crate::{
    EventMode, HandlerOrigin, HandlerRun, ProvidedResource, WiredEvent, WiredFamily, WiredHandler,
    WiredPosition, WiredResource, Wiring,
};

pub(super) fn shop() -> Wiring {
    let events = vec![
        stock_reserved(),
        created(),
        order_created(),
        order_rejected(),
    ];
    let provided = vec![
        provided("shop::metrics::Metrics"),
        provided("alloc::sync::Arc<dyn shop::mail::Mailer>"),
        provided("dyn shop::mail::Mailer"),
    ];
    Wiring::new(events, families()).with_resources(provided)
}

fn order_created() -> WiredEvent {
    let send = WiredHandler {
        constraints: texts(&["after = update_cache", "before = \"billing.charge\""]),
        is_async: true,
        resources: vec![
            resource("&dyn Mailer", "dyn shop::mail::Mailer"),
            resource("Option<&Metrics>", "shop::metrics::Metrics"),
            resource(
                "&Arc<HashMap<String, u64>>",
                "alloc::sync::Arc<std::collections::hash::map::HashMap<alloc::string::String, u64>>",
            ),
        ],
        ..handler("shop::notifications::send_notification", 12)
    };
    let reserve = WiredHandler {
        is_guarded: true,
        resources: vec![resource("Option<&Clock>", "shop::Clock").absent(true)],
        returns: texts(&["shop::stock::StockReserved", "order.rejected"]),
        ..handler("shop::stock::reserve", 30)
    };
    let handlers = vec![
        log(),
        handler("shop::cache::update_cache", 7),
        send,
        audit(),
        reserve,
    ];
    WiredEvent {
        mode: EventMode::Concurrent,
        families: texts(&["dyn shop::audit::Auditable", "dyn shop::metrics::Measured"]),
        contract: Some("1..".to_owned()),
        ..event("shop::orders::OrderCreated", 5, handlers)
    }
}

fn stock_reserved() -> WiredEvent {
    let reorder = WiredHandler {
        lent: texts(&["&mut Connection"]),
        returns: texts(&["shop::orders::OrderCreated"]),
        ..handler("shop::stock::a_handler_with_a_rather_long_name", 50)
    };
    WiredEvent {
        mode: EventMode::Async,
        with: Some("mut Connection".to_owned()),
        ..event("shop::stock::StockReserved", 8, vec![log(), reorder])
    }
}

fn order_rejected() -> WiredEvent {
    let replaced = WiredHandler {
        origin: HandlerOrigin::Replaced,
        ..handler("billing.refund", 40)
    };
    let subscribed = WiredHandler {
        origin: HandlerOrigin::Subscribed,
        position: of_builder(41),
        ..handler("temporary \"one\"", 41)
    };
    WiredEvent {
        is_fail_fast: true,
        families: texts(&["dyn shop::audit::Auditable"]),
        ..event(
            "order.rejected",
            20,
            vec![log(), audit(), replaced, subscribed],
        )
    }
}

fn created() -> WiredEvent {
    WiredEvent {
        is_generic: true,
        ..event(
            "shop::store::Created<alloc::string::String>",
            60,
            vec![log()],
        )
    }
}

fn families() -> Vec<WiredFamily> {
    vec![
        WiredFamily {
            position: None,
            ..family(CATCH_ALL, &[], vec![log()])
        },
        WiredFamily {
            is_async: true,
            ..family(
                "dyn shop::metrics::Measured",
                &["shop::orders::OrderCreated"],
                Vec::new(),
            )
        },
        family(
            "dyn shop::audit::Auditable",
            &["order.rejected", "shop::orders::OrderCreated"],
            vec![audit()],
        ),
    ]
}

fn log() -> WiredHandler {
    WiredHandler {
        order: -10,
        family: Some(CATCH_ALL.to_owned()),
        ..handler("shop::log::log_all", 3)
    }
}

fn audit() -> WiredHandler {
    WiredHandler {
        resources: vec![resource("&Log", "shop::audit::Log")],
        family: Some("dyn shop::audit::Auditable".to_owned()),
        ..handler("shop::audit::write_audit_line", 9)
    }
}

pub(super) fn event(name: &str, line: u32, handlers: Vec<WiredHandler>) -> WiredEvent {
    WiredEvent {
        name: name.to_owned(),
        position: position(module_path_of(name).unwrap_or("shop::orders"), line),
        mode: EventMode::Sync,
        durable: None,
        is_fail_fast: false,
        is_generic: false,
        families: Vec::new(),
        contract: None,
        with: None,
        source: Source::default(),
        handlers,
    }
}

pub(super) fn handler(id: &str, line: u32) -> WiredHandler {
    WiredHandler {
        id: id.to_owned(),
        position: position(module_path_of(id).unwrap_or("shop::billing"), line),
        origin: HandlerOrigin::Linked,
        order: 0,
        constraints: Vec::new(),
        is_async: false,
        is_guarded: false,
        run: HandlerRun::InPublish,
        family: None,
        resources: Vec::new(),
        lent: Vec::new(),
        returns: Vec::new(),
        source: Source::default(),
    }
}

pub(super) fn family(name: &str, members: &[&str], handlers: Vec<WiredHandler>) -> WiredFamily {
    let path = name.trim_start_matches("dyn ");
    WiredFamily {
        name: name.to_owned(),
        position: module_path_of(path).map(|module_path| position(module_path, 2)),
        is_async: false,
        is_durable: false,
        members: texts(members),
        handlers,
    }
}

pub(super) fn resource(written: &str, type_name: &str) -> WiredResource {
    WiredResource::new(written.to_owned(), Some(type_name.to_owned()))
}

pub(super) fn provided(type_name: &str) -> ProvidedResource {
    ProvidedResource {
        type_name: type_name.to_owned(),
        position: of_builder(70),
    }
}

pub(super) fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

fn position(module_path: &str, line: u32) -> WiredPosition {
    let module = module_path.rsplit("::").next().unwrap_or_default();
    WiredPosition::new(module_path.to_owned(), format!("src/{module}.rs"), line, 4)
}

fn of_builder(line: u32) -> WiredPosition {
    WiredPosition::new(String::new(), "src/main.rs".to_owned(), line, 4)
}

fn module_path_of(name: &str) -> Option<&str> {
    let path = name.split('<').next()?;
    Some(path.rsplit_once("::")?.0)
}
