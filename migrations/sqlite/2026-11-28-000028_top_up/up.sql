-- What a payment is charged to while nobody is there, as it was when the provider was first asked.
CREATE TABLE off_session_charges (
    payment_id TEXT NOT NULL PRIMARY KEY REFERENCES payments (id),
    customer TEXT NOT NULL,
    method TEXT NOT NULL
);

-- How an Organization wants its credits topped up: see src/orders/top_up/. `switched_on_at` is missing while it is off.
CREATE TABLE top_up_settings (
    organization_id TEXT NOT NULL PRIMARY KEY REFERENCES organizations (id),
    -- The key of a package of the catalogue.
    package TEXT NOT NULL,
    -- The balance at or below which a spend is followed by a top-up.
    threshold BIGINT NOT NULL CHECK (threshold >= 0),
    -- What may be charged in a calendar month (UTC), tax included, in minor units of the currency.
    monthly_cap BIGINT NOT NULL CHECK (monthly_cap > 0),
    currency TEXT NOT NULL,
    switched_on_at TIMESTAMP,
    -- Why the portal switched it off, where that was not an Owner.
    stopped TEXT CHECK (stopped IN ('declined', 'not_sold', 'currency', 'no_method')),
    -- How many charges in a row were declined.
    declines INTEGER NOT NULL CHECK (declines >= 0),
    -- Why the next one waits, and until when.
    held TEXT CHECK (held IN ('declined', 'cap')),
    held_until TIMESTAMP,
    updated_at TIMESTAMP NOT NULL,
    CHECK ((held IS NULL) = (held_until IS NULL)),
    CHECK (stopped IS NULL OR switched_on_at IS NULL)
);

-- Each top-up. One at a time in an Organization.
CREATE TABLE top_ups (
    id TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    order_id TEXT NOT NULL REFERENCES orders (id),
    credits BIGINT NOT NULL CHECK (credits > 0),
    -- With tax.
    amount BIGINT NOT NULL CHECK (amount >= 0),
    currency TEXT NOT NULL,
    began_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP,
    outcome TEXT CHECK (outcome IN ('paid', 'declined', 'stopped')),
    -- What the bank said.
    reason TEXT NOT NULL,
    CHECK ((ended_at IS NULL) = (outcome IS NULL))
);
CREATE UNIQUE INDEX top_ups_in_flight ON top_ups (organization_id) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX top_ups_order ON top_ups (order_id);
CREATE INDEX top_ups_began_at ON top_ups (organization_id, began_at);

-- The balance at or below which a spend stores the job of a top-up. Missing while it is off, while one is pending and while it waits.
ALTER TABLE credit_wallets ADD COLUMN top_up_at BIGINT CHECK (top_up_at >= 0);
