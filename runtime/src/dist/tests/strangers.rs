//! Whoever does not know the cookie learns nothing by it, leaves nothing behind, and keeps nobody out.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::time::{sleep, timeout};

use super::hostile::known;
use super::{Member, member};
use crate::dist::Table;
use crate::dist::carrier::{self, Carrier};
use crate::dist::flags::Flags;
use crate::dist::frame::{Prefix, framed};
use crate::dist::handshake::{Connecting, Cookie, LONGEST, Local, Next};
use crate::dist::network::accept;

/// As many as may be in the middle of a handshake at once.
const PENDING: usize = 256;

fn in_virtual_time<T>(body: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    runtime.expect("a tokio runtime").block_on(body)
}

/// A connection to `b`, and what tells whether `b` still has its end of it.
fn calls(b: &Member) -> (UnixStream, Weak<dyn Carrier>) {
    let (here, there) = UnixStream::pair().expect("a pair");
    let there = carrier::unix(there);
    let held = Arc::downgrade(&there);
    let network = &b.distribution.network;
    network.spawn(accept(network.clone(), there));
    (here, held)
}

/// Whether it is closed by the other side, which has said nothing.
async fn is_closed(stranger: &mut UnixStream) -> bool {
    let read = timeout(Duration::from_millis(1), stranger.read(&mut [0])).await;
    read.is_ok_and(|read| matches!(read, Ok(0)))
}

fn stranger(name: &str, cookie: &str) -> Local {
    let (name, cookie, identity) = (name.into(), Cookie::new(cookie), "".into());
    Local { name, creation: 1, flags: Flags::OURS, cookie, identity }
}

/// Everything that `b` says to somebody who says this, and no more.
async fn told(b: &Member, says: &[Vec<u8>]) -> Vec<u8> {
    let (mut here, _) = calls(b);
    for message in says {
        here.write_all(&framed(Prefix::Two, message)).await.expect("not closed yet");
    }
    here.shutdown().await.expect("open");
    let mut all = Vec::new();
    here.read_to_end(&mut all).await.expect("closed in order");
    all
}

#[test]
fn a_handshake_that_does_not_go_on_is_given_up_and_only_so_many_are_waited_for() {
    in_virtual_time(async {
        let b = member("b", &Table::default()).await;
        let mut strangers: Vec<_> = (0..PENDING + 6).map(|_| calls(&b)).collect();
        let mut turned_away = Vec::new();
        for (nth, (stranger, _)) in strangers.iter_mut().enumerate() {
            if is_closed(stranger).await {
                turned_away.push(nth);
            }
        }
        assert_eq!(turned_away, (PENDING..PENDING + 6).collect::<Vec<_>>());
        sleep(Duration::from_secs(8)).await;
        for (stranger, held) in &mut strangers {
            assert!(is_closed(stranger).await && held.upgrade().is_none());
        }
    });
}

#[test]
fn those_who_only_hold_on_to_their_places_keep_nobody_out() {
    in_virtual_time(async {
        let b = member("b", &Table::default()).await;
        let mut strangers: Vec<_> = (0..PENDING).map(|_| calls(&b)).collect();
        // As slowly as can be: one byte of many.
        for (stranger, _) in &mut strangers {
            stranger.write_all(&[0]).await.expect("open");
        }
        sleep(Duration::from_secs(2)).await;
        assert!(strangers.iter().all(|(_, held)| held.upgrade().is_some()));
        let knows = known(&b, calls(&b).0).await;
        assert_eq!(b.node.nodes(), ["x@127.0.0.1".into()]);
        // The oldest has made room.
        assert!(is_closed(&mut strangers[0].0).await);
        assert!(!is_closed(&mut strangers[1].0).await);
        drop(knows);
    });
}

#[test]
fn whoever_does_not_know_the_cookie_is_told_what_the_handshake_needs_and_not_whether_it_came_close() {
    in_virtual_time(async {
        let b = member("b", &Table::default()).await;
        let x = stranger("x@127.0.0.1", "guess");
        let (mut connecting, name) = Connecting::begin(&x, b.name.as_str().into(), 5);
        let heard = told(&b, std::slice::from_ref(&name)).await;
        let (status, challenge) = heard.split_at(5);
        assert_eq!(status, framed(Prefix::Two, b"sok"));
        // Its name and what it can do, as any node says to whoever asks, and a number.
        assert!(challenge.windows(b.name.len()).any(|window| window == b.name.as_bytes()));
        assert!(!heard.windows(6).any(|window| window == b"secret"));
        connecting.receive(&status[2..]).expect("a status");
        let Ok(Next::Send(guess)) = connecting.receive(&challenge[2..]) else { panic!("a challenge") };
        for wrong in [guess, [b"r", &[0; 20][..]].concat(), b"r".to_vec(), b"a0123456789abcdef".to_vec()] {
            let heard = told(&b, &[name.clone(), wrong]).await;
            assert_eq!(heard.len(), status.len() + challenge.len(), "and nothing behind it");
        }
    });
}

#[test]
fn whoever_does_not_know_the_cookie_leaves_nothing_behind() {
    in_virtual_time(async {
        let b = member("b", &Table::default()).await;
        let known_names = |name: &str| b.node.node_id(name).expect("room").number();
        let before = known_names("before@host");
        let mut ends = Vec::new();
        for n in 0..1000 {
            let x = stranger(&format!("x{n}@host"), "guess");
            let (_, name) = Connecting::begin(&x, b.name.as_str().into(), n);
            let name = framed(Prefix::Two, &name);
            let reply = framed(Prefix::Two, &[b"r", &n.to_be_bytes()[..], &[7; 16]].concat());
            let long = framed(Prefix::Two, &[b'N'; LONGEST + 1]);
            let (mut here, held) = calls(&b);
            let says = match n % 4 {
                0 => name,
                1 => [name, reply].concat(),
                2 => name[..n as usize % name.len()].to_vec(),
                _ => long,
            };
            here.write_all(&says).await.expect("open");
            if n % 3 == 0 {
                here.shutdown().await.expect("open");
            }
            // Some wait until it is given up.
            let mut all = Vec::new();
            let _given_up = timeout(Duration::from_millis(10), here.read_to_end(&mut all)).await;
            ends.push((here, held));
        }
        sleep(Duration::from_secs(8)).await;
        assert_eq!(ends.iter().filter(|(_, held)| held.upgrade().is_some()).count(), 0);
        assert_eq!(b.node.nodes(), []);
        assert_eq!(known_names("after@host"), before + 1, "no name of theirs was kept");
    });
}

#[test]
fn a_name_that_would_garble_a_log_is_no_name_and_is_not_printed_as_it_is() {
    in_virtual_time(async {
        let b = member("b", &Table::default()).await;
        for name in ["x\u{1b}[2J@host", "x@host\nb@127.0.0.1: connected to root@host"] {
            let (_, says) = Connecting::begin(&stranger(name, "secret"), b.name.as_str().into(), 1);
            assert_eq!(told(&b, &[says]).await, b"");
        }
        let error = crate::dist::HandshakeError::BadName("x\n\u{1b}".into());
        assert_eq!(error.to_string(), "`x\\n\\u{1b}` is no name of a node");
    });
}
