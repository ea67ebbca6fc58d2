//! Configuration: checked before anything starts, read again by a restart and a reload.

use std::fs;

use crate::release::Umbrella;

#[test]
fn a_restart_keeps_the_process_and_reads_the_configuration_again() {
    let umbrella = Umbrella::new();
    umbrella.run("daemon");
    let pid = umbrella.pid();
    fs::write(umbrella.root().join("config/config.toml"), "[b]\nstart = 7\n[c]\nstart = 2\n")
        .expect("a file");
    umbrella.run("restart").check(0, &format!("abc is running again (pid {})", pid.as_raw_pid()));
    assert_eq!(umbrella.pid(), pid);
    let log = fs::read_to_string(umbrella.file("abc.log")).expect("the log");
    assert!(log.contains("counting start=7"), "{log}");

    fs::write(umbrella.root().join("config/config.toml"), "").expect("a file");
    let failed = umbrella.run("restart");
    assert_eq!(failed.code, Some(1), "{failed:?}");
    assert!(failed.stderr.starts_with("error: abc stopped and could not boot again"), "{failed:?}");
}

#[test]
fn a_reload_tells_each_application_what_changed_or_changes_nothing() {
    let umbrella = Umbrella::new();
    let write = |text: &str| fs::write(umbrella.root().join("config/config.toml"), text).expect("a file");
    assert_eq!(umbrella.run("reload").code, Some(3));
    umbrella.run("daemon");
    umbrella.run("reload").check(0, "nothing has changed");
    write("[b]\nstart = 5\n[c]\nstart = 2\ncrash = false\n");
    umbrella.run("reload").check(0, "b: changed start\nc: added crash");
    write("[b]\nstart = 6\n[c]\n");
    let failed = umbrella.run("reload");
    assert!(failed.stderr.contains("`start` of application `c` is missing"), "{failed:?}");
    // Nothing was taken up: `b` is told now.
    write("[b]\nstart = 6\nfail = true\n[c]\nstart = 2\n");
    let failed = umbrella.run("reload");
    failed.check(1, "c: removed crash");
    assert_eq!(failed.stderr, "error: b: changed start; added fail: told to fail\n");
    umbrella.run("stop");
}

#[test]
fn all_that_is_wrong_with_the_configuration_is_said_before_anything_starts() {
    let umbrella = Umbrella::with("[c]\nstart = \"two\"\nx = 1\n");
    let failed = umbrella.run("start");
    let expected = "\
error: the configuration is not usable in 3 places
- `start` of application `c` is a string; expected i64
  config/config.toml:2
- application `c` has no key `x`
  config/config.toml:3
  expected one of `start`, `crash`, `hang`, `fail`, `stops_slowly`
- `start` of application `b` is missing
  set it in config/config.toml under [b], or with ABC__B__START
";
    assert_eq!((failed.stdout.as_str(), failed.stderr.as_str()), ("", expected));
    assert_eq!(failed.code, Some(1));
}
