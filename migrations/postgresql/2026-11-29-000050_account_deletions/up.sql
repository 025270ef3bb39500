-- Whose account is to be deleted: see src/accounts/deletions.rs.
CREATE TABLE account_deletions (
    user_id TEXT NOT NULL PRIMARY KEY REFERENCES users (id),
    asked_at TIMESTAMP NOT NULL,
    -- Of the link that confirms it. None once it did.
    token_hash TEXT,
    expires_at TIMESTAMP,
    -- When the account is deleted. None before the link was used.
    due_at TIMESTAMP
);
CREATE UNIQUE INDEX account_deletions_token_hash ON account_deletions (token_hash) WHERE token_hash IS NOT NULL;
CREATE INDEX account_deletions_expires_at ON account_deletions (expires_at);
CREATE INDEX account_deletions_due_at ON account_deletions (due_at) WHERE due_at IS NOT NULL;
-- Of an account that was deleted, a row stays for what refers to it.
ALTER TABLE users ADD COLUMN deleted_at TIMESTAMP;
-- What was sent to an address is found by it, whoever has it.
CREATE INDEX notification_mails_recipient ON notification_mails (recipient);
