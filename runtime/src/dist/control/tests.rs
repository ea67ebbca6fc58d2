//! Control messages come back as they went, and nothing hostile is one.

use proptest::prelude::*;

use super::read::ControlError;
use super::*;
use crate::term::{Reader, to_binary};

fn atom() -> impl Strategy<Value = Atom> {
    "[a-z@.0-9é]{0,30}".prop_map(|name| Atom::from(&*name))
}

fn pid() -> impl Strategy<Value = PidParts> {
    (atom(), any::<(u32, u32, u32)>()).prop_map(|(node, (id, serial, creation))| PidParts {
        node,
        id,
        serial,
        creation,
    })
}

fn reference() -> impl Strategy<Value = ReferenceParts> {
    (atom(), any::<u32>(), prop::collection::vec(any::<u32>(), 1..=5)).prop_map(|(node, creation, words)| {
        ReferenceParts::new(node, creation, &words).expect("five at most")
    })
}

fn to() -> impl Strategy<Value = To> {
    prop_oneof![pid().prop_map(To::Pid), atom().prop_map(To::Name), reference().prop_map(To::Alias)]
}

fn target() -> impl Strategy<Value = Target> {
    prop_oneof![pid().prop_map(Target::Pid), atom().prop_map(Target::Name)]
}

fn term() -> impl Strategy<Value = Box<[u8]>> {
    any::<(i64, String)>().prop_map(|value| to_binary(&value).expect("a term")[1..].into())
}

fn reason() -> impl Strategy<Value = Reason> {
    prop_oneof![Just(Reason::Follows), term().prop_map(Reason::Inline)]
}

fn control() -> impl Strategy<Value = Control> {
    let both = || (pid(), pid());
    prop_oneof![
        both().prop_map(|(from, to)| Control::Link { from, to }),
        both().prop_map(|(from, to)| Control::Unlink { from, to }),
        both().prop_map(|(from, to)| Control::GroupLeader { from, to }),
        (any::<u64>(), both()).prop_map(|(id, (from, to))| Control::UnlinkId { id, from, to }),
        (any::<u64>(), both()).prop_map(|(id, (from, to))| Control::UnlinkIdAck { id, from, to }),
        (pid(), to()).prop_map(|(from, to)| Control::Send { from: Some(from), to }),
        pid().prop_map(|to| Control::Send { from: None, to: To::Pid(to) }),
        (both(), reason()).prop_map(|((from, to), reason)| Control::Exit { from, to, reason }),
        (both(), reason()).prop_map(|((from, to), reason)| Control::Exit2 { from, to: To::Pid(to), reason }),
        (pid(), atom()).prop_map(|(from, to)| Control::Exit2 {
            from,
            to: To::Name(to),
            reason: Reason::Follows
        }),
        (pid(), target(), reference()).prop_map(|(from, to, reference)| Control::Monitor {
            from,
            to,
            reference
        }),
        (pid(), target(), reference()).prop_map(|(from, to, reference)| Control::Demonitor {
            from,
            to,
            reference
        }),
        (target(), pid(), reference(), reason()).prop_map(|(from, to, reference, reason)| {
            Control::MonitorExit { from, to, reference, reason }
        }),
        (reference(), both(), (atom(), atom(), any::<u8>()), term()).prop_map(
            |(request, (from, leader), (module, function, arity), options)| {
                Control::SpawnRequest(Box::new(SpawnRequest {
                    request,
                    from,
                    leader,
                    module,
                    function,
                    arity,
                    options,
                }))
            }
        ),
        (reference(), pid(), any::<u32>(), pid().prop_map(Spawned::Pid))
            .prop_map(|(request, to, flags, result)| Control::SpawnReply { request, to, flags, result }),
        (reference(), pid(), any::<u32>(), atom().prop_map(Spawned::Error))
            .prop_map(|(request, to, flags, result)| Control::SpawnReply { request, to, flags, result }),
        Just(Control::Nothing),
    ]
}

/// Reads what is one control message and nothing else.
fn read(bytes: &[u8]) -> Result<Control, ControlError> {
    let mut reader = Reader::new(bytes);
    let control = Control::read(&mut reader)?;
    reader.end()?;
    Ok(control)
}

fn written(control: &Control) -> Vec<u8> {
    let mut out = Vec::new();
    control.write(&mut out).expect("short atoms");
    out
}

proptest! {
    #[test]
    fn what_is_written_is_read(control in control()) {
        prop_assert_eq!(read(&written(&control)), Ok(control));
    }

    #[test]
    fn what_is_cut_off_is_none(control in control(), at: prop::sample::Index) {
        let whole = written(&control);
        prop_assert!(read(&whole[..at.index(whole.len())]).is_err());
    }

    #[test]
    fn nothing_hostile_panics(control in control(), changes in prop::collection::vec(any::<(prop::sample::Index, u8)>(), 1..8)) {
        let mut bytes = written(&control);
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(control) = read(&bytes) {
            prop_assert_eq!(read(&written(&control)), Ok(control));
        }
    }
}

/// A tuple of small integers and of terms that are there already.
fn tuple(elements: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::new();
    crate::term::write::tuple(elements.len() as u32, &mut out);
    out.extend(elements.concat());
    out
}

/// Every operation with a trace token is the one without; the token is ignored.
#[test]
fn trace_tokens_are_ignored() {
    let a = PidParts { node: Atom::new("a@host"), id: 1, serial: 2, creation: 3 };
    let b = PidParts { node: Atom::new("b@host"), id: 4, serial: 5, creation: 6 };
    let alias = ReferenceParts::new(Atom::new("b@host"), 6, &[7, 8, 9]).expect("three");
    let bytes = |value: &dyn Fn(&mut Vec<u8>)| {
        let mut out = Vec::new();
        value(&mut out);
        out
    };
    let pid = |pid: &PidParts| to_binary(pid).expect("a pid")[1..].to_vec();
    let small = |number: u8| vec![97, number];
    let (from, to, token) = (pid(&a), pid(&b), tuple(&[&small(1), &small(2)]));
    let reference = to_binary(&alias).expect("a reference")[1..].to_vec();
    let name = bytes(&|out| crate::dist::message::word("c", out));
    let empty = bytes(&|out| crate::dist::message::word("", out));
    let reason = Reason::Inline(name.clone().into());
    let cases: [(Vec<u8>, Control); 10] = [
        (tuple(&[&small(12), &empty, &to, &token]), Control::Send { from: None, to: To::Pid(b.clone()) }),
        (
            tuple(&[&small(13), &from, &to, &token, &name]),
            Control::Exit { from: a.clone(), to: b.clone(), reason: reason.clone() },
        ),
        (
            tuple(&[&small(16), &from, &empty, &name, &token]),
            Control::Send { from: Some(a.clone()), to: To::Name(Atom::new("c")) },
        ),
        (
            tuple(&[&small(18), &from, &to, &token, &name]),
            Control::Exit2 { from: a.clone(), to: To::Pid(b.clone()), reason },
        ),
        (
            tuple(&[&small(23), &from, &to, &token]),
            Control::Send { from: Some(a.clone()), to: To::Pid(b.clone()) },
        ),
        (
            tuple(&[&small(25), &from, &to, &token]),
            Control::Exit { from: a.clone(), to: b.clone(), reason: Reason::Follows },
        ),
        (
            tuple(&[&small(27), &from, &to, &token]),
            Control::Exit2 { from: a.clone(), to: To::Pid(b.clone()), reason: Reason::Follows },
        ),
        (
            tuple(&[&small(34), &from, &reference, &token]),
            Control::Send { from: Some(a.clone()), to: To::Alias(alias.clone()) },
        ),
        // With priority, a token, and to an alias; then `exit(P, R, [priority])`, as OTP 28 sends it.
        (
            tuple(&[&small(37), &small(7), &from, &reference, &token]),
            Control::Send { from: Some(a.clone()), to: To::Alias(alias) },
        ),
        (
            tuple(&[&small(37), &small(17), &from, &to]),
            Control::Exit2 { from: a.clone(), to: To::Pid(b), reason: Reason::Follows },
        ),
    ];
    for (bytes, control) in cases {
        assert_eq!(read(&bytes), Ok(control));
    }
}

#[test]
fn an_operation_that_there_is_not_is_an_error() {
    let unknown = tuple(&[&[97, 99]]);
    assert_eq!(read(&unknown), Err(ControlError::Unknown(99, 1)));
    // Too few elements for a `LINK`.
    assert_eq!(read(&tuple(&[&[97, 1]])), Err(ControlError::Unknown(1, 1)));
}
