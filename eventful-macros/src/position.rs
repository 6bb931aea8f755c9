//! The position of an item in the sources.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};
use std::sync::{Mutex, PoisonError};

use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

/// The position of an item. `Display` gives `src/cache.rs:12:4`.
pub(crate) struct Position {
    file: String,
    line: u32,
    column: u32,
}

impl Position {
    /// The position of the item `name`. Call it once an item: each call at the same name adds one to the column.
    pub(crate) fn of(name: &Ident) -> Self {
        let (file, line, column) = written_at(name);
        let column = column + earlier_uses(&file, line, column);
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Self {
            line: number(line),
            column: number(column),
            file,
        }
    }

    /// `12:4`.
    pub(crate) fn in_file(&self) -> String {
        format!("{}:{}", self.line, self.column)
    }

    pub(crate) fn file(&self) -> &str {
        &self.file
    }

    /// The module path, file, line and column as arguments.
    pub(crate) fn arguments(&self) -> TokenStream {
        let file = &self.file;
        let (line, column) = self.line_and_column();
        quote!(::core::module_path!(), #file, #line, #column)
    }

    /// The module path, line and column as a tuple.
    pub(crate) fn in_module(&self) -> TokenStream {
        let (line, column) = self.line_and_column();
        quote!((::core::module_path!(), #line, #column))
    }

    fn line_and_column(&self) -> (Literal, Literal) {
        (
            Literal::u32_unsuffixed(self.line),
            Literal::u32_unsuffixed(self.column),
        )
    }
}

impl Display for Position {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}:{}", self.file, self.line, self.column)
    }
}

fn written_at(name: &Ident) -> (String, usize, usize) {
    // This crate's own tests run outside of the compiler, where there are no positions.
    if proc_macro::is_available() {
        let span = name.span().unwrap();
        (span.file(), span.line(), span.column())
    } else {
        (String::new(), 0, 0)
    }
}

/// The number of earlier items with the same position. A `macro_rules` macro that names an item itself makes several.
///
/// The number is added to the column: then no two items share a position, and they keep their order. In an editor an
/// item has no file, and is expanded again with each edit, which must not change its expansion.
fn earlier_uses(file: &str, line: usize, column: usize) -> usize {
    type Uses = BTreeMap<(String, usize, usize), usize>;
    static USES: Mutex<Uses> = Mutex::new(BTreeMap::new());
    if file.is_empty() {
        return 0;
    }
    let mut uses = USES.lock().unwrap_or_else(PoisonError::into_inner);
    let count = uses.entry((file.to_owned(), line, column)).or_default();
    *count += 1;
    *count - 1
}
