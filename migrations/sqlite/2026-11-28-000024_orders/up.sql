-- What was bought. Everything that it says is a copy: nothing that is sold later changes it.
CREATE TABLE orders (
    id TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    number TEXT NOT NULL,
    -- Who placed it. Without one, the portal did.
    placed_by TEXT REFERENCES users (id),
    placed_by_name TEXT NOT NULL,
    -- JSON objects: what was bought, what is to be paid, and who sells and buys. The kind of item stands beside it.
    kind TEXT NOT NULL,
    item TEXT NOT NULL,
    bill TEXT NOT NULL,
    seller TEXT NOT NULL,
    buyer TEXT NOT NULL,
    currency TEXT NOT NULL,
    total BIGINT NOT NULL CHECK (total >= 0),
    coupon TEXT,
    -- The key of the form, and what the form said: sent again, it is the same order.
    order_key TEXT NOT NULL,
    asked_hash TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending', 'paid', 'ended')),
    placed_at TIMESTAMP NOT NULL,
    -- The first moment at which a pending one is ended.
    ends_at TIMESTAMP NOT NULL,
    paid_at TIMESTAMP,
    ended_at TIMESTAMP,
    refunded BIGINT NOT NULL CHECK (refunded BETWEEN 0 AND total),
    -- The licence that came of it, or that it changed.
    licence_id TEXT REFERENCES licences (id),
    CHECK ((status = 'paid') = (paid_at IS NOT NULL)),
    CHECK (status <> 'ended' OR ended_at IS NOT NULL)
);
CREATE UNIQUE INDEX orders_number ON orders (number);
CREATE UNIQUE INDEX orders_key ON orders (organization_id, order_key);
CREATE INDEX orders_organization ON orders (organization_id, id);
CREATE INDEX orders_status ON orders (organization_id, status, id);
CREATE INDEX orders_pending ON orders (status, ends_at);
CREATE INDEX orders_licence ON orders (licence_id, id);

-- One attempt to pay an order.
CREATE TABLE payments (
    id TEXT NOT NULL PRIMARY KEY,
    order_id TEXT NOT NULL REFERENCES orders (id),
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    provider TEXT NOT NULL,
    -- What the provider calls the page on which it is paid, and the money that arrived.
    session TEXT,
    provider_payment TEXT,
    -- unmatched: money that nobody owes, for an operator to look at.
    status TEXT NOT NULL CHECK (status IN ('open', 'paid', 'declined', 'ended', 'unmatched')),
    currency TEXT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount > 0),
    -- What arrived where it is unmatched: `USD 12.00`.
    arrived TEXT NOT NULL,
    -- What it was paid with, as it may be shown.
    method TEXT NOT NULL,
    -- Why it was declined last, for people.
    failure TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX payments_order ON payments (order_id, id);
CREATE UNIQUE INDEX payments_provider_payment ON payments (provider, provider_payment);
CREATE UNIQUE INDEX payments_one_open ON payments (order_id) WHERE status = 'open';
CREATE INDEX payments_status ON payments (status, id);

-- What providers told, so that nothing is taken twice. The id is the name of the provider and what it calls the event.
CREATE TABLE provider_events (
    id TEXT NOT NULL PRIMARY KEY,
    received_at TIMESTAMP NOT NULL
);
CREATE INDEX provider_events_received_at ON provider_events (received_at);

-- Money that is given back. The row is there before the provider is asked.
CREATE TABLE refunds (
    id TEXT NOT NULL PRIMARY KEY,
    order_id TEXT NOT NULL REFERENCES orders (id),
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    payment_id TEXT NOT NULL REFERENCES payments (id),
    status TEXT NOT NULL CHECK (status IN ('asked', 'done', 'refused')),
    amount BIGINT NOT NULL CHECK (amount > 0),
    provider_refund TEXT,
    -- Who gave it back, and why the provider refused.
    by_name TEXT NOT NULL,
    failure TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    done_at TIMESTAMP
);
CREATE INDEX refunds_order ON refunds (order_id, id);
CREATE UNIQUE INDEX refunds_one_asked ON refunds (order_id) WHERE status = 'asked';
CREATE INDEX refunds_asked ON refunds (status, created_at);

-- Which orders use a coupon: those that are pending hold it, those that are paid have used it. They are counted, and there is no
-- other count.
CREATE TABLE coupon_uses (
    order_id TEXT NOT NULL PRIMARY KEY REFERENCES orders (id),
    coupon TEXT NOT NULL,
    organization_id TEXT NOT NULL REFERENCES organizations (id)
);
CREATE INDEX coupon_uses_coupon ON coupon_uses (coupon, organization_id);

-- What a licence was sold as: the keys of its product and plan, how many of the plan, what one costs for a term without tax, and how
-- many credits come with each term. Without a plan it was given, not sold.
ALTER TABLE licences ADD COLUMN product_key TEXT;
ALTER TABLE licences ADD COLUMN plan_key TEXT;
ALTER TABLE licences ADD COLUMN quantity INTEGER NOT NULL DEFAULT 1;
ALTER TABLE licences ADD COLUMN unit_price BIGINT;
ALTER TABLE licences ADD COLUMN currency TEXT;
ALTER TABLE licences ADD COLUMN credits INTEGER NOT NULL DEFAULT 0;
CREATE INDEX licences_trials ON licences (organization_id, product) WHERE term = 'trial';
