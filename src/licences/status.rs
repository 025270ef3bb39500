//! What state a licence is in: computed from its moments and marks.

use chrono::Duration;

use crate::licences::licence::Licence;
use crate::licences::terms::Term;
use crate::time::Timestamp;

/// How long before its end a licence needs attention.
pub const EXPIRING: Duration = Duration::days(14);

#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Status {
    Active,
    Trial,
    /// It ends with its last day, and can be resumed until then.
    CancellationPending,
    /// It has ended: seats are kept, no new ones are given.
    InGrace,
    Expired,
    /// By an operator.
    Suspended,
}

impl Status {
    pub fn key(self) -> &'static str {
        self.into()
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Trial => "Trial",
            Self::CancellationPending => "Cancellation pending",
            Self::InGrace => "In grace",
            Self::Expired => "Expired",
            Self::Suspended => "Suspended",
        }
    }
}

impl Licence {
    /// The status at a moment, where what has ended is kept for `grace`. What an operator has suspended is suspended, whatever else
    /// it is.
    pub fn status(&self, now: Timestamp, grace: Duration) -> Status {
        if self.suspended_at.is_some() {
            return Status::Suspended;
        }
        match self.ends_at {
            Some(ends_at) if now >= ends_at => {
                // Who cancelled wants no more of it.
                let is_kept = self.cancelled_at.is_none() && now < ends_at + grace;
                if is_kept { Status::InGrace } else { Status::Expired }
            }
            _ if self.cancelled_at.is_some() => Status::CancellationPending,
            _ if self.term == Term::Trial => Status::Trial,
            _ => Status::Active,
        }
    }

    /// Whether somebody can begin to use it at this moment.
    pub fn is_valid_at(&self, now: Timestamp) -> bool {
        self.suspended_at.is_none() && self.starts_at <= now && !self.has_ended_at(now)
    }

    pub fn has_ended_at(&self, now: Timestamp) -> bool {
        self.ends_at.is_some_and(|ends_at| now >= ends_at)
    }

    /// Whether it ends within [`EXPIRING`], and nobody meant it to.
    pub fn is_expiring_at(&self, now: Timestamp) -> bool {
        let ends_soon = self.ends_at.is_some_and(|ends_at| now < ends_at && ends_at <= now + EXPIRING);
        ends_soon && self.cancelled_at.is_none() && self.suspended_at.is_none()
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::*;

    const GRACE: Duration = Duration::days(14);

    fn at(text: &str) -> Timestamp {
        Timestamp::from(text.parse::<DateTime<Utc>>().unwrap())
    }

    fn licence(term: Term, starts_at: Timestamp) -> Licence {
        Licence::given(term, starts_at)
    }

    /// Hour by hour through a year with a leap day, and so through both changes of the clock, each status is one stretch of time, and
    /// changes at midnight.
    #[test]
    fn through_a_year_the_status_changes_at_the_end_of_the_last_day_and_of_the_grace_period() {
        let start = at("2027-03-01T09:30:00Z");
        for (term, first, days) in [(Term::Yearly, Status::Active, 366), (Term::Trial, Status::Trial, 15)] {
            let licence = licence(term, start);
            let last = start.day() + chrono::Days::new(days);
            let mut changes = Vec::new();
            let mut before = licence.status(start, GRACE);
            assert_eq!(before, first);
            for hours in 0..24 * 400 {
                let now = at("2027-03-01T10:00:00Z") + Duration::hours(hours);
                let status = licence.status(now, GRACE);
                assert_eq!(licence.is_valid_at(now), status == first, "{now}");
                if status != before {
                    changes.push((now, status));
                    before = status;
                }
            }
            let end = crate::licences::terms::end_of(last);
            assert_eq!(changes, [(end, Status::InGrace), (end + GRACE, Status::Expired)]);
        }
        assert_eq!(licence(Term::Yearly, start).ends_at, Some(at("2028-03-02T00:00:00Z")), "after 29 February 2028");
    }

    #[test]
    fn validity_is_half_open() {
        let start = at("2027-03-01T09:30:00Z");
        let licence = licence(Term::Monthly, start);
        let (end, instant) = (licence.ends_at.unwrap(), Duration::microseconds(1));
        assert!(!licence.is_valid_at(start - instant) && licence.is_valid_at(start));
        assert!(licence.is_valid_at(end - instant) && !licence.is_valid_at(end));
        assert_eq!(licence.status(end + GRACE - instant, GRACE), Status::InGrace);
        assert_eq!(licence.status(end + GRACE, GRACE), Status::Expired);
        assert_eq!(licence.status(end, Duration::zero()), Status::Expired, "without a grace period");
        assert!(!licence.is_expiring_at(end - EXPIRING - instant) && licence.is_expiring_at(end - EXPIRING));
        assert!(licence.is_expiring_at(end - instant) && !licence.is_expiring_at(end));
    }

    #[test]
    fn what_is_cancelled_has_no_grace_period_and_what_is_suspended_is_nothing_else() {
        let start = at("2027-03-01T09:30:00Z");
        let mut licence = licence(Term::Yearly, start);
        licence.cancelled_at = Some(start);
        let end = licence.ends_at.unwrap();
        assert_eq!(licence.status(end - Duration::microseconds(1), GRACE), Status::CancellationPending);
        assert!(licence.is_valid_at(end - Duration::microseconds(1)), "what is paid can be used");
        assert_eq!(licence.status(end, GRACE), Status::Expired);
        licence.suspended_at = Some(start);
        for now in [start, end, end + GRACE] {
            assert_eq!(licence.status(now, GRACE), Status::Suspended);
            assert!(!licence.is_valid_at(now) && !licence.is_expiring_at(now));
        }
    }

    #[test]
    fn a_perpetual_licence_is_active_for_ever() {
        let start = at("2027-03-01T09:30:00Z");
        let licence = licence(Term::Perpetual, start);
        assert_eq!(licence.status(start + Duration::days(365 * 200), GRACE), Status::Active);
    }
}
