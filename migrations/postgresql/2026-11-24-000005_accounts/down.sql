DROP TABLE invitation_blocks;
ALTER TABLE users DROP COLUMN suspended_at;
