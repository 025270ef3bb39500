-- The renewal of a licence for the term after the one that ends at `term_ends_at`: see src/orders/renewals/. There is one for each end.
CREATE TABLE renewals (
    id TEXT NOT NULL PRIMARY KEY,
    licence_id TEXT NOT NULL REFERENCES licences (id),
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    term_ends_at TIMESTAMP NOT NULL,
    -- None before the first charge is due.
    order_id TEXT REFERENCES orders (id),
    first_try_at TIMESTAMP NOT NULL,
    -- When it is tried next; missing once it has ended.
    next_try_at TIMESTAMP,
    -- Why the last try brought nothing. Missing once that does not matter any more.
    problem TEXT CHECK (problem IN ('declined', 'no_method')),
    ended_at TIMESTAMP,
    outcome TEXT CHECK (outcome IN ('paid', 'given_up', 'stopped')),
    CHECK ((ended_at IS NULL) = (outcome IS NULL)),
    CHECK ((ended_at IS NULL) = (next_try_at IS NOT NULL))
);
CREATE UNIQUE INDEX renewals_term ON renewals (licence_id, term_ends_at);
CREATE UNIQUE INDEX renewals_order ON renewals (order_id);
CREATE INDEX renewals_failing ON renewals (organization_id, term_ends_at) WHERE problem IS NOT NULL;

-- Each try of it, from 1 on. Without an outcome, nobody knows yet what came of it.
CREATE TABLE renewal_tries (
    renewal_id TEXT NOT NULL REFERENCES renewals (id),
    number INTEGER NOT NULL CHECK (number > 0),
    tried_at TIMESTAMP NOT NULL,
    -- None where there was nothing to pay with.
    payment_id TEXT REFERENCES payments (id),
    outcome TEXT CHECK (outcome IN ('paid', 'declined', 'no_method', 'stopped')),
    -- What the bank said.
    reason TEXT NOT NULL,
    PRIMARY KEY (renewal_id, number)
);
CREATE UNIQUE INDEX renewal_tries_payment ON renewal_tries (payment_id);

-- Licences that are renewed, in the order of their ends: of all Organizations, and of one.
CREATE INDEX licences_renewing ON licences (ends_at, id)
    WHERE suspended_at IS NULL AND cancelled_at IS NULL AND unit_price IS NOT NULL;
CREATE INDEX licences_next_charge ON licences (organization_id, ends_at, id)
    WHERE suspended_at IS NULL AND cancelled_at IS NULL AND unit_price IS NOT NULL;
