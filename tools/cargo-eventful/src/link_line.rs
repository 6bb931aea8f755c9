//! The `link!` that is to be written.

#[cfg(test)]
mod tests;

use std::fs;
use std::path::Path;

use syn::punctuated::Punctuated;
use syn::{File, Ident, Item, Token};

/// A `link!` of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct ExistingLink {
    /// The path, as in `eventful::link`.
    path: String,
    names: Vec<String>,
    line: u32,
}

/// The line to write, and the number of the line that it replaces.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct LinkLine {
    pub(crate) text: String,
    pub(crate) replaces: Option<u32>,
}

impl ExistingLink {
    /// It names every dependency by path.
    pub(crate) fn is_of_manifest(&self) -> bool {
        self.names.is_empty()
    }
}

/// The `link!` of a crate's root file: one that names crates, if there are several.
pub(crate) fn existing(root: &Path) -> Option<ExistingLink> {
    let text = fs::read_to_string(root).ok()?;
    let file = syn::parse_file(&text).ok()?;
    let mut links = links(&file);
    let named = links.iter().position(|link| !link.names.is_empty());
    (!links.is_empty()).then(|| links.swap_remove(named.unwrap_or(0)))
}

fn links(file: &File) -> Vec<ExistingLink> {
    let links = file.items.iter().filter_map(|item| {
        let Item::Macro(item) = item else { return None };
        let path = &item.mac.path;
        if path.segments.last()?.ident != "link" {
            return None;
        }
        let segments: Vec<_> = path
            .segments
            .iter()
            .map(|it| it.ident.to_string())
            .collect();
        let parser = Punctuated::<Ident, Token![,]>::parse_terminated;
        let names = item.mac.parse_body_with(parser).ok()?;
        Some(ExistingLink {
            path: segments.join("::"),
            names: names.iter().map(ToString::to_string).collect(),
            line: u32::try_from(path.segments.first()?.ident.span().start().line).ok()?,
        })
    });
    links.collect()
}

/// The line that links `names`, too; `link!()` is enough if all of them are dependencies by path.
pub(crate) fn suggested(
    existing: Option<ExistingLink>,
    names: &[String],
    is_by_path: bool,
) -> LinkLine {
    match existing {
        Some(link) if !link.names.is_empty() => {
            let mut all = link.names;
            all.extend(names.iter().cloned());
            LinkLine {
                text: format!("{}!({});", link.path, all.join(", ")),
                replaces: Some(link.line),
            }
        }
        // It stays, and does not name them.
        Some(link) => LinkLine {
            text: format!("{}!({});", link.path, names.join(", ")),
            replaces: None,
        },
        None if is_by_path => LinkLine {
            text: "eventful::link!();".to_owned(),
            replaces: None,
        },
        None => LinkLine {
            text: format!("eventful::link!({});", names.join(", ")),
            replaces: None,
        },
    }
}
