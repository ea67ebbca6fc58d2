//! What is found, and what would mend it.

use std::path::PathBuf;

use serde::Serialize;

use super::Place;
use crate::plan::ReleaseContents;

/// Something that is wrong, or that is worth knowing.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// What kind of thing it is.
    pub kind: Kind,
    /// What is so: a sentence without a full stop.
    pub what: String,
    /// Where it stands.
    pub place: Option<Place>,
    /// What cargo or a parser said of it, in lines.
    pub detail: Option<String>,
    /// What to type or to write.
    pub help: String,
    /// What `--fix` does about it.
    pub mend: Option<Mend>,
}

/// Whether something has to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Something does not work, or will not.
    Fault,
    /// Everything works.
    Note,
}

/// What `--fix` does: nothing of it takes away what somebody wrote.
#[derive(Debug, Clone, PartialEq)]
pub enum Mend {
    /// Takes a member out of the workspace that is not there.
    DropMember(String),
    /// Makes a folder a member.
    AddMember(String),
    /// Names a member, and what is shared of it, by the folder that it lies in now.
    MoveMember {
        /// The folder that is named.
        from: String,
        /// The folder that it is in.
        to: String,
    },
    /// Takes out of `[workspace.dependencies]` what is not there and nobody inherits.
    Unshare(String),
    /// Adds to `[workspace.dependencies]`.
    Share {
        /// The name.
        name: String,
        /// The value, as TOML.
        value: String,
    },
    /// Takes a dependency out of a generated manifest.
    Forsake {
        /// The manifest.
        manifest: PathBuf,
        /// The dependency.
        name: String,
    },
    /// Has a member depend on the runtime.
    Depend {
        /// The manifest.
        manifest: PathBuf,
    },
    /// Marks a crate as an application.
    Mark {
        /// The manifest.
        manifest: PathBuf,
        /// The callback.
        callback: String,
    },
    /// Has a library export `application()`.
    Export {
        /// Its source.
        library: PathBuf,
    },
    /// Has git ignore what cargo builds.
    Ignore,
    /// Writes a release crate anew.
    Release(ReleaseContents),
    /// Removes what a node left behind.
    Forget(PathBuf),
}

/// Everything that is looked for, in the order in which it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A file is not TOML.
    NotToml,
    /// A member is not there.
    MemberMissing,
    /// A member lies in another folder than is said.
    MemberMoved,
    /// A pattern of members covers a folder that is no crate.
    FolderWithoutManifest,
    /// A member inherits what the root does not have.
    NothingToInherit,
    /// A dependency lies where nothing is.
    PathMissing,
    /// What is shared and unused lies where nothing is.
    SharedMissing,
    /// Two packages have one name.
    PackageTwice,
    /// The workspace cannot be read, for another reason.
    Refused,
    /// Members depend on each other in a circle.
    Circle,
    /// `umbrella` is another crate.
    WrongRuntime,
    /// There are two runtimes.
    RuntimeTwice,
    /// The runtime does not fit this command line.
    RuntimeDiffers,
    /// The runtime has another version than this command line.
    RuntimeOther,
    /// An application uses the runtime and does not depend on it.
    NoRuntime,
    /// An application is no library.
    NoLibrary,
    /// The callback of an application is not there.
    NoCallback,
    /// An application does not export `application()`.
    NoExport,
    /// A crate has a callback, and its manifest does not say so.
    NotMarked,
    /// An application is not among the shared dependencies.
    NotShared,
    /// A crate is neither member nor excluded.
    Stray,
    /// A release crate is no member.
    ReleaseStray,
    /// A release crate is not there.
    ReleaseMissing,
    /// A release crate is not what would be generated.
    ReleaseDiffers,
    /// No saved deployment has this release.
    ReleaseUnsaved,
    /// A saved deployment cannot be released.
    DeploymentWrong,
    /// A saved deployment leaves applications out.
    DeploymentPartial,
    /// A rule means nobody.
    Rule,
    /// An alias has the name of a command.
    AliasShadowed,
    /// An alias stands for nothing.
    AliasUnknown,
    /// A template of the umbrella's own is of no kind, or cannot be read.
    Template,
    /// A table of the configuration is nobody's.
    TableOfNobody,
    /// A file of the configuration is of no environment.
    FileOfNobody,
    /// A panic ends the node.
    PanicAborts,
    /// The compiler is too old for the runtime.
    ToolchainOld,
    /// The workspace asks for a newer compiler.
    RustVersionHigh,
    /// The workspace does not say which compiler it needs.
    RustVersionAbsent,
    /// Git does not ignore `target`.
    NotIgnored,
    /// A node that is gone left its run file.
    StaleNode,
    /// An interrupted command left a folder.
    Leftover,
    /// A tool is not installed.
    ToolMissing,
}

impl Kind {
    /// Whether something has to be done.
    #[must_use]
    pub const fn level(self) -> Level {
        match self {
            Self::RuntimeOther
            | Self::ReleaseUnsaved
            | Self::DeploymentPartial
            | Self::FileOfNobody
            | Self::RustVersionAbsent
            | Self::Leftover
            | Self::ToolMissing => Level::Note,
            Self::NotToml
            | Self::MemberMissing
            | Self::MemberMoved
            | Self::FolderWithoutManifest
            | Self::NothingToInherit
            | Self::PathMissing
            | Self::SharedMissing
            | Self::PackageTwice
            | Self::Refused
            | Self::Circle
            | Self::WrongRuntime
            | Self::RuntimeTwice
            | Self::RuntimeDiffers
            | Self::NoRuntime
            | Self::NoLibrary
            | Self::NoCallback
            | Self::NoExport
            | Self::NotMarked
            | Self::NotShared
            | Self::Stray
            | Self::ReleaseStray
            | Self::ReleaseMissing
            | Self::ReleaseDiffers
            | Self::DeploymentWrong
            | Self::Rule
            | Self::AliasShadowed
            | Self::AliasUnknown
            | Self::Template
            | Self::TableOfNobody
            | Self::PanicAborts
            | Self::ToolchainOld
            | Self::RustVersionHigh
            | Self::NotIgnored
            | Self::StaleNode => Level::Fault,
        }
    }

    /// Why it matters, in a few words.
    #[must_use]
    pub const fn why(self) -> &'static str {
        match self {
            Self::NotToml => "nothing can be read past it",
            Self::MemberMissing
            | Self::MemberMoved
            | Self::FolderWithoutManifest
            | Self::NothingToInherit
            | Self::PackageTwice => "cargo refuses the whole workspace",
            Self::PathMissing => "whoever depends on it is not built",
            Self::SharedMissing => "whoever comes to depend on it is not built",
            Self::Refused => "no other command works until it can be read",
            Self::Circle => "none of them is built, and none could start first",
            Self::WrongRuntime => "that crate is not the runtime, and applications do not compile",
            Self::RuntimeTwice => "names and processes of one are strangers to the other",
            Self::RuntimeDiffers => "what is generated is made for another runtime",
            Self::RuntimeOther => "they fit; what is new in one may be missing in the other",
            Self::NoRuntime | Self::NoCallback => "it does not compile",
            Self::NoLibrary => "releases and other applications link its library",
            Self::NoExport => "releases that start it do not compile",
            Self::NotMarked => "nobody starts it",
            Self::NotShared => "releases name it by what is shared, and are not built",
            Self::Stray => "cargo refuses to work in it",
            Self::ReleaseStray => "it is not built, and `umbrella release` cannot write it",
            Self::ReleaseMissing => "`cargo run -p` and editors know nothing of that release",
            Self::ReleaseDiffers => "what plain cargo builds is not what `umbrella start` runs",
            Self::ReleaseUnsaved => "cargo builds it with everything else",
            Self::DeploymentWrong => "neither `umbrella release` nor `start --group` can use it",
            Self::DeploymentPartial => "`umbrella release` asks for `--partial`",
            Self::Rule => "it has no effect, and seems to have one",
            Self::AliasShadowed => "the command comes first: the alias is never reached",
            Self::AliasUnknown => "whoever types it gets an error",
            Self::Template => "what `umbrella new` and `umbrella gen` make is not made from it",
            Self::TableOfNobody | Self::Leftover => "nobody reads it",
            Self::FileOfNobody => "nobody reads it unless you name it",
            Self::PanicAborts => "nothing is left that could restart what crashed",
            Self::ToolchainOld => "the runtime is not built",
            Self::RustVersionHigh => "cargo refuses to build it",
            Self::RustVersionAbsent => "with an older one people get errors that do not say why",
            Self::NotIgnored => "what is built could be committed, with the cookie in it",
            Self::StaleNode => "`umbrella status` counts it among the nodes",
            Self::ToolMissing => "only the command that uses it needs it",
        }
    }

    /// Whether cargo cannot read the workspace because of it.
    pub(super) const fn blocks(self) -> bool {
        matches!(
            self,
            Self::NotToml
                | Self::MemberMissing
                | Self::MemberMoved
                | Self::FolderWithoutManifest
                | Self::NothingToInherit
                | Self::PathMissing
                | Self::PackageTwice
                | Self::Refused
        )
    }
}

impl Finding {
    /// A finding that nothing but people can mend.
    pub(super) fn new(kind: Kind, what: impl Into<String>, help: impl Into<String>) -> Self {
        Self { kind, what: what.into(), place: None, detail: None, help: help.into(), mend: None }
    }

    pub(super) fn at(self, place: impl Into<Option<Place>>) -> Self {
        Self { place: place.into(), ..self }
    }

    pub(super) fn mended(self, mend: impl Into<Option<Mend>>) -> Self {
        Self { mend: mend.into(), ..self }
    }
}
