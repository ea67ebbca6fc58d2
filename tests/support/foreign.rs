//! Cargo workspaces that know nothing of umbrella.

use std::fs;
use std::path::Path;

/// Makes one at `root`: `shop` uses `billing-core`, which uses `money`; the last lies there and is no member.
///
/// Nothing is inherited from its root, and its manifests are formatted as people do.
///
/// # Panics
/// If it cannot be written.
pub fn foreign_workspace(root: &Path) {
    let write = |path: &str, text: &str| write(root, path, text);
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

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().expect("below the root")).expect("a folder can be made");
    fs::write(path, text).expect("a file can be written");
}

/// Makes one at `root` with what is rarer, though big workspaces have most of it. Nothing in it is from a registry.
///
/// The root is a package, members are found by a pattern and one folder is left out; `gauge` is renamed where it is used, and
/// its tests close a circle; `itoa` is a member, and a package below another member too; `my-crate` has a build script, a
/// program, an example, a benchmark, and tests with a harness of their own, which write what they find in their environment
/// into the file that `FOUND` names.
///
/// # Panics
/// If it cannot be written.
pub fn workspace_of_every_shape(root: &Path) {
    let package = |folder: &str, name: &str, rest: &str| {
        let manifest =
            format!("[package]\nname = \"{name}\"\nversion = \"0.3.1-rc.1\"\nedition = \"2021\"\n{rest}");
        write(root, &format!("{folder}/Cargo.toml"), &manifest);
    };
    for (path, text) in SHAPES {
        write(root, path, text);
    }
    package(
        "crates/my-crate",
        "my-crate",
        "autotests = false\n\n[dependencies]\nitoa = { path = \"../../vendor/itoa\" }\n\n[dev-dependencies]\n\
         top-level = { path = \"../..\" }\n\n[[bin]]\nname = \"tool\"\npath = \"src/tool.rs\"\n\n[[test]]\nname = \"own\"\n\
         harness = false\n\n[[bench]]\nname = \"speed\"\nharness = false\n",
    );
    package(
        "crates/gauge",
        "gauge",
        "\n[features]\nextra = []\n\n[dependencies]\nmacros = { path = \"../macros\" }\n\n[dev-dependencies]\n\
         my-crate = { path = \"../my-crate\" }\n",
    );
    package("crates/macros", "macros", "\n[lib]\nproc-macro = true\n");
    package("crates/only-windows", "only-windows", "");
    package("crates/itoa", "itoa", "");
    package("crates/left-out", "left-out", "");
    package("vendor/itoa", "itoa", "");
    package("tools/gen", "gen-tool", "\n[lib]\npath = \"gen.rs\"\n");
    let vendored = root.join("vendor/itoa/Cargo.toml");
    let text = fs::read_to_string(&vendored).expect("it was just written").replace("0.3.1-rc.1", "1.0.0");
    fs::write(vendored, text).expect("a file can be written");
}

const SHAPES: [(&str, &str); 19] = [
    (
        "Cargo.toml",
        "[package]\nname = \"top-level\"\nversion.workspace = true\nedition.workspace = true\n\n[dependencies]\n\
         measure = { workspace = true }\nmy-crate = { path = \"crates/my-crate\" }\n\n\
         [target.'cfg(windows)'.dependencies]\nonly-windows = { path = \"crates/only-windows\" }\n\n[workspace]\n\
         members = [\"crates/*\", \"tools/gen\"]\nexclude = [\"crates/left-out\", \"vendor\"]\n\
         default-members = [\".\"]\nresolver = \"2\"\n\n[workspace.package]\nversion = \"1.2.3\"\nedition = \"2021\"\n\n\
         [workspace.dependencies]\nmeasure = { package = \"gauge\", path = \"crates/gauge\" }\n",
    ),
    (
        ".cargo/config.toml",
        "[env]\nPLACE = { value = \"here\", relative = true }\nPATH = \"not this\"\nPLAIN = \"plain\"\n\
         FORCED = { value = \"yes\", force = true }\n",
    ),
    (
        "src/lib.rs",
        "//! Top.\n/// Doubles.\n///\n/// ```\n/// assert_eq!(top_level::twice(2), 4);\n/// ```\n\
         pub fn twice(n: u32) -> u32 {\n    measure::times(n, 2)\n}\n",
    ),
    (
        "crates/my-crate/build.rs",
        "fn main() {\n    println!(\"cargo:rustc-env=BUILT=yes\");\n    println!(\"cargo:rerun-if-changed=build.rs\");\n}\n",
    ),
    (
        "crates/my-crate/src/lib.rs",
        "//! Mine.\n/// Whether it was.\npub fn built() -> &'static str {\n    env!(\"BUILT\")\n}\n\n\
         #[test]\nfn is_built() {\n    assert_eq!(built(), std::env::var(\"BUILT\").unwrap());\n}\n",
    ),
    ("crates/my-crate/src/tool.rs", "fn main() {}\n"),
    (
        "crates/my-crate/tests/own.rs",
        "use std::{env, fs};\n\nfn main() {\n    let mut found: Vec<String> = env::vars().map(|(name, value)| \
         format!(\"{name}={value}\")).collect();\n    found.sort();\n    found.push(format!(\"in {}\", \
         env::current_dir().unwrap().display()));\n    found.push(format!(\"with {:?}\", env::args().skip(1)\
         .collect::<Vec<_>>()));\n    if let Ok(file) = env::var(\"FOUND\") {\n        fs::write(file, found.join(\"\\n\")).unwrap();\n    \
         }\n    assert!(env::var(\"FAIL\").is_err(), \"told to\");\n}\n",
    ),
    ("crates/my-crate/tests/not_listed.rs", "compile_error!(\"autotests is off\");\n"),
    ("crates/my-crate/benches/speed.rs", "fn main() {\n    panic!(\"benchmarks are no tests\");\n}\n"),
    ("crates/my-crate/examples/show.rs", "fn main() {}\n\n#[test]\nfn of_an_example() {\n    panic!();\n}\n"),
    (
        "crates/gauge/src/lib.rs",
        "//! Gauge.\n/// Times.\npub fn times(n: u32, by: u32) -> u32 {\n    n * by\n}\n\n#[test]\nfn times_two() {\n    \
         assert_eq!((times(2, 2), my_crate::built()), (4, \"yes\"));\n}\n\n\
         #[cfg(feature = \"extra\")]\n#[test]\nfn with_extra() {}\n\n\
         #[cfg(not(debug_assertions))]\n#[test]\nfn optimized() {}\n",
    ),
    (
        "crates/macros/src/lib.rs",
        "//! Macros.\nuse proc_macro::TokenStream;\n\n/// Nothing.\n#[proc_macro]\n\
         pub fn nothing(_: TokenStream) -> TokenStream {\n    TokenStream::new()\n}\n\n#[test]\nfn of_macros() {}\n",
    ),
    ("crates/only-windows/src/lib.rs", "//! Elsewhere.\n"),
    ("crates/left-out/src/lib.rs", "compile_error!(\"left out\");\n"),
    ("crates/itoa/src/lib.rs", "//! Ours.\n#[test]\nfn ours() {}\n"),
    ("vendor/itoa/src/lib.rs", "//! Theirs.\n#[test]\nfn theirs() {\n    panic!();\n}\n"),
    ("tools/gen/gen.rs", "//! Not in src.\n#[test]\nfn generates() {}\n"),
    ("docs/notes.md", "Nothing to build.\n"),
    (".gitignore", "/target\n"),
];
