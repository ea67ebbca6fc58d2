//! What the templates of `umbrella gen` can say.

use serde::Serialize;

/// One more module of an application: a server, a state machine, a supervisor, tasks, or the server of a protocol.
#[derive(Debug, Clone, Serialize)]
pub struct Module {
    /// The application, and its crate in Rust code.
    app: String,
    krate: String,
    /// `shopping_cart`, `ShoppingCart`, `SHOPPING_CART`.
    module: String,
    type_name: String,
    constant: String,
    /// Under which name its process is registered.
    registered: String,
    /// The crate of the protocol, and its name in Rust code.
    api: String,
    api_krate: String,
}

impl Module {
    /// The module `module` of the application `app`, around the type `type_name`.
    #[must_use]
    pub fn new(app: &str, module: &str, type_name: &str) -> Self {
        let krate = app.replace('-', "_");
        Self {
            app: app.to_owned(),
            module: module.to_owned(),
            type_name: type_name.to_owned(),
            constant: module.to_uppercase(),
            registered: format!("{krate}_{module}"),
            api: format!("{app}_api"),
            api_krate: format!("{krate}_api"),
            krate,
        }
    }
}
