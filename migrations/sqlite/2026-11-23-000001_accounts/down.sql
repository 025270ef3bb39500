DROP TABLE rate_limits;
DROP TABLE password_resets;
DROP TABLE sign_ups;
DROP TABLE user_sessions;
DROP TABLE users;
