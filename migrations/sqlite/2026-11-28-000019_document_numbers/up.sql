-- The last number of each kind of document in each calendar year. There are no gaps: it is raised with the document that takes it.
CREATE TABLE document_numbers (
    series TEXT NOT NULL,
    year INTEGER NOT NULL,
    last INTEGER NOT NULL CHECK (last > 0),
    PRIMARY KEY (series, year)
);
