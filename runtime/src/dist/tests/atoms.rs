//! How many atoms a BEAM is sent.

use super::echo::{Body, call, far, heard, start};
use super::erlang::erl;
use super::{block_on, member};
use crate::dist::Table;
use crate::process::remote::{Encode, EncodeError, Failure, Shape, Unreachable};
use crate::term::{Atom, Term};

/// As many as a BEAM is sent over one connection, and some that it was not sent before.
fn atoms(from: u32, count: u32) -> Term {
    Term::List((from..from + count).map(|n| Atom::from(&*format!("atom{n}")).into()).collect())
}

#[test]
fn a_beam_is_sent_so_many_atoms_and_an_umbrella_node_any_number() {
    block_on(async {
        let table = Table::default();
        let (c, d) = (member("c", &table).await, member("d", &table).await);
        let (_pid, _end) = start(&c.node, "counter");
        let (_pid, _end) = start(&d.node, "counter");
        c.node.connect(&d.name).await.expect("is there");
        assert!(call(&c.node, &far(&c.node, &d.name, "counter"), atoms(0, 10_001)).await.is_ok());
        let script = "
            register(server, self()),
            {counter, N} ! self(),
            F = fun F() -> receive
                {'$gen_call', From, stop} -> gen_server:reply(From, stopped), timer:sleep(100);
                {'$gen_call', From, X} -> gen_server:reply(From, length(X)), F()
            end end,
            F()";
        let mut printed = erl(&c, "x4@127.0.0.1", script);
        while heard(&c.node).messages.lock().expect("whole").is_empty() {
            assert!(printed.try_recv().is_err(), "it has ended");
            tokio::task::yield_now().await;
        }
        let server = far(&c.node, "x4@127.0.0.1", "server");
        // Process groups have sent some already.
        assert_eq!(call(&c.node, &server, atoms(0, 9_900)).await, Ok(9_900.into()));
        let refused = call(&c.node, &server, atoms(9_900, 200)).await;
        let Err(Failure::BadMessage(why)) = refused else { panic!("expected a refusal: {refused:?}") };
        assert!(why.contains("10000 different atoms were sent to `x4@127.0.0.1`"), "{why}");
        let remote = c.node.remote().expect("distributed");
        let cast = Body(Shape::Cast, atoms(9_900, 200));
        let sent = c.node.enter(|| remote.send(None, &server, &cast as &dyn Encode));
        assert_eq!(sent, Err(Unreachable::Encode(EncodeError(why))));
        assert_eq!(call(&c.node, &server, atoms(5, 9_000)).await, Ok(9_000.into()), "those that are known");
        assert_eq!(call(&c.node, &server, Atom::new("stop")).await, Ok(Atom::new("stopped").into()));
        assert_eq!(printed.await.as_deref(), Ok(""));
    });
}
