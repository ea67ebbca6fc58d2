//! Applications started, stopped, and looked at by code that runs in the node.

use std::pin::Pin;

use super::*;

type Asking = Pin<Box<dyn Future<Output = String> + Send>>;

/// Where an application asks for something.
#[derive(Clone, Copy, PartialEq)]
enum At {
    Start,
    ConfigChange,
    Stop,
}

/// An application with a callback that asks for something, and notes what it is told.
struct Asks {
    at: At,
    asks: fn() -> Asking,
    trace: Trace,
}

#[derive(serde::Deserialize)]
struct Size {
    #[serde(default)]
    size: u32,
}

impl Asks {
    async fn ask(&self, at: At) {
        if self.at == at {
            let told = (self.asks)().await;
            self.trace.lock().expect("not poisoned").push(told);
        }
    }
}

impl Application for Asks {
    type Config = Size;

    async fn start(&self, _cx: &mut StartContext<Size>) -> Result<Ref<Supervisor>, StartError> {
        let supervisor = Supervisor::new(Strategy::OneForOne).start_link().await?;
        self.ask(At::Start).await;
        Ok(supervisor)
    }

    async fn config_change(&self, _change: &ConfigChange<Size>) -> Result<(), ExitReason> {
        self.ask(At::ConfigChange).await;
        Ok(())
    }

    async fn stop(&self) {
        self.ask(At::Stop).await;
    }
}

/// The applications of [`abc`], `q`, which asks, and `r`, which needs c.
async fn asking(at: At, asks: fn() -> Asking) -> Loading {
    let plan = abc().with("r", &["c"], Behaviour::Good);
    let callback = Asks { at, asks, trace: Arc::clone(&plan.trace) };
    plan.spec("q", &[], Spec::supervised("q", "1.0.0", callback, StartType::Permanent)).load().await
}

fn started(names: &str) -> Asking {
    let names = names.to_owned();
    Box::pin(async move {
        match ensure_all_started(&names).await {
            Ok(started) => started.join(" "),
            Err(error) => error.to_string(),
        }
    })
}

fn stopped(name: &'static str) -> Asking {
    Box::pin(async move { stop(name).await.err().map_or_else(String::new, |error| error.to_string()) })
}

fn names(infos: &[ApplicationInfo]) -> Vec<&'static str> {
    infos.iter().map(|info| info.name).collect()
}

fn refused(outcome: Result<(), OperationError>) -> Refused {
    match outcome {
        Err(OperationError::Refused(refused)) => refused,
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn one_application_starts_when_all_it_needs_runs_and_only_once() {
    let node = abc().load().await;
    node.node
        .scope(async {
            let needs = Refused::DependenciesNotStarted { application: "a", dependencies: vec!["b", "c"] };
            assert_eq!(refused(start("a").await), needs);
            start("c").await.expect("it needs nothing");
            start("b").await.expect("c runs");
            assert_eq!(refused(start("b").await), Refused::AlreadyStarted { application: "b" });
            let unknown = refused(start("z").await);
            assert_eq!(unknown.to_string(), "no application `z` in this node");
            assert_eq!(names(&which_applications()), ["b", "c"]);
            assert_eq!(names(&loaded_applications()), ["c", "b", "a"]);
        })
        .await;
    assert_eq!(node.take_trace(), ["start c", "init c", "start b", "init b"]);
    node.finish().await;
}

#[tokio::test]
async fn all_that_was_started_is_answered_and_stopped_again_if_one_fails() {
    let node = abc().with("d", &["a"], Behaviour::FailsToStart).load().await;
    node.node
        .scope(async {
            assert_eq!(ensure_all_started("b").await.expect("they start"), ["c", "b"]);
            assert_eq!(ensure_all_started("b").await.expect("they run"), [""; 0]);
            let error = ensure_all_started("d").await.expect_err("no disk");
            assert!(matches!(error, OperationError::StartFailed { application: "d", .. }), "{error}");
            assert_eq!(names(&which_applications()), ["b", "c"]);
        })
        .await;
    node.finish().await;
}

#[tokio::test]
async fn what_others_need_is_stopped_only_with_them() {
    let node = abc().load().await;
    node.node
        .scope(async {
            ensure_all_started("a").await.expect("they start");
            let dependents = vec!["b", "a"];
            assert_eq!(stop("c").await, Err(Refused::HasDependents { application: "c", dependents }));
            assert_eq!(stop_with_dependents("b").await.expect("they stop"), ["a", "b"]);
            assert_eq!(stop("b").await, Err(Refused::NotStarted { application: "b" }));
            stop("c").await.expect("nobody needs it any more");
        })
        .await;
    node.finish().await;
}

#[tokio::test]
async fn a_process_can_stop_the_application_that_it_belongs_to() {
    struct Suicidal;

    #[umbrella::gen_server(local)]
    impl Suicidal {
        async fn init(_: ()) -> Result<Self, ExitReason> {
            Ok(Self)
        }

        #[cast]
        async fn go(&mut self) {
            assert_eq!(get_application(), Some("s"));
            drop(stop("s").await);
            panic!("it goes on after its end")
        }
    }

    impl Application for Suicidal {
        type Config = ();

        async fn start(&self, _cx: &mut StartContext<()>) -> Result<Ref<Supervisor>, StartError> {
            let child = Suicidal::child_spec(()).name(Suicidal::named("suicidal"));
            Supervisor::new(Strategy::OneForOne).child(child).start_link().await
        }
    }

    let spec = Spec::supervised("s", "1.0.0", Suicidal, StartType::Permanent);
    let node = Plan::new().spec("s", &[], spec).load().await;
    node.controller.start(&["s"]).await.expect("it starts");
    node.node.enter(|| Suicidal::named("suicidal").go()).expect("it runs");
    node.until("s", State::Stopped).await;
    assert!(node.controller.infos()[0].last_crash.is_none());
    node.finish().await;
}

#[tokio::test]
async fn an_application_that_starts_may_ask_for_others_but_not_for_itself() {
    let node = asking(At::Start, || started("r")).await;
    assert_eq!(node.controller.start(&["q", "r"]).await.expect("they start").start, ["c", "q", "r"]);
    assert_eq!(node.take_trace(), ["start c", "init c", "start r", "init r", "r"]);
    assert_eq!(names(&node.controller.running()), ["q", "r", "c"]);
    node.finish().await;

    let node = asking(At::Start, || started("q")).await;
    node.controller.start(&["q"]).await.expect("it starts all the same");
    assert_eq!(node.take_trace(), ["application `q` is waited for, and asks for what would wait for it"]);
    node.finish().await;
}

#[tokio::test]
async fn an_application_that_is_waited_for_cannot_ask_for_anything() {
    let told = ["application `q` is waited for, and asks for what would wait for it"];
    let node = asking(At::Stop, || stopped("c")).await;
    node.controller.start(&["q", "c"]).await.expect("they start");
    node.take_trace();
    node.controller.stop(&["q"], false).await.expect("nobody needs it");
    assert_eq!(node.take_trace(), told);
    node.finish().await;

    let node = asking(At::ConfigChange, || started("a")).await;
    node.controller.start(&["q"]).await.expect("it starts");
    node.controller.reload(reload::config("[q]\nsize = 2\n")).await.expect("complete");
    assert_eq!(node.take_trace(), told);
    node.finish().await;
}

#[tokio::test]
async fn the_configuration_is_read_by_the_type_of_the_callback_and_is_that_of_now() {
    let node = asking(At::Stop, || Box::pin(async { String::new() })).await;
    let size = || node.node.enter(get_env::<Asks>).map(|config| config.size);
    assert_eq!(size(), Ok(0));
    node.controller.reload(reload::config("[q]\nsize = 2\n")).await.expect("complete");
    assert_eq!(size(), Ok(2));
    struct Stranger;
    impl Application for Stranger {
        type Config = ();

        async fn start(&self, _cx: &mut StartContext<()>) -> Result<Ref<Supervisor>, StartError> {
            Err(StartError::failed("nobody starts it"))
        }
    }
    let unknown = node.node.enter(get_env::<Stranger>);
    assert!(matches!(unknown, Err(EnvError::UnknownApplication { .. })), "{unknown:?}");
    node.finish().await;
}

#[tokio::test]
async fn without_a_node_there_are_no_applications() {
    assert_eq!(stop("a").await, Err(Refused::NoApplications));
    assert_eq!(refused(start("a").await), Refused::NoApplications);
    assert!(which_applications().is_empty());
    assert_eq!(get_application(), None);
}

#[tokio::test]
async fn a_node_stops_its_applications_in_the_reverse_of_the_order_in_which_they_were_started() {
    use Behaviour::Good;
    let node = Plan::new().with("x", &[], Good).with("y", &[], Good).with("z", &[], Good).load().await;
    for name in ["y", "z", "x"] {
        node.controller.start(&[name]).await.expect("it starts");
    }
    assert_eq!(node.controller.shut_down().await, ["x", "z", "y"]);
    node.finish().await;
}
