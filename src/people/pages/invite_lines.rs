//! Reading the addresses that somebody typed, pasted or uploaded as CSV.

use crate::access::Role;
use crate::web::form::rules::{normal_email, single_line};

/// How many addresses one form takes.
pub(super) const MOST_LINES: usize = 500;

/// One address and the role it is to get; `role` is what was written where that is not a role.
pub(super) struct Line {
    pub number: usize,
    pub email: String,
    pub role: Result<Role, String>,
    /// The line as it was meant, with the role if it named one: what stays in the form when nothing was sent.
    pub kept: String,
}

impl Line {
    /// `written` is the role that the line names, if it names one; the others get the role of the form.
    fn new(number: usize, text: &str, written: Option<&str>, role: Role) -> Self {
        let email = bare_email(text);
        match written {
            Some(written) => {
                Self { number, kept: format!("{email}, {}", single_line(written)), email, role: named_role(written) }
            }
            None => Self { number, kept: email.clone(), email, role: Ok(role) },
        }
    }
}

/// Lines of a text field: addresses separated by line breaks, commas or semicolons, or `address, role`. What comes behind one line
/// too many is not read.
pub(super) fn typed_lines(text: &str, role: Role) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for line in text.lines() {
        let parts: Vec<&str> = line.split([',', ';', '\t']).map(str::trim).filter(|part| !part.is_empty()).collect();
        let mut rest = &parts[..];
        while let [part, behind @ ..] = rest {
            rest = behind;
            if is_family_name(part, behind.first()) {
                continue;
            }
            // A word behind an address that is none itself is meant as its role.
            let written = behind.first().filter(|next| !next.contains('@') && !is_family_name(next, behind.get(1)));
            rest = &behind[usize::from(written.is_some())..];
            lines.push(Line::new(lines.len() + 1, part, written.copied(), role));
            if lines.len() > MOST_LINES {
                return lines;
            }
        }
    }
    lines
}

/// Whether a word belongs to the name in front of the next address: Outlook copies people as `Lovelace, Ada <ada@example.com>`.
fn is_family_name(word: &str, next: Option<&&str>) -> bool {
    !word.contains('@') && named_role(word).is_err() && next.is_some_and(|next| next.contains('<'))
}

/// Rows that a file may have, those without an address among them.
const MOST_ROWS: usize = 2 * MOST_LINES;

/// Rows of a CSV file with a column `email` and perhaps one `role`; a file without a heading has addresses in its first column.
pub(super) fn csv_lines(file: &[u8], role: Role, before: usize) -> Result<Vec<Line>, &'static str> {
    const UNREADABLE: &str = "This is not a CSV file with one address in each row.";
    let text = std::str::from_utf8(file).map_err(|_| "The file is not valid UTF-8 text.")?;
    let text = text.trim_start_matches('\u{feff}');
    if text.contains('\0') {
        return Err(UNREADABLE);
    }
    let first_line = text.lines().next().unwrap_or_default();
    let delimiter = if first_line.contains(';') && !first_line.contains(',') { b';' } else { b',' };
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    let (mut email_column, mut role_column) = (0, None);
    let mut lines = Vec::new();
    for (row, record) in reader.records().enumerate() {
        if row > MOST_ROWS {
            return Err("The file has more than 1,000 rows. Leave out those without an address.");
        }
        let record = record.map_err(|_| UNREADABLE)?;
        let is_heading = row == 0 && !record.iter().any(|cell| cell.contains('@'));
        if is_heading {
            let column =
                |names: &[&str]| record.iter().position(|cell| names.contains(&cell.trim().to_lowercase().as_str()));
            email_column = column(&["email", "e-mail", "email address", "e-mail address"])
                .ok_or("The file has no column named email.")?;
            role_column = column(&["role"]);
            continue;
        }
        let cell = record.get(email_column).unwrap_or_default();
        if bare_email(cell).is_empty() {
            continue;
        }
        let written = role_column.and_then(|column| record.get(column)).map(str::trim).filter(|text| !text.is_empty());
        lines.push(Line::new(before + lines.len() + 1, cell, written, role));
        if before + lines.len() > MOST_LINES {
            break;
        }
    }
    Ok(lines)
}

fn named_role(written: &str) -> Result<Role, String> {
    Role::parse(&written.to_lowercase()).ok_or_else(|| written.chars().take(30).collect())
}

/// `Ada Lovelace <Ada@Example.com>` and `Ada@Example.com` both become `ada@example.com`.
fn bare_email(text: &str) -> String {
    let text = single_line(text);
    let inner = text.rsplit_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(email, _)| email);
    normal_email(inner.unwrap_or(&text).trim().trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pasted_list_is_read_line_by_line_with_roles() {
        let lines = typed_lines(
            "Ada <Ada@Example.com>, editor\nbob@example.com; eve@example.com\n\nx@example.com, king",
            Role::Reader,
        );
        let read: Vec<_> = lines.iter().map(|line| (line.email.as_str(), line.role.clone())).collect();
        assert_eq!(
            read,
            [
                ("ada@example.com", Ok(Role::Editor)),
                ("bob@example.com", Ok(Role::Reader)),
                ("eve@example.com", Ok(Role::Reader)),
                ("x@example.com", Err("king".to_owned())),
            ]
        );
    }

    #[test]
    fn people_are_read_as_outlook_copies_them() {
        let lines = typed_lines(
            "Lovelace, Ada <Ada@Example.com>; Byron, Anne <anne@example.com>, editor; bob@example.com; Eve <eve@example.com>",
            Role::Reader,
        );
        let read: Vec<_> = lines.iter().map(|line| (line.email.as_str(), line.role.clone())).collect();
        assert_eq!(
            read,
            [
                ("ada@example.com", Ok(Role::Reader)),
                ("anne@example.com", Ok(Role::Editor)),
                ("bob@example.com", Ok(Role::Reader)),
                ("eve@example.com", Ok(Role::Reader)),
            ]
        );
    }

    #[test]
    fn a_csv_file_is_read_with_and_without_a_heading() {
        let with =
            csv_lines(b"\xef\xbb\xbfName;Role;E-mail\nAda;Owner;ada@example.com\n;;\n", Role::Member, 2).unwrap();
        assert_eq!(
            (with[0].number, with[0].email.as_str(), with[0].role.clone()),
            (3, "ada@example.com", Ok(Role::Owner))
        );
        assert_eq!(with.len(), 1);
        let without = csv_lines(b"bob@example.com\neve@example.com", Role::Member, 0).unwrap();
        assert_eq!(without.len(), 2);
        assert!(csv_lines(b"Name,Role\nAda,Owner\n", Role::Member, 0).is_err());
    }
}
