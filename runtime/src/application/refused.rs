//! Why nothing is done.

/// Why a request was refused; nothing was done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// No application of this node has that name.
    #[error("no application `{application}` in this node")]
    UnknownApplication {
        /// What was asked for.
        application: String,
        /// The applications of this node, by name.
        known: Vec<&'static str>,
    },
    /// The application runs in another release.
    #[error("application `{application}` runs in release `{release}`")]
    Elsewhere {
        /// What was asked for.
        application: &'static str,
        /// Where it runs.
        release: &'static str,
    },
    /// Running applications need the one to be stopped.
    #[error("application `{application}` is needed by {}", quoted(.dependents))]
    HasDependents {
        /// What was to be stopped.
        application: &'static str,
        /// The running applications that need it, directly or not, in start order.
        dependents: Vec<&'static str>,
    },
    /// The node is going down.
    #[error("the node is stopping")]
    NodeStopping,
    /// The application runs, and only one that does not can be started.
    #[error("application `{application}` is running already")]
    AlreadyStarted {
        /// What was to be started.
        application: &'static str,
    },
    /// The application does not run, and only one that does can be stopped.
    #[error("application `{application}` is not running")]
    NotStarted {
        /// What was to be stopped.
        application: &'static str,
    },
    /// The application needs others, which do not run; `ensure_all_started` starts them too.
    #[error("application `{application}` needs {}, not running", quoted(.dependencies))]
    DependenciesNotStarted {
        /// What was to be started.
        application: &'static str,
        /// What it needs and does not run, directly, by name.
        dependencies: Vec<&'static str>,
    },
    /// The request would wait for the end of what asks for it: an application that is being started, stopped, or told of
    /// its configuration.
    #[error("application `{application}` is waited for, and asks for what would wait for it")]
    CallingSelf {
        /// What would be waited for.
        application: &'static str,
    },
    /// The running code is in no node, or in one that has no applications.
    #[error("this node has no applications")]
    NoApplications,
}

/// `` `a`, `b` ``.
pub(crate) fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
