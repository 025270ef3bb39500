-- The licences of an Organization that go on, by their terms: its trials are few among them.
CREATE INDEX licences_term ON licences (organization_id, term, ends_at)
    WHERE suspended_at IS NULL AND cancelled_at IS NULL;
-- Those that are cancelled, in the order of their last days.
CREATE INDEX licences_cancelled ON licences (organization_id, ends_at) WHERE cancelled_at IS NOT NULL;
