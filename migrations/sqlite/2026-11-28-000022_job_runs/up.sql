-- When the last try of a job ended, and when the last that was no failure.
ALTER TABLE jobs ADD COLUMN ran_at TIMESTAMP;
ALTER TABLE jobs ADD COLUMN done_at TIMESTAMP;
