//! The applications of a scenario, and what can be asked of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, PoisonError};

use umbrella::application::{
    self, Application, ApplicationInfo, ConfigChange, Spec, StartContext, StartType,
};
use umbrella::gen_server::StartError;
use umbrella::prelude::*;
use umbrella::testing::Applications;

use super::world::{Process, World};
use super::{tree, words};
use crate::scenario::{Declaration, Kind};

/// Which phases an application goes through.
trait Phases: Send + Sync + 'static {
    const ALL: &'static [&'static str];
}

struct NoPhases;

impl Phases for NoPhases {
    const ALL: &'static [&'static str] = &[];
}

struct LoadAndGo;

impl Phases for LoadAndGo {
    const ALL: &'static [&'static str] = &["load", "go"];
}

struct App<P> {
    world: Arc<World>,
    declaration: Declaration,
    /// What `prep_stop` makes of it for `stop`.
    state: Mutex<&'static str>,
    phases: PhantomData<P>,
}

impl<P: Phases> App<P> {
    fn note(&self, event: &str) {
        self.world.event(&self.declaration.name, event);
    }

    async fn started(&self) -> Result<Ref<Supervisor>, StartError> {
        let name = self.declaration.option("sup").expect("an application has a supervisor");
        tree::start_link(self.world.clone(), name.into()).await?;
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = "started";
        match self.world.process(name) {
            Process::Supervisor(supervisor) => Ok(supervisor),
            _ => panic!("`{name}` is not a supervisor"),
        }
    }
}

impl<P: Phases> Application for App<P> {
    type Config = BTreeMap<String, i64>;
    const START_PHASES: &'static [&'static str] = P::ALL;

    async fn start(&self, _cx: &mut StartContext<Self::Config>) -> Result<Ref<Supervisor>, StartError> {
        let outcome = self.declaration.option("start").unwrap_or("ok");
        self.note(&format!("start {outcome}"));
        match outcome.split_once(':').unwrap_or((outcome, "")) {
            ("ok", _) => self.started().await,
            ("ask", needed) => {
                let answer = ensure_all_started(&self.world, needed).await;
                self.note(&format!("asked -> {answer}"));
                self.started().await
            }
            ("error" | "exit", reason) => Err(StartError::InitFailed(words::exit(reason))),
            ("ignore", _) => Err(StartError::Ignore),
            ("late_crash", reason) => {
                self.started().await?;
                panic!("{reason}")
            }
            ("crash", reason) => panic!("{reason}"),
            _ => panic!("no start comes to `{outcome}`"),
        }
    }

    async fn start_phase(
        &self,
        phase: &'static str,
        _cx: &mut StartContext<Self::Config>,
    ) -> Result<(), StartError> {
        self.note(&format!("phase {phase}"));
        match self.declaration.option("fails") {
            Some(fails) if fails == phase => Err(StartError::failed("no")),
            _ => Ok(()),
        }
    }

    async fn config_change(&self, change: &ConfigChange<Self::Config>) -> Result<(), ExitReason> {
        // OTP does not say which application it is.
        let keys = |keys: &[String]| listed(keys.iter().map(String::as_str));
        let (changed, added, removed) =
            (keys(change.changed()), keys(change.added()), keys(change.removed()));
        self.world.event("config_change", &format!("changed:{changed} added:{added} removed:{removed}"));
        if change.config().contains_key("fails") { Err(ExitReason::error("refused")) } else { Ok(()) }
    }

    async fn prep_stop(&self) {
        self.note("prep_stop");
        if let Some(why) = self.declaration.option("prep_stop").and_then(|how| how.strip_prefix("crash:")) {
            panic!("{why}");
        }
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = "prepared";
    }

    async fn stop(&self) {
        let state = *self.state.lock().unwrap_or_else(PoisonError::into_inner);
        self.note(&format!("stop {state}"));
        if let Some(why) = self.declaration.option("stop").and_then(|how| how.strip_prefix("crash:")) {
            panic!("{why}");
        }
    }
}

/// Loads what was declared into the node.
pub(super) async fn load(world: &Arc<World>) -> Applications {
    let declared = || world.declarations().filter(|declared| declared.kind == Kind::Application);
    let env = |declared: &Declaration| (declared.name.clone(), declared.list("env").join(","));
    let envs: BTreeMap<_, _> = declared().map(env).collect();
    let config = toml(&envs);
    *world.envs() = envs;
    Applications::load(&world.node, declared().map(|declared| spec(world, &declared.name)).collect(), &config)
        .await
}

fn spec(world: &Arc<World>, name: &str) -> Spec {
    let declaration = world.declaration(name);
    let needs = declaration.list("needs");
    let known: &'static str = String::leak(name.to_owned());
    let start_type = match declaration.option("type") {
        Some("permanent") => StartType::Permanent,
        Some("transient") => StartType::Transient,
        _ => StartType::Temporary,
    };
    let spec = match &*declaration.list("phases") {
        _ if declaration.has("library") => Spec::library(known, "1"),
        [] => Spec::supervised(known, "1", app::<NoPhases>(world, declaration), start_type),
        [_load, _go] => Spec::supervised(known, "1", app::<LoadAndGo>(world, declaration), start_type),
        _ => panic!("phases are `load,go` or none"),
    };
    needs.iter().fold(spec, |spec, need| spec.depends_on(self::spec(world, need)))
}

fn app<P: Phases>(world: &Arc<World>, declaration: Declaration) -> App<P> {
    App { world: world.clone(), declaration, state: Mutex::new("loaded"), phases: PhantomData }
}

/// What the running process asks of the applications, or of one of them; nothing if that is no request of theirs.
pub(super) async fn answer(world: &World, words: &[&str]) -> Option<String> {
    Some(match *words {
        ["which_applications"] => infos(&application::which_applications()),
        ["loaded_applications"] => {
            let mut all = application::loaded_applications();
            all.sort_by_key(|info| info.name);
            infos(&all)
        }
        ["get_application"] => application::get_application().unwrap_or("undefined").into(),
        ["node_stop"] => {
            world.stop_node();
            "ok".into()
        }
        ["ensure_all_started", name] => ensure_all_started(world, name).await,
        ["app_start", name] => match application::start(name).await {
            Ok(()) => "ok".into(),
            Err(error) => format!("error {}", words::operation_error(world, &error)),
        },
        ["app_stop", name] => match application::stop(name).await {
            Ok(()) => "ok".into(),
            Err(refused) => format!("error {}", words::refused(&refused)),
        },
        ["get_env", _only, key] => match application::get_env::<App<NoPhases>>() {
            Ok(env) => env.get(key).map_or_else(|| "undefined".into(), i64::to_string),
            Err(error) => error.to_string(),
        },
        ["config", ref pairs @ ..] => config(world, pairs).await,
        _ => return None,
    })
}

async fn ensure_all_started(world: &World, name: &str) -> String {
    match application::ensure_all_started(name).await {
        Ok(started) => format!("ok {}", listed(started.into_iter())),
        Err(error) => {
            let of = match &error {
                application::OperationError::StartFailed { application, .. } => application,
                _ => name,
            };
            format!("error {of} {}", words::operation_error(world, &error))
        }
    }
}

async fn config(world: &World, pairs: &[&str]) -> String {
    let config = {
        let mut envs = world.envs();
        envs.extend(pairs.chunks(2).map(|pair| (pair[0].to_owned(), pair[1].to_owned())));
        toml(&envs)
    };
    match &*world.applications().reload(&config).await {
        [] => "ok".into(),
        refused => {
            let reasons: Vec<_> = refused.iter().map(|(_, reason)| words::reason(reason)).collect();
            format!("error {}", reasons.join(","))
        }
    }
}

/// From `k:1,l:2` for each application.
fn toml(envs: &BTreeMap<String, String>) -> String {
    let mut text = String::new();
    for (name, env) in envs {
        writeln!(text, "[{name}]").expect("a string");
        for (key, value) in env.split(',').filter_map(|pair| pair.split_once(':')) {
            writeln!(text, "{key} = {value}").expect("a string");
        }
    }
    text
}

fn infos(infos: &[ApplicationInfo]) -> String {
    listed(infos.iter().map(|info| info.name))
}

fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<_> = names.collect();
    if names.is_empty() { "none".into() } else { names.join(",") }
}
