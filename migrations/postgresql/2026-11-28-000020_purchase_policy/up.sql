ALTER TABLE organizations ADD COLUMN managers_may_purchase BOOLEAN NOT NULL DEFAULT TRUE;
