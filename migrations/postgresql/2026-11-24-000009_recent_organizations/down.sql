DROP INDEX memberships_recent;
ALTER TABLE memberships DROP COLUMN last_opened_at;
