//! What reads bytes of other nodes, for those who try what bytes do harm. Each says whether it read its input.

use std::sync::{Arc, Weak};

use super::connection::{Connection, Dial, Inbound, Names};
use super::control::Control;
use super::epmd;
use super::flags::Flags;
use super::frame::{Frames, Prefix, framed};
use super::handshake::{Accepting, Connecting, Cookie, Heard, LONGEST, Local, Status};
use crate::process::{ExitReason, Node};
use crate::registry::pg;
use crate::term::{self, Atom, PidParts, Reader, write};

fn local() -> Local {
    Local {
        name: "a@host".into(),
        creation: 1,
        flags: Flags::OURS,
        cookie: Cookie::new("secret"),
        identity: "one".into(),
    }
}

/// Messages behind their lengths, as they come out of a stream.
fn messages(prefix: Prefix, longest: usize, input: &[u8]) -> Vec<Vec<u8>> {
    let mut frames = Frames::new(prefix, longest);
    let mut found = Vec::new();
    frames.extend(input);
    while let Ok(Some(message)) = frames.next() {
        found.push(message.to_vec());
    }
    found
}

/// Both sides of a handshake, with whoever sends these messages behind two bytes of length.
///
/// # Panics
/// If somebody is connected who did not know the cookie.
pub fn handshake(input: &[u8]) -> bool {
    let local = local();
    let mut accepting = Accepting::new(&local, 1);
    let (mut connecting, _) = Connecting::begin(&local, "b@host".into(), 2);
    let mut was_read = false;
    for message in messages(Prefix::Two, LONGEST, input) {
        let heard = accepting.receive(&message);
        assert!(!matches!(heard, Ok(Heard::Connected(..))), "connected without the cookie");
        // The first that comes is asked whether the old connection is over, and an older node is challenged at once.
        if let Ok(Heard::Name(_)) = heard {
            let status = if message.starts_with(b"n") { Status::Ok } else { Status::Alive };
            drop(accepting.decide(&status));
        }
        let next = connecting.receive(&message);
        assert!(!matches!(next, Ok(super::handshake::Next::Connected(_))), "connected without the cookie");
        was_read |= heard.is_ok() || next.is_ok();
    }
    was_read
}

/// What a node says in a handshake, behind its lengths.
pub fn handshakes() -> Vec<Vec<u8>> {
    let other = Local { name: "b@host".into(), ..local() };
    let (_, name) = Connecting::begin(&other, "a@host".into(), 3);
    let mut accepting = Accepting::new(&other, 4);
    drop(accepting.receive(&Connecting::begin(&local(), "b@host".into(), 3).1));
    let mut answers = accepting.decide(&Status::Ok);
    let reply = [b"r", &[0; 20][..]].concat();
    let old = b"n\x00\x05\x03\xdf\x7f\xbdb@host".to_vec();
    let complement = b"c\x00\x00\x00\x0d\x60\x00\x00\x07".to_vec();
    let in_order = |messages: &[Vec<u8>]| messages.iter().flat_map(|one| framed(Prefix::Two, one)).collect();
    let before_otp_23: Vec<u8> = in_order(&[old.clone(), complement.clone(), reply.clone()]);
    answers.extend([name, b"strue".to_vec(), reply, [b"a", &[0; 16][..]].concat()]);
    let all: Vec<u8> = in_order(&answers);
    answers.extend([old, complement]);
    answers.iter().map(|message| framed(Prefix::Two, message)).chain([all, before_otp_23]).collect()
}

/// Messages of a node that knows the cookie, behind four bytes of length, up to the first that closes the connection.
///
/// # Panics
/// If a control message is not read as it was written.
pub fn connection(input: &[u8]) -> bool {
    let node = Node::new("a");
    let Ok(there) = node.node_id("b@host") else { return false };
    let names = Names::new(&node, "a@host", there, Arc::from("b@host"));
    let connection = Connection::new(&node, Weak::new(), names, Dial::Done);
    let mut inbound = Inbound::new(1 << 20);
    let was_read = node.enter(|| {
        let mut was_read = false;
        for message in messages(Prefix::Four, 1 << 20, input) {
            control(&message);
            if connection.receive(&node, &message, &mut inbound).is_err() {
                break;
            }
            was_read |= !message.is_empty();
        }
        was_read
    });
    connection.close(&node, &super::connection::Lost::Closed);
    was_read
}

fn control(message: &[u8]) {
    let Some(rest) = message.get(2..) else { return };
    if let Ok(control) = Control::read(&mut Reader::new(rest)) {
        let mut again = Vec::new();
        if control.write(&mut again).is_ok() {
            assert_eq!(Control::read(&mut Reader::new(&again)), Ok(control), "read as it was written");
        }
    }
}

/// What a node sends once it is connected, behind its lengths.
pub fn connections() -> Vec<Vec<u8>> {
    let here = super::control::corpus();
    let mut all = Vec::new();
    for (control, has_payload) in here {
        let mut frame = Vec::new();
        let written = super::message::put(&mut frame, |out| {
            control.write(out)?;
            if has_payload {
                write::version(out);
                super::reason::write_reason(&ExitReason::error("boom"), out);
            }
            Ok::<_, term::EncodeError>(())
        });
        if written.is_ok() {
            all.push(frame);
        }
    }
    all.extend(super::connection::corpus());
    all.push(all.concat());
    all
}

/// What the scope of process groups of another node sends, without what it is wrapped in.
pub fn scope(input: &[u8]) -> bool {
    pg::takes(&Node::new("a"), input)
}

/// What is sent between scopes.
pub fn scopes() -> Vec<Vec<u8>> {
    let peer = PidParts { node: Atom::new("b@host"), id: 1, serial: 0, creation: 1 };
    let (word, group, pids) = (Atom::new, Atom::new("lamps"), vec![peer.clone(), peer.clone()]);
    let all = [
        term::to_binary(&(word("discover"), peer.clone())),
        term::to_binary(&(word("sync"), peer.clone(), vec![(group.clone(), pids.clone())])),
        term::to_binary(&(word("join"), peer.clone(), group.clone(), pids.clone())),
        term::to_binary(&(word("join"), peer.clone(), "made", peer.clone())),
        term::to_binary(&(word("leave"), peer.clone(), pids, vec![group])),
    ];
    // A scope is given what is behind the version.
    all.into_iter().flatten().map(|message| message[1..].to_vec()).collect()
}

/// A request to the port mapper, and an answer of one.
pub fn port_mapper(input: &[u8]) -> bool {
    epmd::reads(input)
}

/// What is asked of a port mapper.
pub fn port_mappers() -> Vec<Vec<u8>> {
    epmd::requests()
}
