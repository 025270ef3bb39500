DROP INDEX organizations_erasing;
ALTER TABLE organizations DROP COLUMN erased_at;
