-- What an action belongs to, so that the log can be read by it.
ALTER TABLE activity ADD COLUMN topic TEXT NOT NULL DEFAULT '';
UPDATE activity SET topic = CASE
    WHEN action LIKE 'account.%' THEN 'account'
    WHEN action LIKE 'member.%' OR action LIKE 'invitation%' THEN 'people'
    WHEN action LIKE 'licence.%' OR action LIKE 'voucher%' THEN 'licences'
    WHEN action LIKE 'order.%' OR action LIKE 'payment.%' OR action LIKE 'invoice.%' THEN 'orders'
    WHEN action LIKE 'credits.%' THEN 'credits'
    WHEN action LIKE 'notifications.%' THEN 'notifications'
    WHEN action LIKE 'organization.%' THEN 'settings'
    ELSE 'portal'
END;

-- The log is read by moments, the newest first: all of an Organization, by topic, and what somebody did or was done to them.
CREATE INDEX activity_organization_at ON activity (organization_id, at, id);
DROP INDEX activity_organization;
CREATE INDEX activity_topic ON activity (organization_id, topic, at, id);
CREATE INDEX activity_actor ON activity (actor_id, organization_id, at, id);
CREATE INDEX activity_subject ON activity (subject_id, organization_id, at, id);
