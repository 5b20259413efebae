//! The whole story over HTTP against the real server process, with canaries in every place where a reporter gives
//! something away; afterwards everything the server ever wrote, answered or kept in memory is searched for them.
#![cfg(feature = "open")]

mod story_support;

use mifeng::store::engine::Tree;
use std::collections::{BTreeMap, BTreeSet};
use story_support::{
    Canaries, Disk, Look, Needles, World, jpeg_with_exif, pdf,
    reporter::{self, OTHER_TARGET, STORY, TARGET},
    staff,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reporter_leaves_no_trace() {
    let canaries = Canaries::new();
    let world = World::start().await;
    let known = Needles::new([("story", STORY)]);

    // Someone reports under their name.
    let mut browser = world.reporter();
    let answer = reporter::write(&mut browser, TARGET, Some(&canaries.form())).await.unwrap();
    assert_eq!((answer.location.as_str(), answer.closes), ("/zh/check", true), "{}", answer.text);
    let memory = reporter::memory(&world).await;
    assert!(!memory.found(&known).is_empty(), "the draft's text is in memory, so the search works");
    assert_eq!(memory.found(&canaries.of_the_person()), Vec::<String>::new());

    let mut named = reporter::send(browser).await;
    named.check_receipt().await;
    let picture = jpeg_with_exif(canaries.exif);
    named.attach(&format!("{}.jpg", canaries.picture_name), "image/jpeg", &picture).await;
    named.attach(&format!("{}.pdf", canaries.file_name), "application/pdf", &pdf(canaries.in_file)).await;
    named.sign_out().await;

    let all = Needles::new(canaries.strings().into_iter().chain([("receipt", &named.receipt[..24])]));
    named.browser = world.reporter();
    let memory = reporter::memory(&world).await;
    assert!(!memory.found(&Needles::new([("target", TARGET)])).is_empty());
    assert_eq!(memory.found(&all), Vec::<String>::new());

    // Someone else reports without one.
    let mut browser = world.reporter();
    reporter::write(&mut browser, OTHER_TARGET, None).await;
    reporter::send(browser).await;

    // The case is admitted, verified and answered by people who see no person.
    let mut clerk = world.staff("clerk").await;
    let number = staff::find_case(&mut clerk, TARGET).await;
    let told = ("told", "已受理，正在安排核查。");
    staff::make_move(&mut clerk, &number, "accept", &[told, ("reason", "对象和事实明确，属于受理范围。")])
        .await;
    staff::make_move(&mut clerk, &number, "assign", &[("to", "investigator")]).await;
    let mut investigator = world.staff("investigator").await;
    staff::make_move(&mut investigator, &number, "begin", &[]).await;
    let copies = staff::look_at_copies(&mut investigator, &number).await;
    assert_eq!(copies, 1, "the cleaned picture; the document stays sealed");
    let question = "探头在哪个工作面？";
    staff::make_move(&mut investigator, &number, "say", &[("text", question)]).await;
    staff::make_move(
        &mut investigator,
        &number,
        "conclude",
        &[("finding", "true"), ("reason", "现场核查属实，罚款十万元。")],
    )
    .await;
    let reply = [
        ("findings", "经现场核查，举报的问题属实。"),
        ("handling", "已责令停产整改并处罚款。"),
        ("reward", "met"),
    ];
    staff::make_move(&mut investigator, &number, "reply", &reply).await;

    // The award is computed, and approved by two people who did not work on the case.
    staff::compute(
        &mut investigator,
        &number,
        &[("kinds", "violation"), ("severity", "major"), ("fines", "100000"), ("filed", "1")],
    )
    .await;
    let mut approvers = Vec::new();
    for login in ["approver", "approver2"] {
        approvers.push(world.staff(login).await);
    }
    let passwords = ["approver", "approver2"].map(|login| world.account(login).password);
    let first = staff::approve(&mut approvers[0], &number, &passwords[0]).await;
    assert!(first.location.ends_with("done=approve"), "{}", first.text);
    let again = staff::approve(&mut approvers[0], &number, &passwords[0]).await;
    assert!(!again.location.contains("done="), "nobody approves twice");
    let page = approvers[0].get(&format!("/en/cases/{number}/award")).await.text;
    assert!(page.contains("1 of 2"), "{page}");
    let own = staff::approve(&mut investigator, &number, "whatever").await;
    assert_eq!(own.status, 403, "whoever worked on the case does not approve");
    let second = staff::approve(&mut approvers[1], &number, &passwords[1]).await;
    assert!(second.location.ends_with("done=approve"), "{}", second.text);
    staff::award_button(&mut approvers[0], &number, "file").await;
    staff::award_button(&mut approvers[0], &number, "notify").await;

    // The reporter comes back with the receipt, reads, answers, and claims.
    let page = named.sign_in(&world).await;
    assert!(page.text.contains(question) && page.text.contains("没有被打开过"), "{}", page.text);
    let added = named.browser.fill("/zh/mine/add", &[("message", "在二水平东翼。")]).await;
    assert_eq!(added.location, "/zh/mine");
    let grouped = named.grouped();
    let claimed =
        named.browser.answer("/zh/mine/claim", &[("receipt", grouped.as_str()), ("who", "before")]).await;
    assert_eq!((claimed.status, claimed.closes), (200, true), "{}", claimed.text);
    named.sign_out().await;

    for face in [&mut clerk, &mut investigator, &mut approvers[0]] {
        for page in
            ["/en/", "/en/cases", &format!("/en/cases/{number}"), &format!("/en/cases/{number}/award")]
        {
            face.get(page).await;
        }
    }
    named.browser = world.reporter();
    let memory = reporter::memory(&world).await;
    assert!(!memory.found(&Needles::new([("target", TARGET)])).is_empty(), "the list of cases is in memory");
    assert_eq!(memory.found(&all), Vec::<String>::new());
    no_trace_is_left(&world, &all);
}

/// Searches what the staff were shown and every file of the server, its logs, its temporary folder and everybody's
/// downloads; and shows that the searches find what is there.
fn no_trace_is_left(world: &World, all: &Needles) {
    let story = Needles::new([("story", STORY)]);
    assert!(!story.found_in(&world.seen.bytes()).is_empty(), "staff read the story");
    assert_eq!(all.found_in(&world.seen.bytes()), BTreeSet::new());

    let planted = world.path("tmp/planted");
    std::fs::write(&planted, format!("{:?}", Canaries::new().form())).unwrap();
    assert!(!all.found_below(&world.path("")).is_empty());
    std::fs::remove_file(planted).unwrap();
    assert_eq!(all.found_below(&world.path("")), vec![]);
    assert_eq!(story.found_below(&world.path("")), vec![], "case content lies encrypted");
    assert_eq!(world.files_open_elsewhere(), Vec::<String>::new());
}

/// How many reports are compared.
const REPORTS: usize = 200;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn disk_and_root_key_cannot_tell_a_named_report_from_a_nameless_one() {
    let mut world = World::start().await;
    let next = std::sync::atomic::AtomicUsize::new(0);
    let person = Canaries::new().form();
    let submit = async || {
        let mut sent = Vec::new();
        loop {
            let i = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            if i >= REPORTS {
                return sent;
            }
            let named = i % 2 == 0;
            let mut browser = world.reporter();
            reporter::write(&mut browser, TARGET, named.then_some(&person[..])).await;
            sent.push((named, reporter::send(browser).await.receipt));
        }
    };
    let (a, b, c, d) = tokio::join!(submit(), submit(), submit(), submit());
    let sent = [a, b, c, d].concat();
    assert_eq!(sent.len(), REPORTS);
    world.stop();

    let disk = Disk::of(&world);
    // How each tree looks for a report: every way that occurs, for the named and for the nameless.
    let mut ways: BTreeMap<Tree, [BTreeSet<Vec<Look>>; 2]> = BTreeMap::new();
    for (named, receipt) in &sent {
        for (tree, looks) in disk.looks(disk.report(receipt)) {
            ways.entry(tree).or_default()[usize::from(*named)].insert(looks);
        }
    }
    for (tree, [nameless, named]) in &ways {
        assert_eq!(named, nameless, "{}", tree.name());
        // Numbers of cases and of log entries have two or three digits; nothing else differs at all.
        assert!(named.len() <= 3, "{}: {named:?}", tree.name());
    }
    let trees: Vec<&str> = ways.keys().map(|tree| tree.name()).collect();
    assert_eq!(
        trees,
        ["data-keys", "reports", "cases", "audit", "envelopes", "shares", "log-leaves"],
        "a submission is in these trees, one more record each, and in no other"
    );
    let [envelopes, _] = &ways[&Tree::Envelopes];
    assert_eq!(envelopes.len(), 1, "one size for every envelope");
}
