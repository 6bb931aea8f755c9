//! The orders of the demonstration.

use orders::{NewItem, NewOrder};

type Wanted = (&'static str, &'static [(&'static str, i64)]);

const WANTED: [Wanted; 20] = [
    ("ada", &[("tea", 2), ("pot", 1)]),
    ("grace", &[("cup", 6)]),
    ("alan", &[("tea", 4)]),
    // She has no money.
    ("linus", &[("tea", 1)]),
    // The only samovar, and then none is left.
    ("ada", &[("samovar", 1)]),
    ("grace", &[("samovar", 1)]),
    // More than he has: the kettle is reserved, and goes back.
    ("alan", &[("kettle", 1)]),
    ("grace", &[("kettle", 2)]),
    ("ada", &[("kettle", 3)]),
    ("grace", &[("kettle", 1), ("tea", 2)]),
    ("alan", &[("cup", 4)]),
    ("alan", &[("tea", 1)]),
    ("grace", &[("pot", 13)]),
    ("ada", &[("pot", 10)]),
    // All cups that are left; they are there again for the next one.
    ("linus", &[("cup", 30)]),
    ("grace", &[("cup", 9)]),
    ("ada", &[("tea", 3)]),
    ("ada", &[("tea", 2)]),
    ("grace", &[("pot", 2), ("cup", 50)]),
    ("linus", &[("tea", 1000)]),
];

pub(super) fn orders() -> impl Iterator<Item = NewOrder> {
    WANTED.into_iter().map(|(customer, items)| {
        let items = items.iter().map(|&(sku, quantity)| NewItem {
            sku: sku.to_owned(),
            quantity,
        });
        NewOrder {
            customer: customer.to_owned(),
            items: items.collect(),
        }
    })
}
