//! Nodes that find each other through a port mapper that one of them is.

use std::net::SocketAddr;

use proptest::prelude::*;
use tokio::net::TcpListener;

use super::protocol::{self, Request};
use super::{Registration, client, keep_registered, local, lookup, names};

fn registration(name: &str, port: u16) -> Registration {
    Registration { name: name.into(), port, is_hidden: true }
}

proptest! {
    #[test]
    fn requests_are_read_as_they_were_written(name in "[a-zé]{1,20}", port in 1_u16.., is_hidden: bool) {
        let register = Request::Register(Registration { name: name.as_str().into(), port, is_hidden });
        for request in [register, Request::Lookup(name.into()), Request::Names] {
            let bytes = request.write();
            let length = usize::from(u16::from_be_bytes([bytes[0], bytes[1]]));
            prop_assert_eq!(length, bytes.len() - 2);
            prop_assert_eq!(Request::read(&bytes[2..]), Some(request));
        }
    }

    #[test]
    fn hostile_requests_do_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..64), tag in 108_u8..124) {
        let bytes = [vec![tag], bytes].concat();
        if let Some(Request::Register(Registration { name, .. }) | Request::Lookup(name)) = Request::read(&bytes) {
            prop_assert!(!name.contains('@'));
        }
        let _answers = (protocol::read_port(&bytes), protocol::read_names(&bytes));
    }
}

/// A port that nobody has.
async fn free_address() -> SocketAddr {
    let listener = TcpListener::bind(local(0)).await.expect("a port");
    listener.local_addr().expect("has one")
}

/// Waits until `epmd` knows the port of `name`, or no longer.
async fn until(epmd: SocketAddr, name: &str, port: Option<u16>) {
    while lookup(epmd, name).await.ok() != Some(port) {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn the_first_node_serves_and_when_it_ends_another_does() {
    let epmd = free_address().await;
    let a = tokio::spawn(keep_registered(epmd, registration("a", 1)));
    until(epmd, "a", Some(1)).await;
    let b = tokio::spawn(keep_registered(epmd, registration("b", 2)));
    let c = tokio::spawn(keep_registered(epmd, registration("c", 3)));
    until(epmd, "b", Some(2)).await;
    until(epmd, "c", Some(3)).await;
    let names = names(epmd).await.expect("answers");
    assert_eq!(names, [("a".into(), 1), ("b".into(), 2), ("c".into(), 3)]);

    a.abort();
    until(epmd, "b", Some(2)).await;
    until(epmd, "c", Some(3)).await;
    until(epmd, "a", None).await;
    b.abort();
    c.abort();
}

#[tokio::test]
async fn a_name_is_given_once() {
    let epmd = free_address().await;
    let a = tokio::spawn(keep_registered(epmd, registration("a", 1)));
    until(epmd, "a", Some(1)).await;
    let refused = client::register(epmd, &registration("a", 2)).await.expect_err("taken");
    assert_eq!(refused.kind(), std::io::ErrorKind::AddrInUse);
    a.abort();
}
