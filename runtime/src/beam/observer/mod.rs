//! What `observer` asks of the node it looks at.
//!
//! Its records are positional, and its panels divide by what they are given: no list that it takes a sum of is empty.
//!
//! Source: `observer_backend`, `appmon_info` of `runtime_tools` 1.19, and what `observer` 2.14 and 2.17 do with the answers.

mod appmon;
mod procs;
mod stats;

pub(super) use appmon::group_leader;
pub(crate) use appmon::{members, root};
pub(super) use stats::{memory, statistics, system_info};

use super::apply::Raised;
use crate::process::Node;
use crate::term::Term;

/// Exports what `observer` spawns here.
pub(super) fn export(node: &Node) {
    procs::export(node);
    stats::export(node);
}

/// Whether [`call`] answers a function that panels look for first.
pub(super) fn answers(module: &str, function: &str, arity: u8) -> bool {
    let known = matches!(
        (function, arity),
        ("sys_info" | "get_port_list" | "get_socket_list" | "socket_info", 0) | ("get_table_list", 2)
    );
    module == "observer_backend" && known
}

/// The answer of a function; nothing if there is none of the name.
pub(super) fn call(
    node: &Node,
    module: &str,
    function: &str,
    arguments: &[Term],
) -> Option<Result<Term, Raised>> {
    Some(Ok(match (module, function, arguments) {
        ("observer_backend", "sys_info", []) => stats::sys_info(node),
        // There are no ports, no sockets, and no tables of `ets` or `mnesia` here.
        ("observer_backend", "get_port_list" | "get_socket_list", [])
        | ("observer_backend", "get_table_list", [_, _]) => Term::List(vec![]),
        // Nothing is known of sockets in general, which the panel then says.
        ("observer_backend", "socket_info", []) => Term::List(vec![]),
        ("appmon_info", "start_link2", [_, client, _]) => return Some(appmon::start(node, client)),
        // Which page it shows of a process depends on this.
        (_, "module_info", [what]) if what.as_atom() == Some("attributes") => {
            let behaviour =
                Term::tuple([Term::atom("behaviour"), Term::List(vec![Term::atom("gen_server")])]);
            Term::List(vec![behaviour])
        }
        _ => return None,
    }))
}
