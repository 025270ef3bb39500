-- Since when an operator keeps the holder of an account out.
ALTER TABLE users ADD COLUMN suspended_at TIMESTAMP;
