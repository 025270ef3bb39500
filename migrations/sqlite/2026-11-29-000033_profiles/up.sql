-- What people say of themselves besides their name: industries are keys of a closed list, with commas between them.
ALTER TABLE users ADD COLUMN job_title TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN phone TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN industries TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN picture_hash TEXT NOT NULL DEFAULT '';
-- Whether they want mails about what others do in their Organizations.
ALTER TABLE users ADD COLUMN organization_news BOOLEAN NOT NULL DEFAULT TRUE;

CREATE TABLE user_pictures (
    user_id TEXT NOT NULL PRIMARY KEY REFERENCES users (id),
    content BLOB NOT NULL
);
