//! `--app` and `--dep`.

use super::error::NewError;
use crate::error::CommandError;
use crate::plan::{AppDependency, AppRequest};
use crate::workspace::{AppName, ReleaseName, Workspace, did_you_mean, suggest};

/// What `--app` and `--dep` ask for, each on its own.
#[derive(Debug)]
pub(super) struct Wishes {
    apps: Vec<(AppName, bool)>,
    /// Who, on whom.
    dependencies: Vec<(String, String)>,
}

impl Wishes {
    /// Reads `b:sup` and `a:c`.
    pub(super) fn parse(apps: &[String], dependencies: &[String]) -> Result<Self, CommandError> {
        let apps = apps.iter().map(|typed| parse_app(typed)).collect::<Result<_, _>>()?;
        let dependencies = dependencies.iter().map(|typed| {
            let both = typed.split_once(':').map(|(who, whom)| (who.to_owned(), whom.to_owned()));
            both.ok_or_else(|| NewError::WhoDepends { typed: typed.clone() })
        });
        Ok(Self { apps, dependencies: dependencies.collect::<Result<_, _>>()? })
    }

    /// The applications of an umbrella called `umbrella`, by name.
    pub(super) fn in_new_umbrella(self, umbrella: &ReleaseName) -> Result<Vec<AppRequest>, NewError> {
        let mut requests: Vec<AppRequest> = Vec::with_capacity(self.apps.len());
        for (name, supervised) in &self.apps {
            if requests.iter().any(|request| request.name == *name) {
                return Err(NewError::Twice { name: name.to_string() });
            }
            if name.as_str() == umbrella.as_str() {
                let is_free = |near: &str| self.apps.iter().all(|(app, _)| app.as_str() != near);
                let suggestion = suggest(name.as_str(), |near| near != umbrella.as_str() && is_free(near));
                return Err(NewError::Taken {
                    name: name.to_string(),
                    by: "this umbrella".into(),
                    suggestion,
                });
            }
            let dependencies = self.dependencies_of(name)?;
            requests.push(AppRequest { name: name.clone(), supervised: *supervised, dependencies });
        }
        for (who, _) in &self.dependencies {
            self.app(who)?;
        }
        requests.sort_by(|a, b| a.name.cmp(&b.name));
        match circle(&requests) {
            Some(circle) => Err(NewError::Circle { circle }),
            None => Ok(requests),
        }
    }

    fn dependencies_of(&self, name: &AppName) -> Result<Vec<AppDependency>, NewError> {
        let mut dependencies: Vec<AppDependency> = Vec::new();
        for (_, whom) in self.dependencies.iter().filter(|(who, _)| who == name.as_str()) {
            let (dependency, supervised) = self.app(whom)?;
            if dependency == name {
                return Err(NewError::OnItself { name: name.to_string() });
            }
            if dependencies.iter().all(|known| known.name != *dependency) {
                dependencies.push(AppDependency { name: dependency.clone(), has_counter: *supervised });
            }
        }
        Ok(dependencies)
    }

    fn app(&self, name: &str) -> Result<&(AppName, bool), NewError> {
        let found = self.apps.iter().find(|(app, _)| app.as_str() == name);
        found.ok_or_else(|| no_such_application(name, self.apps.iter().map(|(app, _)| app.as_str())))
    }
}

fn parse_app(typed: &str) -> Result<(AppName, bool), CommandError> {
    let (name, kind) = typed.split_once(':').unwrap_or((typed, "lib"));
    let supervised = match kind {
        "sup" => true,
        "lib" => false,
        _ => {
            let (typed, name, kind) = (typed.to_owned(), name.to_owned(), kind.to_owned());
            return Err(NewError::UnknownKind { typed, name, kind }.into());
        }
    };
    Ok((AppName::parse(name)?, supervised))
}

/// The applications of an umbrella that the new one `name` is to depend on.
pub(super) fn existing(
    name: &AppName,
    typed: &[String],
    workspace: &Workspace,
) -> Result<Vec<AppDependency>, NewError> {
    let mut dependencies: Vec<AppDependency> = Vec::new();
    for typed in typed {
        if let Some((_, dependency)) = typed.split_once(':') {
            let (typed, name, dependency) = (typed.clone(), name.to_string(), dependency.to_owned());
            return Err(NewError::OnlyWhom { typed, name, dependency });
        }
        if typed == name.as_str() {
            return Err(NewError::OnItself { name: name.to_string() });
        }
        let app = workspace.app(typed).ok_or_else(|| no_such_application(typed, workspace.app_names()))?;
        if dependencies.iter().all(|known| known.name != app.name) {
            dependencies.push(AppDependency { name: app.name.clone(), has_counter: app.exports_counter() });
        }
    }
    Ok(dependencies)
}

fn no_such_application<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> NewError {
    let mut names: Vec<&str> = known.collect();
    names.sort_unstable();
    let help = match did_you_mean(name, names.iter().copied()) {
        Some(near) => format!("an application with a similar name exists: `{near}`"),
        None if names.is_empty() => "this umbrella has no applications yet".to_owned(),
        None => format!("applications: {}", names.join(", ")),
    };
    NewError::NoSuchApplication { name: name.to_owned(), help }
}

/// Applications that depend on each other in a circle, the first one again at the end.
fn circle(requests: &[AppRequest]) -> Option<Vec<String>> {
    let request = |name: &AppName| requests.iter().find(|request| request.name == *name);
    // Depth first; the path is where we are.
    fn visit<'a>(
        app: &'a AppRequest,
        request: &impl Fn(&AppName) -> Option<&'a AppRequest>,
        path: &mut Vec<&'a AppName>,
        done: &mut Vec<&'a AppName>,
    ) -> Option<Vec<String>> {
        if let Some(start) = path.iter().position(|name| **name == app.name) {
            return Some(path[start..].iter().copied().chain([&app.name]).map(AppName::to_string).collect());
        }
        if done.contains(&&app.name) {
            return None;
        }
        path.push(&app.name);
        let below = app.dependencies.iter().filter_map(|dependency| request(&dependency.name));
        let found = below.into_iter().find_map(|below| visit(below, request, path, done));
        path.pop();
        done.push(&app.name);
        found
    }
    let mut done = Vec::new();
    requests.iter().find_map(|app| visit(app, &request, &mut Vec::new(), &mut done))
}

#[cfg(test)]
mod tests {
    use super::{NewError, Wishes};
    use crate::workspace::ReleaseName;

    fn wish(apps: &[&str], dependencies: &[&str]) -> Result<Vec<(String, Vec<String>)>, NewError> {
        let owned = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
        let wishes = Wishes::parse(&owned(apps), &owned(dependencies)).unwrap();
        let requests = wishes.in_new_umbrella(&ReleaseName::existing("abc"))?;
        let names = |request: &super::AppRequest| {
            let below = request.dependencies.iter().map(|dependency| dependency.name.to_string());
            (request.name.to_string(), below.collect())
        };
        Ok(requests.iter().map(names).collect())
    }

    #[test]
    fn applications_come_sorted_with_what_they_depend_on_once() {
        let wished = wish(&["c:sup", "a", "b:sup"], &["a:c", "a:b", "a:c"]).unwrap();
        assert_eq!(wished[0], ("a".into(), vec!["c".into(), "b".into()]));
        assert_eq!(wished.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
    }

    #[test]
    fn circles_are_shown() {
        let error = wish(&["a", "b", "c", "d"], &["d:a", "a:b", "b:c", "c:a"]).unwrap_err();
        assert!(matches!(&error, NewError::Circle { circle } if circle == &["a", "b", "c", "a"]), "{error}");
        assert!(matches!(wish(&["a"], &["a:a"]).unwrap_err(), NewError::OnItself { .. }));
    }

    #[test]
    fn a_diamond_is_no_circle() {
        assert!(wish(&["a", "b", "c", "d"], &["a:b", "a:c", "b:d", "c:d"]).is_ok());
    }

    #[test]
    fn both_ends_of_a_dependency_must_be_there() {
        assert!(matches!(wish(&["a"], &["a:z"]).unwrap_err(), NewError::NoSuchApplication { .. }));
        assert!(matches!(wish(&["a"], &["z:a"]).unwrap_err(), NewError::NoSuchApplication { .. }));
    }
}
