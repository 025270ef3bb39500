//! The navigation of an Organization: one table. An entry is a line here and a symbol in `templates/components/icons/`.

use crate::access::{Permission, Scope};

/// The part of the portal that a page belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    None,
    Home,
    Dashboard,
    People,
    Settings,
}

struct Entry {
    section: Section,
    /// Below the Organization.
    path: &'static str,
    label: &'static str,
    icon: &'static str,
    permission: Permission,
}

const ENTRIES: [Entry; 3] = [
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
    Entry {
        section: Section::Settings,
        path: "/settings",
        label: "Organization settings",
        icon: "settings",
        permission: Permission::ViewSettings,
    },
];

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

/// The entries that somebody may open.
pub(super) fn items(scope: &Scope) -> Vec<NavigationItem> {
    let shown = ENTRIES.iter().filter(|entry| scope.may(entry.permission));
    shown
        .map(|entry| NavigationItem {
            section: entry.section,
            href: scope.path(entry.path),
            label: entry.label,
            icon: entry.icon,
        })
        .collect()
}
