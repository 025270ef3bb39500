DROP TABLE people_counts;
ALTER TABLE memberships DROP COLUMN last_active_on;
