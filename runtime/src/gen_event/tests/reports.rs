//! What is reported of a handler that crashes.

use super::on_node;
use crate::gen_event::{EventManager, Removed};
use crate::prelude::*;
use crate::process::heard::Events;
use crate::supervisor::Supervised;

#[derive(Debug)]
enum Wind {
    Gust(u8),
}

const WINDS: Name<EventManager<Wind>> = EventManager::named("winds");
const TOP: Name<Supervisor> = Supervisor::named("top", "umbrella");

/// Breaks wherever a handler can.
#[derive(Debug)]
struct Mast {
    height: u32,
}

#[gen_event(event = Wind)]
impl Mast {
    fn init(height: u32) -> Self {
        Self { height }
    }

    #[event]
    fn wind(&mut self, wind: &Wind) {
        let Wind::Gust(force) = wind;
        self.height -= 1;
        assert!(*force < 9, "broken");
    }

    #[call]
    fn cut(&mut self, by: u32) -> u32 {
        self.height.checked_div(by).expect("a saw")
    }

    fn terminate(&mut self, _why: &Removed) {
        assert!(self.height > 1, "too short");
    }
}

#[test]
fn a_handler_that_crashes_is_one_report_with_everything_that_is_known() {
    let (reports, _listening) = Events::of("umbrella::crash_report");
    let crash = on_node(async {
        let top = Supervisor::new(Strategy::OneForOne).name(TOP);
        let top = top.child(EventManager::<Wind>::child_spec(()).name(WINDS));
        let _top = top.start().await.expect("starts");
        WINDS.add_handler::<Mast>(5).await.expect("it is added");
        WINDS.sync_notify(Wind::Gust(9)).await.expect("the manager answers");
        let mast = WINDS.add_handler::<Mast>(6).await.expect("it is added");
        assert_eq!(mast.cut(0).await, Err(CallError::NoReply));
        let mast = WINDS.add_handler::<Mast>(1).await.expect("it is added");
        assert!(WINDS.delete_handler(&mast).await.expect("the manager answers").is_none());
        assert_eq!(WINDS.which_handlers().await, Ok(vec![]));
        Node::current().expect("a test runs in a node").leader().last_crash().expect("it is noted")
    });
    let mast = std::any::type_name::<Mast>();
    let reports = reports.take();
    let known: Vec<_> = reports.iter().map(|report| (&*report["last_message"], &*report["state"])).collect();
    let expected = [
        ("Gust(9)", "Mast { height: 4 }"),
        ("cut(0)", "Mast { height: 6 }"),
        ("terminate", "Mast { height: 1 }"),
    ];
    assert_eq!(known, expected);
    for report in &reports {
        assert_eq!((&*report["process"], &*report["handler"], &*report["ancestors"]), ("winds", mast, "top"));
        assert!(report["location"].contains("reports.rs"), "{report:?}");
        assert!(report["message"].starts_with(&format!("event handler {mast} in winds <")), "{report:?}");
        assert!(report["message"].ends_with("; it is removed"), "{report:?}");
    }
    assert_eq!(&*crash.process, format!("event handler {mast} in winds"));
}
