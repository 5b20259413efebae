//! The award of a report sealed to keys that are gone: released, opened, paid, and read of by its reporter.

use crate::{
    keys::{Holder, OFFICE, RECOVERY},
    run,
    story_support::{
        Canaries, World,
        release::{self, Trustee, refused, succeeded},
        reporter::Reported,
        staff::Desks,
    },
};
use serde_json::Value;
use std::fs;

/// The first trustee, and the one who came after the reports, with shares that were split for them.
pub async fn released(desks: &mut Desks<'_>, number: &str, holders: &[Holder; 3]) {
    let world = desks.world;
    let reason = [("reason", "举报人已申领，按规定发放奖励。")];
    let released = release::act(desks, "officer", number, "release", &reason).await;
    assert!(released.location.ends_with("done=release"), "{} {}", released.status, released.text);
    for place in [1, 3] {
        let (trustee, browser) =
            (Trustee { world, number: place }, desks.of(&format!("trustee{place}")).await);
        let Holder { key, state } = &holders[place - 1];
        let request = trustee.download(browser, number).await;
        let (asked, answer) = (trustee.file("request.json"), trustee.file("answer.json"));
        fs::write(&asked, serde_json::to_string(&request).unwrap()).unwrap();
        let (asked, out) = (asked.display(), answer.display());
        run(world, &format!("trustee release {asked} --key {key} --state {state} --yes --out {out}"));
        let given = trustee.upload(browser, number, "answer.json").await;
        assert!(given.location.ends_with("done=1"), "{} {}", given.status, given.text);
    }
}

/// The drill's step 3: what lies inside the envelope was sealed to the keys of the laptop that is gone.
pub async fn opened_and_paid(desks: &mut Desks<'_>, number: &str, canaries: &Canaries) {
    let world = desks.world;
    let sealed = desks.of("officer").await.get(&format!("/en/awards/{number}/package")).await.bytes;
    fs::write(world.path("exports/package.json"), sealed).unwrap();
    let set = run(world, "keys set show exports/set3.json");
    let fingerprint = set.lines().find_map(|line| line.strip_prefix("fingerprint  ")).unwrap();
    let init = [
        "init",
        "--set",
        "exports/set3.json",
        "--fingerprint",
        fingerprint,
        "--state",
        "exports/office-state",
    ];
    succeeded(world.mifeng_office(&init, ""));
    let open = |keys: &[&str]| {
        let package = ["open", "exports/package.json"];
        let rest = [
            "--state",
            "exports/office-state",
            "--voucher",
            "exports/voucher.txt",
            "--number",
            "V-2026-1",
            "--rehearsal",
        ];
        world.mifeng_office(&[&package[..], keys, &rest].concat(), "y\nn\ny\n")
    };
    let why = refused(open(&["--key", OFFICE]));
    assert!(why.contains("sealed to other keys of the office"), "{why}");
    let shown = succeeded(open(&["--key", OFFICE, "--key", RECOVERY]));
    assert!(shown.contains(canaries.name) && shown.contains("verified, then paid"), "{shown}");
    for (act, more) in [("outcome", ("outcome", "verified")), ("pay", ("voucher", "V-2026-1"))] {
        let done = release::act(desks, "officer", number, act, &[more]).await;
        assert!(done.location.ends_with(&format!("done={act}")), "{act}: {}", done.text);
    }
    let confirmed = release::act(desks, "officer2", number, "confirm", &[]).await;
    assert!(confirmed.location.ends_with("done=confirm"), "{}", confirmed.text);
}

/// On the page, by anybody's own tool, and among what is told of the shares.
pub async fn its_reporter_reads_of_one_opening(world: &World, named: &mut Reported) {
    named.reads_that_it_was_paid(world).await;
    named.sign_out(world).await;
    let log = format!("{}/log", world.portal());
    let verify = ["verify", "--log", &log, "--vkey", world.said("log_key"), "--memory", "exports/seen.json"];
    let said = succeeded(world.mifeng(&verify, &named.grouped()));
    assert!(said.contains("announced once") && said.contains("name and account"), "{said}");
    let notes = world.reporter().get("/log/notes").await;
    let notes: Value = serde_json::from_slice(&notes.bytes).unwrap();
    let told: Vec<_> = notes.as_array().unwrap().iter().map(|note| note["kind"].as_str().unwrap()).collect();
    assert_eq!(told, ["reshared"], "{notes}");
}
