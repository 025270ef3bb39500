-- What somebody did of one kind, and what was done to them: without the kind in the index, everything else of theirs is read over.
CREATE INDEX activity_actor_topic ON activity (actor_id, organization_id, topic, at, id);
CREATE INDEX activity_subject_topic ON activity (subject_id, organization_id, topic, at, id);
