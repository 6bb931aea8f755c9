//! Chooses the crate that collects the registry, by target and feature. Cargo wants a build script beside the `links` key
//! in any case.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!(r#"cargo::rustc-check-cfg=cfg(eventful_backend, values("inventory", "linkme"))"#);
    // Without a backend `registry/backend.rs` does not compile.
    if let Some(backend) = Target::from_env().backend(is_set("CARGO_FEATURE_INVENTORY")) {
        println!("cargo::rustc-cfg=eventful_backend={backend:?}");
    }
}

/// The facts about a target that decide.
struct Target {
    os: String,
    env: String,
    is_wasm: bool,
}

impl Target {
    fn from_env() -> Self {
        let families = variable("CARGO_CFG_TARGET_FAMILY");
        Self {
            os: variable("CARGO_CFG_TARGET_OS"),
            env: variable("CARGO_CFG_TARGET_ENV"),
            is_wasm: families.split(',').any(|family| family == "wasm"),
        }
    }

    /// Cargo.toml has the same choice, as what is a dependency where.
    fn backend(&self, wants_inventory: bool) -> Option<&'static str> {
        if self.has_linkme() && !wants_inventory {
            Some("linkme")
        } else if self.has_inventory() {
            Some("inventory")
        } else {
            None
        }
    }

    /// The targets that `linkme::distributed_slice` has a branch for and the standard library runs on.
    fn has_linkme(&self) -> bool {
        match self.os.as_str() {
            // Rust puts what is in a link section of WebAssembly where the program cannot read it.
            _ if self.is_wasm => false,
            // linkme relies on how Microsoft's linker sorts the parts of a section.
            "windows" => self.env == "msvc",
            "android" | "freebsd" | "fuchsia" | "illumos" | "ios" | "linux" | "macos"
            | "openbsd" | "tvos" | "uefi" => true,
            _ => false,
        }
    }

    /// The targets that `inventory::submit!` has a branch for and the standard library runs on. Elsewhere it compiles and
    /// finds nothing.
    fn has_inventory(&self) -> bool {
        self.is_wasm
            || matches!(
                self.os.as_str(),
                "android"
                    | "dragonfly"
                    | "freebsd"
                    | "haiku"
                    | "illumos"
                    | "ios"
                    | "linux"
                    | "macos"
                    | "netbsd"
                    | "nto"
                    | "openbsd"
                    | "redox"
                    | "vxworks"
                    | "windows"
            )
    }
}

/// A variable that cargo sets where there is something to say.
fn variable(name: &str) -> String {
    env::var(name).unwrap_or_default()
}

fn is_set(name: &str) -> bool {
    env::var_os(name).is_some()
}
