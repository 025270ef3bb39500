//! What became of the lines of an invite form, in groups: one for each thing that can be done about it.

use std::collections::HashMap;

use strum::IntoEnumIterator;

use crate::access::Role;
use crate::ids::InvitationId;
use crate::people::invitations::Invitation;
use crate::people::invite::Invite;
use crate::time::{Reading, duration};

/// Lines about which the same can be done, in the order of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, strum::EnumIter)]
pub(super) enum Group {
    Invited,
    /// Look mistyped; nothing was sent yet.
    Doubtful,
    Mistyped,
    NotSent,
    AlreadyInvited,
    AlreadyMember,
    /// Stands on the list twice.
    Twice,
    Blocked,
}

impl Group {
    /// Whether there is something to correct or to try again, so that the lines stay in the field.
    fn is_kept(self) -> bool {
        matches!(self, Self::Doubtful | Self::Mistyped | Self::NotSent)
    }
}

/// A line and what became of it.
pub(super) struct ResultLine {
    pub number: usize,
    pub email: String,
    /// The line as it was meant, with the role if it named one: what stays in the form where something can be done about it.
    pub kept: String,
    pub group: Group,
    pub note: String,
    /// The open invitation of the address.
    pub invitation: Option<InvitationId>,
}

/// The lines of one group.
pub(super) struct Lines {
    pub group: Group,
    /// Why nothing was sent, where that is the same for all of them.
    pub reason: String,
    pub lines: Vec<ResultLine>,
}

impl Lines {
    /// Few lines, or such that ask for something, are seen at once.
    pub(super) fn is_open(&self) -> bool {
        self.lines.len() <= if self.group.is_kept() { 20 } else { 3 }
    }

    /// Their addresses, with spaces between them, as which no address has any.
    pub(super) fn emails(&self) -> String {
        self.lines.iter().map(|line| line.email.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// The invitations that can be sent again.
    pub(super) fn invitations(&self) -> Vec<&InvitationId> {
        self.lines.iter().filter_map(|line| line.invitation.as_ref()).collect()
    }
}

/// All lines of a form, by group. Groups without lines are left out.
pub(super) struct Results {
    pub groups: Vec<Lines>,
}

impl Results {
    pub(super) fn none() -> Self {
        Self { groups: Vec::new() }
    }

    pub(super) fn of(lines: Vec<ResultLine>) -> Self {
        let mut groups: Vec<Lines> =
            Group::iter().map(|group| Lines { group, reason: String::new(), lines: Vec::new() }).collect();
        for mut line in lines {
            // The same reason for hundreds of lines is said once.
            let reason = if line.group == Group::NotSent { std::mem::take(&mut line.note) } else { String::new() };
            let is_its = |group: &&mut Lines| group.group == line.group && group.reason == reason;
            match groups.iter_mut().find(is_its) {
                Some(group) => group.lines.push(line),
                None => groups.push(Lines { group: line.group, reason, lines: vec![line] }),
            }
        }
        groups.retain(|group| !group.lines.is_empty());
        groups.sort_by_key(|group| group.group);
        Self { groups }
    }

    pub(super) fn lines(&self) -> impl Iterator<Item = &ResultLine> {
        self.groups.iter().flat_map(|group| &group.lines)
    }

    /// The only line, and what there is to say about it, if it is in this group.
    pub(super) fn only(&self, group: Group) -> Option<(&ResultLine, &str)> {
        let [only] = self.groups.as_slice() else { return None };
        let [line] = only.lines.as_slice() else { return None };
        (only.group == group).then_some((line, if only.reason.is_empty() { &line.note } else { &only.reason }))
    }

    pub(super) fn count(&self, groups: &[Group]) -> usize {
        self.groups.iter().filter(|group| groups.contains(&group.group)).map(|group| group.lines.len()).sum()
    }

    /// What happened in one line: `12 invited · 3 already there · 1 mistyped`.
    pub(super) fn tally(&self) -> String {
        let counts = [
            (self.count(&[Group::Invited]), "invited"),
            (self.count(&[Group::AlreadyInvited, Group::AlreadyMember, Group::Twice]), "already there"),
            (self.count(&[Group::Doubtful, Group::Mistyped]), "mistyped"),
            (self.count(&[Group::NotSent, Group::Blocked]), "not sent"),
        ];
        let told = counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
        told.collect::<Vec<_>>().join(" · ")
    }

    /// The lines that stay in the field, in the order in which they were typed.
    pub(super) fn kept(&self) -> String {
        let mut kept: Vec<&ResultLine> = self.lines().filter(|line| line.group.is_kept()).collect();
        kept.sort_by_key(|line| line.number);
        kept.iter().map(|line| line.kept.as_str()).collect::<Vec<_>>().join("\n")
    }

    /// The addresses that have an open invitation now.
    pub(super) fn invited_emails(&self) -> Vec<&str> {
        let has_one = |line: &&ResultLine| matches!(line.group, Group::Invited | Group::AlreadyInvited);
        self.lines().filter(has_one).map(|line| line.email.as_str()).collect()
    }

    /// Notes the invitations of those addresses.
    pub(super) fn note_invitations(&mut self, open: &[Invitation]) {
        let ids: HashMap<&str, &InvitationId> = open.iter().map(|one| (one.email.as_str(), &one.id)).collect();
        for line in self.groups.iter_mut().flat_map(|group| &mut group.lines) {
            line.invitation = ids.get(line.email.as_str()).map(|id| (*id).clone());
        }
    }
}

/// The group of an outcome, and what there is to say about the line.
pub(super) fn told(outcome: &Invite, role: Role, reading: Reading) -> (Group, String) {
    match outcome {
        Invite::Sent => (Group::Invited, format!("as {role}")),
        Invite::Reissued => (Group::Invited, format!("as {role}; the earlier invitation had expired")),
        Invite::AlreadyMember => (Group::AlreadyMember, String::new()),
        Invite::AlreadyInvited { until } => (Group::AlreadyInvited, format!("until {}", reading.when(*until).exact())),
        Invite::Blocked => (Group::Blocked, String::new()),
        Invite::OtherDomain { allowed } => (
            Group::NotSent,
            format!("Only addresses of {allowed} can be invited: the settings of the Organization say so."),
        ),
        Invite::NotAllowed => (Group::NotSent, "Your role does not allow to give this role.".to_owned()),
        Invite::TooManyOpen => {
            (Group::NotSent, "Too many invitations are open. Withdraw some that nobody accepted.".to_owned())
        }
        Invite::TooOften(too_often) => {
            let wait = duration(too_often.retry_after);
            (Group::NotSent, format!("Too many invitations for one day. Try again in {wait}."))
        }
        Invite::NotReached => (Group::NotSent, "The portal was busy. Send it again.".to_owned()),
        Invite::RecipientTooOften(too_often) => {
            let wait = duration(too_often.retry_after);
            (Group::NotSent, format!("This address has been sent many invitations today. Try again in {wait}."))
        }
    }
}
