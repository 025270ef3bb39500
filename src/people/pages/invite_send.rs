//! Sending the lines of an invite form: what is wrong with a line by itself, and what became of the others.

use std::collections::HashSet;

use crate::access::{Role, Scope};
use crate::error::AppError;
use crate::people::invite::{self, Invite};
use crate::people::pages::invite_lines::Line;
use crate::people::pages::invite_results::{Group, ResultLine, Results, told};
use crate::web::form::rules::is_email;
use crate::web::form::typos;
use crate::web::{PageContext, Upload, in_batches};

/// What is to be done with addresses that look mistyped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, strum::EnumString)]
#[strum(serialize_all = "snake_case")]
enum Typos {
    /// They are asked about first.
    #[default]
    Ask,
    /// They are right as they are.
    Keep,
    /// The addresses that were meant are invited.
    Correct,
}

/// What was decided about the addresses that the page asked about. Others may have been typed since.
pub(super) struct Decision {
    typos: Typos,
    about: HashSet<String>,
}

impl Decision {
    pub(super) fn read(upload: &Upload) -> Self {
        Self {
            typos: upload.text("typos").parse().unwrap_or_default(),
            about: upload.text("doubtful").split_whitespace().map(str::to_owned).collect(),
        }
    }

    fn about(&self, email: &str) -> Typos {
        if self.about.contains(email) { self.typos } else { Typos::Ask }
    }
}

/// What is wrong with a line by itself. `seen` are the addresses of the lines before it.
fn problem<'a>(line: &'a Line, seen: &mut HashSet<&'a str>, decision: &Decision) -> Option<(Group, String)> {
    if !is_email(&line.email) {
        return Some((Group::Mistyped, "This is not an e-mail address.".to_owned()));
    }
    if !seen.insert(&line.email) {
        return Some((Group::Twice, String::new()));
    }
    if let Err(written) = &line.role {
        return Some((Group::Mistyped, format!("There is no role “{written}”.")));
    }
    let meant = if decision.about(&line.email) == Typos::Ask { typos::meant(&line.email) } else { None };
    meant.map(|meant| (Group::Doubtful, format!("Did you mean {meant}?")))
}

/// Invites those whose lines are right, and says what became of each line.
pub(super) async fn send(
    context: &PageContext,
    scope: &Scope,
    lines: Vec<Line>,
    decision: &Decision,
) -> Result<Results, AppError> {
    let (app, reading) = (&context.app, context.reading());
    let lines: Vec<Line> = lines.into_iter().map(|line| corrected(line, decision)).collect();
    let mut seen = HashSet::new();
    let problems: Vec<_> = lines.iter().map(|line| problem(line, &mut seen, decision)).collect();
    let wanted: Vec<(String, Role)> = lines
        .iter()
        .zip(&problems)
        .filter(|(_, problem)| problem.is_none())
        .filter_map(|(line, _)| Some((line.email.clone(), line.role.clone().ok()?)))
        .collect();
    let (by, asked) = (scope.clone(), wanted.clone());
    let has_more = |outcomes: &[Invite]| !outcomes.iter().any(|outcome| matches!(outcome, Invite::TooOften(_)));
    let outcomes = in_batches(app, asked, move |tx, batch| invite::invite(tx, &by, batch), has_more).await?;
    // Behind a line for which there was none left there is none left either.
    let rest = match outcomes.iter().find(|outcome| matches!(outcome, Invite::TooOften(_))) {
        Some(too_often) => too_often.clone(),
        None => Invite::NotReached,
    };
    let mut sent = outcomes.into_iter().chain(std::iter::repeat(rest)).zip(wanted.into_iter().map(|(_, role)| role));
    let result = |(line, problem): (Line, Option<(Group, String)>)| {
        let what = problem.or_else(|| sent.next().map(|(outcome, role)| told(&outcome, role, reading)));
        let (group, note) = what.unwrap_or((Group::NotSent, String::new()));
        ResultLine { number: line.number, email: line.email, kept: line.kept, group, note, invitation: None }
    };
    Ok(Results::of(lines.into_iter().zip(problems).map(result).collect()))
}

fn corrected(line: Line, decision: &Decision) -> Line {
    let is_wanted = decision.about(&line.email) == Typos::Correct;
    match typos::meant(&line.email).filter(|_| is_wanted) {
        Some(meant) => Line { kept: line.kept.replacen(&line.email, &meant, 1), email: meant, ..line },
        None => line,
    }
}
