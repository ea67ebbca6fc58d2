//! Nodes of Elixir: they use ours as they use each other, and typed clients use servers written in Elixir.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use umbrella::beam::Introspection;
use umbrella::prelude::*;
use umbrella::term::{Atom, Term};

use crate::asks::member;
use crate::erl::{Elixir, Find};
use crate::{Member, block_on, nowhere};

/// Its laws are in the script.
#[test]
fn an_elixir_node_uses_ours_as_any_other() {
    block_on(async {
        let c = member(Introspection::On).await;
        let said = Elixir::start("x1@127.0.0.1", &Find::Port(c.port()), "uses_ours.exs").lines().await;
        let passed = said.iter().any(|line| line == "0 of 11 failed");
        assert!(passed, "{}", said.join("\n"));
    });
}

#[test]
fn what_is_typed_into_iex_works() {
    block_on(async {
        let c = member(Introspection::Off).await;
        let typed = "
            Node.connect(:\"c@127.0.0.1\")
            GenServer.call({:counter, :\"c@127.0.0.1\"}, {:add, 1})
            :rpc.call(:\"c@127.0.0.1\", :work, :divide, [42, 2])
        ";
        let said = Elixir::typed("x2@127.0.0.1", &Find::Port(c.port()), typed).lines().await.join("\n");
        for expected in ["true", "6", "{:ok, 21}"] {
            assert!(said.lines().any(|line| line.ends_with(expected)), "{expected} is not in:\n{said}");
        }
    });
}

/// What the server of Elixir keeps.
#[derive(Serialize, Deserialize, Clone, PartialEq, Debug)]
struct Item {
    name: String,
    price: f64,
    colour: Colour,
    tags: Vec<Tag>,
    sizes: HashMap<String, u32>,
    note: Option<String>,
    made: (u16, u8),
}

#[derive(Serialize, Deserialize, Clone, PartialEq, Debug)]
enum Colour {
    Red,
    Mixed(u8),
}

#[derive(Serialize, Deserialize, Clone, PartialEq, Debug)]
enum Tag {
    New,
    Cheap,
}

#[derive(Serialize, Deserialize, PartialEq, Debug)]
enum Problem {
    NotFound(u64),
}

/// An element of a keyword list.
#[derive(Serialize, Deserialize, PartialEq, Debug)]
enum Choice {
    Depth(u8),
    Wide(bool),
}

/// `Catalogue` of `catalogue.exs`.
#[protocol]
trait Catalogue {
    #[call]
    fn find(&mut self, id: u64) -> Result<Item, Problem>;
    #[call]
    fn put(&mut self, id: u64, item: Item);
    #[call]
    fn options(&mut self) -> Vec<Choice>;
    #[call]
    fn limits(&mut self) -> (u128, i8, f64, f64, String, Term, String);
    #[call]
    fn raise(&mut self, message: String) -> Result<(), Atom>;
    #[call]
    fn stop(&mut self) -> Result<usize, Atom>;
    #[cast]
    fn forget(&mut self, id: u64);
}

const CATALOGUE: Name<CatalogueProtocol> = CatalogueProtocol::named("catalogue", "shop");

#[test]
fn a_typed_client_uses_a_server_written_in_elixir() {
    const THERE: &str = "x3@127.0.0.1";
    block_on(async {
        let c = Member::start(nowhere).await;
        let mut elixir = Elixir::start(THERE, &Find::Port(c.port()), "catalogue.exs");
        assert_eq!(elixir.line().await.as_deref(), Some("ready"));
        let catalogue = Name::on(&CATALOGUE, THERE);
        c.node
            .scope(async {
                let lamp = Item {
                    name: "lamp".into(),
                    price: 12.5,
                    colour: Colour::Red,
                    tags: vec![Tag::New],
                    sizes: [("small".to_owned(), 1), ("large".to_owned(), 2)].into(),
                    note: None,
                    made: (2026, 1),
                };
                assert_eq!(catalogue.find(1).await, Ok(Ok(lamp.clone())));
                let heavy = catalogue.find(2).await.expect("answers").expect("found");
                assert_eq!(
                    (heavy.name.as_str(), heavy.price, heavy.colour),
                    ("unnamed", 3.0, Colour::Mixed(10))
                );
                assert_eq!(heavy.note.as_deref(), Some("heavy"));
                assert_eq!(catalogue.find(3).await, Ok(Err(Problem::NotFound(3))));
                let cheap = Item { tags: vec![Tag::Cheap, Tag::New], note: Some("blau".into()), ..lamp };
                assert_eq!(catalogue.put(3, cheap.clone()).await, Ok(()));
                assert_eq!(catalogue.find(3).await, Ok(Ok(cheap)));
                catalogue.forget(3).expect("connected");
                assert_eq!(catalogue.find(3).await, Ok(Err(Problem::NotFound(3))));
                assert_eq!(catalogue.options().await, Ok(vec![Choice::Depth(3), Choice::Wide(true)]));
                let limits =
                    (1 << 100, -1, 1.5, 3.0, "list".into(), Term::Binary([0, 255].into()), "ü".into());
                assert_eq!(catalogue.limits().await, Ok(limits));
                match catalogue.raise("boom".into()).await {
                    Err(CallError::Exited(reason)) => {
                        let reason = reason.to_string();
                        assert!(reason.contains("RuntimeError") && reason.contains("boom"), "{reason}");
                    }
                    other => panic!("{other:?}"),
                }
                assert_eq!(elixir.line().await.as_deref(), Some("ready"), "it is started again");
                assert_eq!(catalogue.stop().await, Ok(Ok(2)));
            })
            .await;
    });
}
