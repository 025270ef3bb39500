-- When the erasing of a closed Organization began (none: it can be restored): see src/closing/.
ALTER TABLE organizations ADD COLUMN erased_at TIMESTAMP;
CREATE INDEX organizations_erasing ON organizations (erased_at, closed_at);
