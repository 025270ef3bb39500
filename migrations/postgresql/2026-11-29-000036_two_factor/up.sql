-- The second step of signing in: see src/accounts/two_factor. One authenticator app an account; what it shares with the portal is sealed, and
-- last_step is the moment of the last code that was taken, in steps of thirty seconds since 1970.
CREATE TABLE authenticator_apps (
    user_id TEXT NOT NULL PRIMARY KEY REFERENCES users (id),
    sealed BYTEA NOT NULL,
    last_step BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE recovery_codes (
    user_id TEXT NOT NULL REFERENCES users (id),
    code_hash TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    used_at TIMESTAMP,
    PRIMARY KEY (user_id, code_hash)
);

-- Who gave the right password and not the second step yet, and where they want to go after it.
CREATE TABLE pending_sign_ins (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    token_hash TEXT NOT NULL,
    next TEXT NOT NULL,
    kept TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX pending_sign_ins_token_hash ON pending_sign_ins (token_hash);
CREATE INDEX pending_sign_ins_user ON pending_sign_ins (user_id);
CREATE INDEX pending_sign_ins_expires_at ON pending_sign_ins (expires_at);
