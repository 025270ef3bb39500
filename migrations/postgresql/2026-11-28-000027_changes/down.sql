DROP INDEX licences_next_at;
ALTER TABLE licences DROP COLUMN next_at;
ALTER TABLE licences DROP COLUMN next_plan;
ALTER TABLE licences DROP COLUMN next_quantity;
ALTER TABLE licences DROP COLUMN terms_since;
