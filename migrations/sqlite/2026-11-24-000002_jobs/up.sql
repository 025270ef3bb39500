-- Work that is due, done by whichever process claims it. `subject` is the id of what it is about, or nothing where there is only
-- one. A claim moves `due_at` to its own end: when the process that made it is gone, the job is due again.
CREATE TABLE jobs (
    id TEXT NOT NULL PRIMARY KEY,
    queue TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    priority INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    due_at TIMESTAMP NOT NULL,
    attempts INTEGER NOT NULL,
    claimed_by TEXT,
    last_error TEXT NOT NULL
);
CREATE INDEX jobs_due ON jobs (queue, priority, due_at);
CREATE UNIQUE INDEX jobs_subject ON jobs (kind, subject);
CREATE INDEX jobs_claimed_by ON jobs (claimed_by) WHERE claimed_by IS NOT NULL;

-- Delivering a mail is such a job, and the outbox keeps what becomes of it. Nothing has been released yet, so this is one step.
INSERT INTO jobs
SELECT 'job_' || substr(id, 6), 'mail', 'mail.deliver', id, 1, created_at, due_at, attempts, NULL, failure
FROM outbox WHERE due_at IS NOT NULL;
ALTER TABLE outbox ADD COLUMN refused_at TIMESTAMP;
ALTER TABLE outbox ADD COLUMN failed_at TIMESTAMP;
ALTER TABLE outbox ADD COLUMN failed_as TEXT;
UPDATE outbox SET failed_at = created_at, failed_as = 'refused', sealed = substr(sealed, 1, 0)
WHERE due_at IS NULL AND delivered_at IS NULL;
DROP INDEX outbox_due;
ALTER TABLE outbox DROP COLUMN due_at;
ALTER TABLE outbox DROP COLUMN attempts;
CREATE INDEX outbox_failed ON outbox (failed_at) WHERE failed_at IS NOT NULL;

-- The mail that an invitation was sent with last.
ALTER TABLE invitations ADD COLUMN mail_id TEXT;
