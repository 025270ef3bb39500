-- A mail waits here from the transaction that caused it until it is delivered. `sealed` is encrypted: mails carry secrets.
CREATE TABLE outbox (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    recipient TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    once_key TEXT,
    created_at TIMESTAMP NOT NULL,
    attempts INTEGER NOT NULL,
    due_at TIMESTAMP,
    delivered_at TIMESTAMP,
    failure TEXT NOT NULL
);
CREATE INDEX outbox_due ON outbox (due_at) WHERE due_at IS NOT NULL;
CREATE UNIQUE INDEX outbox_once ON outbox (once_key) WHERE once_key IS NOT NULL;
CREATE INDEX outbox_delivered ON outbox (delivered_at) WHERE delivered_at IS NOT NULL;
