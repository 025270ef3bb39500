-- A change of an address that waits for its confirmation, one an account: see src/accounts/email_changes.rs. Where the new address has an account, the row
-- is there all the same, so that nobody can tell.
CREATE TABLE email_changes (
    user_id TEXT NOT NULL PRIMARY KEY REFERENCES users (id),
    old_email TEXT NOT NULL,
    new_email TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX email_changes_token_hash ON email_changes (token_hash);
CREATE INDEX email_changes_expires_at ON email_changes (expires_at);
