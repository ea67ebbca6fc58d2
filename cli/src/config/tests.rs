//! Layers, and what is hidden.

use super::*;

fn shown(config: &Config, application: &str) -> Vec<String> {
    let line = |(path, setting): (&Vec<String>, &Setting)| {
        format!("{} = {}  {}", path.join("."), masked(path, setting).text, setting.origin)
    };
    config.of(application).iter().map(line).collect()
}

fn layers(files: &[(&str, &str)]) -> Config {
    files.iter().fold(Config::default(), |config, (path, text)| config.with_file(path, text).unwrap())
}

fn variables(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

#[test]
fn a_later_layer_wins_key_by_key() {
    let config = layers(&[
        ("config/config.toml", "[b]\nstart = 0\npool = { size = 5, name = \"p\" }\n\n[c]\nx = 1\n"),
        ("config/dev.toml", "[b.pool]\nsize = 1\n"),
    ]);
    let expected = [
        "pool.name = \"p\"  config/config.toml:3",
        "pool.size = 1  config/dev.toml:2",
        "start = 0  config/config.toml:2",
    ];
    assert_eq!(shown(&config, "b"), expected);
    assert_eq!(config.tables().collect::<Vec<_>>(), ["b", "c"]);
    assert!(shown(&config, "d").is_empty());
}

#[test]
fn a_plain_value_replaces_a_table_and_a_table_a_plain_value() {
    let text = |b: &str| format!("[b]\n{b}\n");
    let both =
        |first: &str, second: &str| shown(&layers(&[("one", &text(first)), ("two", &text(second))]), "b");
    assert_eq!(both("pool.size = 1", "pool = 2"), ["pool = 2  two:2"]);
    assert_eq!(both("pool = 2", "pool.size = 1"), ["pool.size = 1  two:2"]);
}

#[test]
fn variables_come_last_and_find_their_key_however_it_is_written() {
    let config = layers(&[("config/config.toml", "[my_app]\nmax-size = 1\n[my_app.pool]\nSize = 2\n")]);
    let found = variables(&[
        ("ABC__MY_APP__MAX_SIZE", "7"),
        ("ABC__MY_APP__POOL__SIZE", "lots"),
        ("ABC__MY_APP__NEW__KEY", "true"),
        ("ABC__OTHER__X", "1"),
        ("ABC__MY_APP__", "1"),
    ]);
    let config = config.with_variables("abc", &found, &["my_app".to_owned()]);
    let expected = [
        "max-size = 7  $ABC__MY_APP__MAX_SIZE",
        "new.key = \"********\"  $ABC__MY_APP__NEW__KEY",
        "pool.Size = \"lots\"  $ABC__MY_APP__POOL__SIZE",
    ];
    assert_eq!(shown(&config, "my_app"), expected);
}

#[test]
fn secrets_are_hidden_by_their_names_and_passwords_inside_of_addresses() {
    let config = layers(&[(
        "f",
        "[b]\napi_key = \"x\"\nmonkey = 1\nauth.user = \"u\"\nTokens = [1]\n\
         url = \"postgres://me:hunter2@db:5432/x?a=b@c\"\nplain = \"http://me@host/a:b@c\"\n\
         list = [{ password = \"p\", name = \"n\" }]\n",
    )]);
    let said = shown(&config, "b").join("\n");
    for secret in ["\"x\"", "hunter2", "[1]", "\"u\"", "\"p\""] {
        assert!(!said.contains(secret), "{said}");
    }
    for open in
        ["monkey = 1", "postgres://me:********@db:5432/x?a=b@c", "http://me@host/a:b@c", "\"name\":\"n\""]
    {
        assert!(said.contains(open), "`{open}` is not in {said}");
    }
}

#[test]
fn what_is_no_toml_is_shown_in_its_place() {
    let error = Config::default().with_file("config/dev.toml", "[b]\nstart = \n").unwrap_err();
    assert!(error.to_string().starts_with("`config/dev.toml` is not valid TOML"), "{error}");
    assert_eq!(error.at.offset(), "[b]\nstart = ".len());
}
