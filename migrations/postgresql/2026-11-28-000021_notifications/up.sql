-- Who hears of what by mail, besides the Owners, who hear of everything unless they have chosen otherwise: see src/notifications/.
-- Who wants no more of them stays, marked as removed, when a Manager removes them: to be added again does not bring them back.
CREATE TABLE notification_recipients (
    id TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    email TEXT NOT NULL,
    expiring BOOLEAN NOT NULL,
    expired BOOLEAN NOT NULL,
    low_credits BOOLEAN NOT NULL,
    payments BOOLEAN NOT NULL,
    created_at TIMESTAMP NOT NULL,
    -- The link that confirms the address, as long as it waits for that.
    secret_hash TEXT,
    confirm_until TIMESTAMP,
    confirmed_at TIMESTAMP,
    unsubscribed_at TIMESTAMP,
    removed_at TIMESTAMP,
    CHECK ((secret_hash IS NULL) = (confirm_until IS NULL))
);
CREATE UNIQUE INDEX notification_recipients_email ON notification_recipients (organization_id, email);
CREATE UNIQUE INDEX notification_recipients_secret ON notification_recipients (secret_hash);

-- What an Owner wants to hear of, where that is not everything.
CREATE TABLE notification_choices (
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    expiring BOOLEAN NOT NULL,
    expired BOOLEAN NOT NULL,
    low_credits BOOLEAN NOT NULL,
    payments BOOLEAN NOT NULL,
    PRIMARY KEY (organization_id, user_id)
);

-- What was sent to whom. The outbox forgets after a month what became of a mail, so it is copied from there.
CREATE TABLE notification_mails (
    id TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    occasion TEXT NOT NULL CHECK (occasion IN ('expiring', 'expired', 'low_credits', 'payments', 'test', 'confirmation')),
    subject TEXT NOT NULL,
    recipient TEXT NOT NULL,
    -- Of an Owner.
    user_id TEXT REFERENCES users (id),
    mail_id TEXT NOT NULL,
    -- The link that ends mails like it.
    secret_hash TEXT NOT NULL,
    sent_at TIMESTAMP NOT NULL,
    delivered_at TIMESTAMP,
    failed_at TIMESTAMP,
    failed_as TEXT
);
CREATE INDEX notification_mails_organization ON notification_mails (organization_id, id);
CREATE UNIQUE INDEX notification_mails_secret ON notification_mails (secret_hash);
CREATE INDEX notification_mails_sent_at ON notification_mails (sent_at);
CREATE INDEX notification_mails_open ON notification_mails (id) WHERE delivered_at IS NULL AND failed_at IS NULL;

-- Of which end of which licence was told, and how many days before it.
CREATE TABLE licence_notices (
    id TEXT NOT NULL PRIMARY KEY,
    licence_id TEXT NOT NULL REFERENCES licences (id),
    ends_at TIMESTAMP NOT NULL,
    threshold INTEGER NOT NULL CHECK (threshold IN (0, 1, 7, 30)),
    sent_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX licence_notices_threshold ON licence_notices (licence_id, ends_at, threshold);
CREATE INDEX licence_notices_sent_at ON licence_notices (sent_at);

-- Up to which moment the ends of licences were looked at.
CREATE TABLE notification_sweeps (
    kind TEXT NOT NULL PRIMARY KEY,
    swept_until TIMESTAMP NOT NULL
);

-- Those that end next, of all Organizations.
CREATE INDEX licences_ending ON licences (ends_at, id) WHERE suspended_at IS NULL AND cancelled_at IS NULL;

-- Below how many credits an Organization wants to hear of it; since when it has fewer, and whether that was told. While a top-up is
-- pending it is not: see src/credits/low_balance.rs.
ALTER TABLE credit_wallets ADD COLUMN low_below BIGINT CHECK (low_below > 0);
ALTER TABLE credit_wallets ADD COLUMN low_since TIMESTAMP;
ALTER TABLE credit_wallets ADD COLUMN low_told_at TIMESTAMP;
ALTER TABLE credit_wallets ADD COLUMN top_up_since TIMESTAMP;
