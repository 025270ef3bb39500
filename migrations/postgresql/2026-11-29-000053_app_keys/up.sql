-- By what the key is known that an app was sealed with, so that what an earlier one sealed is found: see src/accounts/two_factor/reseal.rs.
-- Empty where that was not noted.
ALTER TABLE authenticator_apps ADD COLUMN key_fingerprint TEXT NOT NULL DEFAULT '';
CREATE INDEX authenticator_apps_key ON authenticator_apps (key_fingerprint, user_id);
