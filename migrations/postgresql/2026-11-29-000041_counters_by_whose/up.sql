-- The names of counters in the order of their bytes, so that all counters of one account are one range.
CREATE TABLE rate_limits_before AS SELECT * FROM rate_limits;
DROP TABLE rate_limits;
CREATE TABLE rate_limits (
    bucket TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    used INTEGER NOT NULL,
    ends_at TIMESTAMP NOT NULL
);
INSERT INTO rate_limits (bucket, used, ends_at) SELECT bucket, used, ends_at FROM rate_limits_before;
DROP TABLE rate_limits_before;
CREATE INDEX rate_limits_ends_at ON rate_limits (ends_at);
