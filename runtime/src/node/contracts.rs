//! `contracts`: what other nodes may say to the servers of the node, and what an upgrade does to that.

use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

use super::boot::Placed;
use super::console;
use super::control::client::AskError;
use super::control::protocol::{Contracts, Request};
use super::exit_code::Exit;
use super::neighbour::{Neighbour, SHORT_WAIT};
use crate::registry::contract::{Described, Direction, Incompatibility, compare};

/// Why the contracts of an older version are not known.
#[derive(Debug, thiserror::Error)]
enum OldError {
    #[error(transparent)]
    Read(#[from] io::Error),
    #[error("not what `contracts --json` prints: {0}")]
    Json(#[from] serde_json::Error),
}

/// Prints the contracts, or compares them with those in a file.
pub(super) fn contracts(placed: &Placed, json: bool, against: Option<&Path>) -> Exit {
    let release = placed.name();
    let mut client = match Neighbour::find(&placed.run_dir) {
        Ok(Neighbour::Running { client, .. }) => client,
        Ok(Neighbour::Crashed(_) | Neighbour::None) => {
            console::error(format_args!("{release} is not running"));
            return Exit::NotRunning;
        }
        Err(error) => {
            let folder = placed.run_dir.folder().display();
            console::error(format_args!("failed to look into {folder}: {error}"));
            return Exit::Failed;
        }
    };
    let Contracts { contracts } = match client.ask(&Request::Contracts, SHORT_WAIT) {
        Ok(contracts) => contracts,
        Err(AskError::Timeout) => {
            console::error(AskError::Timeout);
            return Exit::NotInTime;
        }
        Err(error) => {
            console::error(error);
            return Exit::Failed;
        }
    };
    match against {
        None if json => say_json(&contracts),
        None => {
            for (name, known) in &contracts {
                console::say(format_args!("{name} {} {}", known.fingerprint, known.protocol));
            }
            Exit::Done
        }
        Some(file) => match read(file) {
            Ok(old) => report(&upgrade(&old, &contracts), json),
            Err(error) => {
                console::error(format_args!("failed to read {}: {error}", file.display()));
                Exit::Failed
            }
        },
    }
}

fn read(file: &Path) -> Result<BTreeMap<String, Described>, OldError> {
    Ok(serde_json::from_str(&fs::read_to_string(file)?)?)
}

fn say_json(value: &impl serde::Serialize) -> Exit {
    match serde_json::to_string(value) {
        Ok(text) => {
            console::say(text);
            Exit::Done
        }
        Err(error) => {
            console::error(error);
            Exit::Failed
        }
    }
}

/// In which order nodes may be upgraded.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
#[serde(rename_all = "snake_case")]
enum Order {
    Any,
    ServersFirst,
    CallersFirst,
    None,
}

/// What an upgrade does.
#[derive(PartialEq, Eq, Debug, serde::Serialize)]
struct Upgrade {
    order: Order,
    /// By the name of the server.
    incompatible: BTreeMap<String, Vec<Incompatibility>>,
}

/// A server that is gone takes no calls of old nodes; one that is new gets none of them.
fn upgrade(old: &BTreeMap<String, Described>, new: &BTreeMap<String, Described>) -> Upgrade {
    let nothing = Described::new("", Default::default());
    let names = old.keys().chain(new.keys().filter(|name| !old.contains_key(*name)));
    let compared = names.map(|name| {
        let [old, new] = [old, new].map(|all| all.get(name).unwrap_or(&nothing));
        (name.clone(), compare(&old.contract, &new.contract))
    });
    let incompatible: BTreeMap<_, _> = compared.filter(|(_, found)| !found.is_empty()).collect();
    let fails = |direction| incompatible.values().flatten().any(|found| found.direction == direction);
    let order = match (fails(Direction::OldCallsNew), fails(Direction::NewCallsOld)) {
        (false, false) => Order::Any,
        (false, true) => Order::ServersFirst,
        (true, false) => Order::CallersFirst,
        (true, true) => Order::None,
    };
    Upgrade { order, incompatible }
}

fn report(upgrade: &Upgrade, json: bool) -> Exit {
    if json {
        say_json(upgrade);
    } else {
        for (name, found) in &upgrade.incompatible {
            found.iter().for_each(|found| console::say(format_args!("{name}: {found}")));
        }
        console::say(match upgrade.order {
            Order::Any => "nodes may be upgraded in any order",
            Order::ServersFirst => "upgrade this release before those that call it",
            Order::CallersFirst => "upgrade the releases that call this one before it",
            Order::None => "no order is safe: stop all nodes, then upgrade",
        });
    }
    if upgrade.order == Order::None { Exit::Failed } else { Exit::Done }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;
    use crate::registry::wire::contract;

    struct Old;

    #[gen_server]
    impl Old {
        fn init() -> Self {
            Self
        }

        #[call]
        fn add(&self, by: i32) -> i64 {
            by.into()
        }

        #[cast]
        fn reset(&self) {}
    }

    struct New;

    #[gen_server]
    impl New {
        fn init() -> Self {
            Self
        }

        #[call]
        fn add(&self, by: i64) -> i64 {
            by
        }

        #[cast]
        fn reset(&self) {}

        #[info]
        fn tick(&self, _: u8) {}
    }

    fn of<S: GenServer>() -> BTreeMap<String, Described> {
        let contract = contract::<S::Protocol>().expect("crosses nodes");
        [("c_counter".to_owned(), serde_json::from_value(contract).expect("as it was written"))].into()
    }

    #[test]
    fn the_order_is_the_one_in_which_no_call_fails() {
        let (none, old, new) = (BTreeMap::new(), of::<Old>(), of::<New>());
        for (before, after, order) in [
            (&old, &old, Order::Any),
            (&old, &new, Order::ServersFirst),
            (&new, &old, Order::CallersFirst),
            (&none, &new, Order::ServersFirst),
            (&new, &none, Order::CallersFirst),
        ] {
            assert_eq!(upgrade(before, after).order, order);
        }
        let found = upgrade(&old, &new).incompatible;
        assert_eq!(
            found["c_counter"][0].to_string(),
            "new -> old: `add` at `by`: it is written as i64, and read as i32"
        );
        assert_eq!(old["c_counter"].contract.handlers.len(), 2);
    }
}
