DROP INDEX organizations_closed_at;
ALTER TABLE organizations DROP COLUMN closed_at;
ALTER TABLE organizations DROP COLUMN requires_two_factor;
DROP INDEX users_default_organization;
ALTER TABLE users DROP COLUMN two_factor_at;
ALTER TABLE users DROP COLUMN default_organization_id;
ALTER TABLE users DROP COLUMN date_format;
ALTER TABLE users DROP COLUMN time_zone;
