DROP TABLE voucher_redemptions;
DROP TABLE vouchers;
