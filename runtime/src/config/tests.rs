//! Layers, origins, and that everything wrong is said at once and nothing secret with it.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::num::NonZeroU16;
use std::path::PathBuf;

use proptest::prelude::*;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::*;

/// A root with these files, and these variables.
struct Layers {
    root: tempfile::TempDir,
    variables: Vec<(String, String)>,
}

fn layers(files: &[(&str, &str)], variables: &[(&str, &str)]) -> Layers {
    let root = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(root.path().join("config")).expect("config/");
    for (name, text) in files {
        fs::write(root.path().join("config").join(name), text).expect("a file");
    }
    let variables = variables.iter().map(|(name, text)| ((*name).into(), (*text).into())).collect();
    Layers { root, variables }
}

impl Layers {
    fn load(&self, env: &str) -> Result<Config, LoadError> {
        let prefixes = ["abc", "front"];
        Config::load(&Source { root: self.root.path(), env, prefixes: &prefixes, variables: &self.variables })
    }

    fn read<T: DeserializeOwned>(&self, application: &str) -> Result<T, Vec<Problem>> {
        self.load("dev").expect("readable files").section(application).read()
    }
}

fn text(problems: &[Problem]) -> Vec<String> {
    problems.iter().map(ToString::to_string).collect()
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Start {
    start: i64,
}

#[test]
fn the_environments_file_wins_over_the_common_one_and_a_variable_over_both() {
    let files = [("config.toml", "[b]\nstart = 1\n"), ("dev.toml", "[b]\nstart = 2\n"), ("test.toml", "")];
    let plain = layers(&files, &[]);
    let read = |env: &str| plain.load(env).expect("readable").section("b").read::<Start>();
    assert_eq!(read("dev"), Ok(Start { start: 2 }));
    assert_eq!(read("test"), Ok(Start { start: 1 }));
    assert_eq!(read("prod"), Ok(Start { start: 1 }));
    assert_eq!(layers(&files, &[("ABC__B__START", "3")]).read("b"), Ok(Start { start: 3 }));
    let both = layers(&files, &[("FRONT__B__START", "4"), ("ABC__B__START", "3")]);
    assert_eq!(both.read("b"), Ok(Start { start: 4 }), "the release is nearer than the umbrella");
}

#[test]
fn tables_are_merged_key_by_key() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Pool {
        pool: BTreeMap<String, i64>,
    }
    let files = [("config.toml", "[b.pool]\nsize = 1\nwait = 5\n"), ("dev.toml", "[b.pool]\nsize = 2\n")];
    let layers = layers(&files, &[("ABC__B__POOL__MAX", "9")]);
    let pool = [("size".into(), 2), ("wait".into(), 5), ("max".into(), 9)].into();
    assert_eq!(layers.read("b"), Ok(Pool { pool }));
}

#[test]
fn no_file_at_all_is_an_empty_table() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Optional {
        name: Option<String>,
        #[serde(default)]
        size: u8,
    }
    assert_eq!(layers(&[], &[]).read("b"), Ok(Optional { name: None, size: 0 }));
    assert_eq!(layers(&[], &[]).read::<()>("b"), Ok(()));
}

#[test]
fn one_application_does_not_see_the_table_of_another() {
    let layers = layers(&[("config.toml", "[a]\nsecret = 1\n[b]\nstart = 1\n")], &[("ABC__A__START", "7")]);
    assert_eq!(layers.read("b"), Ok(Start { start: 1 }));
}

#[test]
fn all_missing_keys_are_named_at_once_with_where_they_can_be_set() {
    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only its shape matters")]
    struct Config {
        address: SocketAddr,
        home: PathBuf,
        mode: Mode,
        name: String,
        pool: Pool,
        pair: (u8, char),
        workers: NonZeroU16,
        tags: Vec<String>,
    }
    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only its shape matters")]
    enum Mode {
        Fast(Pool),
        Slow,
    }
    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only its shape matters")]
    struct Pool {
        size: usize,
        wait: f32,
    }
    let problems = layers(&[], &[]).read::<Config>("b").expect_err("nothing is set");
    let missing: Vec<_> = problems
        .iter()
        .map(|problem| {
            let Problem::Missing { path, variable, .. } = problem else { panic!("{problem}") };
            (path.join("."), variable.as_str())
        })
        .collect();
    let expected = [
        ("address", "ABC__B__ADDRESS"),
        ("home", "ABC__B__HOME"),
        ("mode", "ABC__B__MODE"),
        ("name", "ABC__B__NAME"),
        ("pair", "ABC__B__PAIR"),
        ("pool.size", "ABC__B__POOL__SIZE"),
        ("pool.wait", "ABC__B__POOL__WAIT"),
        ("tags", "ABC__B__TAGS"),
        ("workers", "ABC__B__WORKERS"),
    ];
    let mut sorted = missing;
    sorted.sort();
    assert_eq!(sorted, expected.map(|(key, variable)| (key.to_owned(), variable)));
    let size = problems.iter().find(|problem| problem.to_string().starts_with("`size`")).expect("named");
    assert!(size.to_string().contains("config/config.toml under [b."), "{size}");
}

#[test]
fn a_missing_key_reads_as_a_sentence() {
    let problems = layers(&[], &[]).read::<Start>("b").expect_err("nothing is set");
    assert_eq!(
        text(&problems),
        [
            "`start` of application `b` is missing\n  set it in config/config.toml under [b], or with ABC__B__START"
        ]
    );
}

#[test]
fn wrong_types_name_key_file_and_line_and_do_not_hide_what_else_is_wrong() {
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its shape matters")]
    struct Config {
        port: u16,
        hosts: Vec<String>,
        name: String,
    }
    let files = [
        ("config.toml", "# ports\n[b]\nport = 70000\nhosts = [\"x\", 1]\n"),
        ("dev.toml", "[b]\nprot = 1\n"),
    ];
    let problems = layers(&files, &[]).read::<Config>("b").expect_err("four things are wrong");
    let mut said = text(&problems);
    said.sort();
    assert_eq!(
        said,
        [
            "`hosts[1]` of application `b` is an integer; expected a string\n  config/config.toml:4",
            "`name` of application `b` is missing\n  set it in config/config.toml under [b], or with ABC__B__NAME",
            "`port` of application `b` is an integer out of its range; expected u16\n  config/config.toml:3",
            "application `b` has no key `prot`\n  config/dev.toml:2\n  expected one of `port`, `hosts`, `name`",
        ]
    );
}

#[test]
fn an_application_without_configuration_takes_none() {
    let problems =
        layers(&[("config.toml", "[a]\nx = 1\ny = 2\n")], &[]).read::<()>("a").expect_err("two keys");
    assert_eq!(
        text(&problems),
        [
            "application `a` has no key `x`\n  config/config.toml:2\n  no key is expected here",
            "application `a` has no key `y`\n  config/config.toml:3\n  no key is expected here",
        ]
    );
}

#[test]
fn a_variable_is_a_toml_value_or_else_a_string() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Config {
        list: Vec<u8>,
        quoted: String,
        plain: String,
        digits: String,
        optional: Option<String>,
        on: bool,
    }
    let variables = [
        ("ABC__MY_APP__LIST", "[1, 2]"),
        ("ABC__MY_APP__QUOTED", "\"a b\""),
        ("ABC__MY_APP__PLAIN", "postgres://localhost/x"),
        ("ABC__MY_APP__DIGITS", "0123"),
        ("ABC__MY_APP__OPTIONAL", "2024-01-01"),
        ("ABC__MY_APP__ON", "true"),
    ];
    let expected = Config {
        list: vec![1, 2],
        quoted: "a b".into(),
        plain: "postgres://localhost/x".into(),
        digits: "0123".into(),
        optional: Some("2024-01-01".into()),
        on: true,
    };
    assert_eq!(layers(&[], &variables).read("my-app"), Ok(expected));
}

#[test]
fn a_variable_finds_a_key_with_another_spelling() {
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "kebab-case", deny_unknown_fields)]
    struct Config {
        max_size: u8,
        min_size: u8,
    }
    let variables = [("ABC__B__MAX_SIZE", "2"), ("ABC__B__MIN_SIZE", "1")];
    let layers = layers(&[("config.toml", "[b]\nmax-size = 9\n")], &variables);
    assert_eq!(layers.read("b"), Ok(Config { max_size: 2, min_size: 1 }));
}

#[test]
fn a_wrong_variable_is_named_as_the_origin() {
    let problems = layers(&[], &[("ABC__B__START", "one")]).read::<Start>("b").expect_err("not a number");
    assert_eq!(
        text(&problems),
        ["`start` of application `b` is a string; expected i64\n  environment variable ABC__B__START"]
    );
}

#[test]
fn no_message_holds_a_value() {
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its shape matters")]
    struct Config {
        token: u8,
        level: Level,
        key: Key,
    }
    #[derive(Debug, Deserialize)]
    enum Level {}
    #[derive(Debug, Deserialize)]
    #[serde(try_from = "String")]
    struct Key;
    impl TryFrom<String> for Key {
        type Error = String;
        fn try_from(text: String) -> Result<Self, String> {
            Err(format!("`{text}` is not a key"))
        }
    }
    let file = "[b]\ntoken = \"hunter2\"\nlevel = \"hunter2\"\nkey = \"hunter2\"\n";
    let problems = layers(&[("config.toml", file)], &[]).read::<Config>("b").expect_err("all wrong");
    assert!(
        problems.iter().any(|problem| problem.to_string().contains("`...` is not a key")),
        "{problems:?}"
    );
    assert!(!format!("{problems:?}{}", text(&problems).concat()).contains("hunter2"), "{problems:?}");

    let syntax =
        layers(&[("config.toml", "[b]\ntoken = \"hunter2\n")], &[]).load("dev").err().expect("no TOML");
    assert!(syntax.to_string().starts_with("config/config.toml:2:"), "{syntax}");
    assert!(!format!("{syntax} {syntax:?}").contains("hunter2"), "{syntax}");
}

#[test]
fn files_that_cannot_be_meant_are_refused() {
    let outside = layers(&[("config.toml", "start = 1\n")], &[]).load("dev").err().expect("no table");
    assert_eq!(
        outside.to_string(),
        "config/config.toml:1: key `start` belongs to no application\nhelp: put it into the table of one, as in [b]"
    );
    let range =
        layers(&[("dev.toml", "[b]\nx = 99999999999999999999\n")], &[]).load("dev").err().expect("too big");
    assert_eq!(range.to_string(), "config/dev.toml:2:1: the number is out of range");
    for env in ["staging", "", "../dev"] {
        let unknown = layers(&[], &[]).load(env).err().expect("no such file");
        assert!(matches!(unknown, LoadError::UnknownEnvironment { .. }), "{env}: {unknown}");
    }
    assert!(layers(&[("staging.toml", "")], &[]).load("staging").is_ok());
}

#[test]
fn several_problems_are_listed() {
    let mut problems = layers(&[], &[]).read::<Start>("b").expect_err("missing");
    problems.extend(layers(&[], &[]).read::<Start>("c").expect_err("missing"));
    let text = ConfigError { problems }.to_string();
    assert!(
        text.starts_with("the configuration is not usable in 2 places\n- `start` of application `b`"),
        "{text}"
    );
}

proptest! {
    #[test]
    fn whatever_is_missing_is_named_exactly(present in proptest::collection::btree_set(0usize..6, 0..6)) {
        #[derive(Debug, Deserialize)]
        #[expect(dead_code, reason = "only its shape matters")]
        struct Config { k0: u8, k1: String, k2: bool, k3: Vec<u8>, k4: char, k5: BTreeMap<String, u8> }
        let values = ["1", "\"x\"", "true", "[1]", "\"c\"", "{ a = 1 }"];
        let lines: String = present.iter().map(|i| format!("k{i} = {}\n", values[*i])).collect();
        let read = layers(&[("config.toml", &format!("[b]\n{lines}"))], &[]).read::<Config>("b");
        let missing: Vec<_> = (0..6).filter(|i| !present.contains(i)).map(|i| vec![format!("k{i}")]).collect();
        let named = read.err().unwrap_or_default().into_iter().map(|problem| {
            let Problem::Missing { path, .. } = problem else { panic!("{problem}") };
            path
        });
        let named: Vec<_> = named.collect();
        prop_assert_eq!(named, missing);
    }
}

#[test]
fn a_difference_lists_keys_whose_value_is_another_wherever_it_comes_from() {
    let before = "[b]\nsame = [1, { x = 1.5 }]\nmoved = 2\nold = 1\n[b.pool]\nsize = 1\nname = \"p\"\n";
    let now = "[b]\nnew = 1\nsame = [1, { x = 1.5 }]\n[b.pool]\nname = \"p\"\nsize = 2\n";
    let before = layers(&[("config.toml", before)], &[]).load("dev").expect("readable");
    let now = layers(&[("config.toml", now)], &[("ABC__B__MOVED", "2")]).load("dev").expect("readable");
    let keys = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect();
    let (changed, added, removed) = (keys(&["pool"]), keys(&["new"]), keys(&["old"]));
    let difference = Difference::between(&before.section("b"), &now.section("b"));
    assert_eq!(difference, Difference { changed, added, removed });
    assert!(Difference::between(&now.section("b"), &now.section("b")).is_empty());
    assert!(Difference::between(&before.section("c"), &now.section("c")).is_empty());
}
