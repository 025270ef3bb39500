//! The table of what can be done. An action is one line of it.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use strum::VariantArray;

use crate::stored::stored_as_text;

/// What actions belong to, to look for them.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, AsExpression, FromSqlRow, strum::AsRefStr, strum::EnumString, strum::VariantArray,
)]
#[diesel(sql_type = diesel::sql_types::Text)]
#[strum(serialize_all = "snake_case")]
pub enum Topic {
    People,
    Licences,
    Orders,
    Credits,
    Notifications,
    Settings,
    /// Somebody's own account: no Organization sees it.
    Account,
    /// The portal itself: no Organization sees it.
    Portal,
}

stored_as_text!(Topic);

impl Topic {
    /// What happens in Organizations.
    pub const OF_ORGANIZATIONS: &'static [Topic] =
        &[Self::People, Self::Licences, Self::Orders, Self::Credits, Self::Notifications, Self::Settings];
}

macro_rules! actions {
    ($($name:ident: $key:literal, $topic:ident, $words:literal;)*) => {
        /// What was done, by the key that is stored.
        #[derive(
            Clone,
            Copy,
            Debug,
            PartialEq,
            Eq,
            AsExpression,
            FromSqlRow,
            strum::AsRefStr,
            strum::EnumString,
            strum::VariantArray,
        )]
        #[diesel(sql_type = diesel::sql_types::Text)]
        pub enum Action {
            $(#[strum(serialize = $key)] $name,)*
        }

        impl Action {
            pub fn topic(self) -> Topic {
                match self {
                    $(Self::$name => Topic::$topic,)*
                }
            }

            /// What follows the name of whoever did it. See [`words`](crate::audit::words) for what stands in braces and brackets.
            pub fn words(self) -> &'static str {
                match self {
                    $(Self::$name => $words,)*
                }
            }
        }
    };
}

stored_as_text!(Action);

impl Action {
    pub const ALL: &'static [Action] = Action::VARIANTS;
}

actions! {
    AccountCreated: "account.created", Account, "created the account[ with the address {after.email}]";
    PasswordReset: "account.password.reset", Account, "chose a new password by a mailed link, which ended every session";
    PasswordChanged: "account.password.changed", Account, "changed the password, which signed out all other browsers";
    EmailChangeAsked: "account.email.change.asked", Account, "asked for the address {after.email}";
    EmailChangeCancelled: "account.email.change.cancelled", Account, "kept the address instead of the one asked for";
    EmailChanged: "account.email.changed", Account, "changed the e-mail address from {before.email} to {after.email}";
    PasskeyAdded: "account.passkey.added", Account, "added the passkey {after.name}";
    PasskeyRenamed: "account.passkey.renamed", Account, "renamed the passkey {before.name} to {after.name}";
    PasskeyRemoved: "account.passkey.removed", Account, "removed the passkey {before.name}";
    PasskeyCopied: "account.passkey.copied", Account, "tried the passkey {before.name}, which was refused: there seems to be a copy of it";
    TwoFactorOn: "account.two_factor.on", Account, "turned two-factor authentication on";
    TwoFactorOff: "account.two_factor.off", Account, "turned two-factor authentication off";
    TwoFactorReset: "account.two_factor.reset", Account, "turned two-factor authentication off for {subject}[, and removed passkeys: {after.passkeys}]";
    AppAdded: "account.authenticator_app.added", Account, "added an authenticator app";
    AppRemoved: "account.authenticator_app.removed", Account, "removed the authenticator app";
    RecoveryCodesMade: "account.recovery_codes.made", Account, "made new recovery codes";
    RecoveryCodeUsed: "account.recovery_code.used", Account, "signed in with a recovery code[, {after.left} left]";
    SecondStepGuessed: "account.second_step.guessed", Account, "gave the right password and wrong codes again and again";
    NewBrowser: "account.browser.new", Account, "signed in with a browser that was not seen before[, {after.browser}]";
    SignInDisowned: "account.sign_in.disowned", Account, "said of a sign-in that it was somebody else, which signed out every browser";
    AccountUnlocked: "account.unlocked", Account, "let {subject} try again after wrong passwords";
    SessionsEnded: "account.sessions.ended", Account, "signed {subject} out everywhere";
    SessionEnded: "account.session.ended", Account, "signed out a browser[, {after.browser}]";
    SignedOutElsewhere: "account.sessions.ended.elsewhere", Account, "signed out all other browsers";
    AccountSuspended: "account.suspended", Account, "suspended the account of {subject}";
    AccountResumed: "account.resumed", Account, "lifted the suspension of the account of {subject}";
    DetailsChanged: "account.details.changed", Account, "changed the account details[ ({changed})]";
    PictureChanged: "account.picture.changed", Account, "changed the picture";
    PictureRemoved: "account.picture.removed", Account, "removed the picture";
    ConsentGiven: "account.consent.given", Account, "agreed to {after.consent}";
    ConsentWithdrawn: "account.consent.withdrawn", Account, "withdrew the consent to {before.consent}";
    DataExportAsked: "account.export.asked", Account, "asked for everything that is stored about them";
    DeletionAsked: "account.deletion.asked", Account, "asked to have the account deleted";
    DeletionConfirmed: "account.deletion.confirmed", Account, "confirmed that the account is to be deleted";
    DeletionEnded: "account.deletion.ended", Account, "kept the account, which was to be deleted";
    DeletionBlocked: "account.deletion.blocked", Account, "did not delete the account of {subject}, who is the only Owner of {after.organizations}";
    AccountDeleted: "account.deleted", Account, "deleted the account of {subject}";
    PreferencesChanged: "account.preferences.changed", Account, "changed the preferences[ ({changed})]";

    OrganizationCreated: "organization.created", Settings, "created the Organization {subject}[ as {after.kind}]";
    SettingsChanged: "organization.settings.changed", Settings, "changed the settings[ ({changed})]";
    OwnerNewsChanged: "organization.news.changed", Settings, "changed which news the Owners are mailed[ ({changed})]";
    LogoChanged: "organization.logo.changed", Settings, "changed the logo";
    LogoRemoved: "organization.logo.removed", Settings, "removed the logo";

    OrganizationClosed: "organization.closed", Settings, "closed the Organization {subject}";
    OrganizationRestored: "organization.restored", Settings, "restored the Organization {subject}, which had been closed";
    OrganizationErased: "organization.erased", Settings, "erased the people and settings of the Organization {subject}, which had been closed";
    OwnerSet: "organization.owner.set", People, "made {subject} Owner[, whose role was {before.role}]";

    OwnershipOffered: "ownership.offered", People, "offered {subject}[ ({after.email})] to become Owner instead, and to be {after.role} then";
    OwnershipEnded: "ownership.offer.ended", People, "ended the offer to {subject} to become Owner";
    OwnershipAccepted: "ownership.accepted", People, "accepted to become Owner instead of {subject}[ ({before.owner})]";
    OwnershipDeclined: "ownership.declined", People, "declined to become Owner instead of {subject}[ ({before.owner})]";

    InvitationSent: "invitation.sent", People, "invited {subject} as {after.role}";
    InvitationResent: "invitation.resent", People, "sent {subject} the invitation as {after.role} again";
    InvitationLinkShown: "invitation.link.shown", People, "copied the link of the invitation of {subject}";
    InvitationWithdrawn: "invitation.withdrawn", People, "withdrew the invitation of {subject} as {after.role}";
    InvitationRestored: "invitation.restored", People, "brought back the invitation of {subject} as {after.role}";
    InvitationAccepted: "invitation.accepted", People, "accepted the invitation to {subject} and joined as {after.role}";
    InvitationDeclined: "invitation.declined", People, "declined the invitation to {subject} as {after.role}";
    InvitationsBlocked: "invitations.blocked", People, "refused any further invitation to {subject}";
    InvitationsAllowed: "invitations.allowed", People, "allowed invitations to {subject} again";
    RoleChanged: "member.role.changed", People, "changed the role of {subject}[ ({before.email})] from {before.role} to {after.role}";
    MemberRemoved: "member.removed", People, "removed {subject}[ ({before.email})], whose role was {before.role}";
    MemberRestored: "member.restored", People, "brought back {subject}[ ({after.email})] as {after.role}";
    MemberDeleted: "member.deleted", People, "ended the membership of {subject}[ with the role {before.role}], whose account was deleted";
    MemberLeft: "member.left", People, "left the Organization[ with the role {before.role}]";

    VoucherRedeemed: "voucher.redeemed", Licences, "redeemed the voucher {subject} for {after.worth}";
    LicenceIssued: "licence.issued", Licences, "added the licence {subject}[, {after.plan}]";
    LicenceRenewed: "licence.renewed", Licences, "renewed {subject}[ from {before.ends_at}] until {after.ends_at}";
    RenewalFailed: "licence.renewal.failed", Licences, "could not renew {subject}[: {after.problem}]";
    LicenceCancelled: "licence.cancelled", Licences, "cancelled {subject}[, which is valid until {after.ends_at}]";
    LicenceResumed: "licence.cancellation.withdrawn", Licences, "resumed {subject}, which had been cancelled";
    LicenceSuspended: "licence.suspended", Licences, "suspended {subject}";
    LicenceSuspensionLifted: "licence.suspension.lifted", Licences, "lifted the suspension of {subject}";
    LicenceSeatsChanged: "licence.seats.changed", Licences, "changed the seats of {subject} from {before.seats} to {after.seats}";
    LicencePlanChanged: "licence.plan.changed", Licences, "changed the plan of {subject} from {before.plan} to {after.plan}";
    LicenceReductionScheduled: "licence.seats.reduction.scheduled", Licences, "asked for fewer seats of {subject} with the next term: {after.seats} instead of {before.seats}";
    LicencePlanScheduled: "licence.plan.scheduled", Licences, "asked for another plan of {subject} with the next term: {after.plan} instead of {before.plan}";
    LicenceChangeTakenBack: "licence.change.taken.back", Licences, "took back what had been asked for with the next term of {subject}";
    LicenceChangeUndone: "licence.change.undone", Licences, "took back a change of {subject} whose price was given back";
    LicenceSupportExtended: "licence.support.extended", Licences, "extended Support & Upgrade of {subject} until {after.support_until}";
    SeatOccupied: "licence.seat.occupied", Licences, "took a seat of {subject}[ for {after.name}]";
    SeatReleased: "licence.seat.released", Licences, "released a seat of {subject}[, that of {before.name}]";
    LicenceAccessGranted: "licence.access.granted", Licences, "gave access to {subject}[ to {after.name}]";
    LicenceAccessRevoked: "licence.access.revoked", Licences, "took away access to {subject}[ from {before.name}]";

    OrderPlaced: "order.placed", Orders, "placed the order {subject}[: {after.item}, {after.total}]";
    OrderPaid: "order.paid", Orders, "paid the order {subject}[: {after.item}, {after.total}]";
    OrderEnded: "order.ended", Orders, "ended the order {subject}, which was not paid";
    OrderRefunded: "order.refunded", Orders, "gave money back for the order {subject}: {after.refunded} in all";
    PaymentUnmatched: "payment.unmatched", Orders, "paid {after.arrived} for the order {subject}, which could not be used[: {after.because}]";
    PaymentGivenBack: "payment.given.back", Orders, "gave back {after.amount} that had been paid for the order {subject}";
    PaymentMethodKept: "payment.method.kept", Orders, "chose {subject} to pay with[ instead of the card ending in {before.last_four}]";
    PaymentMethodRemoved: "payment.method.removed", Orders, "removed {subject}, which was paid with";
    InvoiceIssued: "invoice.issued", Orders, "issued the invoice {subject}[ for the order {after.order}][, {after.total}]";
    InvoiceCredited: "invoice.credited", Orders, "issued the credit note {subject}[ for the invoice {after.invoice}][, {after.total}]";

    CreditsGranted: "credits.granted", Credits, "added {after.amount} credits";
    CreditsSpent: "credits.spent", Credits, "spent {after.amount} credits";
    CreditsReversed: "credits.reversed", Credits, "reversed a booking of {after.amount} credits";
    CreditsExpired: "credits.expired", Credits, "booked {after.amount} credits that expired";
    TopUpSwitchedOn: "credits.top_up.on", Credits, "switched automatic top-up on: {subject} at {after.threshold} credits or fewer, up to {after.monthly_cap} a month";
    TopUpSwitchedOff: "credits.top_up.off", Credits, "switched automatic top-up off[: {after.why}]";

    RecipientAdded: "notifications.recipient.added", Notifications, "added {subject} to the email notifications";
    RecipientChanged: "notifications.recipient.changed", Notifications, "changed which notifications {subject} gets[ ({changed})]";
    RecipientRemoved: "notifications.recipient.removed", Notifications, "removed {subject} from the email notifications";
    RecipientAskedAgain: "notifications.recipient.asked.again", Notifications, "asked {subject} again to confirm the address";
    RecipientConfirmed: "notifications.recipient.confirmed", Notifications, "confirmed that {subject} gets notifications";
    RecipientUnsubscribed: "notifications.recipient.unsubscribed", Notifications, "ended the notifications to {subject}";
    NotificationChoiceChanged: "notifications.choice.changed", Notifications, "changed which notifications they get themselves[ ({changed})]";
    LowBalanceChanged: "notifications.threshold.changed", Notifications, "changed when a low balance is told[ from {before.below}][ to {after.below} credits]";
    NotificationTestSent: "notifications.test.sent", Notifications, "sent a test to everybody who gets notifications";

    MailDropped: "mail.dropped", Portal, "gave up a mail to {subject}";
    ConsentsExported: "consents.exported", Portal, "took a list of who agreed to {subject}[, {after.count} addresses]";
    CatalogueImported: "catalogue.imported", Portal, "imported the catalogue {subject}";
    VouchersCreated: "vouchers.created", Licences, "made vouchers for {subject}";
}
