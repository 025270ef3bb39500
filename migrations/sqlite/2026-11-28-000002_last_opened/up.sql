-- When somebody who was removed had opened the Organization last, so that it comes back with them; and a way from somebody who is a
-- member again to their removal.
ALTER TABLE removals ADD COLUMN last_opened_at TIMESTAMP;
CREATE INDEX removals_user ON removals (user_id, organization_id);
