-- Something to order, and somebody who orders it.
INSERT INTO products (sku, name, price_cents, in_stock) VALUES
    ('tea', 'Darjeeling, 100 g', 450, 200),
    ('cup', 'Cup', 790, 40),
    ('pot', 'Teapot', 2400, 12),
    ('kettle', 'Kettle', 8900, 5),
    ('samovar', 'Samovar', 45000, 1);

INSERT INTO customers (id, name, email, balance_cents) VALUES
    ('ada', 'Ada Lovelace', 'ada@example.com', 100000),
    ('grace', 'Grace Hopper', 'grace@example.com', 30000),
    ('alan', 'Alan Turing', 'alan@example.com', 5000),
    ('linus', 'Linus Pauling', 'linus@example.com', 0);
