//! The accounts that the demo creates, and that its sign-in page and its start list; and what else its start names.

/// The password of every demo account.
pub const DEMO_PASSWORD: &str = "portico-demo-2026";

/// Codes of vouchers, worth a licence and credits.
pub const LICENCE_VOUCHER: &str = "FREE-F2EL-DMAP-YEAR";
pub const CREDIT_VOUCHER: &str = "FREE-CRED-TS55-5555";

pub struct DemoAccount {
    pub label: &'static str,
    pub email: &'static str,
}

const fn account(label: &'static str, email: &'static str) -> DemoAccount {
    DemoAccount { label, email }
}

pub const DEMO_ACCOUNTS: [DemoAccount; 6] = [
    account("Owner", "owner@example.com"),
    account("Manager", "manager@example.com"),
    account("Editor", "editor@example.com"),
    account("Reader", "reader@example.com"),
    account("Member", "member@example.com"),
    account("Outsider", "outsider@example.com"),
];
