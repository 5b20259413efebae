//! The whole story over HTTP against the real server process, with canaries in every place where a reporter gives
//! something away; afterwards everything the server ever wrote, answered or kept in memory is searched for them.
#![cfg(feature = "open")]

mod story_support;

use mifeng::{
    award::release::ReleaseRequest,
    casework::{Case, MessageText},
    mailbox,
    receipt::Receipt,
    store::engine::Tree,
};
use std::collections::{BTreeMap, BTreeSet};
use story_support::{
    Browser, Canaries, Disk, Look, Needles, World, jpeg_with_exif, pdf,
    release::{self, OfficeMachine, Trustee},
    reporter::{self, OTHER_TARGET, Reported, STORY, TARGET},
    staff::{self, Desks},
};

const QUESTION: &str = "探头在哪个工作面？";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reporter_leaves_no_trace() {
    whole_story(Door::Portal).await;
}

/// The same for somebody who called, whose report a member of staff entered, and who then drew a receipt of their own:
/// both locks turn over what was sealed under the first receipt and under the second.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nor_does_one_who_called() {
    whole_story(Door::Telephone).await;
}

/// How the report comes.
#[derive(Clone, Copy, PartialEq)]
enum Door {
    Portal,
    Telephone,
}

async fn whole_story(door: Door) {
    let canaries = Canaries::new();
    let mut world = World::start().await;
    let mut desks = Desks::new(&world);

    let mut browser = world.reporter();
    let code = match door {
        Door::Portal => None,
        Door::Telephone => Some(staff::entry_code(desks.of("clerk").await).await),
    };
    if let Some(code) = &code {
        assert_eq!(browser.answer("/zh/desk", &[("code", code)]).await.location, "/zh/name");
    }
    let mut named = report_under_a_name(&world, &canaries, browser, code.is_some()).await;
    let staffs = Needles::new([("staff's receipt", &named.receipt[..24])]);
    match door {
        Door::Portal => named.sign_out(&world).await,
        Door::Telephone => named.take_over(&world).await,
    }
    nothing_is_in_memory(&world, &staffs).await;
    let all = Needles::new(canaries.strings().into_iter().chain([("receipt", &named.receipt[..24])]));
    nothing_is_in_memory(&world, &all).await;
    let mut browser = world.reporter();
    reporter::write(&mut browser, OTHER_TARGET, None).await;
    let nameless = reporter::send(browser).await.receipt;

    let number = verify_and_approve(&mut desks).await;
    claim(&world, &mut named).await;
    let requests = release_and_pay(&mut desks, &number, &canaries).await;
    read_the_outcome(&world, &mut named).await;

    everybody_looks_at_everything(desks, &number).await;
    nothing_is_in_memory(&world, &all).await;
    nothing_is_on_disk_or_was_shown(&world, &all);
    nothing_is_in_memory(&world, &Needles::new([("what staff wrote", QUESTION)])).await;
    world.stop();
    what_staff_wrote_cannot_be_read_with_all_keys(&world, &named.receipt);
    assert_eq!(all.found_below(&world.path("")), vec![], "nor after the last page was written");
    release::succeeded(world.mifeng(&["check"], ""));
    no_share_for_another_report(&world, &requests, &nameless);
}

/// The wizard, the receipt, a picture and a document. Memory is searched as soon as the identity request is
/// answered, while the rest of the draft is still there.
async fn report_under_a_name(
    world: &World,
    canaries: &Canaries,
    mut browser: Browser,
    has_begun: bool,
) -> Reported {
    let person = canaries.form();
    let answer = match has_begun {
        true => reporter::answer_questions(&mut browser, TARGET, Some(&person)).await,
        false => reporter::write(&mut browser, TARGET, Some(&person)).await,
    };
    let answer = answer.unwrap();
    assert_eq!((answer.location.as_str(), answer.closes), ("/zh/check", true), "{}", answer.text);
    // Once more, with a slip that is shown again beside everything typed.
    let mut slip = canaries.form();
    slip.iter_mut().find(|(field, _)| *field == "mobile").unwrap().1 += "0";
    let shown = browser.answer("/zh/identity", &slip).await;
    assert_eq!((shown.status, shown.closes), (422, true));
    assert!(shown.text.contains(canaries.name) && shown.text.contains(canaries.id_number));
    // And once from a form that is not of this visit, as after too long a pause.
    let mut late = world.reporter();
    let ended = late.send("/zh/identity", &canaries.form()).await;
    assert_eq!((ended.status, ended.closes), (410, true), "{}", ended.text);
    let person = canaries.of_the_person();
    let memory = reporter::memory(world, &person).await;
    assert!(!memory.found(&Needles::new([("story", STORY)])).is_empty(), "what the draft holds is found");
    assert_eq!(memory.found(&person), Vec::<String>::new());

    let mut named = reporter::send(browser).await;
    named.check_receipt().await;
    let receipt = Needles::new([("receipt", &named.receipt[..24])]);
    assert_eq!(
        reporter::memory(world, &receipt).await.found(&receipt),
        Vec::<String>::new(),
        "it was put away"
    );
    let picture = jpeg_with_exif(canaries.exif);
    named.attach(&format!("{}.jpg", canaries.picture_name), "image/jpeg", &picture).await;
    named.attach(&format!("{}.pdf", canaries.file_name), "application/pdf", &pdf(canaries.in_file)).await;
    named
}

/// Admitted, verified, answered, computed and approved by people who see no person. Gives the case's number.
async fn verify_and_approve(desks: &mut Desks<'_>) -> String {
    let clerk = desks.of("clerk").await;
    let number = staff::find_case(clerk, TARGET).await;
    let accept = [("told", "已受理，正在安排核查。"), ("reason", "对象和事实明确，属于受理范围。")];
    staff::make_move(clerk, &number, "accept", &accept).await;
    staff::make_move(clerk, &number, "assign", &[("to", "investigator")]).await;

    let investigator = desks.of("investigator").await;
    staff::make_move(investigator, &number, "begin", &[]).await;
    let copies = staff::look_at_copies(investigator, &number).await;
    assert_eq!(copies, 1, "the cleaned picture; the document stays sealed");
    staff::make_move(investigator, &number, "say", &[("text", QUESTION)]).await;
    let found = [("finding", "true"), ("reason", "现场核查属实，罚款十万元。")];
    staff::make_move(investigator, &number, "conclude", &found).await;
    let (findings, handling) = ("经现场核查，举报的问题属实。", "已责令停产整改并处罚款。");
    let reply = [("findings", findings), ("handling", handling), ("reward", "met")];
    staff::make_move(investigator, &number, "reply", &reply).await;
    let facts = [("kinds", "violation"), ("severity", "major"), ("fines", "100000"), ("filed", "1")];
    staff::compute(investigator, &number, &facts).await;
    let own = staff::approve(desks, "investigator", &number).await;
    assert_eq!(own.status, 403, "whoever worked on the case does not approve");

    let first = staff::approve(desks, "approver", &number).await;
    assert!(first.location.ends_with("done=approve"), "{}", first.text);
    let again = staff::approve(desks, "approver", &number).await;
    assert!(!again.location.contains("done="), "nobody approves twice");
    let award = format!("/en/cases/{number}/award");
    assert!(desks.of("approver").await.get(&award).await.text.contains("1 of 2"));
    let second = staff::approve(desks, "approver2", &number).await;
    assert!(second.location.ends_with("done=approve"), "{}", second.text);
    staff::award_button(desks.of("approver").await, &number, "file").await;
    staff::award_button(desks.of("approver").await, &number, "notify").await;
    number
}

/// On another device, with the receipt: reads, answers, claims.
async fn claim(world: &World, named: &mut Reported) {
    let page = named.sign_in(world).await;
    assert!(page.text.contains("已密封") && page.text.contains("没有被打开过"), "{}", page.text);
    assert!(!page.text.contains(QUESTION), "signed in is not enough: {}", page.text);
    read_messages(named).await;
    let receipt = Needles::new([("receipt", &named.receipt[..24])]);
    assert_eq!(
        reporter::memory(world, &receipt).await.found(&receipt),
        Vec::<String>::new(),
        "a session has no receipt"
    );
    let added = named.browser.fill("/zh/mine/add", &[("message", "在二水平东翼。")]).await;
    assert_eq!(added.location, "/zh/mine");
    let typed = [("receipt", named.grouped()), ("who", "before".to_owned())];
    let claimed = named.browser.answer("/zh/mine/claim", &typed).await;
    assert_eq!((claimed.status, claimed.closes), (200, true), "{}", claimed.text);
    named.sign_out(world).await;
}

/// On the labelled way the receipt is typed once more; the server opens for this answer and keeps nothing.
async fn read_messages(named: &mut Reported) {
    let mut slip = named.receipt.clone().into_bytes();
    slip[7] = if slip[7] == b'0' { b'1' } else { b'0' };
    let wrong = [("receipt", String::from_utf8(slip).unwrap())];
    let refused = named.browser.answer("/zh/mine/messages", &wrong).await;
    assert_eq!((refused.status, refused.closes), (422, true), "{}", refused.text);
    assert!(!refused.text.contains(QUESTION));
    let opened = named.browser.answer("/zh/mine/messages", &[("receipt", named.grouped())]).await;
    assert_eq!((opened.status, opened.closes), (200, true), "{}", opened.text);
    assert!(opened.text.contains(QUESTION) && !opened.text.contains(&named.receipt[..4]), "{}", opened.text);
    assert!(!named.browser.get("/zh/mine").await.text.contains(QUESTION), "once");
}

/// The release is published, two trustees give their shares, the office opens one identity offline and pays.
/// Gives what the trustees downloaded.
async fn release_and_pay(desks: &mut Desks<'_>, number: &str, canaries: &Canaries) -> Vec<ReleaseRequest> {
    let world = desks.world;
    let reason = [("reason", "举报人已申领，按规定发放奖励。")];
    let released = release::act(desks, "officer", number, "release", &reason).await;
    assert!(released.location.ends_with("done=release"), "{} {}", released.status, released.text);

    let package = format!("/en/awards/{number}/package");
    let mut requests = Vec::new();
    for i in [1, 2] {
        assert_eq!(desks.of("officer").await.get(&package).await.status, 409, "no package before two shares");
        let (trustee, browser) = (Trustee { world, number: i }, desks.of(&format!("trustee{i}")).await);
        trustee.init();
        let request = trustee.download(browser, number).await;
        let said = release::succeeded(trustee.run_tool(&request, "answer.json"));
        assert!(said.contains(number), "{said}");
        let given = trustee.upload(browser, number, "answer.json").await;
        assert!(given.location.ends_with("done=1"), "{} {}", given.status, given.text);
        requests.push(request);
    }
    let officer = desks.of("officer").await;
    let sealed = officer.get(&package).await.bytes;
    assert_eq!(officer.get(&package).await.bytes, sealed, "byte for byte");
    std::fs::write(world.path("exports/package.json"), sealed).unwrap();

    let machine = OfficeMachine { world };
    machine.init();
    let with_another_key = machine.open("package.json", &world.trustee_key(1), "");
    let said = String::from_utf8_lossy(&with_another_key.stdout).into_owned();
    assert!(
        canaries.of_the_person().found_in(said.as_bytes()).is_empty() && !said.contains("verified"),
        "{said}"
    );
    // The ID matches, no duties, works there.
    let shown = release::succeeded(machine.open("package.json", &world.key("office"), "y\nn\ny\n"));
    for canary in [canaries.name, canaries.id_number, canaries.mobile, canaries.account, canaries.joint_name]
    {
        assert!(shown.contains(canary), "the officers see {canary}: {shown}");
    }
    assert!(shown.contains("verified, then paid with voucher V-2026-1"), "{shown}");

    let verified = release::act(desks, "officer", number, "outcome", &[("outcome", "verified")]).await;
    assert!(verified.location.ends_with("done=outcome"), "{}", verified.text);
    let paid = release::act(desks, "officer", number, "pay", &[("voucher", "V-2026-1")]).await;
    assert!(paid.location.ends_with("done=pay"), "{}", paid.text);
    let own = release::act(desks, "officer", number, "confirm", &[]).await;
    assert_eq!(own.status, 409, "nobody confirms their own payment");
    let confirmed = release::act(desks, "officer2", number, "confirm", &[]).await;
    assert!(confirmed.location.ends_with("done=confirm"), "{}", confirmed.text);
    let ended = desks.of("officer").await.get(&package).await;
    assert_eq!(ended.status, 409, "nothing is handed out after the end");
    requests
}

/// The reporter reads that it is paid and that the envelope was opened once; so does anybody's own tool.
async fn read_the_outcome(world: &World, named: &mut Reported) {
    named.reads_that_it_was_paid(world).await;
    named.sign_out(world).await;
    let log = format!("{}/log", world.portal());
    let verify = ["verify", "--log", &log, "--vkey", world.said("log_key"), "--forget"];
    let said = release::succeeded(world.mifeng(&verify, &named.grouped()));
    assert!(said.contains("announced once") && said.contains("name and account"), "{said}");
}

/// So that every page of the staff faces that can be reached is among what was shown.
async fn everybody_looks_at_everything(mut desks: Desks<'_>, number: &str) {
    let year = format!("/{}", &number[..5]);
    let elsewhere = |link: &str| {
        let other_case = link.contains(&year) && !link.contains(number);
        other_case || link.contains("/assets/") || link.contains("/package")
    };
    let logins = [
        "clerk",
        "investigator",
        "approver",
        "trustee1",
        "trustee3",
        "officer",
        "auditor",
        "leader",
        "admin",
    ];
    for login in logins {
        for start in ["/en/", "/zh/"] {
            let pages = desks.of(login).await.look_at_everything(start, elsewhere).await;
            assert!(pages > 2, "{login} saw {pages} pages");
        }
    }
}

/// Searches a core image, after every connection was closed.
async fn nothing_is_in_memory(world: &World, all: &Needles) {
    let memory = reporter::memory(world, all).await;
    assert!(!memory.found(&Needles::new([("target", TARGET)])).is_empty(), "the list of cases is found");
    assert_eq!(memory.found(all), Vec::<String>::new());
}

/// Searches what the staff were shown and every file of the server, its logs, its temporary folder and everybody's
/// downloads; and shows that the searches find what is there.
fn nothing_is_on_disk_or_was_shown(world: &World, all: &Needles) {
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

/// Disk, root key and retention keys read the story, and not what staff wrote to its reporter.
fn what_staff_wrote_cannot_be_read_with_all_keys(world: &World, receipt: &str) {
    let disk = Disk::of(world);
    let plain = disk.everything();
    assert!(!Needles::new([("story", STORY)]).found_in(&plain).is_empty(), "the search finds nothing");
    assert_eq!(Needles::new([("what staff wrote", QUESTION)]).found_in(&plain), BTreeSet::new());
    let case: Case = serde_json::from_slice(&disk.case(disk.report(receipt))).unwrap();
    let key = Receipt::parse(receipt).unwrap().mailbox_key();
    let opened = case.messages.iter().any(|message| match &message.text {
        MessageText::Sealed(sealed) => mailbox::open(sealed, &key).unwrap().as_str() == QUESTION,
        MessageText::Clear(_) => false,
    });
    assert!(opened, "it is there, and the receipt reads it");
}

/// Whoever runs the server and has all its keys attaches another report's share files to the approved award: the
/// trustee's tool gives nothing.
fn no_share_for_another_report(world: &World, requests: &[ReleaseRequest], other: &str) {
    let disk = Disk::of(world);
    let trustee = Trustee { world, number: 1 };
    let (hashes, share_files): (Vec<_>, Vec<_>) = disk.shares(disk.report(other), 1).into_iter().unzip();
    assert!(!share_files.is_empty());
    let honest = &requests[0];
    let with_files = ReleaseRequest { share_files: share_files.clone(), ..honest.clone() };
    let with_both = ReleaseRequest { share_files, envelopes: hashes, ..honest.clone() };
    let mut for_other = with_both.clone();
    for_other.terms.award.report = disk.report(other);
    for (request, why) in
        [(with_files, "the share files"), (with_both, "the share files"), (for_other, "the approvals")]
    {
        let said = release::refused(trustee.run_tool(&request, "other.json"));
        assert!(said.contains(why), "{said}");
        assert!(!trustee.file("other.json").exists());
    }
    release::succeeded(trustee.run_tool(honest, "honest.json"));
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
            let named = i.is_multiple_of(2);
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
