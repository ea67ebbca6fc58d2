//! What other applications rely on in `e`.

#[test]
fn says_who_it_is() {
    let greeting = e::hello();
    assert_eq!(
        greeting.strip_prefix("hello from "),
        Some(env!("CARGO_PKG_NAME"))
    );
}
