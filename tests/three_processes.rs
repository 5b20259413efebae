//! Each face a process and a database role of its own, on one real PostgreSQL: a whole matter goes through all three,
//! from the report to the payment, and what one writes the next one sees at once.
#![cfg(feature = "open")]

mod story_support;

#[path = "store_support/postgres.rs"]
#[allow(dead_code, reason = "other stories use more of it")]
mod postgres;

use story_support::{
    Canaries, World,
    matter::{claimed, worked_and_approved},
    release::{self, OfficeMachine, Trustee},
    reporter::{self, TARGET},
    staff::{self, Desks},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_matter_from_the_report_to_the_payment() {
    let Some(database) = tokio::task::spawn_blocking(|| Some(postgres::server()?.database())).await.unwrap()
    else {
        return;
    };
    let file = |face: &str| database.server.file(&database.name, &format!("mifeng_{face}"));
    let mut world = World::start_in_three(file).await;
    {
        let world = &world;
        let mut desks = Desks::new(world);
        let canaries = Canaries::new();
        let mut browser = world.reporter();
        reporter::write(&mut browser, TARGET, Some(&canaries.form())).await;
        let mut named = reporter::send(browser).await;
        named.check_receipt().await;
        named.attach("a.jpg", "image/jpeg", &story_support::jpeg_with_exif(canaries.exif)).await;
        named.sign_out(world).await;

        let number = worked_and_approved(&mut desks).await;
        claimed(world, &mut named).await;
        released_and_paid(&mut desks, &number, &canaries).await;
        named.reads_that_it_was_paid(world).await;
        let figures = world.reporter().get("/zh/figures").await;
        assert_eq!(figures.status, 200);
    }
    world.stop();
    let said = release::succeeded(world.mifeng(&["check"], ""));
    assert!(!said.contains("PROBLEM"), "{said}");
    let log = world.log();
    assert!(!log.contains("permission denied"), "a right is missing:\n{log}");
}

/// What was written stays on the page; nobody starts anything again but the database.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_database_is_killed_a_reporter_is_told_to_try_again_and_can() {
    let Some(server) = tokio::task::spawn_blocking(postgres::Server::with_schema).await.unwrap() else {
        return;
    };
    let world = World::start_in_three(|face| server.file("mifeng", &format!("mifeng_{face}"))).await;
    let mut browser = world.reporter();
    reporter::write(&mut browser, TARGET, None).await;
    assert_eq!(browser.get("/zh/check").await.status, 200);
    server.kill_whole();
    for _ in 0..2 {
        let answer = browser.fill::<&str>("/zh/send", &[]).await;
        assert_eq!(answer.status, 503, "{}", answer.text);
        assert!(answer.text.contains("暂时存不下"), "{}", answer.text);
        let start = world.reporter().get("/zh/start").await;
        assert_eq!(start.status, 200, "what needs no database is served");
        // The way back leads to what was written.
        let page = browser.get("/zh/check").await;
        assert!(page.status == 200 && page.text.contains(TARGET), "{} {}", page.status, page.text);
    }
    let signing_in = world.reporter().answer("/zh/mine", &[("receipt", "0".repeat(32))]).await;
    assert!(signing_in.status == 503 || signing_in.status == 422, "{}", signing_in.status);
    server.start_again();
    let until = std::time::Instant::now() + std::time::Duration::from_secs(60);
    loop {
        let page = browser.get("/zh/check").await;
        assert_eq!(page.status, 200);
        if browser.fill::<&str>("/zh/send", &[]).await.location == "/zh/receipt" {
            break;
        }
        assert!(std::time::Instant::now() < until, "it does not come back");
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    // The console's process tries again after five seconds at the latest.
    tokio::time::sleep(std::time::Duration::from_secs(6)).await;
    let mut desks = Desks::new(&world);
    staff::find_case(desks.of("clerk").await, TARGET).await;
    let log = world.log();
    assert!(log.contains("the database cannot be reached just now"), "{log}");
    assert!(!log.contains("not what the last checkpoint"), "an alarm for nothing:\n{log}");
}

async fn released_and_paid(desks: &mut Desks<'_>, number: &str, canaries: &Canaries) {
    let world = desks.world;
    let reason = [("reason", "举报人已申领，按规定发放奖励。")];
    let released = release::act(desks, "officer", number, "release", &reason).await;
    assert!(released.location.ends_with("done=release"), "{} {}", released.status, released.text);
    let package = format!("/en/awards/{number}/package");
    for i in [1, 2] {
        assert_eq!(desks.of("officer").await.get(&package).await.status, 409, "no package before two shares");
        let (trustee, browser) = (Trustee { world, number: i }, desks.of(&format!("trustee{i}")).await);
        trustee.init();
        let request = trustee.download(browser, number).await;
        release::succeeded(trustee.run_tool(&request, "answer.json"));
        let given = trustee.upload(browser, number, "answer.json").await;
        assert!(given.location.ends_with("done=1"), "{} {}", given.status, given.text);
    }
    let sealed = desks.of("officer").await.get(&package).await.bytes;
    std::fs::write(world.path("exports/package.json"), sealed).unwrap();
    let machine = OfficeMachine { world };
    machine.init();
    let shown = release::succeeded(machine.open("package.json", &world.key("office"), "y\nn\ny\n"));
    assert!(shown.contains(canaries.name) && shown.contains("verified, then paid"), "{shown}");
    for (act, more) in [("outcome", ("outcome", "verified")), ("pay", ("voucher", "V-2026-1"))] {
        let done = release::act(desks, "officer", number, act, &[more]).await;
        assert!(done.location.ends_with(&format!("done={act}")), "{act}: {}", done.text);
    }
    let confirmed = release::act(desks, "officer2", number, "confirm", &[]).await;
    assert!(confirmed.location.ends_with("done=confirm"), "{}", confirmed.text);
}
