//! `Serialize`, by hand: the derive macro would be a dependency of everyone who serializes anything. The shape is
//! documented on [`Wiring`].

use serde_core::ser::{Serialize, SerializeStruct, Serializer};

use crate::{
    ProvidedResource, WiredEvent, WiredFamily, WiredHandler, WiredPosition, WiredResource, Wiring,
};

macro_rules! serialize {
    ($type:ty as $name:literal { $($field:literal: $value:expr,)* }) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                const FIELDS: &[&str] = &[$($field),*];
                let mut fields = serializer.serialize_struct($name, FIELDS.len())?;
                $(fields.serialize_field($field, &$value(self))?;)*
                fields.end()
            }
        }
    };
}

serialize!(Wiring as "Wiring" {
    "events": Wiring::events,
    "families": Wiring::families,
    "resources": Wiring::resources,
    "cycles": Wiring::cycles,
});

serialize!(WiredEvent as "WiredEvent" {
    "name": WiredEvent::name,
    "position": WiredEvent::position,
    "async": WiredEvent::is_async,
    "concurrent": WiredEvent::is_concurrent,
    "durable": WiredEvent::is_durable,
    "version": WiredEvent::version,
    "key": WiredEvent::has_key,
    "fail_fast": WiredEvent::is_fail_fast,
    "generic": WiredEvent::is_generic,
    "families": WiredEvent::families,
    "contract": WiredEvent::contract,
    "with": WiredEvent::with,
    "handlers": WiredEvent::handlers,
});

serialize!(WiredHandler as "WiredHandler" {
    "id": WiredHandler::id,
    "position": WiredHandler::position,
    "closure": WiredHandler::is_closure,
    "replaced": WiredHandler::is_replaced,
    "order": WiredHandler::order,
    "constraints": WiredHandler::constraints,
    "async": WiredHandler::is_async,
    "guarded": WiredHandler::is_guarded,
    "in_transaction": WiredHandler::is_in_transaction,
    "separate": WiredHandler::separate_options,
    "family": WiredHandler::family,
    "resources": WiredHandler::resources,
    "lent": WiredHandler::lent,
    "returns": WiredHandler::returns,
});

serialize!(WiredFamily as "WiredFamily" {
    "name": WiredFamily::name,
    "position": WiredFamily::position,
    "async": WiredFamily::is_async,
    "durable": WiredFamily::is_durable,
    "members": WiredFamily::members,
    "handlers": WiredFamily::handlers,
});

serialize!(WiredResource as "WiredResource" {
    "type": WiredResource::type_name,
    "written": WiredResource::written,
    "optional": WiredResource::is_optional,
    "absent": WiredResource::is_absent,
});

serialize!(ProvidedResource as "ProvidedResource" {
    "type": ProvidedResource::type_name,
    "position": ProvidedResource::position,
});

serialize!(WiredPosition as "WiredPosition" {
    "module_path": WiredPosition::module_path,
    "file": WiredPosition::file,
    "line": WiredPosition::line,
    "column": WiredPosition::column,
});
