-- Codes that are worth a licence or credits. What one is worth is a copy, so that nothing that is sold later changes it.
CREATE TABLE vouchers (
    id TEXT NOT NULL PRIMARY KEY,
    code_hash TEXT NOT NULL,
    -- The last letters of the code, by which people recognise it.
    ending TEXT NOT NULL,
    -- A JSON object.
    worth TEXT NOT NULL,
    -- How many Organizations may redeem it.
    uses INTEGER NOT NULL CHECK (uses > 0),
    -- The first moment at which it cannot be redeemed any more.
    ends_at TIMESTAMP NOT NULL,
    -- The one that it is for, where it is for one alone.
    organization_id TEXT REFERENCES organizations (id)
);
CREATE UNIQUE INDEX vouchers_code ON vouchers (code_hash);
CREATE INDEX vouchers_organization ON vouchers (organization_id);

-- Who redeemed which. They are counted, and there is no other count.
CREATE TABLE voucher_redemptions (
    voucher_id TEXT NOT NULL REFERENCES vouchers (id),
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    redeemed_at TIMESTAMP NOT NULL,
    PRIMARY KEY (voucher_id, organization_id)
);
CREATE INDEX voucher_redemptions_organization ON voucher_redemptions (organization_id);
