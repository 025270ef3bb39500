-- The day on which a member last opened the Organization.
ALTER TABLE memberships ADD COLUMN last_active_on DATE;

-- How many people there are, kept with every change, so that saying it costs the same however many they are.
CREATE TABLE people_counts (
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    kind TEXT NOT NULL CHECK (kind IN ('active', 'suspended', 'invited')),
    role TEXT NOT NULL,
    people INTEGER NOT NULL,
    PRIMARY KEY (organization_id, kind, role)
) WITHOUT ROWID;
INSERT INTO people_counts (organization_id, kind, role, people)
    SELECT organization_id, CASE WHEN suspended_at IS NULL THEN 'active' ELSE 'suspended' END, role, count(*)
    FROM memberships INNER JOIN users ON users.id = memberships.user_id
    GROUP BY 1, 2, 3;
INSERT INTO people_counts (organization_id, kind, role, people)
    SELECT organization_id, 'invited', role, count(*) FROM invitations WHERE closed_at IS NULL GROUP BY 1, 2, 3;

-- The list has more orders, and a search finds more. The program adds the terms again at its start.
DELETE FROM people_terms;
