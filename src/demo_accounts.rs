//! The accounts that the demo creates, and that its sign-in page and its start list.

/// The password of every demo account.
pub const DEMO_PASSWORD: &str = "portico-demo-2026";

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
