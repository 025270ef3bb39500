-- The link that is shown to who may send an invitation again has a secret of its own: only the mailed one proves whose address it is.
-- What was sealed so far were mailed ones.
UPDATE invitations SET sealed_secret = NULL WHERE sealed_secret IS NOT NULL;
ALTER TABLE invitations ADD COLUMN shown_hash TEXT;
CREATE UNIQUE INDEX invitations_shown_hash ON invitations (shown_hash) WHERE shown_hash IS NOT NULL;
CREATE INDEX invitations_sealed_expiry ON invitations (expires_at) WHERE sealed_secret IS NOT NULL AND closed_at IS NULL;
