-- What somebody signs in with instead of a password: see src/accounts/passkeys/mod.rs. The credential is what webauthn-rs keeps of it, as JSON.
CREATE TABLE passkeys (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    credential_id TEXT NOT NULL,
    credential TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    last_used_at TIMESTAMP
);
CREATE UNIQUE INDEX passkeys_credential_id ON passkeys (credential_id);
CREATE INDEX passkeys_user ON passkeys (user_id);

-- The questions that an answer came to: none is answered twice.
CREATE TABLE passkey_answers (
    id TEXT NOT NULL PRIMARY KEY,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX passkey_answers_expires_at ON passkey_answers (expires_at);
