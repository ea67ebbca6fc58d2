//! What the word at the cursor can become.

use rustyline::completion::Completer;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::validate::Validator;
use rustyline::{Context, Helper};

use super::order::{COMMANDS, Expected, expected};
use super::words::words;
use crate::run::look::ServerView;
use crate::run::place::Place;
use crate::run::target::Targets;

/// Asks the nodes whenever a word is to be completed: what runs may have changed.
pub(super) struct Completion<'a> {
    pub(super) place: &'a Place,
    pub(super) node: Option<&'a str>,
}

impl Completer for Completion<'_> {
    type Candidate = String;

    fn complete(&self, line: &str, pos: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        let typed = line.get(..pos).unwrap_or(line);
        let mut all = words(typed);
        let is_begun = typed.chars().next_back().is_some_and(|char| !char.is_whitespace());
        let (start, begun) = if is_begun { all.pop() } else { None }.unwrap_or((pos, String::new()));
        let before: Vec<&str> = all.iter().map(|(_, word)| word.as_str()).collect();
        let mut known = self.known(expected(&before));
        known.retain(|word| word.starts_with(&begun));
        known.sort();
        known.dedup();
        Ok((start, known.into_iter().map(|word| word + " ").collect()))
    }
}

impl Completion<'_> {
    fn known(&self, expected: Expected<'_>) -> Vec<String> {
        match expected {
            Expected::Anything => Vec::new(),
            Expected::Application => {
                self.targets().map(|targets| targets.applications().into_iter().collect()).unwrap_or_default()
            }
            Expected::Server => self.servers().into_iter().map(|server| server.name).collect(),
            Expected::Method(of) => {
                let servers = self.servers().into_iter().filter(|server| server.name == of);
                servers.flat_map(|server| server.methods).map(|method| method.name).collect()
            }
            Expected::First => {
                let commands = COMMANDS.iter().map(|(name, ..)| (*name).to_owned());
                let callable = self.servers().into_iter().filter(|server| !server.methods.is_empty());
                commands.chain(callable.map(|server| server.name)).collect()
            }
        }
    }

    /// Nothing, where nothing runs: that is no time for errors.
    fn targets(&self) -> Option<Targets> {
        Targets::find(self.place, self.node).ok()
    }

    fn servers(&self) -> Vec<ServerView> {
        let all = self.targets().and_then(|targets| targets.each(|control| control.servers()).ok());
        all.unwrap_or_default().into_iter().flat_map(|(_, servers)| servers).collect()
    }
}

impl Helper for Completion<'_> {}

impl Hinter for Completion<'_> {
    type Hint = String;
}

impl Highlighter for Completion<'_> {}

impl Validator for Completion<'_> {}
