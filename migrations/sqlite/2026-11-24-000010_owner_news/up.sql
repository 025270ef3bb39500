-- Of what its Owners are told.
ALTER TABLE organizations ADD COLUMN news_accepted BOOLEAN NOT NULL DEFAULT TRUE;
ALTER TABLE organizations ADD COLUMN news_declined BOOLEAN NOT NULL DEFAULT TRUE;
ALTER TABLE organizations ADD COLUMN news_new_owners BOOLEAN NOT NULL DEFAULT TRUE;
