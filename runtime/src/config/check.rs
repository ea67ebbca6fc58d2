//! All problems in one go.

use serde::de::DeserializeOwned;

use super::deserializer::{ASSUMED_VARIANT, Assume, Assumptions, PLAUSIBLE_STRINGS, Place};
use super::failure::{Cause, Failure};
use super::problem::Problem;
use super::section::Section;
use super::value::{Kind, Table, Value};
use super::variables::variable_name;

/// Deserialises, and as long as that fails, notes why, assumes the cause away and tries again.
///
/// A type for which no plausible value can be found (it is validated as a whole, say) ends the search early: what is
/// found by then is reported, the rest at the next start.
pub(super) fn read<T: DeserializeOwned>(section: &Section<'_>) -> Result<T, Vec<Problem>> {
    let mut search = Search { section, assumptions: Assumptions::new(), problems: Vec::new() };
    loop {
        match T::deserialize(Place::root(&section.table, &search.assumptions)) {
            Ok(value) if search.problems.is_empty() => return Ok(value),
            Ok(_) => break,
            Err(failure) => {
                if !search.note(failure) {
                    break;
                }
            }
        }
    }
    Err(search.finish())
}

struct Search<'a> {
    section: &'a Section<'a>,
    assumptions: Assumptions,
    problems: Vec<Problem>,
}

impl Search<'_> {
    /// Notes a failure; answers whether it is worth trying again.
    fn note(&mut self, failure: Failure) -> bool {
        let Failure { cause, mut path } = failure;
        let application = self.section.application.to_owned();
        let value = find(&self.section.table, &path);
        let origin = value.map(|value| value.origin.clone());
        match cause {
            Cause::Missing(field) => {
                path.push(field.to_owned());
                let variable = variable_name(self.section.prefix, &application, &path);
                self.problems.push(Problem::Missing { application, path: path.clone(), variable });
                self.assume(path, Assume::Plausible(0))
            }
            Cause::Unknown { key, expected } => {
                path.push(key);
                let origin = find(&self.section.table, &path).map(|value| value.origin.clone());
                let expected = expected.to_vec();
                self.problems.push(Problem::Unknown { application, path: path.clone(), expected, origin });
                self.assume(path, Assume::Absent)
            }
            Cause::Mismatch { .. } | Cause::Refused(_) if self.is_about_a_guess(&path) => {
                self.guess_again(&path)
            }
            Cause::Mismatch { found, expected } => {
                let path_found = path.clone();
                self.problems.push(Problem::Mismatch {
                    application,
                    path: path_found,
                    expected,
                    found,
                    origin,
                });
                self.assume(path, Assume::Plausible(0))
            }
            Cause::Refused(message) => {
                let message = redacted(&message, value);
                let refused = Problem::Refused { application, path: path.clone(), message, origin };
                self.problems.push(refused);
                self.assume(path, Assume::Plausible(0))
            }
        }
    }

    fn assume(&mut self, path: Vec<String>, assume: Assume) -> bool {
        // The table itself cannot be assumed, and a second failure at one place means that assuming does not help.
        !path.is_empty() && self.assumptions.insert(path, assume).is_none()
    }

    /// Whether a failure may come from a value that is not really there: at, in or around the place of the failure.
    fn is_about_a_guess(&self, path: &[String]) -> bool {
        self.guesses().any(|guess| guess.starts_with(path) || path.starts_with(guess))
    }

    fn guesses(&self) -> impl Iterator<Item = &Vec<String>> {
        let is_guess = |(path, assume): (_, &Assume)| matches!(assume, Assume::Plausible(_)).then_some(path);
        self.assumptions.iter().filter_map(is_guess)
    }

    /// Tries the next plausible value for the guess that was refused.
    fn guess_again(&mut self, path: &[String]) -> bool {
        for (guess, assume) in &mut self.assumptions {
            if let Assume::Plausible(number) = assume
                && path.starts_with(guess)
                && *number + 1 < PLAUSIBLE_STRINGS.len()
            {
                *number += 1;
                return true;
            }
        }
        false
    }

    /// A table that is missing as a whole is not worth a line beside the keys that are missing in it; what is missing in a
    /// variant that was only assumed is none at all.
    fn finish(mut self) -> Vec<Problem> {
        let is_assumed = |path: &[String]| path.iter().any(|part| part.starts_with(ASSUMED_VARIANT));
        self.problems.retain(|problem| !matches!(problem, Problem::Missing { path, .. } if is_assumed(path)));
        let missing = |problem: &Problem| match problem {
            Problem::Missing { path, .. } => Some(path.clone()),
            Problem::Unknown { .. } | Problem::Mismatch { .. } | Problem::Refused { .. } => None,
        };
        let paths: Vec<_> = self.problems.iter().filter_map(missing).collect();
        let is_table = |path: &Vec<String>| {
            paths.iter().any(|other| other.len() > path.len() && other.starts_with(path))
        };
        self.problems
            .into_iter()
            .filter(|problem| !missing(problem).is_some_and(|path| is_table(&path)))
            .collect()
    }
}

/// The value at a path, or the nearest one above it.
fn find<'a>(table: &'a Table, path: &[String]) -> Option<&'a Value> {
    let (key, rest) = path.split_first()?;
    let mut value = table.get(key)?;
    for key in rest {
        let below = match &value.kind {
            Kind::Table(table) => table.get(key),
            Kind::Array(items) => {
                let index = key.trim_start_matches('[').trim_end_matches(']').parse::<usize>();
                index.ok().and_then(|index| items.get(index))
            }
            Kind::Boolean(_) | Kind::Integer(_) | Kind::Float(_) | Kind::String(_) | Kind::Datetime(_) => {
                None
            }
        };
        match below {
            Some(below) => value = below,
            None => break,
        }
    }
    Some(value)
}

/// A message of the user's own type without the value it is about.
fn redacted(message: &str, value: Option<&Value>) -> String {
    let secret = match value {
        Some(Value { kind: Kind::String(text), .. } | Value { text: Some(text), .. }) => text.as_str(),
        _ => "",
    };
    if secret.is_empty() { message.to_owned() } else { message.replace(secret, "...") }
}
