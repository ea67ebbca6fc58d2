//! What a template can say: one struct for each set, and no free-form maps.

use serde::Serialize;

use crate::layout::{self, Link};
use crate::runtime::Runtime;

/// An umbrella.
#[derive(Debug, Clone, Serialize)]
pub struct Umbrella {
    name: String,
    runtime: String,
    /// The command that made it.
    made_by: String,
}

impl Umbrella {
    /// The umbrella `name`, without applications.
    #[must_use]
    pub fn new(name: &str, runtime: &Runtime, made_by: &str) -> Self {
        Self { name: name.to_owned(), runtime: runtime.to_string(), made_by: made_by.to_owned() }
    }
}

/// The project of a single application.
#[derive(Debug, Clone, Serialize)]
pub struct Standalone {
    name: String,
    runtime: String,
    supervised: bool,
    /// The command that made it.
    made_by: String,
}

impl Standalone {
    /// The project that is the application `name`.
    #[must_use]
    pub fn new(name: &str, supervised: bool, runtime: &Runtime, made_by: &str) -> Self {
        let (name, made_by) = (name.to_owned(), made_by.to_owned());
        Self { name, runtime: runtime.to_string(), supervised, made_by }
    }
}

/// An application.
#[derive(Debug, Clone, Serialize)]
pub struct Application {
    name: String,
    type_name: String,
    supervised: bool,
    starts_others: bool,
    /// The crates it depends on, sorted.
    dependencies: Vec<String>,
    example: Option<Example>,
    counter_const: String,
}

/// How an application calls the counter of another one.
#[derive(Debug, Clone, Serialize)]
struct Example {
    name: String,
    function: String,
}

impl Application {
    /// The application `name`, whose callback, if it is supervised, is called `type_name`.
    #[must_use]
    pub fn new(name: &str, type_name: &str, supervised: bool) -> Self {
        let base: &[&str] = if supervised { &["serde", "umbrella"] } else { &[] };
        Self {
            name: name.to_owned(),
            type_name: type_name.to_owned(),
            supervised,
            starts_others: false,
            dependencies: base.iter().map(|&name| name.to_owned()).collect(),
            example: None,
            counter_const: layout::counter_const(name),
        }
    }

    /// Depends on the application `name`; calls its counter, if it has one, as an example.
    #[must_use]
    pub fn depends_on(mut self, name: &str, has_counter: bool) -> Self {
        self.starts_others = true;
        for needed in [name, "umbrella"] {
            if !self.dependencies.iter().any(|known| known == needed) {
                self.dependencies.push(needed.to_owned());
            }
        }
        self.dependencies.sort();
        if has_counter && self.example.is_none() {
            // In code and in paths the name is that of the crate.
            let name = name.replace('-', "_");
            self.example = Some(Example { function: layout::add_to(&name), name });
        }
        self
    }

    /// Whether there is something to start.
    #[must_use]
    pub fn is_supervised(&self) -> bool {
        self.supervised
    }
}

/// A crate that becomes a supervised application.
#[derive(Debug, Clone, Serialize)]
pub struct Adopted {
    name: String,
    type_name: String,
}

impl Adopted {
    /// The crate `name`, whose callback is called `type_name`.
    #[must_use]
    pub fn new(name: &str, type_name: &str) -> Self {
        Self { name: name.to_owned(), type_name: type_name.to_owned() }
    }
}

/// A release crate.
#[derive(Debug, Clone, Serialize)]
pub struct Release {
    name: String,
    package: String,
    /// The line that says its version.
    version: String,
    /// The crates it depends on, sorted.
    dependencies: Vec<String>,
    boot: String,
}

/// What a release says about its umbrella, or about one application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// It belongs to this umbrella, which has another name.
    Umbrella {
        /// The umbrella.
        name: String,
    },
    /// It runs here and exports `application()`.
    Application {
        /// Its package.
        package: String,
    },
    /// It is linked here and has nothing to start.
    Library {
        /// Its package.
        package: String,
        /// Its version.
        version: String,
    },
    /// It runs in another release of the deployment.
    Elsewhere {
        /// The application.
        application: String,
        /// The release.
        release: String,
    },
    /// A release of the deployment runs in several nodes.
    Instances {
        /// The release.
        release: String,
        /// In how many.
        count: u32,
    },
}

impl Release {
    /// The release `name`, built as the package `package`.
    #[must_use]
    pub fn new(name: &str, package: &str, steps: &[Step]) -> Self {
        let mut dependencies = vec!["umbrella".to_owned()];
        dependencies.extend(steps.iter().filter_map(Step::dependency).map(str::to_owned));
        dependencies.sort();
        let links: Vec<Link> = steps.iter().map(Step::link).collect();
        Self {
            name: name.to_owned(),
            package: package.to_owned(),
            version: "version.workspace = true".to_owned(),
            dependencies,
            boot: layout::boot(name, &links),
        }
    }

    /// Has a version of its own, if there is one, instead of that of its workspace.
    #[must_use]
    pub fn with_version(mut self, version: Option<&str>) -> Self {
        if let Some(version) = version {
            self.version = format!("version = \"{version}\"");
        }
        self
    }
}

impl Step {
    fn dependency(&self) -> Option<&str> {
        match self {
            Self::Application { package } | Self::Library { package, .. } => Some(package),
            Self::Umbrella { .. } | Self::Elsewhere { .. } | Self::Instances { .. } => None,
        }
    }

    fn link(&self) -> Link {
        let quoted = |text: &str| format!("\"{text}\"");
        match self {
            Self::Umbrella { name } => Link { method: "umbrella", args: vec![quoted(name)] },
            Self::Application { package } => {
                let function = format!("{}::application()", package.replace('-', "_"));
                Link { method: "application", args: vec![function] }
            }
            Self::Library { package, version } => {
                Link { method: "library", args: vec![quoted(package), quoted(version)] }
            }
            Self::Elsewhere { application, release } => {
                Link { method: "elsewhere", args: vec![quoted(application), quoted(release)] }
            }
            Self::Instances { release, count } => {
                Link { method: "instances", args: vec![quoted(release), count.to_string()] }
            }
        }
    }
}
