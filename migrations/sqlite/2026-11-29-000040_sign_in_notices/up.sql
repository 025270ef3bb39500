-- The links in mails about a sign-in with a new browser: see src/accounts/sign_in_notices.rs. The session may be over.
CREATE TABLE sign_in_notices (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    token_hash TEXT NOT NULL,
    ip TEXT NOT NULL,
    browser TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    used_at TIMESTAMP
);
CREATE UNIQUE INDEX sign_in_notices_token_hash ON sign_in_notices (token_hash);
CREATE INDEX sign_in_notices_user ON sign_in_notices (user_id);
CREATE INDEX sign_in_notices_expires_at ON sign_in_notices (expires_at);
