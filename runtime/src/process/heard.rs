//! What tests hear of reports.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Condvar, Mutex};

use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context as LayerContext, Layer, SubscriberExt};

/// The fields of one event.
pub(crate) type Fields = BTreeMap<&'static str, String>;

/// Keeps the events of one target.
#[derive(Clone)]
pub(crate) struct Events {
    target: &'static str,
    events: Arc<(Mutex<Vec<Fields>>, Condvar)>,
}

impl Events {
    /// Listens on this thread, which is the only one of a test, until it is dropped.
    pub(crate) fn of(target: &'static str) -> (Self, (tracing::subscriber::DefaultGuard, tracing::Dispatch)) {
        let events = Self { target, events: Arc::default() };
        let guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(events.clone()));
        // With a second subscriber tracing asks all of them whether anybody listens, not whichever thread comes first.
        let second = tracing::Dispatch::new(tracing_subscriber::registry());
        (events, (guard, second))
    }

    pub(crate) fn take(&self) -> Vec<Fields> {
        std::mem::take(&mut self.events.0.lock().expect("no panic"))
    }

    /// Takes the first; blocks until there is one, for those that come from another thread.
    pub(crate) fn next(&self) -> Fields {
        let (events, came) = &*self.events;
        let events = events.lock().expect("no panic");
        came.wait_while(events, |events| events.is_empty()).expect("no panic").remove(0)
    }
}

struct Reader<'a>(&'a mut Fields);

impl Visit for Reader<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}

impl<S: tracing::Subscriber> Layer<S> for Events {
    fn on_event(&self, event: &tracing::Event<'_>, _: LayerContext<'_, S>) {
        if event.metadata().target() == self.target {
            let mut fields = Fields::new();
            event.record(&mut Reader(&mut fields));
            let (events, came) = &*self.events;
            events.lock().expect("no panic").push(fields);
            came.notify_one();
        }
    }
}
