-- When the member last opened the Organization, to within some minutes; nothing where they never did since this is noted. The
-- switcher lists the Organizations of somebody in this order.
ALTER TABLE memberships ADD COLUMN last_opened_at TIMESTAMP;
CREATE INDEX memberships_recent ON memberships (user_id, last_opened_at DESC NULLS LAST, organization_id);
