//! `contracts`: what other nodes may say to the servers of the release, written down for those who upgrade it.
//!
//! Nothing has to run: the program knows what it was compiled of. `umbrella release` keeps what is printed as JSON in the
//! bundle, and `umbrella release --check-upgrade` compares two of them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::boot::Boot;
use super::console;
use super::exit_code::Exit;
use crate::application::Spec;
use crate::registry::contract::{Described, digits, of_all};
use crate::registry::wire::Protocols;

/// Of what `--json` prints.
const VERSION: u32 = 1;

/// What `--json` prints.
#[derive(Serialize)]
struct Contracts {
    version: u32,
    release: &'static str,
    release_version: &'static str,
    /// The same for two releases whose protocols are the same.
    fingerprint: String,
    /// Those that run here, and all they need, by name.
    applications: BTreeMap<&'static str, Application>,
    /// Where applications run that do not run here.
    elsewhere: BTreeMap<&'static str, &'static str>,
    /// In how many nodes releases run, if in several.
    instances: BTreeMap<&'static str, u32>,
    protocols: Vec<Served>,
    /// Servers that have parameters, so that it is not known what their messages are.
    generic: BTreeSet<&'static str>,
}

#[derive(Serialize)]
struct Application {
    version: &'static str,
    /// It has no processes of its own: what it serves runs in the trees of those that need it.
    library: bool,
    needs: BTreeSet<&'static str>,
}

#[derive(Serialize)]
struct Served {
    #[serde(flatten)]
    contract: Described,
    servers: BTreeSet<&'static str>,
}

impl Contracts {
    fn of(boot: &Boot, protocols: Protocols) -> Self {
        let mut applications = BTreeMap::new();
        boot.applications.iter().for_each(|spec| add(spec, &mut applications));
        let served = |(contract, servers)| Served { contract, servers };
        let served: Vec<_> = protocols.known.into_values().map(served).collect();
        Self {
            version: VERSION,
            release: boot.release,
            release_version: boot.version,
            fingerprint: digits(of_all(served.iter().map(|served| &served.contract))),
            applications,
            elsewhere: boot.elsewhere.clone(),
            instances: boot.instances.clone(),
            protocols: served,
            generic: protocols.generic,
        }
    }
}

/// Adds an application and all it needs.
fn add(spec: &Spec, to: &mut BTreeMap<&'static str, Application>) {
    if to.contains_key(spec.name()) {
        return;
    }
    let needs = spec.dependencies().iter().map(Spec::name).collect();
    to.insert(spec.name(), Application { version: spec.version(), library: spec.is_library(), needs });
    spec.dependencies().iter().for_each(|dependency| add(dependency, to));
}

/// Prints the contracts.
pub(super) fn contracts(boot: &Boot, json: bool) -> Exit {
    let contracts = Contracts::of(boot, Protocols::of_this_program());
    if json {
        return match serde_json::to_string(&contracts) {
            Ok(text) => {
                console::say(text);
                Exit::Done
            }
            Err(error) => {
                console::error(error);
                Exit::Failed
            }
        };
    }
    let Contracts { release, release_version, fingerprint, .. } = &contracts;
    console::say(format_args!("{fingerprint} {release} {release_version}"));
    for Served { contract: Described { protocol, fingerprint, contract }, .. } in &contracts.protocols {
        let handlers: Vec<_> = contract.handlers.iter().map(|handler| handler.name.as_str()).collect();
        console::say(format_args!("{fingerprint} {protocol}: {}", handlers.join(", ")));
    }
    for generic in &contracts.generic {
        console::say(format_args!("{:16} {generic}: depends on the types it is used with", "?"));
    }
    Exit::Done
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;

    struct Teller;

    #[gen_server]
    impl Teller {
        fn init() -> Self {
            Self
        }

        #[call]
        fn tell(&self, what: Option<String>) -> u8 {
            u8::from(what.is_some())
        }

        #[info]
        fn tick(&self, _: u16) {}
    }

    #[test]
    fn a_release_knows_its_applications_and_all_protocols_in_it() {
        let c = || Spec::library("c", "0.3.0");
        let a = Spec::library("a", "0.1.0")
            .depends_on(c())
            .depends_on(Spec::library("b", "0.2.0").depends_on(c()));
        let boot = Boot::new("a_b", "1.0.0").application(a).elsewhere("c", "c").instances("c", 3);
        let json =
            |protocols| serde_json::to_value(Contracts::of(&boot, protocols)).expect("text and numbers");
        let all = json(Protocols::of_this_program());
        assert_eq!(all["applications"]["a"]["needs"], serde_json::json!(["b", "c"]));
        assert_eq!(all["applications"]["c"]["version"], "0.3.0");
        assert_eq!((&all["elsewhere"]["c"], &all["instances"]["c"]), (&"c".into(), &3.into()));
        let name = std::any::type_name::<Teller>();
        let protocols = all["protocols"].as_array().expect("a list");
        let teller = protocols.iter().find(|protocol| protocol["protocol"] == name).expect("listed");
        assert_eq!(teller["servers"], serde_json::json!([name]));
        let kinds = ["tell", "tick"].iter().zip(teller["handlers"].as_array().expect("a list"));
        assert!(kinds.clone().all(|(name, handler)| handler["name"] == *name), "{teller}");
        assert_eq!(teller["handlers"][1]["kind"], "info");
        assert_ne!(all["fingerprint"], json(Protocols::default())["fingerprint"]);
    }
}
