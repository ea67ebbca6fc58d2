//! Names of variants as Erlang writes them.

/// The characters of `name` in snake case: `MoveTo` is `move_to`.
///
/// Source: the rule of serde's `rename_all = "snake_case"`.
pub(super) fn snake(name: &str) -> impl Iterator<Item = char> + '_ {
    name.char_indices().flat_map(|(at, char)| {
        let underscore = (at > 0 && char.is_uppercase()).then_some('_');
        underscore.into_iter().chain([char.to_ascii_lowercase()])
    })
}

/// Appends `name` in snake case.
pub(super) fn push_snake(name: &str, out: &mut Vec<u8>) {
    for char in snake(name) {
        out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
    }
}

/// Whether `text` is `name` in snake case.
pub(super) fn is_snake(name: &str, text: &str) -> bool {
    // No name gets shorter, and most that are not it differ in length or in the first letter.
    text.len() >= name.len() && snake(name).eq(text.chars())
}
