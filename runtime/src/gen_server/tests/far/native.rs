//! What servers of one build promise each other when their messages are written without names.

use super::*;
use crate::process::incoming::ImportError;
use crate::process::remote::{Format, Shape};
use crate::registry::Protocol as _;
use crate::registry::wire::layout;

#[test]
fn calls_casts_and_answers_are_native_between_protocols_of_one_layout() {
    with_far(async |far| {
        far.wire.speak_native();
        assert_eq!(layout::<Sink>(&far.wire.nodes[0]), layout::<Sink>(&far.wire.nodes[1]));
        let order = Order { id: 7, price: 1.5, note: Some("x".into()) };
        assert_eq!(SINK.place(order.clone()).await, Ok(Ok(order.clone())));
        assert_eq!(SINK.place(Order { id: 0, ..order }).await, Ok(Err("no id".into())));
        assert_eq!(SINK.sum(1, -2, i64::MAX).await, Ok(i64::MAX - 1));
        assert_eq!(SINK.noted(3, None).await, Ok((3, None)));
        assert_eq!(SINK.nothing().await, Ok(()));
        assert_eq!(far.wire.native(), 10);
        SINK.hear("word".into(), 2).expect("sent");
        SINK.price(f64::INFINITY).expect("between our own nodes it is a number like others");
        assert!(SINK.nan().await.expect("likewise").is_nan());
        assert_eq!(SINK.heard().await, Ok(vec!["word 2".to_owned(), "inf".to_owned()]));
        assert_eq!(far.wire.native(), 6);
        assert_eq!(far.wire.refused(), []);
    });
}

#[test]
fn infos_are_terms() {
    with_far(async |far| {
        far.wire.speak_native();
        Name::send(&SINK, Tick(3)).expect("sent");
        assert_eq!(far.wire.native(), 0);
        assert_eq!(SINK.heard().await, Ok(vec!["tick 3".to_owned()]));
    });
}

#[test]
fn what_is_no_native_message_is_refused_and_does_not_reach_the_server() {
    with_far(async |far| {
        let inject = |shape, body: &[u8]| {
            far.wire.inject_as(Format::Native, "b", shape, body, None);
            let refused = far.wire.refused();
            assert_eq!(refused.len(), 1, "{body:?}");
            refused[0].to_string()
        };
        let number =
            |name: &str| Sink::HANDLERS.iter().position(|known| *known == name).expect("known") as u8;
        let (sum, hear, tick) = (number("sum"), number("hear"), number("tick"));
        for (shape, body, wrong) in [
            (Shape::Cast, vec![], "no request: it ends in the middle"),
            (Shape::Cast, vec![200, 1], "has no cast `number 200`"),
            (Shape::Cast, vec![sum, 2, 2, 2], "has no cast `number "),
            (Shape::Call, vec![hear, 1, b'a', 1], "has no call `number "),
            (Shape::Info, vec![tick, 1], "has no info `number "),
            (Shape::Call, vec![sum, 2, 2], "argument `c: i64` of `sum`: it ends in the middle"),
            (Shape::Call, vec![sum, 2, 2, 2, 2], "`sum`: 1 bytes follow"),
            (
                Shape::Cast,
                vec![hear, 1, 0xff, 1],
                "argument `word: alloc::string::String` of `hear`: text is not UTF-8",
            ),
        ] {
            let error = inject(shape, &body);
            assert!(error.contains(wrong), "{error}, not {wrong}");
        }
        far.wire.inject_as(Format::Native, "b", Shape::Cast, &[hear, 1, b'a', 1], None);
        assert_eq!(far.wire.refused(), Vec::<ImportError>::new());
        assert_eq!(SINK.heard().await, Ok(vec!["a 1".to_owned()]));
    });
}
