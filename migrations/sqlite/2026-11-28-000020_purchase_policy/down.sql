ALTER TABLE organizations DROP COLUMN managers_may_purchase;
