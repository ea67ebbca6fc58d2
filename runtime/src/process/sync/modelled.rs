//! The same as `sync`, on loom.

use std::pin::pin;
use std::task::{Context, Poll, Wake, Waker};

use loom::sync::Condvar;
pub(crate) use loom::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64};
pub(crate) use loom::sync::{Arc, Mutex, MutexGuard};

/// Loom's takes no `const` block.
macro_rules! local {
    ($($vis:vis static $name:ident: $type:ty = const $init:block;)*) => {
        loom::thread_local! { $($vis static $name: $type = $init;)* }
    };
}
pub(crate) use local as thread_local;

/// Runs `task` on a thread of the model.
pub(crate) fn spawn(task: impl Future<Output: Send> + Send + 'static) {
    loom::thread::spawn(move || drop(block_on(task)));
}

/// Polls `future` as a scheduler does: only when it was woken, also while it was polled.
///
/// Not loom's, which also polls it for no reason, and prints.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let parked = std::sync::Arc::new(Parked { woken: Mutex::new(false), condvar: Condvar::new() });
    let waker = Waker::from(parked.clone());
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        parked.park();
    }
}

struct Parked {
    woken: Mutex<bool>,
    condvar: Condvar,
}

impl Parked {
    fn park(&self) {
        let mut woken = self.woken.lock().expect("no panic");
        while !*woken {
            woken = self.condvar.wait(woken).expect("no panic");
        }
        *woken = false;
    }
}

impl Wake for Parked {
    fn wake(self: std::sync::Arc<Self>) {
        *self.woken.lock().expect("no panic") = true;
        self.condvar.notify_one();
    }
}
