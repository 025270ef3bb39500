DROP TABLE user_pictures;
ALTER TABLE users DROP COLUMN organization_news;
ALTER TABLE users DROP COLUMN picture_hash;
ALTER TABLE users DROP COLUMN industries;
ALTER TABLE users DROP COLUMN phone;
ALTER TABLE users DROP COLUMN job_title;
