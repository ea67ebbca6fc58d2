//! Resolution, over tables of members and expressions.

use proptest::prelude::*;

use super::super::{
    Deployment, Elsewhere, Explain, Member, MemberKind, Members, Note, Partial, Release, ResolvedDeployment,
};

fn member(name: &str, kind: MemberKind, depends_on: &[&str]) -> Member {
    let depends_on = depends_on.iter().map(|name| (*name).to_owned()).collect();
    Member { name: name.to_owned(), kind, depends_on }
}

/// The seed's umbrella: a library `a` that calls `c`, and the supervised `b` and `c`; `common` is a plain crate.
fn abc() -> Members {
    let members = vec![
        member("a", MemberKind::Library, &["c"]),
        member("abc", MemberKind::Release, &[]),
        member("b", MemberKind::Supervised, &[]),
        member("c", MemberKind::Supervised, &[]),
        member("common", MemberKind::Ordinary, &[]),
    ];
    Members { umbrella: "abc".into(), members }
}

#[track_caller]
fn resolved(text: &str, members: &Members, partial: Partial) -> ResolvedDeployment {
    Deployment::parse(text).unwrap().resolve(members, partial).unwrap()
}

/// The errors of `text`: each its message, and what it points at.
#[track_caller]
fn errors(text: &str, members: &Members) -> Vec<(String, Vec<String>)> {
    let deployment = Deployment::parse(text).unwrap();
    let errors = deployment.resolve(members, Partial::No).expect_err(text);
    let pointed = |error: &super::ResolveError| {
        assert!(error.kind.help().is_some());
        let part = |(span, _): &(super::Span, _)| error.expression()[span.start..span.end].to_owned();
        (error.to_string(), error.kind.labels().iter().map(part).collect())
    };
    errors.0.iter().map(pointed).collect()
}

fn elsewhere(application: &str, release: &str) -> Elsewhere {
    Elsewhere { application: application.into(), release: release.into(), instances: 1 }
}

#[test]
fn each_release_knows_in_how_many_nodes_it_and_the_others_run() {
    let deployment = resolved("[a,b]*2+[c*3]", &abc(), Partial::No);
    let [ab, c] = deployment.releases.as_slice() else { panic!("two releases") };
    assert_eq!((ab.instances, c.instances), (2, 3));
    assert_eq!(ab.elsewhere, [Elsewhere { instances: 3, ..elsewhere("c", "c") }]);
    assert!(c.elsewhere.iter().all(|other| other.instances == 2));
    assert_eq!(deployment.expression, "[a,b]*2+[c]*3");
}

#[test]
fn each_release_knows_its_applications_and_where_the_others_are() {
    let deployment = resolved("[a,b]+[c]", &abc(), Partial::No);
    let [ab, c] = deployment.releases.as_slice() else { panic!("two releases") };
    assert_eq!((ab.name.as_str(), ab.package.as_str()), ("a_b", "a_b"));
    assert_eq!(ab.applications, ["a", "b"]);
    assert_eq!(ab.elsewhere, [elsewhere("c", "c")]);
    assert_eq!(c.applications, ["c"]);
    assert_eq!(c.elsewhere, [elsewhere("a", "a_b"), elsewhere("b", "a_b")]);
    assert_eq!(deployment.expression, "[a,b]+[c]");
}

#[test]
fn a_release_named_as_an_application_has_a_package_of_its_own() {
    let deployment = resolved("[a,b]+[c]", &abc(), Partial::No);
    assert_eq!(deployment.release("c").map(|release| release.package.as_str()), Some("c_release"));
}

#[test]
fn dependencies_start_first() {
    let deployment = resolved("abc=[a,b,c]", &abc(), Partial::No);
    assert_eq!(deployment.releases[0].applications, ["c", "a", "b"]);
}

#[test]
fn a_dependency_elsewhere_still_orders_those_around_it() {
    let members = Members {
        umbrella: "u".into(),
        members: vec![
            member("a", MemberKind::Supervised, &["x"]),
            member("x", MemberKind::Library, &["b"]),
            member("b", MemberKind::Supervised, &[]),
        ],
    };
    assert_eq!(resolved("[a,b]+[x]", &members, Partial::No).releases[0].applications, ["b", "a"]);
}

#[test]
fn the_order_written_is_not_the_order_of_the_start() {
    let members = Members {
        umbrella: "u".into(),
        members: ["z", "m", "a"].map(|name| member(name, MemberKind::Supervised, &[])).into(),
    };
    let release = &resolved("[z,a,m]", &members, Partial::No).releases[0];
    assert_eq!((release.name.as_str(), release.applications.join(" ")), ("z_a_m", "a m z".into()));
}

#[test]
fn a_supervised_dependency_in_another_release_is_noted() {
    let note =
        Note::DependencyElsewhere { application: "a".into(), dependency: "c".into(), release: "c".into() };
    assert_eq!(resolved("[a,b]+[c]", &abc(), Partial::No).notes, [note]);
    assert_eq!(resolved("[a,c]+[b]", &abc(), Partial::No).notes, []);
}

#[test]
fn a_dependency_through_a_library_of_another_release_is_noted_too() {
    let mut members = abc();
    members.members[2].depends_on.push("a".into());
    let notes = resolved("[b]+[a,c]", &members, Partial::No).notes;
    let note =
        Note::DependencyElsewhere { application: "b".into(), dependency: "c".into(), release: "a_c".into() };
    assert_eq!(notes, [note]);
}

#[test]
fn what_a_partial_deployment_leaves_out_is_listed_and_noted() {
    let deployment = resolved("[a]", &abc(), Partial::Yes);
    assert_eq!(deployment.unplaced, ["b", "c"]);
    assert_eq!(deployment.releases[0].elsewhere, [elsewhere("b", "b"), elsewhere("c", "c")]);
    assert_eq!(
        deployment.notes,
        [Note::DependencyUnplaced { application: "a".into(), dependency: "c".into() }]
    );
}

#[test]
fn an_unknown_application_is_pointed_at_and_guessed() {
    let mut members = abc();
    members.members.push(member("billing", MemberKind::Supervised, &[]));
    let found = errors("[a,b]+[biling,c]", &members);
    assert_eq!(found, [("unknown application `biling`".into(), vec!["biling".into()])]);
    let deployment = Deployment::parse("[a,b]+[biling,c]").unwrap();
    let error = deployment.resolve(&members, Partial::No).unwrap_err();
    let help = "did you mean `billing`? applications: a, b, billing, c";
    assert_eq!(error.0[0].kind.help().as_deref(), Some(help));
}

#[test]
fn only_applications_have_a_place() {
    let message = "is a crate of this workspace, but not an application";
    assert_eq!(
        errors("[a,common]+[abc]", &abc()),
        [
            (format!("`common` {message}"), vec!["common".to_owned()]),
            (format!("`abc` {message}"), vec!["abc".to_owned()]),
        ]
    );
}

#[test]
fn an_application_has_one_place() {
    let twice = ("application `b` is placed twice".to_owned(), vec!["b".to_owned(), "b".to_owned()]);
    assert_eq!(errors("[a,b]+[c,b]", &abc()), std::slice::from_ref(&twice));
    assert_eq!(errors("[a,b,b]+[c]", &abc()), [twice]);
    assert_eq!(errors("[b,b,b]+[a,c]", &abc())[0].0, "application `b` is placed 3 times");
}

#[test]
fn a_forgotten_application_is_an_error_unless_partial() {
    let forgotten = ("application `c` is placed nowhere".to_owned(), vec![]);
    assert_eq!(errors("[a,b]", &abc()), [forgotten]);
    assert_eq!(errors("[b]", &abc())[0].0, "applications `a` and `c` are placed nowhere");
    assert!(resolved("[b]", &abc(), Partial::Yes).unplaced == ["a", "c"]);
}

#[test]
fn release_names_are_unique() {
    let twice = ("two releases are named `web`".to_owned(), vec!["web".to_owned(), "web".to_owned()]);
    assert_eq!(errors("web=[a,b]+web=[c]", &abc()), [twice]);
    let found = errors("a_b=[c]+[a,b]", &abc());
    assert_eq!(found, [("two releases are named `a_b`".into(), vec!["a_b".into(), "[a,b]".into()])]);
}

#[test]
fn a_release_never_takes_the_name_of_another_crate() {
    let found = errors("common=[a,b]+[c]", &abc());
    let message = "release name `common` is taken: the crate `common` of this workspace has it";
    assert_eq!(found, [(message.to_owned(), vec!["common".to_owned()])]);

    let mut members = abc();
    members.members.push(member("c_release", MemberKind::Ordinary, &[]));
    let found = errors("[a,b]+[c]", &members);
    let message = "release name `c` is taken: the crate `c_release` of this workspace has it";
    assert_eq!(found, [(message.to_owned(), vec!["[c]".to_owned()])]);

    let found = errors("[c]+c_release=[a,b]", &abc());
    let message = "release name `c_release` is taken: the package of release `c` has it";
    assert_eq!(found, [(message.to_owned(), vec!["c_release".to_owned()])]);
}

#[test]
fn the_name_of_the_umbrella_is_kept_for_all_applications() {
    let found = errors("abc=[a,b]+[c]", &abc());
    let message = "release name `abc` is taken: the release of all applications has it";
    assert_eq!(found, [(message.to_owned(), vec!["abc".to_owned()])]);
    assert_eq!(resolved("abc=[c,b,a]", &abc(), Partial::No).releases[0].package, "abc");
}

#[test]
fn a_default_name_that_is_too_long_asks_for_a_name() {
    let names: Vec<String> = (0..12).map(|n| format!("application_{n}")).collect();
    let members = names.iter().map(|name| member(name, MemberKind::Supervised, &[])).collect();
    let members = Members { umbrella: "u".into(), members };
    let text = format!("[{}]", names.join(","));
    assert!(errors(&text, &members)[0].0.ends_with("is 169 bytes long"));
    assert_eq!(resolved(&format!("web={text}"), &members, Partial::No).releases.len(), 1);
}

/// A workspace of `count` applications, each depending on some of those before it, and a placement of all of them.
fn placed_workspace() -> impl Strategy<Value = (Members, String)> {
    let edges = proptest::collection::vec(proptest::bool::weighted(0.3), 49);
    let places = proptest::collection::vec(0..3_usize, 1..8);
    (edges, places).prop_map(|(edges, places)| {
        let name = |n: usize| format!("app{n}");
        let depends = |n: usize| (0..n).filter(|m| edges[n * 7 + m]).map(name).collect();
        let member = |n| Member { name: name(n), kind: MemberKind::Supervised, depends_on: depends(n) };
        let members = (0..places.len()).rev().map(member).collect();
        let bracket = |release: usize| {
            let apps: Vec<String> = (0..places.len()).filter(|n| places[*n] == release).map(name).collect();
            (!apps.is_empty()).then(|| format!("[{}]", apps.join(",")))
        };
        let text: Vec<String> = (0..3).filter_map(bracket).collect();
        (Members { umbrella: "u".into(), members }, text.join("+"))
    })
}

proptest! {
    #[test]
    fn every_application_has_one_place_and_starts_after_what_it_needs((members, text) in placed_workspace()) {
        let deployment = resolved(&text, &members, Partial::No);
        for app in members.applications() {
            let here = |release: &&Release| release.applications.contains(&app.name);
            let homes: Vec<&Release> = deployment.releases.iter().filter(here).collect();
            prop_assert_eq!(homes.len(), 1);
            let at = |name: &str| homes[0].applications.iter().position(|other| other == name);
            for dependency in &app.depends_on {
                prop_assert!(at(dependency) < at(&app.name));
            }
            for other in deployment.releases.iter().filter(|other| other.name != homes[0].name) {
                prop_assert!(other.elsewhere.contains(&elsewhere(&app.name, &homes[0].name)));
            }
        }
    }
}
