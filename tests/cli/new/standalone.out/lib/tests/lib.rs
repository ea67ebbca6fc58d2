//! What other applications rely on in `lib`.

#[test]
fn says_who_it_is() {
    let greeting = lib::hello();
    assert_eq!(
        greeting.strip_prefix("hello from "),
        Some(env!("CARGO_PKG_NAME"))
    );
}
