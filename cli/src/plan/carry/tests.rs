//! Manifests from elsewhere, and what is made of them.

use std::path::Path;

use super::{Carried, Carry, CarryError, redirected};
use crate::workspace::fixture::umbrella;

const OLD: &str = "[workspace]\nmembers = [\"crates/*\"]\n[workspace.package]\nversion = \"0.3.0\"\nedition = \"2021\"\n\
                   authors = [\"me\"]\nreadme = \"README.md\"\n[workspace.dependencies]\nserde = { version = \"1\", features = [\"derive\"] }\n\
                   log = \"0.4\"\nmoney = { path = \"crates/money\" }\nfar = { path = \"crates/far\", version = \"0.3\" }\n\
                   [workspace.lints.rust]\nunsafe_code = \"forbid\"\n";
const NEW: &str = "[workspace]\n[workspace.package]\nedition = \"2021\"\n[workspace.dependencies]\nlog = { version = \"0.4\" }\n\
                   money = { path = \"apps/money\" }\n";

fn carry(old: &str, new: &str, text: &str) -> Result<Carried, CarryError> {
    let umbrella = umbrella(&[("money", &[])]);
    let carry = Carry {
        from: Path::new("/old/crates/ledger"),
        to: Path::new("/abc/apps/ledger"),
        old_root: (Path::new("/old"), old),
        umbrella: (&umbrella, new),
    };
    carry.manifest(text)
}

fn carried(text: &str) -> String {
    carry(OLD, NEW, text).unwrap().manifest
}

#[test]
fn what_is_inherited_is_written_out_unless_it_is_the_same_here() {
    let text = "[package]\nname = \"ledger\" # ours\nversion.workspace = true\nedition.workspace = true\n\
                authors = { workspace = true }\nreadme.workspace = true\n";
    let expected = "[package]\nname = \"ledger\" # ours\nversion = \"0.3.0\"\nedition.workspace = true\n\
                    authors = [\"me\"]\nreadme = \"../../../old/README.md\"\n";
    assert_eq!(carried(text), expected);
}

#[test]
fn dependencies_lead_where_they_led_or_to_their_like_in_the_umbrella() {
    for (written, expected) in [
        ("log.workspace = true", "log.workspace = true"),
        ("serde.workspace = true", "serde = { version = \"1\", features = [\"derive\"] }"),
        (
            "serde = { workspace = true, features = [\"rc\"], optional = true }",
            "serde = { version = \"1\", features = [\"derive\", \"rc\"], optional = true }",
        ),
        ("money.workspace = true", "money.workspace = true"),
        ("money = { path = \"../money\" }", "money = { path = \"../money\" }"),
        (
            "cash = { path = \"../m\", package = \"money\" }",
            "cash = { path = \"../money\", package = \"money\" }",
        ),
        ("far.workspace = true", "far = { path = \"../../../old/crates/far\", version = \"0.3\" }"),
        ("near = { path = \"../near\" } # kept", "near = { path = \"../../../old/crates/near\" } # kept"),
        ("inner = { path = \"inner\" }", "inner = { path = \"inner\" }"),
        ("tokio = \"1\"", "tokio = \"1\""),
    ] {
        for table in ["dependencies", "dev-dependencies", "target.'cfg(unix)'.build-dependencies"] {
            let text = |line: &str| format!("[package]\nname = \"ledger\"\n\n[{table}]\n{line}\n");
            assert_eq!(carried(&text(written)), text(expected));
        }
    }
    let text = "[dependencies]\nfar.workspace = true\nmoney = { path = \"../money\" }\n";
    let found = carry(OLD, NEW, text).unwrap();
    assert_eq!(
        (found.siblings, found.outside),
        (vec!["money".into()], vec![("far".into(), "/old/crates/far".into())])
    );
}

#[test]
fn what_counts_in_a_root_only_is_written_out_or_left_out() {
    let text = "[package]\nname = \"ledger\"\n\n[lints]\nworkspace = true\n\n[profile.release]\nlto = true\n\n[workspace]\n";
    let found = carry(OLD, NEW, text).unwrap();
    let expected = "[package]\nname = \"ledger\"\n\n[lints]\nrust = { unsafe_code = \"forbid\" }\n";
    assert_eq!((found.manifest.as_str(), found.left_out), (expected, vec!["profile".to_owned()]));
}

#[test]
fn what_cannot_be_carried_over_is_refused() {
    let patch = format!("{OLD}[patch.crates-io]\nlog = {{ git = \"x\" }}\n");
    for (old, text, expected) in [
        (OLD, "[package]\nlicense.workspace = true\n", "it inherits `package.license`"),
        (OLD, "[dependencies]\nnone.workspace = true\n", "it inherits `dependencies.none`"),
        (OLD, "[lib]\npath = \"../shared/lib.rs\"\n", "its `lib.path` is outside"),
        (OLD, "[[bin]]\nname = \"x\"\npath = \"/x.rs\"\n", "its `bin` is outside"),
        (&patch, "[dependencies]\nlog = \"0.4\"\n", "another `log`, in `[patch.crates-io]`"),
        ("[", "", "`/old/Cargo.toml` is not valid TOML"),
    ] {
        let error = carry(old, NEW, text).unwrap_err().to_string();
        assert!(error.contains(expected), "{text}: {error}");
    }
    let same = format!("{NEW}[patch.crates-io]\nlog.git = \"x\"\n");
    assert!(carry(&patch, &same, "[dependencies]\nlog = \"0.4\"\n").is_ok());
}

#[test]
fn whoever_depended_on_it_outside_depends_on_it_inside() {
    let text =
        "[workspace.dependencies]\nledger = { path = \"../old/crates/ledger\" }\nx = { path = \"../x\" }\n";
    let (from, to) = (Path::new("/old/crates/ledger"), Path::new("/abc/apps/ledger"));
    let expected = text.replace("../old/crates/ledger", "apps/ledger");
    assert_eq!(redirected(text, Path::new("/abc"), from, to), expected);
    let text = "[dependencies]\nledger = { path = \"../../../old/crates/ledger\" }\n";
    let expected = "[dependencies]\nledger = { path = \"../ledger\" }\n";
    assert_eq!(redirected(text, Path::new("/abc/apps/a"), from, to), expected);
}
