-- An Organization that an Owner offers to hand over to a member, until it is answered: see src/people/ownership/.
CREATE TABLE ownership_offers (
    id TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    offered_by TEXT NOT NULL REFERENCES users (id),
    offered_to TEXT NOT NULL REFERENCES users (id),
    -- The role that is left to who offers.
    role TEXT NOT NULL,
    offered_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
-- One at a time.
CREATE UNIQUE INDEX ownership_offers_organization ON ownership_offers (organization_id);
CREATE INDEX ownership_offers_offered_by ON ownership_offers (offered_by);
CREATE INDEX ownership_offers_offered_to ON ownership_offers (offered_to);
CREATE INDEX ownership_offers_expires_at ON ownership_offers (expires_at);
