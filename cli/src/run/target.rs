//! Which of the running nodes is asked.

use std::collections::BTreeSet;

use miette::Diagnostic;
use thiserror::Error;

use super::control::{Control, ControlError, Refusal};
use super::fleet::Fleet;
use super::place::Place;
use super::state::StateError;
use super::status::NodeStatus;
use crate::error::Failure;
use crate::exit::ExitCode;
use crate::workspace::did_you_mean;

/// Why nobody could be asked, or nobody knew.
#[derive(Debug, Error, Diagnostic)]
#[non_exhaustive]
pub enum TargetError {
    /// Nothing runs here.
    #[error("nothing is running in {env}")]
    #[diagnostic(help("start it with `umbrella start`, or `umbrella start --detach`"))]
    NothingRuns {
        /// The environment.
        env: String,
    },
    /// No node is called so.
    #[error("no node `{node}` is running")]
    NoSuchNode {
        /// What was asked for.
        node: String,
        /// Which there are.
        #[help]
        help: String,
    },
    /// No node has it.
    #[error("no {what} `{name}` in {place}")]
    Unknown {
        /// A server, or an application.
        what: &'static str,
        /// What was asked for.
        name: String,
        /// Where it was looked for.
        place: String,
        /// What there is.
        #[help]
        help: String,
    },
    /// The server has no such method.
    #[error("{message}")]
    UnknownMethod {
        /// What the node said.
        message: String,
        /// What there is.
        #[help]
        help: String,
    },
    /// The method takes other arguments.
    #[error("{message}")]
    BadArguments {
        /// What the node said.
        message: String,
        /// How it is called.
        #[help]
        help: String,
    },
    /// The node could not be asked, or said no.
    #[error(transparent)]
    Control(ControlError),
    /// The run folder cannot be read.
    #[error(transparent)]
    #[diagnostic(transparent)]
    State(#[from] StateError),
}

impl Failure for TargetError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::NothingRuns { .. } => ExitCode::NotRunning,
            Self::NoSuchNode { .. }
            | Self::Unknown { .. }
            | Self::UnknownMethod { .. }
            | Self::BadArguments { .. } => ExitCode::Usage,
            Self::Control(error) => error.exit_code(),
            Self::State(error) => error.exit_code(),
        }
    }
}

impl From<ControlError> for TargetError {
    fn from(error: ControlError) -> Self {
        if let ControlError::Refused(Refusal::UnknownMethod { message, method, known, signatures }) = error {
            let near = did_you_mean(&method, known.iter().map(String::as_str));
            let near = near.map_or_else(String::new, |near| format!("did you mean `{near}`? "));
            let help = format!("{near}its methods: {}", signatures.join(", "));
            return Self::UnknownMethod { message, help };
        }
        if let ControlError::Refused(Refusal::BadArguments { message, signature }) = error {
            return Self::BadArguments { message, help: format!("it is called as {signature}") };
        }
        Self::Control(error)
    }
}

/// The nodes that may be asked.
#[derive(Debug)]
pub struct Targets {
    fleet: Fleet,
    /// Which of them.
    asked: Vec<usize>,
    env: String,
}

impl Targets {
    /// The running nodes of `place`, or the one called `node`.
    ///
    /// # Errors
    /// [`TargetError::NothingRuns`], [`TargetError::NoSuchNode`].
    pub fn find(place: &Place, node: Option<&str>) -> Result<Self, TargetError> {
        let fleet = Fleet::of(place)?;
        if fleet.is_empty() {
            return Err(TargetError::NothingRuns { env: place.env.to_string() });
        }
        let names: Vec<&str> = fleet.nodes.iter().map(|node| node.name()).collect();
        let is_asked = |at: &usize| node.is_none_or(|node| names[*at] == node);
        let asked: Vec<usize> = (0..names.len()).filter(is_asked).collect();
        match node {
            Some(node) if asked.is_empty() => Err(TargetError::NoSuchNode {
                node: node.to_owned(),
                help: help(node, &names.iter().map(|name| (*name).to_owned()).collect(), "nodes"),
            }),
            _ => Ok(Self { fleet, asked, env: place.env.to_string() }),
        }
    }

    /// The names of the nodes, in the order they were started.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.asked.iter().map(|&at| self.fleet.nodes[at].name())
    }

    /// How the nodes are, in the order they were started.
    pub fn nodes(&self) -> impl Iterator<Item = &NodeStatus> {
        self.asked.iter().map(|&at| &self.fleet.nodes[at])
    }

    /// Asks each node, in the order they were started, each with its name.
    ///
    /// # Errors
    /// The first that a node gives.
    pub fn each<T>(
        &self,
        mut ask: impl FnMut(&mut Control) -> Result<T, ControlError>,
    ) -> Result<Vec<(String, T)>, TargetError> {
        let mut answers = Vec::new();
        for &at in &self.asked {
            let answer = ask(&mut self.fleet.connect(at)?)?;
            answers.push((self.fleet.nodes[at].name().to_owned(), answer));
        }
        Ok(answers)
    }

    /// Asks the nodes one after the other until one knows the process `name`, and says which that was.
    ///
    /// # Errors
    /// [`TargetError::Unknown`] if none does; else what the one that knows it says.
    pub fn first<T>(
        &self,
        name: &str,
        mut ask: impl FnMut(&mut Control) -> Result<T, ControlError>,
    ) -> Result<(String, T), TargetError> {
        let mut all = BTreeSet::new();
        for &at in &self.asked {
            match ask(&mut self.fleet.connect(at)?) {
                Ok(answer) => return Ok((self.fleet.nodes[at].name().to_owned(), answer)),
                Err(ControlError::Refused(Refusal::UnknownServer { known, .. })) => all.extend(known),
                Err(error) => return Err(error.into()),
            }
        }
        let what = if name.starts_with('<') { "process" } else { "server" };
        Err(self.unknown(what, name, &all))
    }

    /// That there is no server of this name among these.
    #[must_use]
    pub fn no_server(&self, name: &str, known: impl IntoIterator<Item = String>) -> TargetError {
        self.unknown("server", name, &known.into_iter().collect())
    }

    /// Which applications the nodes have.
    #[must_use]
    pub fn applications(&self) -> BTreeSet<String> {
        let here = self.asked.iter().flat_map(|&at| {
            let applications = &self.fleet.nodes[at].applications;
            applications.iter().filter(move |app| self.fleet.lives_in(at, &app.name))
        });
        here.map(|application| application.name.clone()).collect()
    }

    /// That there are applications of all these names.
    ///
    /// # Errors
    /// [`TargetError::Unknown`].
    pub fn check_applications(&self, names: &[String]) -> Result<(), TargetError> {
        let known = self.applications();
        match names.iter().find(|name| !known.contains(*name)) {
            Some(unknown) => Err(self.unknown("application", unknown, &known)),
            None => Ok(()),
        }
    }

    fn unknown(&self, what: &'static str, name: &str, known: &BTreeSet<String>) -> TargetError {
        let names: Vec<&str> = self.names().collect();
        let place = match names.as_slice() {
            [one] => format!("`{one}`, which runs in {}", self.env),
            many => format!("the running nodes ({})", many.join(", ")),
        };
        let plural = if what == "application" { "applications" } else { "servers" };
        TargetError::Unknown { what, name: name.to_owned(), place, help: help(name, known, plural) }
    }
}

fn help(name: &str, known: &BTreeSet<String>, what: &str) -> String {
    let near = did_you_mean(name, known.iter().map(String::as_str));
    let near = near.map_or_else(String::new, |near| format!("did you mean `{near}`? "));
    let all: Vec<&str> = known.iter().map(String::as_str).collect();
    format!("{near}{what}: {}", if all.is_empty() { "none".to_owned() } else { all.join(", ") })
}
