-- The wallet of an Organization: what its rows in the ledger add up to, how many they are, and when the last one was written. It is
-- there from the first grant on, and who writes a row holds its lock.
CREATE TABLE credit_wallets (
    organization_id TEXT NOT NULL PRIMARY KEY REFERENCES organizations (id),
    balance BIGINT NOT NULL CHECK (balance >= 0),
    entries BIGINT NOT NULL CHECK (entries >= 0),
    last_at TIMESTAMP NOT NULL
);

-- The ledger. Rows are only added: a correction is another row. `number` counts them, from 1 on, without gaps.
CREATE TABLE credit_entries (
    id TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES credit_wallets (organization_id),
    number BIGINT NOT NULL CHECK (number > 0),
    at TIMESTAMP NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('grant', 'spend', 'reversal', 'expiry')),
    source TEXT CHECK (source IN ('operator', 'voucher', 'purchase', 'plan')),
    amount BIGINT NOT NULL CHECK (amount <> 0),
    balance_after BIGINT NOT NULL CHECK (balance_after >= 0),
    reference TEXT NOT NULL,
    actor_name TEXT NOT NULL,
    note TEXT NOT NULL,
    CHECK ((kind = 'grant') = (source IS NOT NULL))
);
CREATE UNIQUE INDEX credit_entries_number ON credit_entries (organization_id, number);
CREATE UNIQUE INDEX credit_entries_reference ON credit_entries (organization_id, reference);
CREATE INDEX credit_entries_kind ON credit_entries (organization_id, kind, number);
CREATE INDEX credit_entries_at ON credit_entries (organization_id, at, number);

-- What is left of each grant, and until when it can be spent. `closed_at` is set while nothing is left.
CREATE TABLE credit_grants (
    entry_id TEXT NOT NULL PRIMARY KEY REFERENCES credit_entries (id),
    organization_id TEXT NOT NULL REFERENCES credit_wallets (organization_id),
    number BIGINT NOT NULL,
    purchased BOOLEAN NOT NULL,
    remaining BIGINT NOT NULL CHECK (remaining >= 0),
    ends_at TIMESTAMP NOT NULL,
    closed_at TIMESTAMP,
    CHECK ((remaining = 0) = (closed_at IS NOT NULL))
);
CREATE INDEX credit_grants_open ON credit_grants (organization_id, ends_at, purchased, number) WHERE closed_at IS NULL;
CREATE INDEX credit_grants_ending ON credit_grants (ends_at) WHERE closed_at IS NULL;

-- Which grants a row took from (less than nothing) or gave back to.
CREATE TABLE credit_parts (
    entry_id TEXT NOT NULL REFERENCES credit_entries (id),
    grant_id TEXT NOT NULL REFERENCES credit_grants (entry_id),
    amount BIGINT NOT NULL CHECK (amount <> 0),
    PRIMARY KEY (entry_id, grant_id)
) WITHOUT ROWID;
CREATE INDEX credit_parts_grant ON credit_parts (grant_id);
