-- What a provider of payments calls an Organization.
CREATE TABLE payment_customers (
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    provider TEXT NOT NULL,
    customer TEXT NOT NULL,
    PRIMARY KEY (organization_id, provider)
);

-- What an Organization pays with while nobody is there: one method, as far as it may be shown.
CREATE TABLE payment_methods (
    organization_id TEXT NOT NULL PRIMARY KEY REFERENCES organizations (id),
    provider TEXT NOT NULL,
    customer TEXT NOT NULL,
    method TEXT NOT NULL,
    brand TEXT NOT NULL,
    last_four TEXT NOT NULL,
    -- The last day on which it is good, where it ends.
    good_until DATE,
    kept_at TIMESTAMP NOT NULL,
    kept_by TEXT NOT NULL
);

-- Pages of a provider that were opened to keep a method. What is kept on one counts once.
CREATE TABLE payment_method_pages (
    session TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    provider TEXT NOT NULL,
    opened_by TEXT NOT NULL,
    opened_by_name TEXT NOT NULL,
    opened_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP
);
CREATE INDEX payment_method_pages_organization ON payment_method_pages (organization_id, opened_at);
CREATE INDEX payment_method_pages_opened_at ON payment_method_pages (opened_at);

-- The sandbox: a provider of payments of our own. It is another system, so it refers to nothing of the portal.
CREATE TABLE sandbox_sessions (
    id TEXT NOT NULL PRIMARY KEY,
    -- What it is for: our row of the payment, or the page itself where a method alone is kept.
    reference TEXT NOT NULL,
    organization TEXT NOT NULL,
    customer TEXT NOT NULL,
    amount BIGINT,
    currency TEXT,
    description TEXT NOT NULL,
    keeps_method BOOLEAN NOT NULL,
    success_url TEXT NOT NULL,
    cancel_url TEXT NOT NULL,
    state TEXT NOT NULL,
    payment TEXT,
    method TEXT,
    created_at TIMESTAMP NOT NULL,
    ends_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX sandbox_sessions_reference ON sandbox_sessions (reference);
CREATE INDEX sandbox_sessions_ends_at ON sandbox_sessions (ends_at);

CREATE TABLE sandbox_methods (
    id TEXT NOT NULL PRIMARY KEY,
    customer TEXT NOT NULL,
    card TEXT NOT NULL,
    good_until DATE NOT NULL,
    forgotten_at TIMESTAMP
);

CREATE TABLE sandbox_payments (
    id TEXT NOT NULL PRIMARY KEY,
    reference TEXT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount > 0),
    currency TEXT NOT NULL,
    method TEXT,
    -- Why it was declined; empty where it was paid.
    declined TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX sandbox_payments_reference ON sandbox_payments (reference);

CREATE TABLE sandbox_refunds (
    id TEXT NOT NULL PRIMARY KEY,
    reference TEXT NOT NULL,
    payment TEXT NOT NULL REFERENCES sandbox_payments (id),
    amount BIGINT NOT NULL CHECK (amount > 0),
    created_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX sandbox_refunds_reference ON sandbox_refunds (reference);
CREATE INDEX sandbox_refunds_payment ON sandbox_refunds (payment);

CREATE TABLE sandbox_events (
    id TEXT NOT NULL PRIMARY KEY,
    body TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX sandbox_events_created_at ON sandbox_events (created_at);
