//! From a crate's root through its modules.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use syn::{Attribute, ImplItem, Item};

use super::attribute::Attributes;
use super::{ActiveCfg, Hidden, Place, SourceItem};

/// The items of a crate whose root is `root`, and in `seen` its files.
pub(crate) fn items(
    root: &Path,
    crate_name: &str,
    active: &ActiveCfg,
    seen: &mut HashSet<PathBuf>,
) -> Vec<SourceItem> {
    let mut walk = Walk {
        active,
        seen,
        found: Vec::new(),
    };
    walk.file(
        root,
        &Module {
            path: crate_name.to_owned(),
            directory: root.parent().unwrap_or(root).to_owned(),
            hidden: None,
        },
    );
    walk.found
}

/// The items in the files below `directory` that are not in `seen`: no `mod` names them.
pub(crate) fn items_of_stray_files(
    directory: &Path,
    crate_name: &str,
    active: &ActiveCfg,
    seen: &mut HashSet<PathBuf>,
) -> Vec<SourceItem> {
    let mut files = Vec::new();
    find_files(directory, crate_name, &mut files);
    files.retain(|(file, _)| !seen.contains(file));
    let mut walk = Walk {
        active,
        seen,
        found: Vec::new(),
    };
    for (file, path) in files {
        walk.file(
            &file,
            &Module {
                path,
                directory: file.with_extension(""),
                hidden: Some(Hidden::NoModule),
            },
        );
    }
    walk.found
}

/// The files with the paths that their modules would have.
fn find_files(directory: &Path, path: &str, files: &mut Vec<(PathBuf, String)>) {
    let Ok(entries) = fs::read_dir(directory) else {
        return;
    };
    let mut entries: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for entry in entries {
        let Some(name) = entry.file_stem().and_then(|name| name.to_str()) else {
            continue;
        };
        let path = match name {
            "mod" => path.to_owned(),
            name => format!("{path}::{name}"),
        };
        if entry.is_dir() {
            find_files(&entry, &path, files);
        } else if entry.extension().is_some_and(|extension| extension == "rs") {
            files.push((entry, path));
        }
    }
}

struct Walk<'a> {
    active: &'a ActiveCfg,
    seen: &'a mut HashSet<PathBuf>,
    found: Vec<SourceItem>,
}

/// The place of an item.
#[derive(Clone)]
struct Module {
    path: String,
    /// The directory of its modules' files.
    directory: PathBuf,
    /// Why the compiler does not see it.
    hidden: Option<Hidden>,
}

impl Module {
    /// Walks through its content; `inactive` is the predicate that is not true.
    fn hides(&self, file: &Path, inactive: Option<&(String, usize)>) -> Option<Hidden> {
        self.hidden.clone().or_else(|| {
            let (predicate, line) = inactive?;
            Some(Hidden::Cfg {
                predicate: predicate.clone(),
                place: Place {
                    file: file.to_owned(),
                    line: *line,
                },
            })
        })
    }
}

impl Walk<'_> {
    /// A file that is not there, or that is no Rust, has nothing: it is hidden, or the build says so.
    fn file(&mut self, file: &Path, module: &Module) {
        if !self.seen.insert(file.to_owned()) {
            return;
        }
        let Ok(text) = fs::read_to_string(file) else {
            return;
        };
        let Ok(parsed) = syn::parse_file(&text) else {
            return;
        };
        let attributes = Attributes::read(&parsed.attrs, self.active);
        let module = Module {
            hidden: module.hides(file, attributes.inactive.as_ref()),
            ..module.clone()
        };
        self.items(&parsed.items, file, &module);
    }

    fn items(&mut self, items: &[Item], file: &Path, module: &Module) {
        for item in items {
            match item {
                Item::Fn(function) => {
                    self.item(&function.attrs, &function.sig.ident, "", file, module);
                }
                Item::Struct(item) => self.item(&item.attrs, &item.ident, "", file, module),
                Item::Enum(item) => self.item(&item.attrs, &item.ident, "", file, module),
                Item::Impl(item) => {
                    let attributes = Attributes::read(&item.attrs, self.active);
                    let module = Module {
                        hidden: module.hides(file, attributes.inactive.as_ref()),
                        ..module.clone()
                    };
                    let syn::Type::Path(type_path) = &*item.self_ty else {
                        continue;
                    };
                    let Some(last) = type_path.path.segments.last() else {
                        continue;
                    };
                    let of_type = format!("{}::", last.ident);
                    for method in &item.items {
                        if let ImplItem::Fn(method) = method {
                            self.item(&method.attrs, &method.sig.ident, &of_type, file, &module);
                        }
                    }
                }
                Item::Mod(item) => self.module(item, file, module),
                _ => {}
            }
        }
    }

    fn module(&mut self, item: &syn::ItemMod, file: &Path, parent: &Module) {
        let attributes = Attributes::read(&item.attrs, self.active);
        let name = item.ident.to_string();
        let name = name.strip_prefix("r#").unwrap_or(&name);
        let mut module = Module {
            path: format!("{}::{name}", parent.path),
            directory: parent.directory.join(name),
            hidden: parent.hides(file, attributes.inactive.as_ref()),
        };
        if let Some((_, items)) = &item.content {
            self.items(items, file, &module);
            return;
        }
        let file = if let Some(path) = &attributes.path {
            let file = file.parent().unwrap_or(file).join(path);
            file.parent()
                .unwrap_or(&file)
                .clone_into(&mut module.directory);
            file
        } else {
            let beside = module.directory.with_file_name(format!("{name}.rs"));
            if beside.exists() {
                beside
            } else {
                module.directory.join("mod.rs")
            }
        };
        self.file(&file, &module);
    }

    fn item(
        &mut self,
        attributes: &[Attribute],
        name: &syn::Ident,
        of_type: &str,
        file: &Path,
        module: &Module,
    ) {
        let attributes = Attributes::read(attributes, self.active);
        for ours in attributes.ours {
            let inactive = attributes.inactive.as_ref().or(ours.inactive.as_ref());
            self.found.push(SourceItem {
                kind: ours.kind,
                module: module.path.clone(),
                name: format!("{of_type}{name}"),
                own_name: ours.own_name,
                subjects: ours.subjects,
                place: Place {
                    file: file.to_owned(),
                    line: name.span().start().line,
                },
                hidden: module.hides(file, inactive),
            });
        }
    }
}
