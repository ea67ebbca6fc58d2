//! What a program was compiled of: each protocol whose messages cross nodes lists itself.
//!
//! The list is made by the linker, before anything runs, so nothing is missing from it that is linked, named or not,
//! started or not.
//! Considered: a list in `application!()`, which cannot name what is private in a module and which users would forget.

use std::any::type_name;
use std::collections::{BTreeMap, BTreeSet};

use super::terms::contract;
use crate::registry::Protocol;
use crate::registry::contract::Described;

/// A protocol, or a server of one, that is part of the program; what generated code submits.
#[derive(Debug)]
pub struct Compiled(Entry);

#[derive(Debug)]
enum Entry {
    Protocol {
        protocol: fn() -> &'static str,
        server: Option<fn() -> &'static str>,
        contract: fn() -> Option<Described>,
    },
    /// Has parameters, so it is as many protocols as it is used with types.
    Generic(&'static str),
}

inventory::collect!(Compiled);

impl Compiled {
    /// The protocol `P`.
    pub const fn protocol<P: Protocol>() -> Self {
        Self(Entry::Protocol { protocol: type_name::<P>, server: None, contract: contract::<P> })
    }

    /// The server `S` of the protocol `P`.
    pub const fn server<P: Protocol, S>() -> Self {
        let server = type_name::<S>;
        Self(Entry::Protocol { protocol: type_name::<P>, server: Some(server), contract: contract::<P> })
    }

    /// The server `name`, which is generic.
    pub const fn generic(name: &'static str) -> Self {
        Self(Entry::Generic(name))
    }
}

/// The protocols of the program whose messages cross nodes.
#[derive(Default)]
pub(crate) struct Protocols {
    /// By their names, each with the names of its servers.
    pub(crate) known: BTreeMap<&'static str, (Described, BTreeSet<&'static str>)>,
    /// The servers whose messages depend on what they are used with.
    pub(crate) generic: BTreeSet<&'static str>,
}

impl Protocols {
    pub(crate) fn of_this_program() -> Self {
        let mut protocols = Self::default();
        for Compiled(entry) in inventory::iter::<Compiled> {
            match *entry {
                Entry::Protocol { protocol, server, contract } => protocols.add(protocol(), server, contract),
                Entry::Generic(name) => {
                    protocols.generic.insert(name);
                }
            }
        }
        protocols
    }

    fn add(
        &mut self,
        name: &'static str,
        server: Option<fn() -> &'static str>,
        contract: fn() -> Option<Described>,
    ) {
        if !self.known.contains_key(name) {
            let Some(contract) = contract() else { return };
            self.known.insert(name, (contract, BTreeSet::new()));
        }
        if let Some((_, servers)) = self.known.get_mut(name) {
            servers.extend(server.map(|server| server()));
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(dead_code, reason = "servers that are listed and never started")]

    use super::*;
    use crate::prelude::*;

    #[crate::protocol]
    trait Shop {
        #[call]
        fn buy(&mut self, what: String) -> u32;
    }

    struct Market;

    #[gen_server(protocol = ShopProtocol)]
    impl Market {
        fn init() -> Self {
            Self
        }
    }

    impl Shop for Market {
        fn buy(&mut self, _what: String) -> u32 {
            1
        }
    }

    #[derive(PartialEq)]
    enum State {
        Shut,
    }

    struct Door;

    #[gen_statem(state = State)]
    impl Door {
        fn init() -> Result<(State, Self), ExitReason> {
            Ok((State::Shut, Self))
        }

        #[call]
        fn is_open(&self, state: &State) -> bool {
            !matches!(state, State::Shut)
        }

        #[internal]
        fn lock(&mut self) {}
    }

    struct Shelf<T>(Option<T>);

    #[gen_server]
    impl<T: Send + 'static> Shelf<T> {
        fn init() -> Self {
            Self(None)
        }

        #[call]
        fn is_empty(&self) -> bool {
            self.0.is_none()
        }
    }

    struct Hidden;

    #[gen_server(local)]
    impl Hidden {
        fn init() -> Self {
            Self
        }

        #[cast]
        fn hide(&self) {}
    }

    #[test]
    fn what_crosses_nodes_is_listed_though_nothing_runs() {
        let all = Protocols::of_this_program();
        let here = |name: &str| name.strip_prefix(concat!(module_path!(), "::")).map(str::to_owned);
        let known = all.known.iter().filter_map(|(name, (described, servers))| {
            let handlers = described.contract.handlers.iter().map(|handler| handler.name.clone());
            Some((here(name)?, servers.iter().filter_map(|name| here(name)).collect(), handlers.collect()))
        });
        let expected = |name: &str, server: &str, handler: &str| {
            (name.to_owned(), vec![server.to_owned()], vec![handler.to_owned()])
        };
        assert_eq!(
            known.collect::<Vec<_>>(),
            [expected("Door", "Door", "is_open"), expected("ShopProtocol", "Market", "buy")]
        );
        assert_eq!(all.generic.iter().filter_map(|name| here(name)).collect::<Vec<_>>(), ["Shelf"]);
    }
}
