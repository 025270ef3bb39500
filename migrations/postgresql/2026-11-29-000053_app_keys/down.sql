DROP INDEX authenticator_apps_key;
ALTER TABLE authenticator_apps DROP COLUMN key_fingerprint;
