//! The bundles of a deployment as nodes of one cluster: b asks c through the library a, again and again.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use umbrella_tests::succeed;

use crate::abc::Bundle;

/// A port that was free a moment ago.
fn port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
    listener.local_addr().expect("it is bound").port()
}

fn kill(bundle: &Bundle) {
    let pid = bundle.run(&["pid"]).ended(0).out;
    succeed(Command::new("kill").args(["-KILL", pid.trim()]));
}

#[test]
fn bundles_that_lie_side_by_side_call_each_other() {
    let ab = Bundle::copy_of("a_b");
    let c = Bundle::beside("c", &ab);
    ab.run(&["daemon"]).ended(0);
    let after = ab.logs(0, "said: NoConnection(");
    c.run(&["daemon"]).ended(0);
    let after = ab.logs(after, "said: a count");
    let status = ab.run(&["status"]).ended(0).out;
    assert!(status.contains("connected to c@127.0.0.1"), "{status}");
    kill(&c);
    let after = ab.logs(after, "said: NoConnection(");
    c.run(&["daemon"]).ended(0);
    ab.logs(after, "said: a count");
}

#[test]
fn bundles_that_were_moved_apart_find_each_other_by_fixed_addresses() {
    let (ab, c, port) = (Bundle::copy_of("a_b"), Bundle::copy_of("c"), port());
    c.configure(&format!("[umbrella.node]\nlisten = \"127.0.0.1:{port}\"\n"));
    ab.configure(&format!("[umbrella.node.nodes]\n\"c@127.0.0.1\" = \"localhost:{port}\"\n"));
    for bundle in [&c, &ab] {
        bundle.run(&["daemon"]).ended(0);
    }
    ab.logs(0, "said: a count");
}

#[test]
fn a_node_of_another_deployment_is_refused_and_both_say_why() {
    let ab = Bundle::copy_of("a_b");
    let c = Bundle::beside("c", &ab);
    let built = c.path.join("releases/0.1.0/release.json");
    let json =
        fs::read_to_string(&built).unwrap().replace("\"identity\": \"prod\"", "\"identity\": \"stage\"");
    fs::write(&built, json).unwrap();
    for bundle in [&c, &ab] {
        bundle.run(&["daemon"]).ended(0);
    }
    for bundle in [&c, &ab] {
        bundle.logs(0, "`abc prod`");
        bundle.logs(0, "`abc stage`");
    }
    assert!(!ab.log().contains("a count"), "{}", ab.log());
}

#[test]
fn a_node_with_another_cookie_is_refused() {
    let ab = Bundle::copy_of("a_b");
    let c = Bundle::beside("c", &ab);
    fs::write(c.path.join("releases/COOKIE"), "another").unwrap();
    for bundle in [&c, &ab] {
        bundle.run(&["daemon"]).ended(0);
    }
    c.logs(0, "it has another cookie");
    assert!(!ab.log().contains("a count"), "{}", ab.log());
}

#[test]
fn a_cookie_that_others_may_read_is_none() {
    let c = Bundle::copy_of("c");
    let cookie = c.path.join("releases/COOKIE");
    fs::set_permissions(&cookie, fs::Permissions::from_mode(0o640)).unwrap();
    let refused = c.run(&["start"]).ended(1);
    assert!(refused.err.contains("chmod 600"), "{}", refused.err);
}

#[test]
fn plain_tcp_beyond_the_machine_must_be_spelled() {
    let c = Bundle::copy_of("c");
    c.configure("[umbrella.node]\nlisten = \"0.0.0.0:0\"\nhots = \"x\"\n");
    let refused = c.run(&["start"]).ended(1);
    assert!(
        refused.err.contains("[umbrella.node] has no key `hots`\n  config/prod.toml:3"),
        "{}",
        refused.err
    );
    c.configure("[umbrella.node]\nlisten = \"0.0.0.0:0\"\n");
    let refused = c.run(&["start"]).ended(1);
    assert!(
        refused.err.contains("`insecure = true` under [umbrella.node] in config/prod.toml"),
        "{}",
        refused.err
    );
    c.configure("[umbrella.node]\nlisten = \"0.0.0.0:0\"\ninsecure = true\n");
    c.run(&["daemon"]).ended(0);
}
