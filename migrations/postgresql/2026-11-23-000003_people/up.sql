CREATE TABLE memberships (
    id TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    role TEXT NOT NULL CHECK (role IN ('member', 'reader', 'editor', 'manager', 'owner')),
    invited_by TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX memberships_user ON memberships (user_id, organization_id);
CREATE INDEX memberships_role ON memberships (organization_id, role, id);

CREATE TABLE invitations (
    id TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    email TEXT NOT NULL CHECK (email = lower(email)),
    role TEXT NOT NULL CHECK (role IN ('member', 'reader', 'editor', 'manager', 'owner')),
    secret_hash TEXT NOT NULL,
    invited_by TEXT NOT NULL REFERENCES users (id),
    sent_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    created_at TIMESTAMP NOT NULL,
    outcome TEXT CHECK (outcome IN ('accepted', 'declined', 'withdrawn')),
    closed_at TIMESTAMP
);
-- One live invitation per Organization and address. Expired ones stay live: inviting the address again reissues the row.
CREATE UNIQUE INDEX invitations_live ON invitations (organization_id, email) WHERE closed_at IS NULL;
CREATE UNIQUE INDEX invitations_secret_hash ON invitations (secret_hash);
CREATE INDEX invitations_live_expiry ON invitations (organization_id, expires_at) WHERE closed_at IS NULL;
CREATE INDEX invitations_live_email ON invitations (email, expires_at) WHERE closed_at IS NULL;

-- The list of people and its search: see src/people/directory.rs.
CREATE TABLE people_terms (
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    kind TEXT NOT NULL CHECK (kind IN ('member', 'invitation')),
    term TEXT COLLATE "C" NOT NULL,
    entry_id TEXT NOT NULL,
    role TEXT NOT NULL,
    PRIMARY KEY (organization_id, kind, term)
);
CREATE INDEX people_terms_role ON people_terms (organization_id, kind, role, term, entry_id);
CREATE INDEX people_terms_entry ON people_terms (entry_id, term);
