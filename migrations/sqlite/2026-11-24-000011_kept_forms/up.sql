-- Forms that arrived after their sender was signed out, until they are filled in again: see src/accounts/kept_forms.rs.
CREATE TABLE kept_forms (
    user_id TEXT NOT NULL PRIMARY KEY REFERENCES users (id),
    sealed BLOB NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX kept_forms_expires_at ON kept_forms (expires_at);
