//! Mistakes in servers, and what the compiler says about them: on the user's own tokens, with what to write instead.

#[test]
fn mistakes_are_explained_where_they_are_made() {
    trybuild::TestCases::new().compile_fail("tests/errors/*.rs");
}
