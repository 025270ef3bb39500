-- Since when the terms of a licence follow each other without a gap, where that is not since its start: a renewal came late.
ALTER TABLE licences ADD COLUMN terms_since TIMESTAMP;
-- What another term brings that this one does not: how many of the plan, and another plan (a JSON object, as it was for sale then).
ALTER TABLE licences ADD COLUMN next_quantity INTEGER CHECK (next_quantity > 0);
ALTER TABLE licences ADD COLUMN next_plan TEXT;
-- From when on, once that term is paid.
ALTER TABLE licences ADD COLUMN next_at TIMESTAMP;
CREATE INDEX licences_next_at ON licences (next_at) WHERE next_at IS NOT NULL;
