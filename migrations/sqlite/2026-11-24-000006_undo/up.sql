-- Who was removed from an Organization, and which invitations were withdrawn, as long as that can be undone. What was done at once
-- has one batch_id.
CREATE TABLE removals (
    id TEXT NOT NULL PRIMARY KEY,
    batch_id TEXT NOT NULL,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    -- The id of the membership or of the invitation, and the columns of a membership.
    entry_id TEXT NOT NULL,
    user_id TEXT REFERENCES users (id),
    role TEXT NOT NULL,
    inviter_name TEXT NOT NULL,
    joined_at TIMESTAMP,
    last_active_on DATE,
    -- Of a member: the mail that tells them. Of an invitation: the mail that was taken back.
    mail_id TEXT,
    removed_by TEXT NOT NULL REFERENCES users (id),
    removed_at TIMESTAMP NOT NULL
);
CREATE INDEX removals_batch ON removals (batch_id, id);
CREATE INDEX removals_removed_at ON removals (removed_at);
