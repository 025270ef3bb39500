-- What Owners ask of whoever enters: see src/access/policies.rs. What accounts say of two factors stands in memberships, too, so that who
-- lacks them can be listed: see src/people/two_factor.rs.
ALTER TABLE organizations ADD COLUMN session_length TEXT NOT NULL DEFAULT 'portal';
ALTER TABLE memberships ADD COLUMN has_two_factor BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE memberships SET has_two_factor = TRUE WHERE user_id IN (SELECT id FROM users WHERE two_factor_at IS NOT NULL);
CREATE INDEX memberships_two_factor ON memberships (organization_id, has_two_factor, id);
