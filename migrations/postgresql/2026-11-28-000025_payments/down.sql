DROP TABLE sandbox_events;
DROP TABLE sandbox_refunds;
DROP TABLE sandbox_payments;
DROP TABLE sandbox_methods;
DROP TABLE sandbox_sessions;
DROP TABLE payment_method_pages;
DROP TABLE payment_methods;
DROP TABLE payment_customers;
