//! Nodes in Java (`jinterface`) and in C (`ei`): each calls a server and a function of ours.

use std::process::Command;

use umbrella::beam::Introspection;

use crate::asks::{equip, member};
use crate::epmd::{free_port, through, until_known};
use crate::erl::file;
use crate::program::Program;
use crate::{COOKIE, Member, block_on};

/// The count was 5.
const ANSWERS: [&str; 2] = ["45", "{ok,21}"];

#[test]
fn a_java_node_calls_a_server_and_a_function() {
    // Debian's place, unless told otherwise.
    let jar = std::env::var("CLASSPATH").unwrap_or_else(|_| "/usr/share/java/OtpErlang.jar".into());
    let port = free_port();
    block_on(async {
        let c = Member::start(through(port)).await;
        equip(&c, Introspection::Off).await;
        until_known(port, &["c"]).await;
        let mut java = Command::new("java");
        java.args(["-cp", &jar]).args([file("others/Caller.java").as_str(), COOKIE, &port.to_string()]);
        assert_eq!(Program::start(&mut java).lines().await, ANSWERS);
    });
}

#[test]
fn a_c_node_calls_a_server_and_a_function() {
    // Debian's place; CPATH and LIBRARY_PATH add others.
    const ERLANG: &str = "/usr/lib/erlang/usr";
    let folder = tempfile::tempdir().expect("a folder");
    let caller = folder.path().join("caller");
    block_on(async {
        let mut cc = Command::new("cc");
        cc.arg("-o").arg(&caller).arg(file("others/caller.c"));
        cc.args([format!("-I{ERLANG}/include"), format!("-L{ERLANG}/lib")]).args(["-pthread", "-lei"]);
        assert_eq!(Program::start(&mut cc).lines().await, [""; 0]);
        let c = member(Introspection::Off).await;
        let said = Program::start(Command::new(&caller).args([COOKIE, &c.port().to_string()])).lines().await;
        assert_eq!(said, ["45", "{ok, 21}"]);
    });
}
