DROP INDEX removals_user;
ALTER TABLE removals DROP COLUMN last_opened_at;
