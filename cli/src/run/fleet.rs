//! The running nodes of one place, asked together.

use super::control::{Control, ControlError};
use super::place::Place;
use super::state::{Found, Record, StateError};
use super::status::{ApplicationState, NodeStatus};

/// The nodes that answer, in the order they were started.
#[derive(Debug, Default)]
pub struct Fleet {
    /// Where to reach each.
    pub records: Vec<Record>,
    /// How each is; as long as `records`.
    pub nodes: Vec<NodeStatus>,
}

impl Fleet {
    /// Asks every node of `place`.
    ///
    /// # Errors
    /// [`StateError`] if the run folder cannot be read.
    pub fn of(place: &Place) -> Result<Self, StateError> {
        let mut found = place.dir.nodes()?;
        found.sort_by_key(|node| node.record().started_unix_ms);
        let mut fleet = Self::default();
        for node in found {
            if let Found::Alive(record, status) = node {
                fleet.records.push(record);
                fleet.nodes.push(status);
            }
        }
        Ok(fleet)
    }

    /// Whether nothing answers.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Whether `application` is placed in any node, whether it runs there or not.
    #[must_use]
    pub fn has(&self, application: &str) -> bool {
        (0..self.nodes.len()).any(|node| self.lives_in(node, application))
    }

    /// Whether `application` is placed in this node, whether it runs there or not.
    #[must_use]
    pub fn lives_in(&self, node: usize, application: &str) -> bool {
        let mut applications = self.nodes[node].applications.iter();
        applications.any(|a| a.name == application && a.state != ApplicationState::Elsewhere)
    }

    /// A connection to a node.
    ///
    /// # Errors
    /// [`ControlError::NotRunning`] if it is gone by now.
    pub fn connect(&self, node: usize) -> Result<Control, ControlError> {
        Control::connect(&self.records[node].socket)
    }
}
