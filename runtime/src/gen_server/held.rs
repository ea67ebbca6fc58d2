//! The state of a running server.

use std::ops::{Deref, DerefMut};

use super::{GenServer, watch};
use crate::process::note_state;

/// The state of a running server: if it is dropped by a panic, the crash report shows it.
pub(super) struct Held<S: GenServer>(pub(super) S);

impl<S: GenServer> Held<S> {
    /// The server gives up: the crash report shows its state.
    pub(super) fn crashes(&self) {
        if let Some(state) = watch::show_state(&self.0) {
            note_state(state);
        }
    }
}

impl<S: GenServer> Drop for Held<S> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.crashes();
        }
    }
}

impl<S: GenServer> Deref for Held<S> {
    type Target = S;

    fn deref(&self) -> &S {
        &self.0
    }
}

impl<S: GenServer> DerefMut for Held<S> {
    fn deref_mut(&mut self) -> &mut S {
        &mut self.0
    }
}
