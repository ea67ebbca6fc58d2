//! What a panic said and where: the hook sees the place, the process that unwinds takes it from there.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::sync::Once;

use super::{Panic, current};

thread_local! {
    static LAST: RefCell<Option<Panic>> = const { RefCell::new(None) };
    static LAST_WORDS: RefCell<LastWords> = const { RefCell::new(LastWords { message: None, state: None }) };
}

/// What a process that crashes says of itself while it unwinds, on the thread that will write the report.
#[derive(Default)]
pub(super) struct LastWords {
    /// The message it handled.
    pub(super) message: Option<String>,
    pub(super) state: Option<String>,
}

/// Notes the message that the crashing process handled.
pub(crate) fn note_last_message(message: String) {
    LAST_WORDS.with_borrow_mut(|words| words.message = Some(message));
}

/// Notes the state of the crashing process.
pub(crate) fn note_state(state: String) {
    LAST_WORDS.with_borrow_mut(|words| words.state = Some(state));
}

/// What the process that just crashed on this thread has said.
pub(super) fn take_last_words() -> LastWords {
    LAST_WORDS.take()
}

/// Keeps panics of processes from being printed twice: they end up in one crash report.
///
/// The hook belongs to the operating system process, so this is the one thing that nodes share.
/// Panics outside a process go to the hook that was there before.
pub(super) fn install_hook() {
    // A model is stopped by a panic that is nobody's, where nothing of loom's can be looked at.
    if cfg!(umbrella_loom) {
        return;
    }
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(
            move |info| {
                if current::pid().is_some() { remember(info) } else { before(info) }
            },
        ));
    });
}

fn remember(info: &PanicHookInfo<'_>) {
    let location = info.location().map(ToString::to_string).unwrap_or_default();
    LAST.set(Some(Panic { message: message(info.payload()), location }));
}

/// The panic that was just caught on this thread.
pub(crate) fn describe(payload: &(dyn Any + Send)) -> Panic {
    LAST.take().unwrap_or_else(|| Panic { message: message(payload), location: String::new() })
}

/// Runs `f`, which is not trusted, and answers its panic; what is known of a panic that is unwinding stays known.
pub(crate) fn attempt<T>(f: impl FnOnce() -> T) -> Result<T, Panic> {
    let known = LAST.take();
    // What `f` has broken is not looked at again.
    let result = catch_unwind(AssertUnwindSafe(f)).map_err(|payload| describe(&*payload));
    LAST.set(known);
    result
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a value that is not text").to_owned()
}
