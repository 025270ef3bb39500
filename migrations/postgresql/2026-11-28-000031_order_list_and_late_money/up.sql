-- The list of orders: by the moment at which they were placed, so that a year is a range, and narrowed by state and kind.
DROP INDEX orders_organization;
DROP INDEX orders_status;
CREATE INDEX orders_placed ON orders (organization_id, placed_at, id);
CREATE INDEX orders_status_placed ON orders (organization_id, status, placed_at, id);
CREATE INDEX orders_kind_placed ON orders (organization_id, kind, placed_at, id);
CREATE INDEX orders_kind_status_placed ON orders (organization_id, kind, status, placed_at, id);
