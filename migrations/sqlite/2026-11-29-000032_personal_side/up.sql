-- What the rest of the portal asks of an account: its zone and date format for every moment on a page, where it begins after signing in, and since
-- when it has a second factor (none: it has no second factor).
ALTER TABLE users ADD COLUMN time_zone TEXT NOT NULL DEFAULT 'UTC';
ALTER TABLE users ADD COLUMN date_format TEXT NOT NULL DEFAULT 'day_month_year';
ALTER TABLE users ADD COLUMN default_organization_id TEXT REFERENCES organizations (id);
ALTER TABLE users ADD COLUMN two_factor_at TIMESTAMP;
CREATE INDEX users_default_organization ON users (default_organization_id);

-- What Owners ask of everybody who enters, and when an Organization was closed (none: it is open).
ALTER TABLE organizations ADD COLUMN requires_two_factor BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE organizations ADD COLUMN closed_at TIMESTAMP;
CREATE INDEX organizations_closed_at ON organizations (closed_at);
