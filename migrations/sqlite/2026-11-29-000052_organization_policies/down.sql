DROP INDEX memberships_two_factor;
ALTER TABLE memberships DROP COLUMN has_two_factor;
ALTER TABLE organizations DROP COLUMN session_length;
