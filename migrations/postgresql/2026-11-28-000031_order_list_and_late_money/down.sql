DROP INDEX orders_kind_status_placed;
DROP INDEX orders_kind_placed;
DROP INDEX orders_status_placed;
DROP INDEX orders_placed;
CREATE INDEX orders_organization ON orders (organization_id, id);
CREATE INDEX orders_status ON orders (organization_id, status, id);
