DROP TABLE ownership_offers;
