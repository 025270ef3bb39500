DROP INDEX activity_subject_topic;
DROP INDEX activity_actor_topic;
