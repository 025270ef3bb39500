//! The people that a form of the list is about: those who were ticked, or all that the list shows, page by page.

use actix_web::HttpResponse;
use serde::Deserialize;

use crate::access::{Role, Scope};
use crate::app::App;
use crate::db::{Connection, DbError};
use crate::error::AppError;
use crate::ids::{InvitationId, MembershipId};
use crate::people::listing::{self, Listed, Place};
use crate::people::pages::filter::PeopleFilter;
use crate::people::{invitations, members};
use crate::secrets;
use crate::time::Timestamp;
use crate::web::form::rules::each;
use crate::web::{FlashKind, PageContext};

/// How many people can be changed at once.
pub(super) const MOST: usize = 1_000;

const TOO_MANY: AppError = AppError::Unprocessable(
    "At most 1,000 people can be changed at once. Narrow the list, and begin with a part of it.",
);

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Selection {
    /// The ids of people and invitations.
    #[serde(deserialize_with = "each")]
    pub selected: Vec<String>,
    /// `yes` for everybody that the list shows.
    pub all: String,
    /// The digest of those whom the form is about, as its page showed them. Empty where nobody has looked yet.
    pub seen: String,
}

/// What somebody in the list is called by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum EntryId {
    Member(MembershipId),
    Invitation(InvitationId),
}

impl EntryId {
    fn parse(text: &str) -> Option<Self> {
        MembershipId::parse(text).map(Self::Member).or_else(|| InvitationId::parse(text).map(Self::Invitation))
    }

    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Member(id) => id.as_str(),
            Self::Invitation(id) => id.as_str(),
        }
    }

    pub(super) fn is_member(&self) -> bool {
        matches!(self, Self::Member(_))
    }
}

/// Somebody who was chosen.
pub(super) struct Chosen {
    pub id: EntryId,
    /// Empty for an invitation.
    pub name: String,
    pub email: String,
    pub role: Role,
    pub is_self: bool,
}

impl Chosen {
    /// What a sentence calls them.
    pub fn called(&self) -> &str {
        if self.name.is_empty() { &self.email } else { &self.name }
    }
}

impl Selection {
    fn is_all(&self) -> bool {
        self.all == "yes"
    }

    /// Whether the form is about the same people, with the same roles, as when somebody looked. Who was ticked is named, whether
    /// somebody looked or not; who matches is not.
    fn is_as_seen(&self, people: &[&Chosen]) -> bool {
        if self.seen.is_empty() { !self.is_all() } else { self.seen == digest(people) }
    }

    fn is_empty(&self) -> bool {
        !self.is_all() && self.ids().is_empty()
    }

    /// Refuses what names too many, whoever they are.
    fn check(&self) -> Result<(), AppError> {
        if self.selected.len() > MOST { Err(TOO_MANY) } else { Ok(()) }
    }

    /// The ids that were ticked, without repetitions. What is no id is left out, as somebody who is gone would be.
    fn ids(&self) -> Vec<EntryId> {
        let mut ids = self.selected.clone();
        ids.sort();
        ids.dedup();
        ids.iter().filter_map(|id| EntryId::parse(id)).collect()
    }

    /// Those who are there of them, members first, and one more than [`MOST`] where they are more. At most two statements.
    pub(super) fn load(
        &self,
        connection: &mut Connection,
        scope: &Scope,
        filter: &PeopleFilter,
        now: Timestamp,
    ) -> Result<Vec<Chosen>, DbError> {
        let mut chosen: Vec<Chosen> = if self.is_all() {
            let everybody = filter.beginning();
            let found = listing::read(connection, &everybody.range(scope, Place::Start, MOST + 1, now))?;
            found.into_iter().filter_map(|entry| chosen(scope, entry)).collect()
        } else {
            ticked(connection, scope, self.ids())?
        };
        chosen.sort_by_key(|one| !one.id.is_member());
        Ok(chosen)
    }

    /// The same for a page that names them. Without anybody there is none.
    pub(super) fn named(
        &self,
        connection: &mut Connection,
        scope: &Scope,
        filter: &PeopleFilter,
        now: Timestamp,
    ) -> Result<Vec<Chosen>, AppError> {
        let chosen = limited(self.load(connection, scope, filter, now)?)?;
        if chosen.is_empty() { Err(AppError::NotFound) } else { Ok(chosen) }
    }

    /// The way back to the list where nobody was selected.
    pub(super) fn missing(
        &self,
        context: &PageContext,
        scope: &Scope,
        filter: &PeopleFilter,
    ) -> Result<Option<HttpResponse>, AppError> {
        self.check()?;
        let back = || context.lead_to(&filter.list(scope), FlashKind::Notice, "Select at least one person first.");
        Ok(self.is_empty().then(back))
    }
}

/// What a form about chosen people needs besides its own fields: who they are, and where in the list its reader comes from.
pub(super) struct Choice {
    pub slug: String,
    pub place: String,
    pub list: String,
    /// Those whom it is about.
    pub people: Vec<Chosen>,
    /// Those whom it leaves out, and why.
    pub left_out: Vec<(String, &'static str)>,
    /// Whether all that match are meant.
    pub is_all: bool,
    /// The digest of `people`.
    pub seen: String,
    /// Why it was not done when it was sent.
    pub problem: String,
}

impl Choice {
    /// `reason` says why somebody is left out, if they are.
    pub fn new(
        scope: &Scope,
        filter: &PeopleFilter,
        selection: &Selection,
        chosen: Vec<Chosen>,
        reason: impl Fn(&Chosen) -> Option<&'static str>,
    ) -> Self {
        let (mut people, mut left_out) = (Vec::new(), Vec::new());
        for one in chosen {
            match reason(&one) {
                Some(reason) => left_out.push((one.called().to_owned(), reason)),
                None => people.push(one),
            }
        }
        Self {
            slug: scope.slug().to_owned(),
            place: filter.query(),
            list: filter.list(scope),
            is_all: selection.is_all(),
            seen: digest(&people.iter().collect::<Vec<_>>()),
            people,
            left_out,
            problem: String::new(),
        }
    }

    pub fn members(&self) -> Vec<&Chosen> {
        self.people.iter().filter(|one| one.id.is_member()).collect()
    }

    pub fn invitations(&self) -> Vec<&Chosen> {
        self.people.iter().filter(|one| !one.id.is_member()).collect()
    }
}

pub(super) const CHANGED: &str =
    "The list has changed since you looked: nothing was done. Check whom it is about now, and confirm it again.";

/// Those whom a confirmed form is about; `None` where they are not the ones who were shown, or have other roles than were shown.
/// `reason` says why somebody is left out, if they are; `is_done`, whether they are already as the form would make them: a form
/// that was sent twice is not told that the list has changed.
pub(super) async fn confirmed(
    app: &App,
    scope: &Scope,
    filter: &PeopleFilter,
    selection: &Selection,
    reason: impl Fn(&Chosen) -> Option<&'static str>,
    is_done: impl Fn(&Chosen) -> bool,
) -> Result<Option<Vec<Chosen>>, AppError> {
    selection.check()?;
    let (by, narrowed, wanted, now) = (scope.clone(), filter.clone(), selection.clone(), app.now());
    let mut chosen = limited(app.read(move |connection| wanted.load(connection, &by, &narrowed, now)).await?)?;
    let people: Vec<&Chosen> = chosen.iter().filter(|one| reason(one).is_none()).collect();
    if !selection.is_as_seen(&people) && !people.iter().all(|one| is_done(one)) {
        return Ok(None);
    }
    // Somebody who was ticked all the same is told why not; of all that match, only those are meant whom the page named.
    if selection.is_all() {
        chosen.retain(|one| reason(one).is_none());
    }
    Ok(Some(chosen))
}

/// What tells people with their roles from other people, or the same people with other roles.
fn digest(people: &[&Chosen]) -> String {
    let mut lines: Vec<String> = people.iter().map(|one| format!("{} {}\n", one.id.as_str(), one.role)).collect();
    lines.sort();
    secrets::digest(&lines.concat())
}

/// They, unless they are too many.
fn limited(chosen: Vec<Chosen>) -> Result<Vec<Chosen>, AppError> {
    if chosen.len() > MOST { Err(TOO_MANY) } else { Ok(chosen) }
}

fn chosen(scope: &Scope, entry: Listed) -> Option<Chosen> {
    Some(Chosen {
        id: EntryId::parse(&entry.id)?,
        name: entry.name,
        email: entry.email,
        role: entry.role,
        is_self: entry.user_id.as_ref() == Some(&scope.person().user_id),
    })
}

fn ticked(connection: &mut Connection, scope: &Scope, ids: Vec<EntryId>) -> Result<Vec<Chosen>, DbError> {
    let (mut people, mut invited) = (Vec::new(), Vec::new());
    for id in ids {
        match id {
            EntryId::Member(id) => people.push(id),
            EntryId::Invitation(id) => invited.push(id),
        }
    }
    let organization = scope.organization_id();
    let members = members::find_all(connection, organization, &people)?.into_iter().map(|member| Chosen {
        name: member.name(),
        email: member.email,
        role: member.role,
        is_self: member.user_id == scope.person().user_id,
        id: EntryId::Member(member.id),
    });
    let invitations = invitations::find_all(connection, organization, &invited)?.into_iter();
    let invitations = invitations.map(|invitation| Chosen {
        name: String::new(),
        email: invitation.email,
        role: invitation.role,
        is_self: false,
        id: EntryId::Invitation(invitation.id),
    });
    Ok(members.chain(invitations).collect())
}
