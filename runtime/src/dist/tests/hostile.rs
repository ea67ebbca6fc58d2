//! Whoever sends what no node sends is turned away, and nobody else notices.

use std::sync::Arc;

use proptest::prelude::*;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

use super::echo::{call, far, start};
use super::{Member, block_on, member};
use crate::dist::Table;
use crate::dist::flags::Flags;
use crate::dist::frame::{Prefix, framed};
use crate::dist::fuzzing;
use crate::dist::handshake::{Connecting, Cookie, LONGEST, Local, Next};
use crate::term::Term;

/// Nodes `a` and `b`, which are connected and talk.
async fn talking() -> (Member, Member) {
    let table = Table::default();
    let (a, b) = (member("a", &table).await, member("b", &table).await);
    std::mem::forget(start(&b.node, "echo").1);
    talk(&a, &b).await;
    (a, b)
}

async fn talk(a: &Member, b: &Member) {
    assert_eq!(call(&a.node, &far(&a.node, &b.name, "echo"), 1).await, Ok(Term::from(1)));
}

/// A stranger's connection to `b`.
async fn stranger(b: &Member) -> TcpStream {
    TcpStream::connect(("127.0.0.1", b.distribution.ports()[0])).await.expect("listens")
}

/// Sends `bytes`, of which the other side may await more, and leaves.
async fn intrude(mut stranger: TcpStream, bytes: &[u8]) {
    let _sent = stranger.write_all(bytes).await;
    let _closed = stranger.shutdown().await;
    let mut rest = Vec::new();
    let _reset = stranger.read_to_end(&mut rest).await;
}

/// Sends `bytes`, and reads until the other side has enough.
async fn is_turned_away(stranger: &mut TcpStream, bytes: &[u8]) {
    // It may be turned away before it has said everything.
    let _sent = stranger.write_all(bytes).await;
    let mut rest = Vec::new();
    let _reset = stranger.read_to_end(&mut rest).await;
}

#[test]
fn garbage_before_the_cookie_is_known_closes_only_its_connection() {
    block_on(async {
        let (a, b) = talking().await;
        let long = framed(Prefix::Two, &[b'N'; LONGEST + 1]);
        for garbage in [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0; 2], &[0xFF; 4], &long, b"\0\x03sok"] {
            is_turned_away(&mut stranger(&b).await, garbage).await;
        }
        let mut random = super::network::Random::new(7);
        for message in fuzzing::handshakes().iter().cycle().take(200) {
            let mut message = message.clone();
            let at = random.below(message.len() as u64) as usize;
            message[at] ^= 1 << random.below(8);
            intrude(stranger(&b).await, &message).await;
        }
        talk(&a, &b).await;
        assert_eq!(b.node.nodes(), [a.name.as_str().into()]);
    });
}

/// A connection of a stranger that knows the cookie.
async fn intruder(b: &Member) -> TcpStream {
    known(b, stranger(b).await).await
}

/// Shows `b` at the other end of `stream` that it knows the cookie.
pub(super) async fn known<S: AsyncRead + AsyncWrite + Unpin>(b: &Member, mut stream: S) -> S {
    let local = Local {
        name: "x@127.0.0.1".into(),
        creation: 1,
        flags: Flags::OURS,
        cookie: Cookie::new("secret"),
        identity: Arc::from(""),
    };
    let (mut connecting, first) = Connecting::begin(&local, b.name.as_str().into(), 5);
    stream.write_all(&framed(Prefix::Two, &first)).await.expect("listens");
    loop {
        let length = stream.read_u16().await.expect("goes on");
        let mut message = vec![0; length.into()];
        stream.read_exact(&mut message).await.expect("goes on");
        match connecting.receive(&message).expect("a handshake") {
            Next::Receive => {}
            Next::Send(answer) => stream.write_all(&framed(Prefix::Two, &answer)).await.expect("goes on"),
            Next::AskAlive => {
                let answer = connecting.go_on(true);
                stream.write_all(&framed(Prefix::Two, &answer)).await.expect("goes on");
            }
            Next::Connected(_) => return stream,
        }
    }
}

#[test]
fn garbage_of_a_node_that_knows_the_cookie_closes_only_its_connection() {
    block_on(async {
        let (a, b) = talking().await;
        let mut random = super::network::Random::new(11);
        for message in fuzzing::connections().iter().cycle().take(200) {
            let stream = intruder(&b).await;
            let mut message = message.clone();
            for _ in 0..1 + random.below(4) {
                let at = 4 + random.below(message.len() as u64 - 4) as usize;
                message[at] ^= 1 << random.below(8);
            }
            intrude(stream, &message).await;
        }
        // Longer than any message is; not one of this protocol; no control message; no such operation.
        for garbage in [
            &[0xFF; 4][..],
            &[0, 0, 0, 1, 0xFF],
            &[0, 0, 0, 3, 112, 131, 97],
            &[0, 0, 0, 6, 112, 131, 104, 1, 97, 99],
        ] {
            is_turned_away(&mut intruder(&b).await, garbage).await;
        }
        talk(&a, &b).await;
        drop((a, b));
    });
}

proptest! {
    /// The same as in `tests/fuzz`, in little.
    #[test]
    fn no_bytes_do_harm(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        fuzzing::handshake(&bytes);
        fuzzing::connection(&bytes);
        fuzzing::port_mapper(&bytes);
    }
}
