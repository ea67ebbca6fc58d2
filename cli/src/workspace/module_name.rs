//! Names of modules.

use super::name::{fault, type_name};
use super::{NameError, NameKind, suggest};

/// The name of a module, with the type that is named after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModuleName {
    module: String,
    type_name: String,
}

impl ModuleName {
    /// Checks a name that somebody typed: `ShoppingCart`, or `shopping_cart`.
    ///
    /// # Errors
    /// [`NameError`], with a name that would do.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let module = if text.starts_with(char::is_uppercase) { snake_case(text) } else { text.to_owned() };
        let as_typed =
            |name: &str| if text.starts_with(char::is_uppercase) { type_name(name) } else { name.to_owned() };
        match fault(&module, NameKind::Module) {
            None => Ok(Self { type_name: type_name(&module), module }),
            Some(fault) => {
                let suggestion = as_typed(&suggest(&module, |_| true));
                Err(NameError { kind: NameKind::Module, name: text.to_owned(), fault, suggestion })
            }
        }
    }

    /// `shopping_cart`.
    #[must_use]
    pub fn module(&self) -> &str {
        &self.module
    }

    /// `ShoppingCart`.
    #[must_use]
    pub fn type_name(&self) -> &str {
        &self.type_name
    }

    /// `SHOPPING_CART`.
    #[must_use]
    pub fn constant(&self) -> String {
        self.module.to_uppercase()
    }
}

/// `ShoppingCart` is `shopping_cart`; what is neither letter nor digit stays, so that it is found to be wrong.
fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase()
            && snake.ends_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::{ModuleName, NameKind};

    #[test]
    fn a_module_is_typed_as_a_type_or_as_a_module() {
        let names = |text: &str| {
            let name = ModuleName::parse(text).unwrap();
            (name.module().to_owned(), name.type_name().to_owned(), name.constant())
        };
        let expected = ("shopping_cart".to_owned(), "ShoppingCart".to_owned(), "SHOPPING_CART".to_owned());
        assert_eq!(names("ShoppingCart"), expected);
        assert_eq!(names("shopping_cart"), expected);
        assert_eq!(names("Cart2").0, "cart2");
        assert_eq!(names("Counter").1, "Counter");
        for (wrong, suggestion) in
            [("Type", "TypeApp"), ("Shopping-Cart", "ShoppingCart"), ("serde", "serde_app")]
        {
            let error = ModuleName::parse(wrong).unwrap_err();
            assert_eq!((error.kind, error.suggestion.as_str()), (NameKind::Module, suggestion));
        }
    }
}
