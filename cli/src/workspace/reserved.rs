//! Names that an application cannot have, and why.

/// Strict, reserved and edition keywords of Rust.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop",
    "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static",
    "struct", "super", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual",
    "where", "while", "yield",
];

/// Crates that every Rust program can see, and types that are always in scope: a crate of that name would hide them.
const RUST: &[&str] = &[
    "alloc",
    "bool",
    "char",
    "core",
    "f128",
    "f16",
    "f32",
    "f64",
    "i128",
    "i16",
    "i32",
    "i64",
    "i8",
    "isize",
    "proc_macro",
    "std",
    "str",
    "test",
    "u128",
    "u16",
    "u32",
    "u64",
    "u8",
    "usize",
];

/// Folders that cargo or the layout of an umbrella uses.
const FOLDERS: &[&str] =
    &["apps", "bin", "build", "deps", "examples", "incremental", "releases", "src", "target", "tests"];

/// Crates that generated code depends on.
const CRATES: &[&str] = &[
    "rustix",
    "serde",
    "serde_json",
    "thiserror",
    "tokio",
    "toml",
    "tracing",
    "tracing_subscriber",
    "umbrella",
    "umbrella_cli",
    "umbrella_macros",
    "umbrella_runtime",
    "umbrella_templates",
];

/// Types, traits and variants that generated code has in scope: the callback of an application is a type named after it.
const TYPES: &[&str] = &[
    "Application",
    "AsMut",
    "AsRef",
    "Box",
    "Call",
    "CallError",
    "ChildSpec",
    "Clone",
    "Config",
    "Context",
    "Copy",
    "Counter",
    "Debug",
    "Default",
    "Deserialize",
    "Down",
    "Drop",
    "DynamicSupervisor",
    "Eq",
    "Err",
    "Exit",
    "ExitReason",
    "Extend",
    "Fn",
    "From",
    "Future",
    "GenServer",
    "Into",
    "IntoIterator",
    "Iterator",
    "Name",
    "Node",
    "None",
    "Ok",
    "Option",
    "Ord",
    "Pid",
    "Ref",
    "ReplyTo",
    "Restart",
    "Result",
    "Send",
    "Serialize",
    "Shutdown",
    "Sized",
    "Some",
    "StartContext",
    "StartError",
    "Strategy",
    "String",
    "Supervisor",
    "Sync",
    "ToOwned",
    "ToString",
    "TryFrom",
    "TryInto",
    "Unpin",
    "Vec",
];

/// Device names on Windows, where no file can be called so.
const DEVICES: &[&str] = &["aux", "con", "nul", "prn"];

/// Why a name is reserved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reserved {
    /// A keyword of Rust.
    Keyword,
    /// A crate or type that every Rust program can see.
    Rust,
    /// A folder that cargo or an umbrella uses.
    Folder,
    /// A crate that generated code depends on.
    Crate,
    /// The name of a type that generated code uses.
    Type,
    /// A device on Windows.
    Device,
}

/// Why `name` is reserved, if it is.
pub(super) fn reserved(name: &str, type_name: &str) -> Option<Reserved> {
    let is_port = |prefix| {
        name.strip_prefix(prefix).is_some_and(|n: &str| n.len() == 1 && n.as_bytes()[0].is_ascii_digit())
    };
    if KEYWORDS.contains(&name) {
        Some(Reserved::Keyword)
    } else if RUST.contains(&name) {
        Some(Reserved::Rust)
    } else if FOLDERS.contains(&name) {
        Some(Reserved::Folder)
    } else if CRATES.contains(&name) {
        Some(Reserved::Crate)
    } else if DEVICES.contains(&name) || is_port("com") || is_port("lpt") {
        Some(Reserved::Device)
    } else if TYPES.contains(&type_name) {
        Some(Reserved::Type)
    } else {
        None
    }
}
