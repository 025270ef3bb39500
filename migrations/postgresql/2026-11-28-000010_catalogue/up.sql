-- What the company sells, as the last import of the catalogue had it: the seller, countries, products, plans, credit packages,
-- coupons, by the keys of the file. What was sold copies what it needs from here, so nothing is rewritten behind it.
CREATE TABLE catalogue_entries (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    -- In which order the file has them.
    position INTEGER NOT NULL,
    -- A JSON object.
    content TEXT NOT NULL,
    -- Whether the file still has it.
    on_sale BOOLEAN NOT NULL,
    PRIMARY KEY (kind, key)
);
CREATE INDEX catalogue_entries_on_sale ON catalogue_entries (on_sale, position);
