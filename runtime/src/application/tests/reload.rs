//! Configuration that changes while applications run.

use super::*;

/// Notes what it is told, and refuses when it is told to.
struct Configured(Trace);

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    size: u32,
    #[serde(default)]
    behaviour: String,
}

impl Application for Configured {
    type Config = Settings;

    async fn start(&self, cx: &mut StartContext<Settings>) -> Result<Ref<Supervisor>, StartError> {
        note(&self.0, &format!("start with {}", cx.config().size), cx.name());
        Supervisor::new(Strategy::OneForOne).start_link().await
    }

    async fn config_change(&self, change: &ConfigChange<Settings>) -> Result<(), ExitReason> {
        let (from, to) = (change.before().size, change.config().size);
        let keys = format!("{:?} {:?} {:?}", change.changed(), change.added(), change.removed());
        note(&self.0, &format!("{from} to {to}, {keys}"), change.name());
        match change.config().behaviour.as_str() {
            "refuse" => Err(ExitReason::error("too big")),
            "panic" => panic!("far too big"),
            "hang" => pending().await,
            _ => Ok(()),
        }
    }
}

pub(super) fn config(text: &str) -> Config {
    let root = tempfile::tempdir().expect("a temporary folder");
    std::fs::create_dir(root.path().join("config")).expect("config/");
    std::fs::write(root.path().join("config/config.toml"), text).expect("a file");
    Config::load(&Source { root: root.path(), env: "test", prefixes: &[], variables: &[] }).expect("TOML")
}

/// b needs a; both are 1 big, and run.
async fn ab() -> Loading {
    let trace = Trace::default();
    let spec = |name| Spec::supervised(name, "1.0.0", Configured(Arc::clone(&trace)), StartType::Permanent);
    let specs = vec![spec("b").depends_on(spec("a"))];
    let mut loaded = Loaded::new(specs, BTreeMap::new()).expect("no cycle");
    loaded.configure(&["b"], config("[a]\nsize = 1\n[b]\nsize = 1\n")).expect("complete");
    let node = Node::new("tests");
    let controller = Controller::new(node.clone(), loaded).await.expect("started");
    controller.start(&["b"]).await.expect("they start");
    let loading = Loading { node, controller, trace };
    loading.take_trace();
    loading
}

fn outcomes(told: Vec<Told>) -> Vec<String> {
    let line = |told: Told| match told.outcome {
        Ok(()) => format!("{} ok", told.application),
        Err(reason) => format!("{} {reason}", told.application),
    };
    told.into_iter().map(line).collect()
}

#[tokio::test]
async fn applications_are_told_what_changed_the_one_started_last_first() {
    let node = ab().await;
    let told = node.controller.reload(config("[a]\nsize = 2\nbehaviour = \"\"\n[b]\nsize = 3\n")).await;
    assert_eq!(outcomes(told.expect("complete")), ["b ok", "a ok"]);
    let trace = ["1 to 3, [\"size\"] [] [] b", "1 to 2, [\"size\"] [\"behaviour\"] [] a"];
    assert_eq!(node.take_trace(), trace);
    let told = node.controller.reload(config("[a]\nsize = 2\n[b]\nsize = 3\n")).await;
    assert_eq!(outcomes(told.expect("complete")), ["a ok"]);
    assert_eq!(node.take_trace(), ["2 to 2, [] [] [\"behaviour\"] a"]);
    node.finish().await;
}

#[tokio::test]
async fn one_wrong_table_and_nobody_is_told_of_any() {
    let node = ab().await;
    let refused = node.controller.reload(config("[a]\nsize = 2\n[b]\n")).await.expect_err("b has no size");
    assert!(refused.to_string().contains("`size` of application `b` is missing"), "{refused}");
    node.controller.restart(&["b"], false).await.expect("nobody needs it");
    assert_eq!(node.take_trace(), ["start with 1 b"]);
    node.finish().await;
}

#[tokio::test]
async fn what_does_not_run_is_not_told_and_starts_with_what_it_finds() {
    let node = ab().await;
    node.controller.stop(&["b"], false).await.expect("nobody needs it");
    let told = node.controller.reload(config("[a]\nsize = 1\n[b]\nsize = 9\n")).await;
    assert_eq!(outcomes(told.expect("complete")), [""; 0]);
    node.controller.start(&["b"]).await.expect("it starts");
    assert_eq!(node.take_trace(), ["start with 9 b"]);
    // It need not even be right for what does not run.
    node.controller.stop(&["b"], false).await.expect("nobody needs it");
    node.controller.reload(config("[a]\nsize = 1\n")).await.expect("a is complete");
    assert!(node.controller.start(&["b"]).await.is_err());
    node.finish().await;
}

#[tokio::test]
async fn an_application_that_refuses_or_panics_is_told_of_and_the_others_are_told_all_the_same() {
    let node = ab().await;
    let with = |behaviour| config(&format!("[a]\nsize = 2\n[b]\nsize = 2\nbehaviour = \"{behaviour}\"\n"));
    let told = node.controller.reload(with("refuse")).await.expect("complete");
    assert_eq!(outcomes(told), ["b too big", "a ok"]);
    let told = outcomes(node.controller.reload(with("panic")).await.expect("complete"));
    assert!(told[0].contains("far too big") && told.len() == 1, "{told:?}");
    assert!(node.states().iter().all(|(_, state)| *state == State::Running));
    node.finish().await;
}

#[tokio::test]
async fn a_change_that_hangs_is_given_up_when_the_node_stops() {
    let node = ab().await;
    let hanging = node.controller.clone();
    let config = config("[a]\nsize = 1\n[b]\nsize = 2\nbehaviour = \"hang\"\n");
    let reload = tokio::spawn(async move { hanging.reload(config).await.map(outcomes) });
    while node.take_trace().is_empty() {
        tokio::task::yield_now().await;
    }
    let (told, stopped) = tokio::join!(reload, node.controller.shut_down());
    assert_eq!(told.expect("no panic").expect("complete"), ["b the node is stopping"]);
    assert_eq!(stopped, ["b", "a"]);
    node.finish().await;
}
