//! Two sides of a handshake, in one thread and without a network.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;

fn local(name: &str, cookie: &str, identity: &str) -> Local {
    let creation = name.len() as u32;
    Local {
        name: name.into(),
        creation,
        flags: Flags::OURS,
        cookie: Cookie::new(cookie),
        identity: identity.into(),
    }
}

/// What the two sides come to, each for itself.
type Outcome = (Result<Peer, HandshakeError>, Result<Peer, HandshakeError>);

/// `b` calls `a`, which says `status`; `b` answers `is_lost` if asked whether the old connection is over.
fn shake(b: &Local, a: &Local, status: &Status, is_lost: bool) -> Outcome {
    let closed = || Err(HandshakeError::Malformed);
    let (mut connecting, first) = Connecting::begin(b, a.name.clone(), 11);
    let mut accepting = Accepting::new(a, 22);
    let mut to_a = vec![first];
    let mut accepted = closed();
    loop {
        let mut to_b = Vec::new();
        for message in to_a.drain(..) {
            match accepting.receive(&message) {
                Ok(Heard::Name(_)) => to_b.extend(accepting.decide(status)),
                Ok(Heard::Nameless { .. }) => return (closed(), closed()),
                Ok(Heard::Receive) => {}
                Ok(Heard::Send(message)) => to_b.push(message),
                Ok(Heard::Connected(peer, ack)) => {
                    accepted = Ok(peer);
                    to_b.push(ack);
                }
                Err(error) => {
                    to_b.extend(Accepting::refuse(&error));
                    accepted = Err(error);
                }
            }
        }
        if to_b.is_empty() {
            return (closed(), accepted);
        }
        for message in to_b {
            match connecting.receive(&message) {
                Ok(Next::Receive) => {}
                Ok(Next::Send(message)) => to_a.push(message),
                Ok(Next::AskAlive) => to_a.push(connecting.go_on(is_lost)),
                Ok(Next::Connected(peer)) => return (Ok(peer), accepted),
                Err(error) => return (Err(error), accepted),
            }
        }
        if to_a.is_empty() && accepted.is_err() {
            return (closed(), accepted);
        }
    }
}

#[test]
fn two_nodes_that_know_the_cookie_know_each_other() {
    let (a, b) = (local("a@host", "secret", "one"), local("bb@host", "secret", "one"));
    for status in [Status::Ok, Status::OkSimultaneous, Status::Alive] {
        let (connected, accepted) = shake(&b, &a, &status, true);
        let announcement = Some(Announcement { version: Announcement::VERSION, identity: "one".into() });
        let peer = |local: &Local| Peer {
            name: local.name.clone(),
            creation: local.creation,
            flags: Flags::OURS,
            announcement: announcement.clone(),
        };
        assert_eq!((connected, accepted), (Ok(peer(&a)), Ok(peer(&b))), "{status:?}");
    }
}

#[test]
fn without_the_cookie_neither_side_connects() {
    let (a, b) = (local("a@host", "secret", "one"), local("b@host", "guess", "one"));
    let (connected, accepted) = shake(&b, &a, &Status::Ok, true);
    assert_eq!(accepted, Err(HandshakeError::OtherCookie));
    assert!(connected.is_err());
}

#[test]
fn nodes_of_two_deployments_refuse_each_other_and_both_know_why() {
    let (a, b) = (local("a@host", "secret", "one"), local("b@host", "secret", "two"));
    let (connected, accepted) = shake(&b, &a, &Status::Ok, true);
    let (ours, theirs) = ("one".into(), "two".into());
    assert_eq!(accepted, Err(HandshakeError::OtherDeployment { ours, theirs }));
    let said = connected.expect_err("refused").to_string();
    assert_eq!(said, "it does not allow this node: it is of the deployment `one`, and this node of `two`");
}

#[test]
fn who_is_called_may_say_no() {
    let (a, b) = (local("a@host", "secret", "one"), local("b@host", "secret", "one"));
    assert_eq!(shake(&b, &a, &Status::Nok, true).0, Err(HandshakeError::Simultaneous));
    assert_eq!(shake(&b, &a, &Status::Alive, false).1, Err(HandshakeError::Alive));
}

#[test]
fn another_node_in_its_place_is_not_trusted_with_a_digest() {
    let (a, b) = (local("a@host", "secret", "one"), local("b@host", "secret", "one"));
    let (mut connecting, _) = Connecting::begin(&b, "c@host".into(), 1);
    assert_eq!(connecting.receive(b"sok"), Ok(Next::Receive));
    let challenge = a.write_challenge(7);
    assert_eq!(connecting.receive(&challenge), Err(HandshakeError::OtherNode("a@host".into())));
}

#[test]
fn a_node_without_a_name_is_given_one() {
    let a = local("a@host", "secret", "one");
    let mut beam = local("host", "secret", "");
    beam.flags = beam.flags | Flags::NAME_ME;
    let mut accepting = Accepting::new(&a, 5);
    let heard = accepting.receive(&beam.write_name()).expect("fits");
    let Heard::Nameless { host, flags } = heard else { panic!("{heard:?}") };
    assert_eq!(&*host, "host");
    let peer = Peer { name: "x1@host".into(), creation: 9, flags, announcement: None };
    let sent = accepting.name(peer.clone());
    assert_eq!(sent[0], b"snamed:\0\x07x1@host\0\0\0\x09");
    assert_eq!(sent[1], a.write_challenge(5));
    let reply = message::write_reply(6, &digest::digest(&a.cookie, 5));
    let ack = message::write_ack(&digest::digest(&a.cookie, 6));
    assert_eq!(accepting.receive(&reply), Ok(Heard::Connected(peer, ack)));
}

/// What OTP 24 says to a node of which it knows no more than its address: version 5, the lower flags, its name.
///
/// Source: *Erlang Distribution Protocol*, `send_name` of version 5, and `send_complement`.
const OLD_NAME: &[u8] = b"n\x00\x05\x03\xdf\x7f\xbdb@host";
/// `SPAWN`, `V4_NC` and `ALIAS`, and a creation.
const COMPLEMENT: &[u8] = b"c\x00\x00\x00\x0d\x60\x00\x00\x07";

#[test]
fn a_node_that_introduces_itself_as_before_otp_23_says_the_rest_after_the_challenge() {
    let a = local("a@host", "secret", "one");
    for status in [Status::Ok, Status::OkSimultaneous, Status::Alive] {
        let mut accepting = Accepting::new(&a, 22);
        let half = Flags(Flags::OURS.0 & 0x03df_7fbd);
        let mut peer = Peer { name: "b@host".into(), creation: 0, flags: half, announcement: None };
        assert_eq!(accepting.receive(OLD_NAME), Ok(Heard::Name(peer.clone())));
        let mut sent = accepting.decide(&status);
        if status == Status::Alive {
            let Ok(Heard::Send(challenge)) = accepting.receive(b"strue") else { panic!("no challenge") };
            sent.push(challenge);
        }
        assert_eq!(sent[1..], [a.write_challenge(22)], "{status:?}");
        assert_eq!(accepting.receive(COMPLEMENT), Ok(Heard::Receive));
        (peer.creation, peer.flags) = (0x6000_0007, half | Flags(0xd << 32));
        assert!(peer.flags.has(Flags::SPAWN) && peer.flags.has(Flags::ALIAS));
        let reply = message::write_reply(33, &digest::digest(&a.cookie, 22));
        let ack = message::write_ack(&digest::digest(&a.cookie, 33));
        assert_eq!(accepting.receive(&reply), Ok(Heard::Connected(peer, ack)), "{status:?}");
    }
}

#[test]
fn an_old_introduction_is_not_connected_without_the_rest() {
    let a = local("a@host", "secret", "one");
    let mut accepting = Accepting::new(&a, 22);
    assert!(matches!(accepting.receive(OLD_NAME), Ok(Heard::Name(_))));
    let _challenge = accepting.decide(&Status::Ok);
    let reply = message::write_reply(33, &digest::digest(&a.cookie, 22));
    assert_eq!(accepting.receive(&reply), Err(HandshakeError::Malformed));
    assert_eq!(accepting.receive(&COMPLEMENT[..8]), Err(HandshakeError::Malformed));
    // Without `HANDSHAKE_23` nothing would follow: that is OTP 22.
    let otp_22 = [&OLD_NAME[..3], &[0x02, 0xdf, 0x7f, 0xbd], b"b@host"].concat();
    let refused = Accepting::new(&a, 22).receive(&otp_22);
    assert_eq!(refused, Err(HandshakeError::TooOld(Flags::HANDSHAKE_23.0)));
}

#[test]
fn what_every_node_since_otp_25_can_is_required_and_may_be_said_in_one_flag() {
    let (a, mut b) = (local("a@host", "secret", "one"), local("b@host", "secret", "one"));
    b.flags = Flags(b.flags.0 & !Flags::MANDATORY.0 | Flags::MANDATORY_25_DIGEST.0);
    assert!(shake(&b, &a, &Status::Ok, true).1.is_ok());
    b.flags = Flags(b.flags.0 & !Flags::MANDATORY_25_DIGEST.0);
    assert_eq!(shake(&b, &a, &Status::Ok, true).1, Err(HandshakeError::TooOld(Flags::MANDATORY.0)));
}

#[test]
fn only_names_with_a_host_are_names_of_nodes() {
    for good in ["a@b", "c-2@127.0.0.1"] {
        assert!(is_node_name(good), "{good}");
    }
    for bad in ["", "a", "@", "a@", "@b", "a@b@c", &format!("{}@b", "a".repeat(254))] {
        assert!(!is_node_name(bad), "{bad}");
    }
    let a = local("a@host", "secret", "one");
    let myself = Accepting::new(&a, 1).receive(&a.write_name());
    assert_eq!(myself, Err(HandshakeError::BadName("a@host".into())));
}

proptest! {
    /// Whatever comes in whatever order, a node that does not know the cookie is never connected, and nothing panics.
    #[test]
    fn hostile_messages_connect_nobody(
        messages in prop::collection::vec(
            prop_oneof![
                prop::collection::vec(any::<u8>(), 0..40),
                any::<u32>().prop_map(|salt| local("b@host", "guess", "one").write_challenge(salt)),
                Just(local("b@host", "guess", "one").write_name()),
                (any::<u32>(), any::<[u8; 16]>()).prop_map(|(challenge, digest)| message::write_reply(challenge, &digest)),
                any::<[u8; 16]>().prop_map(|digest| message::write_ack(&digest)),
                Just(OLD_NAME.to_vec()),
                Just(COMPLEMENT.to_vec()),
                prop_oneof![Just("ok"), Just("true"), Just("alive"), Just("nok")].prop_map(message::write_status),
            ],
            1..12,
        ),
    ) {
        let a = local("a@host", "secret", "one");
        let mut accepting = Accepting::new(&a, 22);
        let (mut connecting, _) = Connecting::begin(&a, Arc::from("b@host"), 33);
        for message in messages {
            match accepting.receive(&message) {
                Ok(Heard::Name(_)) => drop(accepting.decide(&Status::Ok)),
                Ok(Heard::Connected(..)) => prop_assert!(false, "connected without the cookie"),
                Ok(Heard::Nameless { .. } | Heard::Receive | Heard::Send(_)) | Err(_) => {}
            }
            let next = connecting.receive(&message);
            prop_assert!(!matches!(next, Ok(Next::Connected(_))), "connected without the cookie");
        }
    }
}
