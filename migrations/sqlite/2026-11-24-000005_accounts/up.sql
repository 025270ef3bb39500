-- Since when an operator keeps the holder of an account out.
ALTER TABLE users ADD COLUMN suspended_at TIMESTAMP;

-- Who wants no invitations from an Organization any more.
CREATE TABLE invitation_blocks (
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    email TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (organization_id, email)
);
