//! Activity: every change to people, roles, settings, licences and credits writes a row in the transaction that makes it. Names and roles are
//! copied, so that a row says the same when its people have changed or gone.

use diesel::prelude::*;
use serde_json::Value;

use crate::access::{Actor, Operator, Person, Recipient, Role, Scope};
use crate::db::{DbError, WriteTx};
use crate::ids::{ActivityId, OrganizationId};
use crate::schema::activity;
use crate::time::Timestamp;

/// What was done, by the key that is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
pub enum Action {
    #[strum(serialize = "account.created")]
    AccountCreated,
    #[strum(serialize = "account.password.reset")]
    PasswordReset,
    #[strum(serialize = "account.sessions.ended")]
    SessionsEnded,
    #[strum(serialize = "account.suspended")]
    AccountSuspended,
    #[strum(serialize = "account.resumed")]
    AccountResumed,
    #[strum(serialize = "account.details.changed")]
    DetailsChanged,
    #[strum(serialize = "account.picture.changed")]
    PictureChanged,
    #[strum(serialize = "account.picture.removed")]
    PictureRemoved,
    #[strum(serialize = "account.preferences.changed")]
    PreferencesChanged,
    #[strum(serialize = "organization.created")]
    OrganizationCreated,
    #[strum(serialize = "organization.settings.changed")]
    SettingsChanged,
    #[strum(serialize = "organization.news.changed")]
    OwnerNewsChanged,
    #[strum(serialize = "organization.logo.changed")]
    LogoChanged,
    #[strum(serialize = "organization.logo.removed")]
    LogoRemoved,
    #[strum(serialize = "mail.dropped")]
    MailDropped,
    #[strum(serialize = "invitation.sent")]
    InvitationSent,
    #[strum(serialize = "invitation.resent")]
    InvitationResent,
    #[strum(serialize = "invitation.link.shown")]
    InvitationLinkShown,
    #[strum(serialize = "invitation.withdrawn")]
    InvitationWithdrawn,
    #[strum(serialize = "invitation.restored")]
    InvitationRestored,
    #[strum(serialize = "invitation.accepted")]
    InvitationAccepted,
    #[strum(serialize = "invitation.declined")]
    InvitationDeclined,
    #[strum(serialize = "invitations.blocked")]
    InvitationsBlocked,
    #[strum(serialize = "invitations.allowed")]
    InvitationsAllowed,
    #[strum(serialize = "member.role.changed")]
    RoleChanged,
    #[strum(serialize = "member.removed")]
    MemberRemoved,
    #[strum(serialize = "member.restored")]
    MemberRestored,
    #[strum(serialize = "member.left")]
    MemberLeft,
    #[strum(serialize = "catalogue.imported")]
    CatalogueImported,
    #[strum(serialize = "vouchers.created")]
    VouchersCreated,
    #[strum(serialize = "voucher.redeemed")]
    VoucherRedeemed,
    #[strum(serialize = "order.placed")]
    OrderPlaced,
    #[strum(serialize = "order.paid")]
    OrderPaid,
    #[strum(serialize = "order.ended")]
    OrderEnded,
    #[strum(serialize = "order.refunded")]
    OrderRefunded,
    #[strum(serialize = "payment.unmatched")]
    PaymentUnmatched,
    #[strum(serialize = "payment.given.back")]
    PaymentGivenBack,
    #[strum(serialize = "licence.issued")]
    LicenceIssued,
    #[strum(serialize = "licence.renewed")]
    LicenceRenewed,
    #[strum(serialize = "licence.renewal.failed")]
    RenewalFailed,
    #[strum(serialize = "licence.cancelled")]
    LicenceCancelled,
    #[strum(serialize = "licence.cancellation.withdrawn")]
    LicenceResumed,
    #[strum(serialize = "licence.suspended")]
    LicenceSuspended,
    #[strum(serialize = "licence.suspension.lifted")]
    LicenceSuspensionLifted,
    #[strum(serialize = "licence.seats.changed")]
    LicenceSeatsChanged,
    #[strum(serialize = "licence.plan.changed")]
    LicencePlanChanged,
    #[strum(serialize = "licence.seats.reduction.scheduled")]
    LicenceReductionScheduled,
    #[strum(serialize = "licence.plan.scheduled")]
    LicencePlanScheduled,
    #[strum(serialize = "licence.change.taken.back")]
    LicenceChangeTakenBack,
    #[strum(serialize = "licence.change.undone")]
    LicenceChangeUndone,
    #[strum(serialize = "licence.support.extended")]
    LicenceSupportExtended,
    #[strum(serialize = "licence.seat.occupied")]
    SeatOccupied,
    #[strum(serialize = "licence.seat.released")]
    SeatReleased,
    #[strum(serialize = "licence.access.granted")]
    LicenceAccessGranted,
    #[strum(serialize = "licence.access.revoked")]
    LicenceAccessRevoked,
    #[strum(serialize = "payment.method.kept")]
    PaymentMethodKept,
    #[strum(serialize = "payment.method.removed")]
    PaymentMethodRemoved,
    #[strum(serialize = "credits.granted")]
    CreditsGranted,
    #[strum(serialize = "credits.spent")]
    CreditsSpent,
    #[strum(serialize = "credits.reversed")]
    CreditsReversed,
    #[strum(serialize = "credits.expired")]
    CreditsExpired,
    #[strum(serialize = "invoice.issued")]
    InvoiceIssued,
    #[strum(serialize = "invoice.credited")]
    InvoiceCredited,
    #[strum(serialize = "credits.top_up.on")]
    TopUpSwitchedOn,
    #[strum(serialize = "credits.top_up.off")]
    TopUpSwitchedOff,
    #[strum(serialize = "notifications.recipient.added")]
    RecipientAdded,
    #[strum(serialize = "notifications.recipient.changed")]
    RecipientChanged,
    #[strum(serialize = "notifications.recipient.removed")]
    RecipientRemoved,
    #[strum(serialize = "notifications.recipient.asked.again")]
    RecipientAskedAgain,
    #[strum(serialize = "notifications.recipient.confirmed")]
    RecipientConfirmed,
    #[strum(serialize = "notifications.recipient.unsubscribed")]
    RecipientUnsubscribed,
    #[strum(serialize = "notifications.choice.changed")]
    NotificationChoiceChanged,
    #[strum(serialize = "notifications.threshold.changed")]
    LowBalanceChanged,
    #[strum(serialize = "notifications.test.sent")]
    NotificationTestSent,
}

/// Who makes a change, and in which Organization.
#[derive(Clone, Copy)]
pub struct By<'a> {
    actor: Actor<'a>,
    role: Option<Role>,
    organization: Option<&'a OrganizationId>,
}

impl<'a> By<'a> {
    /// Somebody of an Organization there. The role is the one that the scope has: at the time of the change, when it was locked.
    pub fn member(scope: &'a Scope) -> Self {
        let membership = &scope.membership;
        Self {
            actor: Actor::Person(scope.person()),
            role: Some(membership.role),
            organization: Some(&membership.organization_id),
        }
    }

    /// Somebody who answers for an Organization to which they may not belong.
    pub fn guest(person: &'a Person, role: Option<Role>, organization: &'a OrganizationId) -> Self {
        Self { actor: Actor::Person(person), role, organization: Some(organization) }
    }

    /// Somebody about their own account.
    pub fn holder(person: &'a Person) -> Self {
        Self { actor: Actor::Person(person), role: None, organization: None }
    }

    /// Whoever has a mail of an Organization.
    pub fn recipient(recipient: &'a Recipient, organization: &'a OrganizationId) -> Self {
        Self { actor: Actor::Recipient(recipient), role: None, organization: Some(organization) }
    }

    /// Who acts for an Organization without belonging to it: staff, a product, the portal itself.
    pub fn outside(actor: Actor<'a>, organization: &'a OrganizationId) -> Self {
        Self { actor, role: None, organization: Some(organization) }
    }

    pub fn actor(&self) -> Actor<'a> {
        self.actor
    }

    /// Staff on the command line.
    pub fn operator(operator: &'a Operator) -> Self {
        Self { actor: Actor::Operator(operator), role: None, organization: None }
    }

    /// The same, about something of an Organization.
    pub fn operator_in(operator: &'a Operator, organization: &'a OrganizationId) -> Self {
        Self { actor: Actor::Operator(operator), role: None, organization: Some(organization) }
    }
}

/// A change: what was done to what. `before` and `after` are JSON objects of what changed, `Null` where there is no such side.
pub struct Change<'a> {
    pub action: Action,
    pub subject_id: &'a str,
    pub subject_name: &'a str,
    pub before: Value,
    pub after: Value,
}

#[derive(Insertable)]
#[diesel(table_name = activity, treat_none_as_default_value = false)]
struct Row<'a> {
    id: ActivityId,
    organization_id: Option<&'a OrganizationId>,
    at: Timestamp,
    actor_id: &'a str,
    actor_name: String,
    actor_role: &'static str,
    ip: &'a str,
    action: &'static str,
    subject_id: &'a str,
    subject_name: &'a str,
    before: String,
    after: String,
}

impl WriteTx<'_> {
    /// Writes the activity row of a change.
    pub fn record(&mut self, by: By<'_>, change: Change<'_>) -> Result<(), DbError> {
        let text = |value: Value| if value.is_null() { String::new() } else { value.to_string() };
        let row = Row {
            id: ActivityId::new(self.now),
            organization_id: by.organization,
            at: self.now,
            actor_id: by.actor.id(),
            actor_name: by.actor.name(),
            actor_role: by.role.map_or("", Role::key),
            ip: by.actor.ip(),
            action: change.action.into(),
            subject_id: change.subject_id,
            subject_name: change.subject_name,
            before: text(change.before),
            after: text(change.after),
        };
        diesel::insert_into(activity::table).values(row).execute(self.connection)?;
        Ok(())
    }
}
