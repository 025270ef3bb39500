DROP INDEX licences_cancelled;
DROP INDEX licences_term;
