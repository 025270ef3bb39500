-- What somebody agreed to or withdrew, each change a row that is never changed: see src/privacy/consents.rs.
CREATE TABLE consents (
    user_id TEXT NOT NULL REFERENCES users (id),
    -- Counts the rows of one person.
    number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    given BOOLEAN NOT NULL,
    at TIMESTAMP NOT NULL,
    ip TEXT NOT NULL,
    -- The version of the words that the page showed.
    wording INTEGER NOT NULL,
    PRIMARY KEY (user_id, number)
);
CREATE UNIQUE INDEX consents_kind ON consents (kind, user_id, number);
