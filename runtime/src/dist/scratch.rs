//! Room to write one message in, before it is known whether it can be written.

use std::cell::Cell;

/// What a thread keeps for the next message: 64 KiB.
const KEPT: usize = 64 * 1024;

thread_local! {
    static ROOM: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Has `write` write into an empty buffer, which is used again unless it is taken or large.
///
/// What is written may be anything, other messages too: those find no buffer here and make one.
pub(super) fn with<T>(write: impl FnOnce(&mut Vec<u8>) -> T) -> T {
    let mut room = ROOM.try_with(Cell::take).unwrap_or_default();
    let written = write(&mut room);
    if room.capacity() <= KEPT {
        room.clear();
        // A thread that ends keeps nothing.
        let _ends = ROOM.try_with(|kept| kept.set(room));
    }
    written
}
