DROP INDEX activity_subject;
DROP INDEX activity_actor;
DROP INDEX activity_topic;
CREATE INDEX activity_organization ON activity (organization_id, id);
DROP INDEX activity_organization_at;
ALTER TABLE activity DROP COLUMN topic;
