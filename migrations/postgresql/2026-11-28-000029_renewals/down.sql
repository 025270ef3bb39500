DROP INDEX licences_next_charge;
DROP INDEX licences_renewing;
DROP TABLE renewal_tries;
DROP TABLE renewals;
