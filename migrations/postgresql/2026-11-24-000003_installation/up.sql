-- One row: by what this database knows the secret key of the processes that serve it.
CREATE TABLE installation (
    id TEXT NOT NULL PRIMARY KEY CHECK (id = 'installation'),
    key_fingerprint TEXT NOT NULL,
    key_since TIMESTAMP NOT NULL
);
