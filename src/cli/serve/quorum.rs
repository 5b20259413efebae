//! Whether the recipient set is the one that `quorum.toml` asks for.

use crate::{
    cli::Outcome,
    config::Mode,
    policy,
    recipients::{RecipientSet, few_to_spare},
};

/// Said once, at the start.
///
/// # Errors
/// If fewer trustees are enough than the rule asks for. Fewer trustees than it names are a warning: they keep nobody's report
/// out, and the server must not stand still because one of them has left.
pub fn check(set: &RecipientSet, rule: policy::Trustees, mode: Mode) -> Outcome {
    if let Some(too_few) = too_few(set, rule) {
        return Err(too_few.into());
    }
    if let Some(others) = another_total(set, rule) {
        tracing::warn!("{others}");
    }
    let number = set.number();
    match (few_to_spare(set.threshold(), set.trustees().len()), mode) {
        (None, _) => {}
        (Some(few), Mode::Demo) => tracing::info!("recipient set {number}: {few}. Enough for a demo"),
        (Some(few), Mode::Production) => tracing::warn!("recipient set {number}: {few}"),
    }
    Ok(())
}

/// How the set is not as the rule, for a command that serves nobody.
pub fn told(set: &RecipientSet, rule: policy::Trustees) -> Vec<String> {
    [too_few(set, rule), another_total(set, rule)].into_iter().flatten().collect()
}

fn too_few(set: &RecipientSet, rule: policy::Trustees) -> Option<String> {
    let (opens, asked, number) = (set.threshold(), usize::from(rule.threshold()), set.number());
    (opens < asked).then(|| {
        format!(
            "{opens} trustees of recipient set {number} are enough, and quorum.toml asks for {asked}: follow it by a set with that threshold, or change the rule"
        )
    })
}

fn another_total(set: &RecipientSet, rule: policy::Trustees) -> Option<String> {
    let (of, total, number) = (set.trustees().len(), usize::from(rule.total()), set.number());
    (of != total).then(|| {
        format!(
            "recipient set {number} has {of} trustees, and quorum.toml names {total}: follow it by such a set, or change the rule"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        cli::keyfile::HolderKey,
        ids::Instance,
        policy::Trustees,
        recipients::{Office, Trustee, UntrustedSet},
    };

    fn set(threshold: usize, of: usize) -> RecipientSet {
        let rng = &mut rand::rng();
        let (office, recovery) = (HolderKey::generate(rng), HolderKey::generate(rng));
        let keys: Vec<HolderKey> = (0..of).map(|_| HolderKey::generate(rng)).collect();
        let public = |(n, key): (usize, &HolderKey)| Trustee {
            name: n.to_string(),
            recipient: key.recipient(),
            verify: key.verify_key(),
        };
        let trustees = keys.iter().enumerate().map(public).collect();
        let office_public = Office {
            working: office.recipient(),
            recovery: recovery.recipient(),
            verify: office.verify_key(),
        };
        let mut set =
            UntrustedSet::draft(&Instance("test".into()), 1, office_public, trustees, threshold).unwrap();
        set.sign("office", &office.signing);
        for (i, key) in keys.iter().enumerate() {
            set.sign(&format!("trustee-{}", i + 1), &key.signing);
        }
        set.pinned(&set.fingerprint()).unwrap()
    }

    #[test]
    fn two_trustees_to_spare_are_enough() {
        for (threshold, of, is_told) in
            [(2, 2, true), (2, 3, true), (2, 4, false), (3, 4, true), (3, 5, false)]
        {
            assert_eq!(few_to_spare(threshold, of).is_some(), is_told, "{threshold} of {of}");
        }
    }

    #[test]
    fn a_set_is_refused_only_if_fewer_are_enough_than_the_rule_asks_for() {
        let rule = |threshold, total| Trustees::new(threshold, total).unwrap();
        for (threshold, of, rule, is_taken) in [
            (2, 3, rule(2, 3), true),
            (2, 3, rule(3, 5), false),
            (3, 5, rule(2, 3), true),
            // Another number of trustees is told of, and keeps nobody out.
            (2, 2, rule(2, 3), true),
        ] {
            assert_eq!(
                check(&set(threshold, of), rule, Mode::Production).is_ok(),
                is_taken,
                "{threshold}/{of}"
            );
        }
    }

    #[test]
    fn whoever_checks_is_told_how_the_set_is_not_as_the_rule() {
        let told = |threshold, of, asked, total| {
            told(&set(threshold, of), Trustees::new(asked, total).unwrap()).join("; ")
        };
        assert_eq!(told(2, 3, 2, 3), "");
        assert!(told(3, 5, 2, 3).starts_with("recipient set 1 has 5 trustees, and quorum.toml names 3"));
        let both = told(2, 3, 3, 5);
        assert!(both.contains("quorum.toml asks for 3") && both.contains("quorum.toml names 5"), "{both}");
    }
}
