//! A reporter's way through the portal, page by page.

use super::{Answer, Attached, Browser, Image, Needles, World};
use std::time::{Duration, Instant};

/// What investigators will read. Found in clear in the server's memory while it is worked on, and nowhere on the disk.
pub const TARGET: &str = "鳳凰嶺第三煤礦";
/// Of the same length.
pub const OTHER_TARGET: &str = "臥龍崗第九煤礦";
pub const STORY: &str = "三號井的瓦斯探頭從上週二起被人用塑料袋包住，夜班照常下井。";

/// The identity page, filled in.
pub type Person = [(&'static str, String)];

/// A report that was sent.
pub struct Reported {
    pub browser: Browser,
    /// 32 digits, without spaces.
    pub receipt: String,
}

/// Everything up to the last page before sending. With a person it ends after the identity request, whose answer
/// is given.
pub async fn write(browser: &mut Browser, target: &str, person: Option<&Person>) -> Option<Answer> {
    for page in ["start", "before"] {
        assert_eq!(browser.get(&format!("/zh/{page}")).await.status, 200, "{page}");
    }
    assert_eq!(browser.answer("/zh/agree", &[("agreed", "yes")]).await.location, "/zh/name");
    answer_questions(browser, target, person).await
}

/// As [`write`], once the form has begun.
pub async fn answer_questions(
    browser: &mut Browser,
    target: &str,
    person: Option<&Person>,
) -> Option<Answer> {
    let name = if person.is_some() { "sealed" } else { "nameless" };
    for (page, fields, next) in [
        ("/zh/name", vec![("name", name)], "/zh/region"),
        ("/zh/region", vec![("region", "370102")], "/zh/kind"),
        ("/zh/kind", vec![("kind", "violation")], "/zh/industry"),
        ("/zh/industry", vec![("industry", "coal_mines")], "/zh/place"),
        (
            "/zh/place",
            vec![("target", target), ("address", "三號井"), ("code", "91350100M000100Y43")],
            "/zh/story",
        ),
        ("/zh/story", vec![("story", STORY), ("when", "上週二夜班"), ("now", "ongoing")], "/zh/seal"),
    ] {
        let answer = browser.answer(page, &fields).await;
        assert_eq!(answer.location, next, "{page}: {}", answer.text);
    }
    match person {
        Some(person) => Some(browser.answer("/zh/identity", person).await),
        None => None,
    }
}

/// Sends what was written, and copies the receipt.
pub async fn send(mut browser: Browser) -> Reported {
    assert_eq!(browser.answer_to("/zh/check", "/zh/send").await.location, "/zh/receipt");
    let receipt = shown(&browser.get("/zh/receipt").await.text);
    Reported { browser, receipt }
}

/// The code on a page.
fn shown(page: &str) -> String {
    let shown = page.split("class=\"receipt\">").nth(1).unwrap().split("</p>").next().unwrap();
    let groups = shown.split("<span>").skip(1).map(|group| group.split("</span>").next().unwrap());
    let receipt: String = groups.collect();
    assert_eq!(receipt.len(), 32, "{shown}");
    receipt
}

impl Reported {
    /// R9: the last group, typed from paper, puts the receipt away.
    pub async fn check_receipt(&mut self) {
        let wrong = self.browser.answer("/zh/receipt-check", &[("last", "0000")]).await;
        assert!(wrong.status == 422 || self.receipt.ends_with("0000"));
        let right = self.browser.fill("/zh/receipt-check", &[("last", &self.receipt[28..])]).await;
        assert_eq!(right.location, "/zh/files");
        let page = self.browser.get("/zh/receipt").await;
        assert!(!page.text.contains(&self.receipt[..4]), "the receipt is shown once");
    }

    pub async fn attach(&mut self, name: &str, media: &str, bytes: &[u8]) {
        self.browser.get("/zh/files").await;
        let answer = self
            .browser
            .upload("/zh/files", &[("copy", "yes")], &Attached { field: "file", name, media, bytes })
            .await;
        assert_eq!(answer.location, "/zh/files", "{}", answer.text);
    }

    /// Another device, later.
    pub async fn sign_in(&mut self, world: &World) -> Answer {
        self.browser = world.reporter();
        let answer = self.browser.answer("/zh/mine", &[("receipt", self.grouped())]).await;
        assert_eq!(answer.location, "/zh/mine", "{}", answer.text);
        self.browser.get("/zh/mine").await
    }

    /// The page of a report that was paid after one opening, signed in. The log is published a moment after what it says.
    pub async fn reads_that_it_was_paid(&mut self, world: &World) -> Answer {
        let begun = Instant::now();
        loop {
            let page = self.sign_in(world).await;
            assert!(page.text.contains("奖金已发放"), "{}", page.text);
            if page.text.contains("被打开过 1 次") {
                return page;
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "{}", page.text);
            self.sign_out(world).await;
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    /// A member of staff has entered it, and hands the receipt over: its reporter draws another on their own device.
    pub async fn take_over(&mut self, world: &World) {
        assert_eq!(self.browser.answer_to("/zh/files", "/zh/finish").await.status, 200);
        self.browser = world.reporter();
        let answer = self.browser.answer("/zh/mine", &[("receipt", self.grouped())]).await;
        assert_eq!(answer.location, "/zh/own-receipt", "{}", answer.text);
        let drawn = self.browser.answer_to("/zh/own-receipt", "/zh/own-receipt").await;
        assert_eq!((drawn.location.as_str(), drawn.closes), ("/zh/own-receipt", true));
        let page = self.browser.get("/zh/own-receipt").await.text;
        let staffs = std::mem::replace(&mut self.receipt, shown(&page));
        let kept = self.browser.fill("/zh/own-receipt/keep", &[("last", &self.receipt[28..])]).await;
        assert_eq!((kept.location.as_str(), kept.closes), ("/zh/mine", true), "{}", kept.text);
        self.sign_out(world).await;
        let refused = self.browser.answer("/zh/mine", &[("receipt", staffs)]).await;
        assert_eq!(refused.status, 422, "the old one opens nothing");
        self.browser = world.reporter();
    }

    /// As it stands on the paper.
    pub fn grouped(&self) -> String {
        let groups: Vec<&str> = (0..8).map(|i| &self.receipt[i * 4..i * 4 + 4]).collect();
        groups.join(" ")
    }

    /// Signs out and closes the browser.
    pub async fn sign_out(&mut self, world: &World) {
        assert_eq!(self.browser.answer_to("/zh/mine", "/zh/mine/sign-out").await.status, 200);
        self.browser = world.reporter();
    }
}

/// The server's memory, once `gone` is in it no more: connections that were closed take a moment to be forgotten. As it is
/// after ten seconds otherwise.
pub async fn memory(world: &World, gone: &Needles) -> Image {
    let begun = Instant::now();
    loop {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let image = Image::of(world.pid());
        if image.found(gone).is_empty() || begun.elapsed() > Duration::from_secs(10) {
            return image;
        }
    }
}
