ALTER TABLE memberships RENAME COLUMN inviter_name TO invited_by;
ALTER TABLE organizations RENAME COLUMN postal_address TO address;
ALTER TABLE activity RENAME COLUMN ip TO address;
ALTER TABLE user_sessions RENAME COLUMN ip TO address;
