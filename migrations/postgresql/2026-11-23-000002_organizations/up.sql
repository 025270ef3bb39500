CREATE TABLE organizations (
    id TEXT NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    website TEXT NOT NULL,
    industry TEXT NOT NULL,
    language TEXT NOT NULL,
    legal_name TEXT NOT NULL,
    address TEXT NOT NULL,
    zip TEXT NOT NULL,
    city TEXT NOT NULL,
    country TEXT NOT NULL,
    tax_id TEXT NOT NULL,
    tax_exempt BOOLEAN NOT NULL,
    officer_name TEXT NOT NULL,
    officer_position TEXT NOT NULL,
    officer_phone TEXT NOT NULL,
    logo_hash TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_by TEXT NOT NULL REFERENCES users (id),
    creation_key TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX organizations_slug ON organizations (slug);
CREATE UNIQUE INDEX organizations_creation_key ON organizations (created_by, creation_key);

CREATE TABLE organization_logos (
    organization_id TEXT NOT NULL PRIMARY KEY REFERENCES organizations (id),
    content BYTEA NOT NULL
);
