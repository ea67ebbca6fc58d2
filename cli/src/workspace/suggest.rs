//! Did you mean.

/// The candidate that `name` most probably is a slip of, if one is near enough.
///
/// Near: at most a third of the letters differ (at least one may), where a swap of neighbours is one difference.
pub fn did_you_mean<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = (name.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        // Every letter differs: not a slip. (`a` is not a slip of `b`.)
        .filter(|(distance, candidate)| *distance <= allowed && *distance < candidate.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::did_you_mean;

    #[test]
    fn a_slip_is_found_and_a_stranger_is_not() {
        let verbs = ["new", "test", "start", "stop", "status", "release"];
        assert_eq!(did_you_mean("tset", verbs), Some("test"));
        assert_eq!(did_you_mean("relase", verbs), Some("release"));
        assert_eq!(did_you_mean("statsu", verbs), Some("status"));
        assert_eq!(did_you_mean("observer", verbs), None);
        assert_eq!(did_you_mean("z", ["a", "b"]), None);
        assert_eq!(did_you_mean("billin", ["billing", "b"]), Some("billing"));
    }
}
