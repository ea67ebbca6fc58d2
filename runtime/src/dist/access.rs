//! What the nodes that are connected may have this one do. Pure.
//!
//! Nothing is done for another node that was not [exported](crate::process::Node::export), or is not a handler of a
//! server whose messages cross nodes. An [`Access`] narrows that down for each node.

use std::collections::BTreeMap;

/// A name, in which each `*` stands for any text: `billing@*`, `c_*`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Pattern(Box<str>);

impl Pattern {
    /// A pattern, as it is written.
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    fn is_everything(&self) -> bool {
        &*self.0 == "*"
    }

    /// How much of a name it says.
    fn letters(&self) -> usize {
        self.0.chars().filter(|letter| *letter != '*').count()
    }

    fn fits(&self, name: &str) -> bool {
        let mut parts = self.0.split('*');
        let Some(rest) = parts.next().and_then(|head| name.strip_prefix(head)) else { return false };
        let Some(tail) = parts.next_back() else { return rest.is_empty() };
        let Some(mut rest) = rest.strip_suffix(tail) else { return false };
        // The first place is the best: it leaves the most to those that follow.
        parts.all(|part| match rest.split_once(part) {
            Some((_, after)) => {
                rest = after;
                true
            }
            None => false,
        })
    }
}

/// What one node may have this one do, besides `net_adm:ping`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Permissions {
    /// The registered names of the processes that it may call and send to. Those without a name need `*`; process groups
    /// are `pg`.
    ///
    /// `rex` answers what `rpc:block_call`, C nodes, and `rpc` before OTP 23 ask, and runs whatever is exported.
    pub call: Vec<Pattern>,
    /// The exported functions that it may have run, by `spawn`, `erpc`, or `rpc`: `c:work/2`, `c:*`.
    pub spawn: Vec<Pattern>,
    /// The registered names of the processes that it may end, by an exit signal, by linking to them, or by a request of
    /// `sys`. Those without a name need `*`.
    pub stop: Vec<Pattern>,
}

/// What other nodes may have this one do, by their full names.
///
/// Without any entry a node may have done whatever is exported, and call whatever takes messages of other nodes: it knows
/// the cookie. As soon as there is one, a node may do what the entry says that fits its name; of several the one that
/// leaves the least open. A node that none fits may do as before if it is of this deployment, and else nothing.
///
/// A name is proven by a certificate, where connections are secured. Without, whoever knows the cookie may say any name,
/// and that it is of this deployment.
///
/// Differs: OTP knows no permissions; whoever has the cookie may do anything.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Access(BTreeMap<Pattern, Permissions>);

impl Access {
    /// Says what the nodes may do whose full names fit `nodes`.
    pub fn allow(&mut self, nodes: Pattern, permissions: Permissions) {
        self.0.insert(nodes, permissions);
    }

    /// What the node with the full name `peer` may do; nothing is said of one that may do whatever is exported.
    pub(crate) fn of(&self, peer: &str, is_of_this_deployment: bool) -> Option<Permissions> {
        let fits = self.0.iter().filter(|(pattern, _)| pattern.fits(peer));
        match fits.max_by_key(|(pattern, _)| pattern.letters()) {
            Some((_, permissions)) => Some(permissions.clone()),
            None if self.0.is_empty() || is_of_this_deployment => None,
            None => Some(Permissions::default()),
        }
    }
}

/// What a node wants to have done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Wish<'a> {
    /// To call, or send to, the process with this name, or one that has none.
    Call(Option<&'a str>),
    /// To have a function run, `c:work/2`.
    Spawn(&'a str),
    /// To end the process with this name, or one that has none.
    Stop(Option<&'a str>),
}

/// A node may not do what it wants to.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "`{peer}` may not {verb} {what}\n\
     help: list {listed} in `{verb}` of the entry for `{peer}`, under [umbrella.node.access] in the configuration of `{here}`"
)]
pub(crate) struct NotAllowed {
    here: Box<str>,
    peer: Box<str>,
    verb: &'static str,
    what: Box<str>,
    listed: Box<str>,
}

/// Says that the node is there, and nothing else.
const PINGED: &str = "net_kernel";

impl Permissions {
    /// Whether `peer` may have `wish` done by `here`.
    pub(crate) fn check(&self, wish: Wish<'_>, here: &str, peer: &str) -> Result<(), NotAllowed> {
        let (verb, list, name) = match wish {
            Wish::Call(name) => ("call", &self.call, name),
            Wish::Spawn(name) => ("spawn", &self.spawn, Some(name)),
            Wish::Stop(name) => ("stop", &self.stop, name),
        };
        let is_ping = wish == Wish::Call(Some(PINGED));
        let is_listed =
            |pattern: &Pattern| pattern.is_everything() || name.is_some_and(|it| pattern.fits(it));
        if is_ping || list.iter().any(is_listed) {
            return Ok(());
        }
        let quoted = |name: &str| format!("`{name}`").into_boxed_str();
        Err(NotAllowed {
            here: here.into(),
            peer: peer.into(),
            verb,
            what: name.map_or_else(|| "a process without a name".into(), quoted),
            listed: quoted(name.unwrap_or("*")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        let fits = |pattern: &str, name: &str| Pattern::new(pattern).fits(name);
        for (pattern, name) in
            [("c@h", "c@h"), ("*", ""), ("*", "c@h"), ("c@*", "c@h"), ("*@h", "c@h"), ("c*@*h", "c-1@hh")]
        {
            assert!(fits(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in
            [("c@h", "c@hh"), ("c@*", "d@h"), ("a*a", "a"), ("*@h", "c@g"), ("", "c"), ("a*b*c", "acb")]
        {
            assert!(!fits(pattern, name), "{pattern} {name}");
        }
    }

    fn listed(names: &[&str]) -> Vec<Pattern> {
        names.iter().map(|name| Pattern::new(*name)).collect()
    }

    fn may(permissions: &Permissions, wish: Wish<'_>) -> Result<(), String> {
        permissions.check(wish, "here@h", "b@h").map_err(|error| error.to_string())
    }

    #[test]
    fn without_an_entry_all_may_do_what_is_exported() {
        assert_eq!(Access::default().of("b@h", false), None);
    }

    #[test]
    fn with_an_entry_others_may_do_nothing_unless_they_are_of_the_deployment() {
        let mut access = Access::default();
        access
            .allow(Pattern::new("billing@*"), Permissions { call: listed(&["c"]), ..Permissions::default() });
        let of = |access: &Access, peer, is_ours| access.of(peer, is_ours).expect("not all");
        assert!(may(&of(&access, "b@h", false), Wish::Call(Some("c"))).is_err());
        assert_eq!(access.of("b@h", true), None);
        assert!(may(&of(&access, "billing@h", true), Wish::Stop(Some("c"))).is_err());
        assert_eq!(may(&of(&access, "billing@h", false), Wish::Call(Some("c"))), Ok(()));
        access.allow(Pattern::new("*"), Permissions::default());
        assert!(may(&of(&access, "b@h", true), Wish::Call(Some("c"))).is_err());
        assert_eq!(may(&of(&access, "billing@h", false), Wish::Call(Some("c"))), Ok(()), "it fits better");
    }

    #[test]
    fn each_is_allowed_by_its_own_list_and_a_ping_always() {
        let permissions = Permissions {
            call: listed(&["c_*"]),
            spawn: listed(&["c:work/2", "d:*"]),
            stop: listed(&["c_worker"]),
        };
        for wish in [
            Wish::Call(Some("c_counter")),
            Wish::Call(Some("net_kernel")),
            Wish::Spawn("c:work/2"),
            Wish::Spawn("d:any/0"),
            Wish::Stop(Some("c_worker")),
        ] {
            assert_eq!(may(&permissions, wish), Ok(()), "{wish:?}");
        }
        for wish in [
            Wish::Call(Some("d")),
            Wish::Call(Some("rex")),
            Wish::Call(None),
            Wish::Spawn("c:work/3"),
            Wish::Stop(Some("c_counter")),
            Wish::Stop(Some("net_kernel")),
        ] {
            assert!(may(&permissions, wish).is_err(), "{wish:?}");
        }
    }

    #[test]
    fn a_refusal_says_what_to_type_and_where() {
        let refused = |wish| may(&Permissions::default(), wish).expect_err("nothing is allowed");
        assert_eq!(
            refused(Wish::Call(Some("c"))),
            "`b@h` may not call `c`\nhelp: list `c` in `call` of the entry for `b@h`, under [umbrella.node.access] in the \
             configuration of `here@h`"
        );
        let text = refused(Wish::Stop(None));
        assert!(text.contains("may not stop a process without a name\nhelp: list `*` in `stop`"), "{text}");
    }
}
