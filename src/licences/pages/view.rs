//! A licence as pages show it.

use chrono::Duration;

use crate::licences::licence::Licence;
use crate::licences::listing::Listed;
use crate::licences::status::Status;
use crate::licences::terms::Term;
use crate::money::Money;
use crate::time::When;
use crate::web::Layout;

pub struct LicenceView {
    pub id: String,
    pub product: String,
    pub plan: String,
    pub term: Term,
    pub status: Status,
    pub seats: i32,
    /// The last moment of its last day.
    pub until: Option<When>,
    pub has_ended: bool,
    pub is_expiring: bool,
    /// The last moment at which seats are kept after the end.
    pub kept_until: Option<When>,
    /// The last moment of Support & Upgrade.
    pub support: Option<When>,
    pub has_support: bool,
    pub includes: Vec<String>,
    /// When the next term is charged, where it renews itself.
    pub renews: Option<When>,
    /// What a term costs, without tax.
    pub price: Option<Money>,
    pub next: Option<NextView>,
}

/// What changes with the next term.
pub struct NextView {
    pub from: When,
    /// The plan, where it is another.
    pub plan: Option<String>,
    /// How many seats there are then, where it is another number.
    pub seats: Option<i32>,
    /// Whether fewer of the plan were asked for.
    pub has_fewer: bool,
    pub is_paid: bool,
    /// Whether there is no such term, since the licence was cancelled.
    pub is_dropped: bool,
    /// Whether it can still be taken back.
    pub can_keep: bool,
}

impl NextView {
    fn new(licence: &Licence, layout: &Layout) -> Option<Self> {
        let from = layout.when(licence.next_at.or(licence.ends_at).filter(|_| licence.has_scheduled())?);
        let (next, is_paid) = (licence.next_term(), licence.next_at.is_some());
        Some(Self {
            from,
            plan: licence.next_plan.as_ref().map(|plan| plan.name.clone()),
            seats: Some(next.seats).filter(|seats| *seats != licence.seats),
            has_fewer: licence.next_quantity.is_some(),
            is_paid,
            is_dropped: licence.cancelled_at.is_some() && !is_paid,
            can_keep: !is_paid,
        })
    }
}

impl LicenceView {
    pub fn new(licence: &Licence, layout: &Layout, grace: Duration) -> Self {
        let now = layout.now();
        // What a term that has begun brings is shown, whether the job has come to it or not.
        let licence = &licence.clone().caught_up(now);
        let last = |ends_at| layout.last_day(ends_at);
        Self {
            id: licence.id.to_string(),
            product: licence.product.clone(),
            plan: licence.plan.clone(),
            term: licence.term,
            status: licence.status(now, grace),
            seats: licence.seats,
            until: licence.ends_at.map(last),
            has_ended: licence.has_ended_at(now),
            is_expiring: licence.is_expiring_at(now),
            kept_until: licence.ends_at.map(|ends_at| last(ends_at + grace)),
            support: licence.support_until.map(last),
            has_support: licence.support_until.is_some_and(|until| now < until),
            includes: licence.includes.lines().map(str::to_owned).collect(),
            renews: licence.is_charged_at().filter(|_| !licence.has_ended_at(now)).map(|at| layout.when(at.max(now))),
            price: licence.next_term().price(),
            next: NextView::new(licence, layout),
        }
    }

    /// The mark of the status.
    pub fn mark(&self) -> &'static str {
        match self.status {
            Status::Active | Status::Trial => "active",
            Status::CancellationPending | Status::InGrace => "pending",
            Status::Expired | Status::Suspended => "expired",
        }
    }

    /// What its last day means.
    pub fn until_label(&self) -> &'static str {
        match (self.has_ended, self.status) {
            (true, _) => "Ended",
            (false, Status::CancellationPending) => "Ends",
            (false, _) => "Valid until",
        }
    }
}

/// A licence with what whoever looks has of it.
pub struct LicenceRow {
    pub licence: LicenceView,
    pub used: i64,
    pub has_own_seat: bool,
}

impl LicenceRow {
    pub fn new(listed: &Listed, layout: &Layout, grace: Duration) -> Self {
        let licence = LicenceView::new(&listed.licence, layout, grace);
        Self { licence, used: listed.used(), has_own_seat: listed.has_own_seat() }
    }

    /// How many seats are free.
    pub fn free(&self) -> i64 {
        (i64::from(self.licence.seats) - self.used).max(0)
    }
}
