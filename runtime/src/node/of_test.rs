//! Nodes that tests are made of: they speak to each other as those of a deployment do, and find each other in a run folder
//! of their own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use std::{env, fs, io, process};

use super::boot::{Boot, Placed};
use super::clock::unix_ms;
use super::distribution::{self, Speaking, settings::Settings};
use super::placement::Placement;
use super::run_dir::{RunDir, RunFile};
use super::surroundings::{Inputs, Surroundings, find_root};
use crate::application::Loaded;
use crate::process::Node;

/// A node of a test speaks to others for as long as this lives.
pub(crate) struct Spoken(#[expect(dead_code, reason = "it is kept, not used")] Option<Speaking>);

impl Spoken {
    /// Has `node` be the node of `release`; `elsewhere` says where the applications are that it does not run.
    pub(crate) async fn of_test(
        node: &Node,
        release: &'static str,
        manifest_dir: &Path,
        run_dir: &Path,
        elsewhere: &BTreeMap<&'static str, &'static str>,
        loaded: &Loaded,
    ) -> Result<Self, Box<dyn std::error::Error>> {
        let boot = Boot { elsewhere: elsewhere.clone(), ..Boot::new(release, "0.0.0") };
        let surroundings = Surroundings {
            root: find_root(manifest_dir).unwrap_or_else(|| manifest_dir.to_owned()),
            is_bundle: false,
            env: "test".to_owned(),
            run_dir: run_dir.to_owned(),
        };
        let run_dir = RunDir::new(run_dir, release);
        let placed =
            Placed { boot, inputs: Inputs::of_this_process()?, surroundings, run_dir, instance: None };
        // Not those of the configuration: several tests run at a time, each with nodes of these names.
        let settings = Settings::default();
        let plan = distribution::plan(&placed, &settings)?;
        let placement = Placement::of(&placed, loaded, &settings)?;
        let speaking = distribution::start(node, plan).await?;
        placement.apply(node)?;
        placed.run_dir.write(&run_file(&placed, &settings, speaking.as_ref()))?;
        Ok(Self(speaking))
    }
}

fn run_file(placed: &Placed, settings: &Settings, speaking: Option<&Speaking>) -> RunFile {
    RunFile {
        version: 1,
        release: placed.release().to_owned(),
        node: settings.full_name(placed.name()),
        address: speaking.and_then(|speaking| speaking.address),
        distribution_socket: speaking.and_then(|speaking| speaking.socket.clone()),
        release_version: placed.boot.version.to_owned(),
        pid: process::id(),
        socket: placed.run_dir.socket(),
        log: None,
        env: placed.surroundings.env.clone(),
        started_unix_ms: unix_ms(SystemTime::now()),
    }
}

/// The run folder of the nodes of one test; removed when dropped.
pub(crate) struct TestRunDir(PathBuf);

impl TestRunDir {
    /// A new one.
    pub(crate) fn new() -> io::Result<Self> {
        let time = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let name = format!("umbrella-test-{}-{:x}", process::id(), time.as_nanos());
        let folder = env::temp_dir().join(name);
        RunDir::new(&folder, "test").create()?;
        Ok(Self(folder))
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TestRunDir {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}
