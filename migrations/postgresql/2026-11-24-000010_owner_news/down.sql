ALTER TABLE organizations DROP COLUMN news_new_owners;
ALTER TABLE organizations DROP COLUMN news_declined;
ALTER TABLE organizations DROP COLUMN news_accepted;
