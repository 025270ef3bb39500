ALTER TABLE organizations DROP COLUMN invitation_domains;
