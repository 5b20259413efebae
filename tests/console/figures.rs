//! Figures: what leaders and the public read, and that one case never shows.

use crate::console_support::{Browser, Desk, acts::made};
use axum::http::StatusCode;
use mifeng::{
    figures::{Dimension, FiguresDesk},
    ids::StaffId,
    policy::MatterKind,
    store::Staff,
};
use parquet::{
    file::reader::{FileReader, SerializedFileReader},
    record::RowAccessor,
};

/// 20 chemical cases in Jinan, 12 in coal mines in Changsha, and one about fireworks in Lhasa.
fn desk() -> Desk {
    let desk = Desk::new();
    for n in 1..=33 {
        desk.submit_with(n, |content| {
            let (region, industry, kind) = match n {
                1..=20 => ("370102", "chemical", MatterKind::Violation),
                21..=32 => ("430102", "coal_mines", MatterKind::Hazard),
                _ => ("540102", "fireworks", MatterKind::Hazard),
            };
            (content.region, content.industry, content.kind) = (region.into(), industry.into(), kind);
        });
    }
    desk
}

/// What stands between the filters and the foot of the page.
fn body(text: &str) -> &str {
    text.split("</form>").last().unwrap()
}

async fn csv(browser: &mut Browser, query: &str) -> Vec<Vec<String>> {
    let answer = browser.get(&format!("/en/figures/csv?{query}")).await;
    assert_eq!(answer.status, StatusCode::OK);
    let text = answer.text.strip_prefix('\u{feff}').expect("a byte order mark");
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[tokio::test]
async fn leaders_read_counts_and_the_one_case_of_a_region_or_industry_does_not_show() {
    let desk = desk();
    for (name, lang) in [("auditor", "zh"), ("app1", "en")] {
        let mut browser = desk.sign_in(name).await;
        let page = browser.get(&format!("/{lang}/figures?year=2026")).await;
        assert_eq!(page.status, StatusCode::OK);
        let shown = body(&page.text);
        assert!(
            ["共 33 件", "33 in all"].iter().any(|words| shown.contains(words)) && shown.contains("山东省"),
            "{shown}"
        );
        for hidden in ["西藏", "烟花爆竹", "Fireworks", "540000"] {
            assert!(!shown.contains(hidden), "{lang}: {hidden}");
        }
        // As a drawing and as a table, each with its name.
        assert_eq!(shown.matches("<svg ").count(), 8);
        assert_eq!(shown.matches("<svg ").count(), shown.matches("<desc ").count());
        assert_eq!(shown.matches("<table ").count(), 8);
        assert!(!shown.contains("style="), "the page's policy allows no style of an element");

        // A region with too few looks like one with none.
        let few = browser.get(&format!("/{lang}/figures?year=2026&region=540000")).await.text;
        let none = browser.get(&format!("/{lang}/figures?year=2026&region=110000")).await.text;
        assert_eq!(body(&few), body(&none));
        assert!(!few.contains("<svg"));
    }
}

/// The file for other systems says what the pages say, cell for cell, and no more.
#[tokio::test]
async fn the_dataset_holds_what_pages_show_and_only_who_may_export_gets_it() {
    let desk = desk();
    let mut leader = desk.sign_in("leader").await;
    let first = leader.get("/en/").await.text;
    assert!(first.contains("33 cases received in 2026") && first.matches("<svg ").count() == 4, "{first}");
    let answer = leader.get("/en/figures/dataset.csv?year=2026").await;
    assert_eq!(answer.status, StatusCode::OK);
    let text = answer.text.strip_prefix('\u{feff}').unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    assert_eq!(
        reader.headers().unwrap(),
        &csv::StringRecord::from(vec!["year", "region", "dimension", "code", "count"])
    );
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let count = |region: &str, dimension: &str, code: &str| {
        let row = rows.iter().find(|row| (&row[1], &row[2], &row[3]) == (region, dimension, code));
        row.map(|row| row[4].to_owned())
    };
    assert_eq!(count("000000", "total", "").as_deref(), Some("33"));
    assert_eq!(count("000000", "region", "370000").as_deref(), Some("20"));
    assert_eq!(count("370000", "industry", "chemical").as_deref(), Some("20"));
    assert_eq!(count("000000", "region", "*").as_deref(), Some(""));
    // Neither Lhasa's one case nor what would give it away.
    for hidden in ["540000", "540100", "fireworks"] {
        assert!(!text.contains(hidden), "{hidden}: {text}");
    }

    let file = leader.get_bytes("/en/figures/dataset.parquet?year=2026").await;
    let reader = SerializedFileReader::new(file).unwrap();
    let read: Vec<[String; 5]> = reader
        .get_row_iter(None)
        .unwrap()
        .map(|row| {
            let row = row.unwrap();
            let text = |i| row.get_string(i).unwrap().clone();
            let count = row.get_int(4).map(|count| count.to_string()).unwrap_or_default();
            [row.get_int(0).unwrap().to_string(), text(1), text(2), text(3), count]
        })
        .collect();
    let csv: Vec<[String; 5]> = rows.iter().map(|row| std::array::from_fn(|i| row[i].to_owned())).collect();
    assert_eq!(read, csv);

    for name in ["app1", "clerk", "inv1"] {
        let mut other = desk.sign_in(name).await;
        for file in ["csv", "parquet"] {
            let refused = other.get(&format!("/en/figures/dataset.{file}?year=2026")).await;
            assert_eq!(refused.status, StatusCode::FORBIDDEN, "{name}");
        }
    }
    // A leader of one province gets that province alone, and sees no case.
    let mut account = desk.store.account(&StaffId("leader".into())).unwrap().unwrap();
    account.body = "province_370000".into();
    desk.store.put_account(account).wait().unwrap();
    let mut leader = desk.sign_in("leader").await;
    let text = leader.get("/en/figures/dataset.csv?year=2026").await.text;
    assert!(text.contains("2026,370000,total,,20") && !text.contains("000000,total"), "{text}");
    assert_eq!(leader.get("/en/cases").await.status, StatusCode::FORBIDDEN);
    // One for coal mines alone would read of all industries: there is nothing for them yet.
    let mut account = desk.store.account(&StaffId("leader".into())).unwrap().unwrap();
    account.body = "mine_safety_shandong".into();
    desk.store.put_account(account).wait().unwrap();
    let mut special = desk.sign_in("leader").await;
    assert_eq!(special.get("/en/figures/dataset.csv?year=2026").await.status, StatusCode::NOT_FOUND);
    assert!(!special.get("/en/figures?year=2026").await.text.contains("<svg"));
    let mut auditor = desk.sign_in("auditor").await;
    assert!(auditor.get("/en/trail").await.text.contains("Took figures away as a file"));
}

#[tokio::test]
async fn the_total_does_not_betray_the_one_case() {
    let desk = desk();
    let mut browser = desk.sign_in("auditor").await;
    let records = csv(&mut browser, "year=2026").await;
    assert_eq!(records[1][3], "33");
    for table in ["By region", "By industry"] {
        let lines: Vec<_> = records.iter().filter(|record| record[0] == table).collect();
        let shown: u32 = lines.iter().filter_map(|line| line[3].parse::<u32>().ok()).sum();
        // Shandong alone is named; Changsha went with Lhasa, or 33 - 20 - 12 would be the one.
        assert_eq!(shown, 20, "{lines:?}");
        assert!(lines.iter().any(|line| line[3] == "not shown"));
    }
    // And the region that went along is no filter to get it back.
    for (region, shown) in [("370000", true), ("430000", false), ("540000", false)] {
        let answer = browser.get(&format!("/en/figures/csv?year=2026&region={region}")).await;
        assert_eq!(answer.status == StatusCode::OK, shown, "{region}");
    }
}

#[tokio::test]
async fn the_export_is_exactly_what_the_page_shows() {
    let desk = desk();
    let mut browser = desk.sign_in("auditor").await;
    for query in ["year=2026", "year=2026&region=370000", "year=1999&region=nonsense", ""] {
        let page = browser.get(&format!("/en/figures?{query}")).await.text;
        let records = csv(&mut browser, query).await;
        let cells: Vec<String> = page
            .split("<tr><th scope=\"row\">")
            .skip(1)
            .map(|row| row.split("</td>").next().unwrap().replace("</th><td class=\"num\">", "|"))
            .collect();
        let exported: Vec<String> =
            records[2..].iter().map(|record| format!("{}|{}", record[2], record[3])).collect();
        assert_eq!(cells, exported, "{query}");
        assert!(cells.len() > 20);
    }
}

#[tokio::test]
async fn only_those_who_may_see_figures_do_and_a_regional_account_sees_its_region() {
    let desk = desk();
    for name in ["clerk", "inv1", "tru1", "officer", "admin"] {
        let mut browser = desk.sign_in(name).await;
        for path in ["/zh/figures", "/zh/figures/csv"] {
            assert_eq!(browser.get(path).await.status, StatusCode::FORBIDDEN, "{name} {path}");
        }
        assert!(!browser.get("/zh/me").await.text.contains("/zh/figures"));
    }
    for (region, total) in [("370000", Some("20")), ("370100", None), ("nonsense", None)] {
        let mut account = desk.store.account(&StaffId("auditor".into())).unwrap().unwrap();
        account.body = region.into();
        desk.store.put_account(account).wait().unwrap();
        let mut browser = desk.sign_in("auditor").await;
        let page = browser.get("/en/figures?year=2026&region=430000").await.text;
        assert!(!page.contains("33 in all") && !page.contains("湖南"), "{region}");
        assert_eq!(page.contains("<svg"), total.is_some(), "{region}");
        if let Some(total) = total {
            assert!(page.contains(&format!("{total} in all")));
        }
    }
}

#[tokio::test]
async fn figures_say_whether_the_law_s_time_was_kept() {
    let desk = Desk::new();
    let numbers: Vec<_> = (1..=10).map(|n| desk.submit(n, false)).collect();
    let mut clerk = desk.sign_in("clerk").await;
    let accept = [("told", "您的举报已受理。我们会依法核查。"), ("reason", "属于受理范围，事项清楚。")];
    for number in &numbers[..5] {
        made(&mut clerk, *number, "accept", &accept).await;
    }
    let count = |dimension: Dimension, code: &str| {
        let figures = FiguresDesk::new(desk.store.clone(), desk.policy.clone(), desk.clock.clone()).now();
        let sheet = figures.whole(2026).unwrap();
        let table = sheet.tables.iter().find(|table| table.dimension == dimension).unwrap();
        table.lines.iter().find(|line| line.code == code).unwrap().count
    };
    assert_eq!(count(Dimension::Accepted, "in_time"), Some(5));
    assert_eq!(count(Dimension::Accepted, "waiting"), Some(5));
    assert_eq!(count(Dimension::Overdue, "overdue"), Some(0));

    desk.pass(9 * 86_400);
    assert_eq!(count(Dimension::Overdue, "overdue"), Some(5));
    let mut clerk = desk.sign_in("clerk").await;
    for number in &numbers[5..] {
        made(&mut clerk, *number, "accept", &accept).await;
    }
    assert_eq!(count(Dimension::Accepted, "late"), Some(5));
    assert_eq!(count(Dimension::Concluded, "waiting"), Some(10));
    assert_eq!(count(Dimension::Overdue, "not_overdue"), Some(10));
}

#[tokio::test]
async fn figures_are_counted_at_most_once_a_minute() {
    let desk = desk();
    let figures = FiguresDesk::new(desk.store.clone(), desk.policy.clone(), desk.clock.clone());
    let total = || figures.now().whole(2026).unwrap().total.unwrap();
    assert_eq!(total(), 33);
    desk.submit(34, false);
    desk.pass(59);
    assert_eq!(total(), 33);
    desk.pass(1);
    assert_eq!(total(), 34);
}

#[tokio::test]
async fn the_office_s_own_area_has_its_cities_as_rows_and_nothing_from_elsewhere() {
    let desk = desk();
    let mut policy = mifeng::policy::Policy::load("policy".as_ref()).unwrap();
    policy.figures.area = "370000".parse().unwrap();
    let figures = FiguresDesk::new(desk.store.clone(), policy.into(), desk.clock.clone()).now();
    let sheet = figures.whole(2026).unwrap();
    assert_eq!(sheet.total, Some(20));
    let regions = &sheet.tables[0];
    let jinan = regions.lines.iter().find(|line| line.code == "370100").unwrap();
    assert_eq!(jinan.count, Some(20));
    assert!(figures.region(2026, "430000".parse().unwrap()).is_none());
    assert_eq!(figures.region(2026, "370100".parse().unwrap()).unwrap().total, Some(20));
}

#[test]
fn the_public_sees_no_dimension_that_moves_after_the_year() {
    let public: Vec<_> = Dimension::COUNTED.into_iter().filter(|dimension| dimension.is_public()).collect();
    assert_eq!(public, [Dimension::Industry, Dimension::Kind]);
}
