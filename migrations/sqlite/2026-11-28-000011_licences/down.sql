DROP TABLE removed_licences;
DROP TABLE licence_grants;
DROP TABLE licence_seats;
DROP TABLE licences;
