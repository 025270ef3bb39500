DROP INDEX notification_mails_recipient;
ALTER TABLE users DROP COLUMN deleted_at;
DROP TABLE account_deletions;
