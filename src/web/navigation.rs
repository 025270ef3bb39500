//! The navigation of an Organization, in groups, and that of a person's account: a table each. An entry is a line here and a symbol in
//! `static/icons/`.

use crate::access::{Permission, Scope};

/// The part of the portal that a page belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    None,
    Home,
    Dashboard,
    People,
    Plans,
    Credits,
    Notifications,
    Settings,
    Activity,
    AccountDetails,
    Security,
    Preferences,
    Privacy,
}

struct Entry {
    section: Section,
    /// Below the Organization.
    path: &'static str,
    label: &'static str,
    icon: &'static str,
    permission: Permission,
}

/// Entries that belong together.
struct Group {
    label: &'static str,
    entries: &'static [Entry],
}

const GROUPS: [Group; 3] = [
    Group {
        label: "Work",
        entries: &[
            Entry {
                section: Section::Dashboard,
                path: "",
                label: "Dashboard",
                icon: "layout-dashboard",
                permission: Permission::ViewDashboard,
            },
            Entry {
                section: Section::People,
                path: "/people",
                label: "User Management",
                icon: "users",
                permission: Permission::ViewPeople,
            },
        ],
    },
    Group {
        label: "Money",
        entries: &[
            Entry {
                section: Section::Plans,
                path: "/plans",
                label: "Plans and License",
                icon: "key-round",
                permission: Permission::UseLicences,
            },
            Entry {
                section: Section::Credits,
                path: "/credits",
                label: "Credit History",
                icon: "coins",
                permission: Permission::ViewCreditHistory,
            },
            Entry {
                section: Section::Notifications,
                path: "/notifications",
                label: "Email notifications",
                icon: "bell",
                permission: Permission::ManageNotifications,
            },
        ],
    },
    Group {
        label: "Settings",
        entries: &[
            Entry {
                section: Section::Settings,
                path: "/settings",
                label: "Organization settings",
                icon: "settings",
                permission: Permission::ViewSettings,
            },
            Entry {
                section: Section::Activity,
                path: "/activity",
                label: "Activity",
                icon: "history",
                permission: Permission::ViewActivity,
            },
        ],
    },
];

/// A page of a person about themselves.
struct AccountEntry {
    section: Section,
    path: &'static str,
    label: &'static str,
    icon: &'static str,
}

const ACCOUNT: &[AccountEntry] = &[
    AccountEntry { section: Section::AccountDetails, path: "/account/details", label: "Account details", icon: "user" },
    AccountEntry { section: Section::Security, path: "/account/security", label: "Security", icon: "lock" },
    AccountEntry {
        section: Section::Preferences,
        path: "/account/preferences",
        label: "Personal preferences",
        icon: "sliders-horizontal",
    },
    AccountEntry { section: Section::Privacy, path: "/account/privacy", label: "Privacy", icon: "shield" },
];

/// A group as a page shows it: never empty.
pub struct NavigationGroup {
    pub label: &'static str,
    pub items: Vec<NavigationItem>,
}

/// An entry as a page shows it.
pub struct NavigationItem {
    section: Section,
    pub href: String,
    pub label: &'static str,
    pub icon: &'static str,
}

impl NavigationItem {
    pub fn is_at(&self, section: &Section) -> bool {
        self.section == *section
    }
}

/// The entries that somebody may open, in their groups.
pub(super) fn groups(scope: &Scope) -> Vec<NavigationGroup> {
    let shown = GROUPS.iter().map(|group| {
        let entries = group.entries.iter().filter(|entry| scope.may(entry.permission));
        let items = entries.map(|entry| NavigationItem {
            section: entry.section,
            href: scope.path(entry.path),
            label: entry.label,
            icon: entry.icon,
        });
        NavigationGroup { label: group.label, items: items.collect() }
    });
    shown.filter(|group| !group.items.is_empty()).collect()
}

/// The pages of a person about themselves, where `active` is one of them.
pub(super) fn account(active: Section) -> Vec<NavigationItem> {
    if ACCOUNT.iter().all(|entry| entry.section != active) {
        return Vec::new();
    }
    let item = |entry: &AccountEntry| NavigationItem {
        section: entry.section,
        href: entry.path.to_owned(),
        label: entry.label,
        icon: entry.icon,
    };
    ACCOUNT.iter().map(item).collect()
}
