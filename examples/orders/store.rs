//! The saved orders: a file each.

use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt;
use std::fs;
use std::io;
use std::path::PathBuf;

use crate::order::{Cents, NewOrder, Order};

pub(crate) struct OrderStore {
    folder: PathBuf,
    saved: RefCell<HashSet<u64>>,
}

impl OrderStore {
    pub(crate) fn create(folder: PathBuf) -> io::Result<Self> {
        create_folder(&folder)?;
        Ok(Self {
            folder,
            saved: RefCell::default(),
        })
    }

    /// Saves the whole order or nothing.
    pub(crate) fn save(&self, input: NewOrder) -> Result<Order, SaveError> {
        let order = check(input)?;
        if !self.saved.borrow_mut().insert(order.id) {
            return Err(SaveError::Duplicate(order.id));
        }
        // A file is renamed to its own name when it is complete.
        let unfinished = self
            .folder
            .join(format!("{}.unfinished", file_name(&order)));
        let written = csv::Writer::from_path(&unfinished).and_then(|mut file| {
            file.serialize(&order)?;
            Ok(file.flush()?)
        });
        written.map_err(io::Error::from)?;
        fs::rename(&unfinished, self.folder.join(file_name(&order)))?;
        Ok(order)
    }
}

pub(crate) fn file_name(order: &Order) -> String {
    format!("order-{}.csv", order.id)
}

/// Creates a folder; the error names it.
pub(crate) fn create_folder(folder: &PathBuf) -> io::Result<()> {
    let name_it =
        |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", folder.display()));
    fs::create_dir_all(folder).map_err(name_it)
}

fn check(input: NewOrder) -> Result<Order, SaveError> {
    let NewOrder {
        order_id,
        customer_id,
        email,
        product,
        quantity,
        unit_price,
    } = input;
    if quantity == 0 {
        return Err(SaveError::Invalid("quantity: an order is for at least one"));
    }
    if product.trim().is_empty() {
        return Err(SaveError::Invalid("product: it has no name"));
    }
    if !email.contains('@') {
        return Err(SaveError::Invalid("email: no address has no `@`"));
    }
    let total = unit_price
        .0
        .checked_mul(u64::from(quantity))
        .ok_or(SaveError::Invalid("unit_price: too much"))?;
    Ok(Order {
        id: order_id,
        customer_id,
        email,
        product,
        quantity,
        total: Cents(total),
    })
}

#[derive(Debug)]
pub(crate) enum SaveError {
    Invalid(&'static str),
    Duplicate(u64),
    Io(io::Error),
}

impl From<io::Error> for SaveError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl fmt::Display for SaveError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(reason) => formatter.write_str(reason),
            Self::Duplicate(id) => {
                write!(formatter, "order_id: {id} was saved from an earlier row")
            }
            Self::Io(error) => write!(formatter, "not saved: {error}"),
        }
    }
}
