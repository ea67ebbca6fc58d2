//! `umbrella list`, `umbrella graph`.

#[test]
fn what_they_show() {
    crate::check("look/*.trycmd");
}
