//! Rule files: what we ship is sound, what is wrong is refused with file, line and reason, and nothing makes the
//! parsers panic.

use jiff::civil::date;
use mifeng::policy::{
    Days, Deadlines, Intake, Permission, Policy, PolicyError, Quorum, Regions, Retention, RewardRules, Role,
    Roles, Source,
};
use proptest::prelude::*;
use std::{fs, path::Path};

/// The shipped folder, copied, with one change in one file.
fn with(file: &str, from: &str, to: &str) -> Result<Policy, PolicyError> {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("rewards")).unwrap();
    for name in fs::read_dir("policy").unwrap().chain(fs::read_dir("policy/rewards").unwrap()) {
        let path = name.unwrap().path();
        if path.is_file() {
            fs::copy(&path, folder.path().join(path.strip_prefix("policy").unwrap())).unwrap();
        }
    }
    let path = folder.path().join(file);
    let text = fs::read_to_string(&path).unwrap_or_default();
    assert!(text.contains(from), "{file} no longer holds {from:?}");
    fs::write(&path, text.replacen(from, to, 1)).unwrap();
    Policy::load(folder.path())
}

/// The line `part` stands on in the shipped file.
fn line_of(file: &str, part: &str) -> usize {
    let text = fs::read_to_string(Path::new("policy").join(file)).unwrap();
    text[..text.find(part).unwrap()].matches('\n').count() + 1
}

#[test]
fn a_wrong_value_is_refused_where_it_stands() {
    for (file, from, to, reason) in [
        ("deadlines.toml", "verify = 60", "verify = 0", "1 to 3,660 days"),
        ("deadlines.toml", "verify = 60", "verify = \"60\"", "invalid type"),
        ("deadlines.toml", "verify = 60", "verfy = 60", "unknown field"),
        ("deadlines.toml", "approval_expires = 90", "approval_expires = 181", "at most 180"),
        ("deadlines.toml", "soon = 3", "soon = 7", "soon must be less"),
        ("deadlines.toml", "head = 1 ", "head = 0 ", "before and head are 1 to 30"),
        ("deadlines.toml", "above = 4", "above = 1", "above is more than head"),
        ("deadlines.toml", "rest = [\"saturday\"", "rest = [\"caturday\"", "unknown variant"),
        ("deadlines.toml", "on = [2026-01-04", "on = [2026-01-05", "worked on anyway"),
        ("retention.toml", "closed = 36", "closed = -1", "invalid value"),
        ("quorum.toml", "approvers = 2", "approvers = 1", "2 to 5 approvers"),
        ("quorum.toml", "approvers = 2", "approvers = 0", "2 to 5 approvers"),
        ("intake.toml", "joint_signatories = 10", "joint_signatories = 11", "at most 10"),
        (
            "intake.toml",
            "narrative = { least = 10, most = 5000 }",
            "narrative = { least = 10, most = 5 }",
            "least",
        ),
        (
            "intake.toml",
            "name = { zh = \"煤矿\", en = \"Coal mines\" }",
            "name = { zh = \"煤矿\" }",
            "missing field",
        ),
        (
            "intake.toml",
            "name = { zh = \"煤矿\", en = \"Coal mines\" }",
            "name = { zh = \"\", en = \"x\" }",
            "both zh and en",
        ),
        ("intake.toml", "leave_to = \"https", "leave_to = \"javascript", "https"),
        ("roles.toml", "role = \"auditor\"", "role = \"clerk\"", "twice"),
        ("roles.toml", "[\"trustee\", \"reward_officer\"]", "[\"trustee\", \"clerk\"]", "must be kept apart"),
        (
            "roles.toml",
            "[\"compute_award\", \"approve_award\"]",
            "[\"compute_award\", \"compute_award\"]",
            "itself",
        ),
        ("roles.toml", "\"notify_award\"]", "\"compute_award\"]", "may not hold both"),
        ("figures.toml", "smallest = 5", "smallest = 2", "from 3 to 100"),
        ("figures.toml", "area = \"000000\"", "area = \"430182\"", "nothing lies below"),
        ("figures.toml", "public = true", "publish = true", "unknown field"),
        ("accident-grades.toml", "deaths = 10", "deaths = 3", "above the grade below"),
        ("rewards/national.toml", "rate = 15", "rate = 150", "percentage"),
        ("rewards/national.toml", "rate = 15", "rate = 15.5", "percentage"),
        ("rewards/national.toml", "floor_yuan = 3_000", "floor_yuan = 300_001", "floor must not be above"),
        ("rewards/national.toml", "kinds = [\"hazard\"]", "kinds = [\"violation\"]", "counts the same case"),
        ("rewards/national.toml", "kinds = [\"hazard\"]", "kinds = []", "at least one kind"),
        ("rewards/national.toml", "percent = {", "per_death = {", "unknown field"),
        ("rewards/national.toml", "severity = \"major\"", "fixed = { amount_yuan = 5 }", "exactly one"),
        ("rewards/national.toml", "region = \"000000\"", "region = \"110000\"", "whole country"),
        ("rewards/national.toml", "from = 2018-01-04", "from = 2018-13-04", ""),
        ("rewards/national.toml", "from = 2018-01-04", "from = 2018-01-04T00:00:00", "expected a day"),
        ("rewards/mines-trial.toml", "to = 2024-10-24", "to = 2020-10-24", "ends before"),
        ("rewards/mines-trial.toml", "\"coal_mines\"", "\"coal\"", "not an industry"),
        ("rewards/shenzhen.toml", "monthly_cap_yuan = 1_000", "monthly_cap_yuan = 0", "a cap not be 0"),
        ("rewards/shenzhen.toml", "monthly_cap_yuan = 1_000", "monthly_cap = 1_000", "unknown field"),
        ("rewards/hubei.toml", "id = \"hubei_2019\"", "id = \"national_2018\"", "twice"),
        ("rewards/hubei.toml", "region = \"420000\"", "region = \"420099\"", "not in regions.csv"),
        ("rewards/hubei.toml", "region = \"420000\"", "region = \"370000\"", "same region"),
        ("regions.csv", "110101,东城区,110100", "110101,东城区,120100", "directly"),
        (
            "bodies.toml",
            "code = \"ministry\"\nregion = \"000000\"",
            "code = \"ministry\"\nregion = \"810000\"",
            "000000",
        ),
        ("bodies.toml", "code = \"mine_safety\"", "code = \"ministry\"", "twice"),
        ("bodies.toml", "industries = [\"coal_mines\"]", "industries = [\"coal\"]", "not an industry"),
    ] {
        let refused = with(file, from, to).err().unwrap_or_else(|| panic!("{file}: {to} was taken"));
        assert!(refused.to_string().contains(reason), "{file}: {to}: {refused}");
    }
}

#[test]
fn the_line_in_a_refusal_is_the_line_in_the_file() {
    for (file, from, to) in [
        ("deadlines.toml", "verify = 60", "verify = 0"),
        ("deadlines.toml", "verify = 60", "verfy = 60"),
        ("quorum.toml", "approvers = 2", "approvers = 1"),
        ("retention.toml", "closed = 36", "closed = 0"),
        ("intake.toml", "withdraw_reason = { most = 500 }", "withdraw_reason = { most = 0 }"),
        ("rewards/shandong.toml", "to = \"fen\"", "to = \"jiao\""),
        ("rewards/shandong.toml", "proposed = \"nothing\"", "proposed = \"much\""),
        ("rewards/mines-trial.toml", "sectors = [\"coal_mines\"", "sectors = [\"coal\""),
        ("figures.toml", "smallest = 5", "smallest = 2"),
        ("bodies.toml", "level = \"county\"", "level = \"town\""),
        ("regions.csv", "110101,东城区,110100", "110101,东城区,120100"),
    ] {
        let refused = with(file, from, to).unwrap_err();
        assert_eq!((refused.file.as_str(), refused.line), (file, line_of(file, from)), "{to}: {refused}");
    }
}

#[test]
fn a_missing_or_stray_file_is_refused() {
    let refused = Policy::load(Path::new("no-such-folder")).unwrap_err();
    assert_eq!((refused.file.as_str(), refused.line), ("intake.toml", 0));
    let refused = with("rewards/notes.txt", "", "remember").unwrap_err();
    assert!(refused.reason.contains("only .toml"), "{refused}");
}

#[test]
fn no_shipped_role_can_do_alone_what_takes_two() {
    let policy = Policy::load(Path::new("policy")).unwrap();
    let roles = &policy.roles;
    for role in Role::ALL {
        let may = |permission| roles.may(&[role], permission);
        assert!(!(may(Permission::ComputeAward) && may(Permission::ApproveAward)), "{role:?}");
        assert!(!(may(Permission::ReleaseShare) && may(Permission::OpenPackage)), "{role:?}");
    }
    assert!(roles.acts_apart.must_differ(Permission::ApproveAward, Permission::ComputeAward));
    assert!(!roles.may(&[Role::RewardOfficer], Permission::ReadAnyCase));
    assert!(!roles.may(&[], Permission::SeeQueue));
}

/// In each of them the reward office is open on some days.
#[test]
fn whoever_objects_to_an_award_has_the_days_of_an_objection_to_come_and_a_week_at_least() {
    let shipped = Policy::load(Path::new("policy")).unwrap().deadlines;
    let objected = date(2026, 11, 23);
    for (days, last) in [(10, date(2026, 12, 3)), (7, date(2026, 11, 30)), (3, date(2026, 11, 30))] {
        let objection = Days::try_from(days).unwrap().into();
        let deadlines = Deadlines { objection, ..shipped.clone() };
        assert_eq!(deadlines.come_by(objected), last, "{days}");
    }
    assert_eq!(shipped.come_by(objected), shipped.objection.after(objected));
}

#[test]
fn the_readme_shows_a_rule_that_parses() {
    let readme = fs::read_to_string("policy/README.md").unwrap();
    let blocks: Vec<&str> =
        readme.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    let head = "id = \"a\"\nversion = 1\ndocument = \"d\"\ntitle = { zh = \"甲\", en = \"a\" }\nregion = \"000000\"\n\
                from = 2024-01-01\nrounding = { mode = \"down\", to = \"yuan\" }\n";
    let rule = Source { file: "readme".into(), text: format!("{head}{}{}", blocks[0], blocks[1]) };
    assert!(rule.parse::<mifeng::policy::Rule>().is_ok());
    let policy = Policy::load(Path::new("policy")).unwrap();
    let case = Source { file: "readme".into(), text: blocks[2].to_owned() };
    assert!(mifeng::cli::award::facts(&case, &policy).is_ok());
}

fn shipped(file: &str) -> String {
    fs::read_to_string(Path::new("policy").join(file)).unwrap()
}

fn parse_all(file: &str, text: String) {
    let source = Source { file: file.into(), text };
    let _ = (Deadlines::parse(&source), Retention::parse(&source), Quorum::parse(&source));
    let _ = (Roles::parse(&source), Intake::parse(&source), Regions::parse(&source));
    let _ = RewardRules::parse(vec![source], &[]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_text_makes_a_parser_panic(text in "\\PC{0,200}") {
        parse_all("rewards/any.toml", text);
    }

    #[test]
    fn no_damage_makes_a_parser_panic(
        file in prop::sample::select(vec!["intake.toml", "roles.toml", "accident-grades.toml", "rewards/shandong.toml"]),
        at in any::<prop::sample::Index>(),
        length in 0usize..40,
        put in "[ -~\n]{0,6}",
    ) {
        let letters: Vec<char> = shipped(file).chars().collect();
        let start = at.index(letters.len());
        let end = (start + length).min(letters.len());
        let damaged: String = letters[..start].iter().copied().chain(put.chars()).chain(letters[end..].iter().copied()).collect();
        parse_all(file, damaged);
    }
}
