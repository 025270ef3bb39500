DROP TABLE credit_parts;
DROP TABLE credit_grants;
DROP TABLE credit_entries;
DROP TABLE credit_wallets;
