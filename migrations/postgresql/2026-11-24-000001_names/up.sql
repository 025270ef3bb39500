-- Columns are called what they hold. Nothing has been released yet, so this is one step: later renames are an expand and a contract.
ALTER TABLE user_sessions RENAME COLUMN address TO ip;
ALTER TABLE activity RENAME COLUMN address TO ip;
ALTER TABLE organizations RENAME COLUMN address TO postal_address;
ALTER TABLE memberships RENAME COLUMN invited_by TO inviter_name;

-- Names are folded in another way now. The program adds the terms again at its start.
DELETE FROM people_terms;
