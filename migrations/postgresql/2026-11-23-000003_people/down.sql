DROP TABLE people_terms;
DROP TABLE invitations;
DROP TABLE memberships;
