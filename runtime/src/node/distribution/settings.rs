//! PURE: the table `[umbrella.node]` of the configuration.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use crate::config::{Config, Problem};
use crate::dist::{Access, Pattern, Permissions};

/// What the table may say. It is read once, when the node boots.
///
/// Environment variables say it too, as they do for applications: `ABC__UMBRELLA__NODE__HOST=10.0.0.4`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// Whether other nodes are spoken to at all.
    pub(crate) distribution: bool,
    /// What follows the `@` in the name of this node, and of those whose address is not fixed.
    pub(crate) host: Host,
    /// Where it listens; port 0 is any that is free.
    pub(crate) listen: Listen,
    /// Whether it registers with epmd, and asks epmd for the addresses of others.
    pub(crate) epmd: bool,
    /// The fixed addresses of other nodes, by full name.
    pub(crate) nodes: BTreeMap<FullName, Address>,
    /// A file with the addresses of further nodes, relative to the root; it is read whenever one of them is looked for, and
    /// now and then to learn which there are.
    pub(crate) nodes_file: Option<PathBuf>,
    /// What other nodes may have this one do, by patterns that their full names fit.
    pub(crate) access: BTreeMap<String, Permitted>,
    /// After how long a silent node counts as gone, in seconds.
    pub(crate) net_ticktime: TickTime,
    /// Whether plain TCP may be spoken beyond this machine.
    pub(crate) insecure: bool,
    /// The folder of the certificates, relative to the root; with it, TCP is TLS.
    pub(crate) tls: Option<PathBuf>,
    /// Where the cookie is, relative to the root.
    pub(crate) cookie_file: Option<PathBuf>,
    /// Whether other nodes may look into this one; if nothing is said, only while developing and in tests.
    pub(crate) introspection: Option<bool>,
}

/// After how long a silent node counts as gone.
///
/// Source: OTP `kernel` parameter `net_ticktime`, 60 s.
const DEFAULT_NET_TICKTIME: Duration = Duration::from_secs(60);

impl Default for Settings {
    fn default() -> Self {
        Self {
            distribution: true,
            host: Host("127.0.0.1".to_owned()),
            listen: Listen(SocketAddr::new(IpAddr::from([127, 0, 0, 1]), 0)),
            epmd: false,
            nodes: BTreeMap::new(),
            nodes_file: None,
            access: BTreeMap::new(),
            net_ticktime: TickTime(DEFAULT_NET_TICKTIME),
            insecure: false,
            tls: None,
            cookie_file: None,
            introspection: None,
        }
    }
}

/// All that the umbrella itself is configured with.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Umbrella {
    node: Settings,
}

/// A host, as in the name of a node.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Host(pub(crate) String);

/// Where a node listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Listen(pub(crate) SocketAddr);

/// The full name of a node, `c@10.0.0.5`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct FullName(pub(crate) String);

/// An address of another node: an IP address or a DNS name, and a port.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Address(pub(crate) String);

/// What one node, or those whose names fit a pattern, may have this one do: names, in which `*` stands for any text.
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Permitted {
    /// Registered names of processes.
    call: Vec<String>,
    /// Exported functions, `c:work/2`.
    spawn: Vec<String>,
    /// Registered names of processes.
    stop: Vec<String>,
}

/// `net_ticktime`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u32")]
pub(crate) struct TickTime(pub(crate) Duration);

impl TryFrom<String> for Host {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if is_host(&text) {
            Ok(Self(text))
        } else {
            Err("a host is an IP address or a DNS name, as in `10.0.0.4`")
        }
    }
}

impl TryFrom<String> for Listen {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse().map(Self).map_err(|_| "it is an IP address and a port, as in `10.0.0.4:9100`")
    }
}

impl TryFrom<String> for FullName {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let is_name = |(short, host): (&str, &str)| !short.is_empty() && is_host(host);
        // An atom holds 255 characters.
        let fits = text.len() <= 255 && text.split_once('@').is_some_and(is_name);
        if fits { Ok(Self(text)) } else { Err("the name of a node is `name@host`, as in `c@10.0.0.5`") }
    }
}

impl TryFrom<String> for Address {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let parts = text.rsplit_once(':').map(|(host, port)| (host, port.parse::<u16>()));
        match parts {
            Some((host, Ok(1..))) if is_host(host.trim_start_matches('[').trim_end_matches(']')) => {
                Ok(Self(text))
            }
            _ => Err("the address of a node is `host:port`, as in `10.0.0.5:9100`"),
        }
    }
}

impl TryFrom<u32> for TickTime {
    type Error = &'static str;

    fn try_from(seconds: u32) -> Result<Self, Self::Error> {
        // More than a day is not noticed by anybody, and would overflow nothing but patience.
        match seconds {
            1..=86_400 => Ok(Self(Duration::from_secs(seconds.into()))),
            _ => Err("it is a number of seconds from 1 to 86400"),
        }
    }
}

fn is_host(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
    !text.is_empty() && text.len() <= 253 && text.chars().all(fits)
}

/// Plain TCP would leave this machine, and nobody has said that it may.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{what} would be plain TCP beyond this machine: whoever is on the way reads it and can take it over\n\
     help: make certificates with `umbrella gen certs`; or, if nobody else is on that network, write `insecure = true` \
     under [umbrella.node] in config/{env}.toml, or set {variable}=true"
)]
pub(crate) struct Insecure {
    what: String,
    env: String,
    variable: String,
}

impl Settings {
    /// What the configuration says, or everything that is wrong with it.
    pub(crate) fn of(config: &Config) -> Result<Self, Vec<Problem>> {
        config.section(crate::config::UMBRELLA).read::<Umbrella>().map(|umbrella| umbrella.node)
    }

    /// Refuses plain TCP beyond this machine.
    ///
    /// An address that is a DNS name is looked at when it has been looked up.
    pub(crate) fn check_secure(&self, env: &str, prefix: &str) -> Result<(), Insecure> {
        if self.insecure || self.tls.is_some() || !self.distribution {
            return Ok(());
        }
        let refused = |what| {
            let prefix = prefix.replace('-', "_").to_uppercase();
            let variable = format!("{prefix}__UMBRELLA__NODE__INSECURE");
            Err(Insecure { what, env: env.to_owned(), variable })
        };
        if !self.listen.0.ip().is_loopback() {
            return refused(format!("`listen = \"{}\"`", self.listen.0));
        }
        let is_far = |address: &Address| address.0.parse().is_ok_and(|it: SocketAddr| !it.ip().is_loopback());
        match self.nodes.iter().find(|(_, address)| is_far(address)) {
            Some((name, address)) => refused(format!("`\"{}\" = \"{}\"`", name.0, address.0)),
            None => Ok(()),
        }
    }

    /// What other nodes may have this one do.
    pub(crate) fn access(&self) -> Access {
        let patterns = |names: &[String]| names.iter().map(|name| Pattern::new(&**name)).collect();
        let mut access = Access::default();
        for (nodes, Permitted { call, spawn, stop }) in &self.access {
            let permissions =
                Permissions { call: patterns(call), spawn: patterns(spawn), stop: patterns(stop) };
            access.allow(Pattern::new(&**nodes), permissions);
        }
        access
    }

    /// The full name of the node that is called `short` on its host.
    pub(crate) fn full_name(&self, short: &str) -> String {
        format!("{short}@{}", self.host.0)
    }

    /// Whether other nodes may look into this one.
    pub(crate) fn introspection(&self, env: &str) -> bool {
        self.introspection.unwrap_or(matches!(env, "dev" | "test"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(text: &str) -> Result<Settings, String> {
        let config = Config::of_text(text).expect("TOML");
        Settings::of(&config).map_err(|problems| problems.iter().map(|it| format!("{it}\n")).collect())
    }

    #[test]
    fn without_a_table_a_node_keeps_to_its_machine() {
        let settings = settings("[b]\nstart = 1\n").expect("nothing is needed");
        assert_eq!(settings, Settings::default());
        assert_eq!(settings.check_secure("prod", "abc"), Ok(()));
        assert!(settings.listen.0.ip().is_loopback());
        assert!(settings.introspection("dev") && !settings.introspection("prod"));
    }

    #[test]
    fn everything_can_be_said() {
        let text = r#"
            [umbrella.node]
            host = "10.0.0.4"
            listen = "10.0.0.4:9100"
            epmd = true
            net_ticktime = 8
            insecure = true
            cookie_file = "secret/COOKIE"
            introspection = true
            nodes_file = "nodes.toml"
            [umbrella.node.access]
            "billing@*" = { call = ["c_*"], spawn = ["c:work/2"] }
            "*" = {}
            [umbrella.node.nodes]
            "c@10.0.0.5" = "10.0.0.5:9100"
            "d@d.internal" = "d.internal:9100"
        "#;
        let settings = settings(text).expect("well said");
        assert_eq!(settings.host.0, "10.0.0.4");
        assert_eq!(settings.net_ticktime.0, Duration::from_secs(8));
        let nodes: Vec<_> =
            settings.nodes.iter().map(|(name, at)| (name.0.as_str(), at.0.as_str())).collect();
        assert_eq!(nodes, [("c@10.0.0.5", "10.0.0.5:9100"), ("d@d.internal", "d.internal:9100")]);
        assert!(settings.introspection("prod"));
        let mut access = Access::default();
        let permissions = Permissions {
            call: vec![Pattern::new("c_*")],
            spawn: vec![Pattern::new("c:work/2")],
            ..Permissions::default()
        };
        access.allow(Pattern::new("billing@*"), permissions);
        access.allow(Pattern::new("*"), Permissions::default());
        assert_eq!(settings.access(), access);
        assert_eq!(settings.nodes_file, Some("nodes.toml".into()));
        assert_eq!(settings.check_secure("prod", "abc"), Ok(()));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let wrong = settings(
            "[umbrella.node]\nhots = \"x\"\nlisten = 9100\nnet_ticktime = 0\n[umbrella.node.nodes]\n\"c\" = \"10.0.0.5:9100\"\n",
        );
        let said = wrong.expect_err("four mistakes");
        for expected in [
            "[umbrella.node] has no key `hots`\n  config/test.toml:2",
            "`listen` of [umbrella.node] is an integer; expected a string\n  config/test.toml:3",
            "`net_ticktime` of [umbrella.node] was refused: it is a number of seconds from 1 to 86400\n  config/test.toml:4",
        ] {
            assert!(said.contains(expected), "{said}");
        }
        assert!(settings("[umbrella]\nnodde = {}\n").is_err());
        for bad in ["10.0.0.5", "10.0.0.5:0", ":9100", "a b:9100", "c:99999"] {
            assert!(Address::try_from(bad.to_owned()).is_err(), "{bad}");
        }
        for good in ["10.0.0.5:1", "c.internal:9100", "[::1]:9100"] {
            assert!(Address::try_from(good.to_owned()).is_ok(), "{good}");
        }
    }

    #[test]
    fn plain_tcp_beyond_the_machine_must_be_spelled() {
        for text in ["listen = \"0.0.0.0:9100\"", "nodes = { \"c@10.0.0.5\" = \"10.0.0.5:9100\" }"] {
            let read = |more| settings(&format!("[umbrella.node]\n{text}\n{more}")).expect("well said");
            let refused = read("").check_secure("prod", "my-abc").expect_err("plain").to_string();
            assert!(
                refused.contains("`insecure = true` under [umbrella.node] in config/prod.toml"),
                "{refused}"
            );
            assert!(refused.contains("MY_ABC__UMBRELLA__NODE__INSECURE=true"), "{refused}");
            assert_eq!(read("insecure = true").check_secure("prod", "my-abc"), Ok(()));
            assert_eq!(read("tls = \"certs\"").check_secure("prod", "my-abc"), Ok(()));
            assert_eq!(read("distribution = false").check_secure("prod", "my-abc"), Ok(()));
        }
    }
}
