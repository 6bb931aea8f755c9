CREATE TABLE products (
    sku TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    price_cents INTEGER NOT NULL CHECK (price_cents > 0),
    in_stock INTEGER NOT NULL CHECK (in_stock >= 0)
) STRICT;

CREATE TABLE customers (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    balance_cents INTEGER NOT NULL CHECK (balance_cents >= 0)
) STRICT;

CREATE TABLE orders (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    customer TEXT NOT NULL REFERENCES customers (id),
    total_cents INTEGER NOT NULL CHECK (total_cents > 0),
    status TEXT NOT NULL DEFAULT 'placed' CHECK (status IN ('placed', 'reserved', 'paid', 'declined', 'short')),
    placed_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
) STRICT;

CREATE TABLE order_items (
    order_id INTEGER NOT NULL REFERENCES orders (id),
    sku TEXT NOT NULL REFERENCES products (sku),
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    -- What it cost when it was ordered.
    price_cents INTEGER NOT NULL,
    PRIMARY KEY (order_id, sku)
) STRICT;

CREATE TABLE idempotency_keys (
    key TEXT PRIMARY KEY,
    body_sha256 BLOB NOT NULL,
    order_id INTEGER NOT NULL REFERENCES orders (id)
) STRICT;

-- Items that an order keeps from others, until it is declined.
CREATE TABLE reservations (
    order_id INTEGER NOT NULL REFERENCES orders (id),
    sku TEXT NOT NULL REFERENCES products (sku),
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (order_id, sku)
) STRICT;

CREATE TABLE payments (
    order_id INTEGER PRIMARY KEY REFERENCES orders (id),
    cents INTEGER NOT NULL
) STRICT;

CREATE TABLE audit_lines (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    order_id INTEGER NOT NULL,
    event TEXT NOT NULL,
    line TEXT NOT NULL,
    written_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
) STRICT;

CREATE INDEX audit_lines_by_order ON audit_lines (order_id);
