UPDATE invitations SET sealed_secret = NULL WHERE sealed_secret IS NOT NULL;
DROP INDEX invitations_sealed_expiry;
DROP INDEX invitations_shown_hash;
ALTER TABLE invitations DROP COLUMN shown_hash;
