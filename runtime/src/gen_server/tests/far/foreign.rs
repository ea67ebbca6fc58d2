//! Messages as Erlang and Elixir write them.

use std::sync::Mutex;

use super::*;
use crate::process::incoming::{ImportError, ReplyPath};
use crate::process::remote::{Encode, Failure, Shape};
use crate::term::{self, Atom, Term};

/// The bytes of a term, without the version.
fn bytes<T: Serialize>(term: &T) -> Vec<u8> {
    term::to_binary(term).expect("a term").split_off(1)
}

fn atom(name: &str) -> Atom {
    Atom::from(name)
}

/// What comes back to Erlang.
#[derive(Default, Clone)]
struct Caller(Arc<Mutex<Vec<String>>>);

impl Caller {
    fn heard(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().expect("no panic"))
    }

    fn hear(&self, what: String) {
        self.0.lock().expect("no panic").push(what);
    }
}

impl ReplyPath for Caller {
    fn reply(&self, body: &dyn Encode) {
        let mut reply = Vec::new();
        body.encode(&mut reply).expect("written");
        self.hear(term::decode::<Term>(&reply).expect("a term").to_string());
    }

    fn fail(&self, failure: Failure) {
        self.hear(format!("{failure:?}"));
    }
}

impl Far {
    /// What Erlang hears when it calls the sink with `request`.
    async fn call<T: Serialize>(&self, request: &T) -> Vec<String> {
        let caller = Caller::default();
        self.wire.inject("b", Shape::Call, &bytes(request), Some(Box::new(caller.clone())));
        // What was sent to it before is handled before.
        self.wire.nodes[1].scope(self.sink.nothing()).await.expect("answered");
        caller.heard()
    }
}

#[test]
fn requests_read_as_an_erlang_programmer_writes_them() {
    with_far(async |far| {
        assert_eq!(far.call(&(atom("sum"), 1, 2, 3)).await, ["6"]);
        assert_eq!(far.call(&atom("nothing")).await, ["ok"]);
        assert_eq!(far.call(&(atom("nothing"),)).await, ["ok"]);
        let order = Order { id: 7, price: 1.5, note: None };
        let placed = far.call(&(atom("place"), &order)).await;
        assert!(placed[0].starts_with("{ok,#{") && placed[0].contains("id => 7"), "{placed:?}");
        assert_eq!(far.call(&(atom("place"), Order { id: 0, ..order })).await, ["{error,<<\"no id\">>}"]);
        assert_eq!(far.call(&(atom("noted"), 1)).await, ["{1,nil}"]);
        far.wire.inject("b", Shape::Cast, &bytes(&(atom("hear"), "hey", 2)), None);
        far.wire.inject("b", Shape::Info, &bytes(&3_u8), None);
        far.wire.inject("b", Shape::Info, &bytes(&atom("fire")), None);
        assert_eq!(SINK.heard().await, Ok(["hey 2", "tick 3", "Fire"].map(Into::into).into()));
    });
}

#[test]
fn our_messages_read_as_erlang_writes_them() {
    let written = |message: SinkMessage| {
        let mut out = Vec::new();
        crate::registry::wire::Outgoing::<Sink>(&message).encode(&mut out).expect("written");
        term::decode::<Term>(&out).expect("a term").to_string()
    };
    assert_eq!(written(SinkMessage::Hear("hey".into(), 2)), "{hear,<<\"hey\">>,2}");
    assert_eq!(written(SinkMessage::Answer), "answer");
    assert_eq!(written(SinkMessage::Tick(Tick(3))), "3");
    assert_eq!(written(SinkMessage::Alarm(Alarm::Fire)), "fire");
}

#[test]
fn a_request_that_nobody_understands_is_refused_with_what_is_wrong() {
    with_far(async |far| {
        let protocol = std::any::type_name::<Sink>();
        for (request, wrong) in [
            (Term::from(7), "no request: expected an atom, found an integer".to_owned()),
            (
                Term::Atom(atom("unknown")),
                format!("{protocol} has no call `unknown`; its calls: `nothing`, `sum`, "),
            ),
            (Term::Atom(atom("answer")), format!("{protocol} has no call `answer`")),
            (Term::Tuple(vec![]), "no request: ".to_owned()),
        ] {
            let heard = far.call(&request).await;
            assert!(heard.len() == 1 && heard[0].contains(&wrong), "{heard:?}, not {wrong}");
        }
        let heard = far.call(&(atom("sum"), 1, "2", 3)).await;
        assert!(heard[0].contains("argument `b: i64` of `sum`: expected"), "{heard:?}");
        let heard = far.call(&(atom("sum"), 1, 2, 3, 4)).await;
        assert!(heard[0].contains("`sum` takes 1 arguments fewer"), "{heard:?}");
        let heard = far.call(&(atom("place"), Order { id: 7, price: 1.5, note: None }.id)).await;
        assert!(heard[0].contains("argument `order: ") && heard[0].contains("Order"), "{heard:?}");
        assert_eq!(far.wire.refused().len(), 7);
    });
}

#[test]
fn an_info_of_no_known_type_is_refused_and_shown() {
    with_far(async |far| {
        far.wire.inject("b", Shape::Info, &bytes(&(atom("what"), 1)), None);
        far.wire.inject("b", Shape::Info, &bytes(&"long".repeat(1000)), None);
        far.wire.inject("b", Shape::Info, &[131, 104, 255], None);
        let refused = far.wire.refused();
        assert_eq!(refused[0], ImportError::Unknown("{what,1}".into()));
        assert!(refused[1].to_string().ends_with("…") && refused[1].to_string().len() < 300);
        assert_eq!((refused.len(), SINK.heard().await), (3, Ok(vec![])));
    });
}
