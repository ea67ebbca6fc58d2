//! Line breaks depend on the length of names: rustfmt is asked for all lengths.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use umbrella_templates::{Application, FileSet, Release, Rendered, Step, render};
use umbrella_tests::succeed;

/// Writes the Rust files of what is rendered below `folder`.
fn write(folder: &Path, files: &[Rendered], written: &mut Vec<PathBuf>) {
    for file in files.iter().filter(|file| file.path.ends_with(".rs")) {
        let path = folder.join(&file.path);
        fs::create_dir_all(path.parent().expect("a rendered file is below its folder")).expect("room");
        fs::write(&path, file.contents.text().expect("ours are texts")).expect("room");
        written.push(path);
    }
}

#[test]
fn names_of_every_length_are_formatted() {
    let sandbox = tempfile::tempdir().unwrap();
    let mut written = Vec::new();
    for length in 1..=64 {
        let (name, type_name) = ("n".repeat(length), format!("N{}", "n".repeat(length - 1)));
        for other in [1, length, 64] {
            let other = "o".repeat(other);
            for supervised in [false, true] {
                let folder = sandbox.path().join(format!("{length}_{}_{supervised}", other.len()));
                let app = Application::new(&name, &type_name, supervised);
                for (folder, app) in [("none", app.clone()), ("one", app.depends_on(&other, true))]
                    .map(|(name, app)| (folder.join(name), app))
                {
                    let set = if supervised { FileSet::Supervised(&app) } else { FileSet::Library(&app) };
                    write(&folder, &render(set).unwrap(), &mut written);
                }
            }
            let steps = [
                Step::Application { package: name.clone() },
                Step::Library { package: other.clone(), version: "0.1.0".into() },
                Step::Elsewhere { application: name.clone(), release: other.clone() },
            ];
            for count in 0..=steps.len() {
                let release = Release::new(&name, &name, &steps[..count]);
                let folder = sandbox.path().join(format!("{length}_{}_{count}", other.len()));
                write(&folder, &render(FileSet::Release(&release)).unwrap(), &mut written);
            }
        }
    }
    // As `cargo fmt` runs it in a generated workspace: no rustfmt.toml. Modules are found by rustfmt itself.
    let roots =
        written.iter().filter(|path| !path.ends_with("application.rs") && !path.ends_with("counter.rs"));
    succeed(
        Command::new("rustfmt")
            .args(["--edition", "2024", "--check"])
            .args(roots)
            .current_dir(sandbox.path()),
    );
}
