//! What is not shown.

use serde_json::Value;

use super::Setting;

/// What stands in its place.
const MASK: &str = "********";

/// Words that make a key a secret, whichever words are around them.
const SECRET: [&str; 14] = [
    "apikey",
    "auth",
    "cookie",
    "credential",
    "credentials",
    "dsn",
    "key",
    "passphrase",
    "passwd",
    "password",
    "pwd",
    "secret",
    "token",
    "private",
];

/// Whether the value of the key at this path is probably a secret: by a word of its name, or of a table it stands in.
#[must_use]
pub fn is_secret(path: &[String]) -> bool {
    let words = path.iter().flat_map(|part| part.split(['_', '-', '.'])).map(str::to_lowercase);
    words.into_iter().any(|word| {
        let one = word.strip_suffix('s').unwrap_or(&word);
        SECRET.contains(&word.as_str()) || SECRET.contains(&one)
    })
}

/// The setting as it may be shown: nothing of a secret, and no password inside of an address.
#[must_use]
pub fn masked(path: &[String], setting: &Setting) -> Setting {
    if is_secret(path) {
        let value = Value::from(MASK);
        return Setting { text: format!("\"{MASK}\""), value, origin: setting.origin.clone() };
    }
    let value = without_passwords(&setting.value);
    if value == setting.value {
        return setting.clone();
    }
    Setting { text: value.to_string(), value, origin: setting.origin.clone() }
}

fn without_passwords(value: &Value) -> Value {
    match value {
        Value::String(text) => without_password(text).map_or_else(|| value.clone(), Value::from),
        Value::Array(items) => items.iter().map(without_passwords).collect(),
        Value::Object(table) => {
            let entry = |(key, value): (&String, &Value)| {
                let hidden = is_secret(std::slice::from_ref(key));
                (key.clone(), if hidden { MASK.into() } else { without_passwords(value) })
            };
            table.iter().map(entry).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

/// `postgres://user:secret@host/db` with a mask in its password; nothing if there is none.
fn without_password(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let (user_info, _) = authority.rsplit_once('@')?;
    let (user, _) = user_info.split_once(':')?;
    Some(format!("{scheme}://{user}:{MASK}{}", &rest[user_info.len()..]))
}
