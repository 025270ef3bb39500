DROP INDEX invitations_sealed;
ALTER TABLE invitations DROP COLUMN sealed_secret;
