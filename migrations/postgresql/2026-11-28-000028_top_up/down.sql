ALTER TABLE credit_wallets DROP COLUMN top_up_at;
DROP TABLE top_ups;
DROP TABLE top_up_settings;
DROP TABLE off_session_charges;
