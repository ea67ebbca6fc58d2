//! What a panic said and where: the hook sees the place, the process that unwinds takes it from there.

use std::any::Any;
use std::cell::RefCell;
use std::panic::PanicHookInfo;
use std::sync::Once;

use super::{Panic, current};

thread_local! {
    static LAST: RefCell<Option<Panic>> = const { RefCell::new(None) };
}

/// Keeps panics of processes from being printed twice: they end up in one crash report.
///
/// The hook belongs to the operating system process, so this is the one thing that nodes share.
/// Panics outside a process go to the hook that was there before.
pub(super) fn install_hook() {
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

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a value that is not text").to_owned()
}
