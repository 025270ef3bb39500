ALTER TABLE organizations ADD COLUMN invitation_domains TEXT NOT NULL DEFAULT '';
