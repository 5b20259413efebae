use super::*;
use crate::policy::Policy;
use std::{path::Path, sync::LazyLock};

static POLICY: LazyLock<Policy> = LazyLock::new(|| Policy::load(Path::new("policy")).unwrap());

fn parse(text: &str) -> Result<Bodies, PolicyError> {
    let source = Source { file: "bodies.toml".into(), text: text.into() };
    Bodies::parse(&source, &POLICY.regions, &POLICY.intake)
}
fn body(code: &str, rest: &str) -> String {
    format!(
        "[[body]]\ncode = \"{code}\"\n{rest}\nname = {{ zh = \"{code}{{region}}\", en = \"{code} {{region}}\" }}\n"
    )
}
fn competent<'a>(bodies: &'a Bodies, region: &str, industry: &str) -> &'a str {
    bodies.competent(region, industry, MatterKind::Hazard).code.as_str()
}
fn root() -> String {
    body("root", "region = \"000000\"")
}

#[test]
fn a_matter_goes_to_the_narrowest_region_that_has_a_body() {
    let bodies = &POLICY.bodies;
    for (region, code) in [
        ("370102", "county_370102"),
        ("370100", "city_370100"),
        ("370000", "province_370000"),
        ("110101", "county_110101"),
        // Beijing stands in the list as a province and as its only city.
        ("110100", "province_110000"),
        ("429004", "county_429004"),
        ("429000", "province_420000"),
        ("810101", "ministry"),
        // Retired: its city answers for it.
        ("330103", "city_330100"),
        ("", "ministry"),
        ("nonsense", "ministry"),
    ] {
        assert_eq!(competent(bodies, region, "chemical"), code, "{region}");
    }
    assert_eq!(competent(bodies, "370102", "coal_mines"), "mine_safety_shandong");
    assert_eq!(competent(bodies, "430182", "coal_mines"), "mine_safety");
}

#[test]
fn every_region_of_the_country_has_a_body_and_every_body_the_root_above_it() {
    for folder in ["policy", "policy-eu"] {
        let policy = Policy::load(Path::new(folder)).unwrap();
        let bodies = &policy.bodies;
        for region in policy.regions.current() {
            for industry in &policy.intake.industries {
                for kind in MatterKind::ALL {
                    let found = bodies.competent(&region.code.to_string(), industry.code.as_str(), kind);
                    assert!(found.region.contains(region.code) && found.takes(industry.code.as_str(), kind));
                }
            }
        }
        for body in bodies.iter() {
            let above: Vec<&Body> = bodies.above(body).collect();
            assert!(above.iter().all(|upper| upper.region.contains(body.region)), "{}", body.code);
            assert_eq!(above.last().copied().unwrap_or(body), bodies.root(), "{}", body.code);
            assert!(bodies.covers(bodies.root(), body) && bodies.covers(body, body));
            assert_eq!(bodies.find(&body.name.zh).map(|found| &found.name.zh), Some(&body.name.zh));
        }
    }
}

#[test]
fn industry_comes_before_kind_and_both_before_a_narrower_region() {
    let text = [
        root(),
        body("county", "level = \"county\""),
        body("accidents", "region = \"370000\"\nkinds = [\"concealed_accident\"]"),
        body("coal", "region = \"000000\"\nindustries = [\"coal_mines\"]"),
        body(
            "coal_accidents",
            "region = \"000000\"\nindustries = [\"coal_mines\"]\nkinds = [\"concealed_accident\"]",
        ),
    ];
    let bodies = parse(&text.concat()).unwrap();
    let find = |region, industry, kind| bodies.competent(region, industry, kind).code.as_str();
    use MatterKind::{ConcealedAccident, Hazard};
    assert_eq!(find("370102", "chemical", Hazard), "county_370102");
    assert_eq!(find("370102", "chemical", ConcealedAccident), "accidents");
    assert_eq!(find("370102", "coal_mines", Hazard), "coal");
    assert_eq!(find("370102", "coal_mines", ConcealedAccident), "coal_accidents");
    assert_eq!(find("430182", "chemical", ConcealedAccident), "county_430182");
    assert_eq!(find("370100", "chemical", Hazard), "root", "no city has one");
}

#[test]
fn up_and_down_follow_the_tree() {
    let bodies = &POLICY.bodies;
    let get = |code: &str| bodies.get(code).unwrap();
    let above = |code: &str| bodies.above(get(code)).map(|body| body.code.to_string()).collect::<Vec<_>>();
    assert_eq!(above("county_370102"), ["city_370100", "province_370000", "ministry"]);
    assert_eq!(above("county_110101"), ["province_110000", "ministry"]);
    assert_eq!(above("mine_safety_shandong"), ["mine_safety", "ministry"]);
    assert_eq!(above("mine_safety"), ["ministry"]);
    assert!(above("ministry").is_empty());
    assert!(bodies.is_above(get("city_370100"), get("county_370102")));
    for (upper, lower) in [
        ("city_370200", "county_370102"),
        ("county_370102", "city_370100"),
        ("province_370000", "mine_safety_shandong"),
    ] {
        assert!(!bodies.covers(get(upper), get(lower)), "{upper} {lower}");
    }
    assert!(bodies.has_below(get("city_370100")) && !bodies.has_below(get("county_370102")));
    // By code, by name, and by region as old accounts have it.
    assert_eq!(bodies.find("370100"), bodies.get("city_370100"));
    assert_eq!(bodies.find(" 国家矿山安全监察局 "), bodies.get("mine_safety"));
    assert_eq!(bodies.find("810101"), None);
    assert_eq!(bodies.find(""), None);
}

#[test]
fn a_bad_body_is_refused_with_its_line() {
    for (rest, reason) in [
        (body("root", "region = \"370000\""), "stands twice"),
        (body("other", "region = \"000000\""), "same matter"),
        (body("other", "region = \"999999\""), "not in regions.csv"),
        (body("other", "region = \"37\""), "six digits"),
        (body("other", "level = \"county\"\nexcept = [\"999999\"]"), "not in regions.csv"),
        (body("other", "region = \"370000\"\nexcept = [\"370100\"]"), "goes with level"),
        (body("other", "region = \"370000\"\nlevel = \"county\""), "either region or level"),
        (body("other", ""), "either region or level"),
        (body("other", "level = \"country\""), "000000"),
        (body("other", "level = \"town\""), "unknown variant"),
        (body("other", "region = \"370000\"\nindustries = [\"coal\"]"), "not an industry"),
        (body("other", "region = \"370000\"\nkinds = [\"gossip\"]"), "unknown variant"),
        (body("other", "region = \"370000\"\nstaff = 5"), "unknown field"),
        (body("other", "level = \"county\"").replace("{region}", "s"), "must hold {region}"),
        (body("a".repeat(40).as_str(), "level = \"county\""), "at most 40"),
    ] {
        let text = root() + "\n" + &rest;
        let refused = parse(&text).unwrap_err();
        assert!(refused.reason.contains(reason), "{rest}: {refused}");
        assert!((6..=10).contains(&refused.line), "{rest}: {refused}");
    }
    let refused = parse(&body("province", "level = \"province\"")).unwrap_err();
    assert!(refused.reason.contains("000000"), "{refused}");
    let coal = "region = \"000000\"\nindustries = [\"coal_mines\"]";
    assert!(parse(&body("coal", coal)).is_err(), "coal alone is not everything");
}
