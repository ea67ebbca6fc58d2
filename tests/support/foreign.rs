//! A Cargo workspace that knows nothing of umbrella.

use std::fs;
use std::path::Path;

/// Makes one at `root`: `shop` uses `billing-core`, which uses `money`; the last lies there and is no member.
///
/// Nothing is inherited from its root, and its manifests are formatted as people do.
///
/// # Panics
/// If it cannot be written.
pub fn foreign_workspace(root: &Path) {
    let write = |path: &str, text: &str| {
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("below the root")).expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
    };
    write(
        "Cargo.toml",
        "[workspace] # ours\nresolver = \"2\"\nmembers = [ \"crates/shop\", \"crates/billing-core\" ]\n",
    );
    let package = |name: &str, dependencies: &str| {
        format!(
            "[package]\nname = \"{name}\"\nversion = \"0.3.0\"\nedition = \"2021\"\n\n[dependencies]\n{dependencies}"
        )
    };
    write("crates/shop/Cargo.toml", &package("shop", "billing-core = { path = \"../billing-core\" }\n"));
    write(
        "crates/shop/src/lib.rs",
        "//! A shop.\n\n/// What all of it costs.\n#[must_use]\npub fn total(prices: &[u64]) -> u64 {\n    \
         billing_core::sum(prices)\n}\n\n#[test]\nfn adds() {\n    assert_eq!(total(&[1, 2]), 3);\n}\n",
    );
    write("crates/billing-core/Cargo.toml", &package("billing-core", ""));
    write(
        "crates/billing-core/src/lib.rs",
        "//! Bills.\n#![warn(missing_docs)]\n\n/// The sum.\n#[must_use]\npub fn sum(prices: &[u64]) -> u64 {\n    \
         prices.iter().sum()\n}\n",
    );
    write("crates/money/Cargo.toml", &package("money", ""));
    write("crates/money/src/lib.rs", "//! Money.\n");
}
