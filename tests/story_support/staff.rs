//! What the staff do, page by page, with the roles they have.

use super::{Answer, Browser, World};
use std::collections::BTreeMap;

/// Everybody's desk: signed in once, when first needed, for a one-time code is good for one log-in.
pub struct Desks<'a> {
    pub world: &'a World,
    browsers: BTreeMap<String, Browser>,
}

impl<'a> Desks<'a> {
    pub fn new(world: &'a World) -> Self {
        Self { world, browsers: BTreeMap::new() }
    }

    pub async fn of(&mut self, login: &str) -> &mut Browser {
        if !self.browsers.contains_key(login) {
            let browser = self.world.staff(login).await;
            self.browsers.insert(login.to_owned(), browser);
        }
        self.browsers.get_mut(login).unwrap()
    }
}

/// A code to enter a report that came by telephone.
pub async fn entry_code(clerk: &mut Browser) -> String {
    let page = clerk.answer("/en/desk", &[("channel", "hotline_12350")]).await;
    assert_eq!(page.status, 200, "{}", page.text);
    let shown = page.text.split("class=\"receipt\">").nth(1).unwrap().split("</p>").next().unwrap();
    shown.split("<span>").skip(1).map(|group| group.split("</span>").next().unwrap()).collect()
}

/// Finds a case by the name of its target, as a clerk does.
pub async fn find_case(clerk: &mut Browser, target: &str) -> String {
    clerk.get("/en/cases").await;
    let found = clerk.fill("/en/cases/search", &[("text", target)]).await;
    assert_eq!(found.status, 200);
    let links = clerk.links();
    let numbers: Vec<&str> = links.iter().filter_map(|link| link.strip_prefix("/en/cases/2")).collect();
    let [number] = numbers[..] else { panic!("not one case of {target}: {}", found.text) };
    format!("2{number}")
}

/// Opens the case, makes one move, confirms it where that is asked.
pub async fn make_move(browser: &mut Browser, number: &str, mv: &str, fields: &[(&str, &str)]) {
    assert_eq!(browser.get(&format!("/en/cases/{number}")).await.status, 200);
    let path = format!("/en/cases/{number}/moves/{mv}");
    let mut answer = browser.answer(&path, fields).await;
    if answer.status == 200 {
        let confirmed = [("step", "do"), ("typed-number", number)];
        answer = browser.fill(&format!("/moves/{mv}"), &confirmed).await;
    }
    assert_eq!(answer.status, 303, "{mv}: {}", answer.text);
    assert!(answer.location.contains("done="), "{mv}: {}", answer.location);
}

/// Opens every cleaned copy the case page links to, and gives how many there are.
pub async fn look_at_copies(browser: &mut Browser, number: &str) -> usize {
    browser.get(&format!("/en/cases/{number}")).await;
    let links: Vec<String> = browser.links().into_iter().filter(|link| link.contains("/copies/")).collect();
    for link in &links {
        assert_eq!(browser.get(link).await.status, 200);
        let bytes = browser.get(&format!("{link}/bytes")).await.bytes;
        assert!(image::load_from_memory(&bytes).is_ok(), "a picture that can be seen");
    }
    links.len()
}

/// Types the facts, looks at what the rules make of them, and puts the amount to the approvers.
pub async fn compute(browser: &mut Browser, number: &str, facts: &[(&str, &str)]) {
    let path = format!("/en/cases/{number}/award/facts");
    let preview = browser.answer(&path, facts).await;
    assert_eq!(preview.status, 200, "{}", preview.text);
    let put = browser.fill(&path, &[("step", "do")]).await;
    assert!(put.location.ends_with("done=computed"), "{} {}", put.status, put.text);
}

/// The approver's page of its own, with the typed number and the key's password.
pub async fn approve(desks: &mut Desks<'_>, login: &str, number: &str) -> Answer {
    let path = format!("/en/cases/{number}/award/approve");
    let password = desks.world.account(login).password;
    let browser = desks.of(login).await;
    let page = browser.get(&path).await;
    if page.status != 200 {
        return page;
    }
    browser.fill(&path, &[("typed-number", number), ("password", &password)]).await
}

/// A button on the award's page.
pub async fn award_button(browser: &mut Browser, number: &str, button: &str) {
    let path = format!("/en/cases/{number}/award");
    let answer = browser.answer_to(&path, &format!("{path}/{button}")).await;
    assert!(
        answer.location.ends_with(&format!("done={button}")),
        "{button}: {} {}",
        answer.status,
        answer.text
    );
}
