//! Names in snake case.

use crate::term::snake::{is_snake, push_snake};

#[test]
fn names_of_variants_are_written_as_serde_does() {
    for (name, snake) in [
        ("Get", "get"),
        ("MoveTo", "move_to"),
        ("HTTPGet", "h_t_t_p_get"),
        ("already_snake", "already_snake"),
        ("V4", "v4"),
        ("Été", "Été"),
    ] {
        let mut out = Vec::new();
        push_snake(name, &mut out);
        assert_eq!(String::from_utf8(out).expect("UTF-8"), snake);
        assert!(is_snake(name, snake));
        assert!(!is_snake(name, &format!("{snake}_")));
        assert!(!is_snake(&format!("{name}X"), snake));
    }
    assert!(!is_snake("MoveTo", "moveto"));
    assert!(!is_snake("MoveTo", "MoveTo"));
}
