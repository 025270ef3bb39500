-- The list of orders: by the moment at which they were placed, so that a year is a range, and narrowed by state and kind.
DROP INDEX orders_organization;
DROP INDEX orders_status;
CREATE INDEX orders_placed ON orders (organization_id, placed_at, id);
CREATE INDEX orders_status_placed ON orders (organization_id, status, placed_at, id);
CREATE INDEX orders_kind_placed ON orders (organization_id, kind, placed_at, id);
CREATE INDEX orders_kind_status_placed ON orders (organization_id, kind, status, placed_at, id);

-- Money that came too late is given back by itself: when it was. Of one order more than one payment can come too late.
ALTER TABLE payments ADD COLUMN given_back_at TIMESTAMP;
DROP INDEX refunds_one_asked;
CREATE UNIQUE INDEX refunds_one_asked ON refunds (payment_id) WHERE status = 'asked';

-- What an order made of a licence that it changed, and what that was before, as a JSON object: so it can be taken back with its money.
ALTER TABLE orders ADD COLUMN made TEXT;
