-- What an Organization was given: names and contents are copies, so that nothing that is sold later changes them. The status is
-- computed from the moments, never stored.
CREATE TABLE licences (
    id TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    product TEXT NOT NULL,
    plan TEXT NOT NULL,
    term TEXT NOT NULL CHECK (term IN ('monthly', 'yearly', 'perpetual', 'trial')),
    -- None: whoever may use it needs no seat.
    seats INTEGER NOT NULL CHECK (seats >= 0),
    -- A line for each thing.
    includes TEXT NOT NULL,
    -- Half-open: it is not valid at the moment when it ends. Without an end it is perpetual.
    starts_at TIMESTAMP NOT NULL,
    ends_at TIMESTAMP CHECK (ends_at > starts_at),
    -- The day of the month on which its terms end, so that 31 January is followed by 28 February and 31 March.
    renewal_day INTEGER NOT NULL CHECK (renewal_day BETWEEN 1 AND 31),
    support_until TIMESTAMP,
    cancelled_at TIMESTAMP,
    suspended_at TIMESTAMP,
    updated_at TIMESTAMP NOT NULL,
    CHECK ((term = 'perpetual') = (ends_at IS NULL))
);
CREATE INDEX licences_organization ON licences (organization_id, id);
CREATE INDEX licences_ends_at ON licences (organization_id, ends_at, id) WHERE suspended_at IS NULL AND cancelled_at IS NULL;
CREATE INDEX licences_suspended ON licences (organization_id, id) WHERE suspended_at IS NOT NULL;

-- Who occupies a seat. They are counted, and there is no other count.
CREATE TABLE licence_seats (
    id TEXT NOT NULL PRIMARY KEY,
    licence_id TEXT NOT NULL REFERENCES licences (id),
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    occupied_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX licence_seats_user ON licence_seats (licence_id, user_id);
CREATE INDEX licence_seats_licence ON licence_seats (licence_id, id);
CREATE INDEX licence_seats_person ON licence_seats (organization_id, user_id, licence_id);

-- Which Readers and Members may use it.
CREATE TABLE licence_grants (
    id TEXT NOT NULL PRIMARY KEY,
    licence_id TEXT NOT NULL REFERENCES licences (id),
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    granted_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX licence_grants_user ON licence_grants (licence_id, user_id);
CREATE INDEX licence_grants_licence ON licence_grants (licence_id, id);
CREATE INDEX licence_grants_person ON licence_grants (organization_id, user_id, licence_id);

-- What somebody had who was removed a short while ago, as long as that can be undone. A moment is missing where they had no such thing.
CREATE TABLE removed_licences (
    removal_id TEXT NOT NULL REFERENCES removals (id) ON DELETE CASCADE,
    licence_id TEXT NOT NULL REFERENCES licences (id),
    occupied_at TIMESTAMP,
    granted_at TIMESTAMP,
    PRIMARY KEY (removal_id, licence_id)
);
