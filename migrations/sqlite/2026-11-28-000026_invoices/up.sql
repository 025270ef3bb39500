-- Invoices and credit notes. A row is never changed: what is wrong with one is put right by a credit note and another invoice.
CREATE TABLE invoices (
    id TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    order_id TEXT NOT NULL,
    -- The number of the order, as people know it.
    order_number TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('invoice', 'credit_note')),
    number TEXT NOT NULL,
    issued_at TIMESTAMP NOT NULL,
    -- JSON objects, as all three were at that moment.
    seller TEXT NOT NULL,
    buyer TEXT NOT NULL,
    bill TEXT NOT NULL,
    -- What the bill adds up to: less than nothing in a credit note.
    net BIGINT NOT NULL,
    tax BIGINT NOT NULL,
    total BIGINT NOT NULL,
    currency TEXT NOT NULL,
    -- With what it was paid. Empty where nothing was to be paid.
    paid_by TEXT NOT NULL,
    -- Of a credit note alone: which invoice it takes back, and why.
    invoice_id TEXT REFERENCES invoices (id),
    reason TEXT NOT NULL,
    CHECK ((kind = 'credit_note') = (invoice_id IS NOT NULL)),
    CHECK (total = net + tax)
);
CREATE UNIQUE INDEX invoices_number ON invoices (kind, number);
CREATE UNIQUE INDEX invoices_order ON invoices (order_id) WHERE kind = 'invoice';
CREATE INDEX invoices_of_order ON invoices (order_id, id);
CREATE INDEX invoices_invoice ON invoices (invoice_id);
CREATE INDEX invoices_issued ON invoices (organization_id, issued_at, id);
