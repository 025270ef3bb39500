//! The table of permissions.

use strum::VariantArray;

use crate::access::{Policies, Policy, Role};

/// Something that a role allows. Each route under an Organization names the one that it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, strum::VariantArray)]
pub enum Permission {
    /// See the dashboard: Organization information, credit balance and the own role.
    ViewDashboard,
    /// Leave the Organization (not the last Owner).
    Leave,
    /// See the list of people and invitations.
    ViewPeople,
    /// Invite, resend, withdraw; give, change or remove a role up to the own one.
    ManagePeople,
    /// See the ledger of credits, and export it. The balance is on the dashboard.
    ViewCreditHistory,
    /// See Organization settings, VAT data among them.
    ViewSettings,
    /// See what was done in the Organization, and by whom.
    ViewActivity,
    /// Change Organization settings, legal details and the logo.
    EditSettings,
    /// Offer the own place as Owner to another member, and withdraw such offers.
    TransferOwnership,
    /// See the licences that one may use, occupy a seat and release it: a Member or Reader those to which they were given access.
    UseLicences,
    /// See, and use, every licence of the Organization.
    ViewLicences,
    /// Give and take access to licences, release anybody's seat.
    ManageLicences,
    /// Redeem vouchers, and see what a code is worth.
    RedeemVouchers,
    /// Cancel licences, and resume them.
    CancelLicences,
    /// Buy licences and credits, and change what a licence costs.
    Purchase,
    /// Buy Support & Upgrade for a perpetual licence.
    PurchaseSupport,
    /// See orders, invoices and credit notes.
    ViewOrders,
    /// See and change what the Organization pays with.
    ManagePaymentMethod,
    /// Switch the automatic top-up of credits on and off.
    ManageTopUp,
    /// Say who gets which mails about licences, credits and payments.
    ManageNotifications,
}

/// What a permission takes. What depends on a grant would be another kind of requirement here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Requirement {
    /// This role or a higher one.
    Role(Role),
    /// The role `always` or a higher one; while the policy is on, the role `allowed` is enough.
    Policy { always: Role, allowed: Role, policy: Policy },
}

impl Permission {
    pub const ALL: &'static [Permission] = Permission::VARIANTS;

    /// The table. A permission that is forgotten here does not compile.
    pub fn requirement(self) -> Requirement {
        match self {
            Self::ViewDashboard => Requirement::Role(Role::Member),
            Self::Leave => Requirement::Role(Role::Member),
            Self::ViewPeople => Requirement::Role(Role::Manager),
            Self::ManagePeople => Requirement::Role(Role::Manager),
            Self::ViewCreditHistory => Requirement::Role(Role::Manager),
            Self::ViewSettings => Requirement::Role(Role::Manager),
            Self::ViewActivity => Requirement::Role(Role::Manager),
            Self::EditSettings => Requirement::Role(Role::Owner),
            Self::TransferOwnership => Requirement::Role(Role::Owner),
            Self::UseLicences => Requirement::Role(Role::Member),
            Self::ViewLicences => Requirement::Role(Role::Editor),
            Self::ManageLicences => Requirement::Role(Role::Manager),
            Self::RedeemVouchers => Requirement::Role(Role::Manager),
            Self::CancelLicences => Requirement::Role(Role::Owner),
            Self::Purchase => {
                Requirement::Policy { always: Role::Owner, allowed: Role::Manager, policy: Policy::ManagersMayPurchase }
            }
            Self::PurchaseSupport => Requirement::Role(Role::Manager),
            Self::ViewOrders => Requirement::Role(Role::Manager),
            Self::ManagePaymentMethod => Requirement::Role(Role::Owner),
            Self::ManageTopUp => Requirement::Role(Role::Owner),
            Self::ManageNotifications => Requirement::Role(Role::Manager),
        }
    }

    /// The lowest role with which a person can have this permission in any Organization.
    pub fn minimum_role(self) -> Role {
        match self.requirement() {
            Requirement::Role(role) | Requirement::Policy { allowed: role, .. } => role,
        }
    }

    /// The lowest role that has this permission in an Organization with these policies: whom to turn to.
    pub fn minimum_role_under(self, policies: Policies) -> Role {
        match self.requirement() {
            Requirement::Policy { always, policy, .. } if !policies.is_on(policy) => always,
            _ => self.minimum_role(),
        }
    }

    /// The policy that would let this role do it, and is off.
    pub fn denied_by(self, role: Role, policies: Policies) -> Option<Policy> {
        match self.requirement() {
            Requirement::Policy { always, allowed, policy } => {
                (allowed <= role && role < always && !policies.is_on(policy)).then_some(policy)
            }
            Requirement::Role(_) => None,
        }
    }

    /// Whether the role alone gives it, whatever the policies of the Organization.
    pub fn is_given_by(self, role: Role) -> bool {
        match self.requirement() {
            Requirement::Role(lowest) | Requirement::Policy { always: lowest, .. } => role >= lowest,
        }
    }

    pub(super) fn is_met_by(self, role: Role, policies: Policies) -> bool {
        role >= self.minimum_role_under(policies)
    }
}
