//! The public's figures: finished years alone, and no case to be found in them.

use crate::{
    portal_support::{Browser, Site},
    store_support::{audit_key, auth, locator, receipt, report, sealed},
};
use axum::http::StatusCode;
use jiff::civil::date;
use mifeng::{
    casework::{Case, CaseContent, Deadlines},
    clock::Clock,
    policy::MatterKind,
    store::{Month, Reports, Submission},
};

fn submit(site: &Site, n: u64, region: &str) {
    let day = site.clock.today();
    let content = CaseContent {
        kind: MatterKind::Hazard,
        industry: if region == "540102" { "fireworks" } else { "chemical" }.into(),
        region: region.into(),
        target_name: format!("某厂{n}"),
        credit_code: String::new(),
        address: String::new(),
        narrative: "储罐区的报警器被人关掉了。".into(),
        when_text: String::new(),
        ongoing: true,
        imminent_danger: false,
    };
    let submission = Submission {
        report: report(n),
        locator: locator(n),
        auth: auth(n),
        audit_key: audit_key(n),
        mailbox: receipt(n).mailbox(),
        claim_key: receipt(n).claim_verify_key(),
        sealed: sealed(n),
        day,
        forget: Month::of(date(2031, 11, 1)),
        open_case: Box::new(move |number| Case::new(number, report(n), day, content, Deadlines::default())),
        entry: None,
    };
    site.store.submit(submission).wait().unwrap();
}

#[tokio::test]
async fn the_public_reads_finished_years_alone() {
    use mifeng::clock::Clock;
    let site = Site::new();
    (1..=20).for_each(|n| submit(&site, n, "370102"));
    (21..=32).for_each(|n| submit(&site, n, "430102"));
    submit(&site, 33, "540102");
    let mut browser = Browser::new(&site);
    for lang in ["zh", "en"] {
        let page = browser.get(&format!("/{lang}/figures?year=2026")).await;
        assert_eq!(page.status, StatusCode::OK);
        page.is_a_page_of(lang);
        assert!(!page.text.contains("<table") && !page.text.contains("2026:"), "the year is not over");
    }

    site.clock.set(date(2027, 1, 1));
    assert_eq!(site.clock.today(), date(2027, 1, 1));
    for lang in ["zh", "en"] {
        let page = browser.get(&format!("/{lang}/figures")).await;
        page.is_a_page_of(lang);
        assert!(
            ["共 33 件", "33 in all"].iter().any(|words| page.text.contains(words))
                && page.text.contains("山东省")
        );
        for hidden in ["西藏", "湖南", "烟花爆竹", "Fireworks"] {
            assert!(!page.text.contains(hidden), "{hidden}");
        }
        // Regions, industries, kinds; no month, no state.
        assert_eq!(page.text.matches("<table ").count(), 3);
        assert!(browser.get(&format!("/{lang}/help")).await.text.contains(&format!("/{lang}/figures")));
        // Nothing else can be asked for.
        let other = browser.get(&format!("/{lang}/figures?region=370000&year=2027")).await;
        assert_eq!(other.text, page.text);
    }
}

#[tokio::test]
async fn an_office_may_keep_its_figures_to_itself() {
    let site = Site::with_policy(|policy| policy.figures.public = false);
    let mut browser = Browser::new(&site);
    assert_eq!(browser.get("/en/figures").await.status, StatusCode::NOT_FOUND);
    assert!(!browser.get("/en/help").await.text.contains("/en/figures"));
}
