//! Manifests that cargo refuses, or would refuse.

use std::fs;

use super::{Case, append, check, copy, edit, remove};

#[test]
fn members_that_are_not_there_are_found_and_mended() {
    check(&[
        Case {
            breaks: |root| remove(root, "apps/b"),
            faults: &[
                "member_missing Cargo.toml: \"apps/b\",",
                "path_missing Cargo.toml: b = { path = \"apps/b\" }",
            ],
            says: "`apps/b` is a member and is not there",
            left: &["table_of_nobody"],
        },
        Case {
            breaks: |root| remove(root, "apps/c"),
            faults: &[
                "member_missing Cargo.toml: \"apps/c\",",
                "path_missing Cargo.toml: c = { path = \"apps/c\" }",
            ],
            says: "apps/a/Cargo.toml needs it",
            left: &["path_missing"],
        },
        Case {
            breaks: |root| fs::rename(root.join("apps/b"), root.join("apps/store")).expect("it can be moved"),
            faults: &["member_moved Cargo.toml: \"apps/b\","],
            says: "write `apps/store` instead of `apps/b` in Cargo.toml",
            left: &[],
        },
        Case {
            breaks: |root| {
                edit(
                    root,
                    "Cargo.toml",
                    "    \"apps/a\",\n    \"apps/b\",\n    \"apps/c\",\n",
                    "    \"apps/*\",\n",
                );
                fs::create_dir(root.join("apps/empty")).expect("it can be made");
            },
            faults: &["folder_without_manifest Cargo.toml: members = ["],
            says: "rmdir apps/empty",
            left: &["folder_without_manifest"],
        },
        Case {
            breaks: |root| {
                edit(root, "Cargo.toml", "    \"apps/a\",\n", "    \"apps/a\",\n    \"libs/*\",\n")
            },
            faults: &["member_missing Cargo.toml: \"libs/*\","],
            says: "covers no crate",
            left: &[],
        },
    ]);
}

#[test]
fn what_nobody_can_read_is_shown_where_it_is() {
    check(&[
        Case {
            breaks: |root| edit(root, "Cargo.toml", "resolver = \"3\"", "resolver = \"3"),
            faults: &["not_toml Cargo.toml: resolver = \"3"],
            says: "`Cargo.toml` is not valid TOML",
            left: &["not_toml"],
        },
        Case {
            breaks: |root| edit(root, "apps/b/Cargo.toml", "[dependencies]", "<<<<<<< HEAD\n[dependencies]"),
            faults: &["not_toml apps/b/Cargo.toml: <<<<<<< HEAD"],
            says: "a merge that is not finished",
            left: &["not_toml"],
        },
        Case {
            breaks: |root| {
                copy(root, "apps/b", "apps/d");
                edit(root, "Cargo.toml", "    \"apps/c\",\n", "    \"apps/c\",\n    \"apps/d\",\n");
            },
            faults: &["package_twice apps/d/Cargo.toml: name = \"b\""],
            says: "`apps/b` and `apps/d` are both the package `b`",
            left: &["package_twice"],
        },
        Case {
            breaks: |root| edit(root, "apps/b/Cargo.toml", "version.workspace = true", "version = \"one\""),
            faults: &["refused apps/b/Cargo.toml: version = \"one\""],
            says: "cargo could not read this workspace",
            left: &["refused"],
        },
        Case {
            breaks: |root| edit(root, "Cargo.toml", "name = \"abc\"", "nam = \"abc\""),
            faults: &["refused Cargo.toml: nam = \"abc\""],
            says: "unknown field `nam`",
            left: &["refused"],
        },
    ]);
}

#[test]
fn dependencies_that_are_not_there_are_found_and_mended() {
    check(&[
        Case {
            breaks: |root| edit(root, "Cargo.toml", "\nc = { path = \"apps/c\" }", ""),
            faults: &[
                "nothing_to_inherit apps/a/Cargo.toml: c.workspace = true",
                "nothing_to_inherit releases/abc/Cargo.toml: c.workspace = true",
            ],
            says: "add `c = { path = \\\"apps/c\\\" }` to [workspace.dependencies]",
            left: &[],
        },
        Case {
            breaks: |root| edit(root, "Cargo.toml", "\numbrella = { package", "\nother = { package"),
            faults: &[
                "nothing_to_inherit apps/a/Cargo.toml: umbrella.workspace = true",
                "nothing_to_inherit apps/b/Cargo.toml: umbrella.workspace = true",
                "nothing_to_inherit apps/c/Cargo.toml: umbrella.workspace = true",
                "nothing_to_inherit releases/abc/Cargo.toml: umbrella.workspace = true",
            ],
            says: "umbrella-runtime",
            left: &[],
        },
        Case {
            breaks: |root| append(root, "apps/a/Cargo.toml", "\n[dev-dependencies]\nserd.workspace = true\n"),
            faults: &["nothing_to_inherit apps/a/Cargo.toml: serd.workspace = true"],
            says: "did you mean `serde`?",
            left: &["nothing_to_inherit"],
        },
        Case {
            breaks: |root| {
                append(root, "apps/a/Cargo.toml", "\n[dev-dependencies]\nx = { path = \"../x\" }\n")
            },
            faults: &["path_missing apps/a/Cargo.toml: x = { path = \"../x\" }"],
            says: "`x` is in `apps/x`, where no crate is",
            left: &["path_missing"],
        },
        Case {
            breaks: |root| edit(root, "Cargo.toml", "\nserde =", "\nx = { path = \"libs/x\" }\nserde ="),
            faults: &["shared_missing Cargo.toml: x = { path = \"libs/x\" }"],
            says: "`x` is said to be in `libs/x`",
            left: &[],
        },
    ]);
}
