//! Who may begin, go on and leave, with which cookie.

use super::*;
use crate::{
    portal::{
        draft::{Desk, Step},
        house::Room,
        mine::Own,
    },
    receipt::Receipt,
    store::TicketHash,
};
use axum::http::HeaderMap;
use std::{sync::LazyLock, time::Duration};

static POLICY: LazyLock<Arc<Policy>> = LazyLock::new(|| Arc::new(Policy::load("policy".as_ref()).unwrap()));

fn headers(set_cookie: &str) -> HeaderMap {
    let value = set_cookie.split(';').next().unwrap();
    HeaderMap::from_iter([(header::COOKIE, value.parse().unwrap())])
}

fn visitor(visits: &Visits, cookie: &str) -> Visitor {
    let headers = headers(cookie);
    Visitor {
        asked: Asked::of(&"/en/mine".parse().unwrap(), &headers),
        lang: Lang::En,
        policy: POLICY.clone(),
        visits: visits.clone(),
        held: visits.find(&headers),
    }
}

fn visits(secure: bool) -> Visits {
    Visits::new(Room::default(), Duration::from_secs(3600), secure)
}

async fn draft(visits: &Visits) -> String {
    let new = visitor(visits, "none=");
    let begun = new.begin(|visit| visit.draft = Some(Draft::new(&mut rand::rng())));
    begun.await.map_err(|answer| answer.status()).unwrap()
}

#[tokio::test]
async fn leaving_wipes_a_visit_also_under_the_hands_of_a_request() {
    let visits = visits(false);
    let cookie = draft(&visits).await;
    let (held, waiting) = (visitor(&visits, &cookie), visitor(&visits, &cookie));
    let inside = held.held.clone().unwrap().visit;
    let mut open = held.open().await.unwrap();
    let second = tokio::spawn(async move { waiting.visit().await.is_err() });
    visits.end(&headers(&cookie));
    let receipt = Receipt::draw(&mut rand::rng());
    let report = crate::ids::ReportId::random(&mut rand::rng());
    open.own = Some(Own::new(&receipt, report, jiff::civil::date(2026, 11, 23), Some(receipt.clone())));
    drop(open);
    assert!(second.await.unwrap(), "who waited finds it ended");
    let visit = inside.lock().await;
    assert!(visit.draft.is_none() && visit.own.is_none() && visits.find(&headers(&cookie)).is_none());
}

#[tokio::test]
async fn whether_a_draft_may_begin_is_known_before_anything_is_spent_on_it() {
    let room = Room { drafts: 1, ..Room::default() };
    let visits = Visits::new(room, Duration::from_secs(3600), false);
    assert!(visitor(&visits, "none=").may_begin_draft().await.is_ok());
    let cookie = draft(&visits).await;
    assert!(visitor(&visits, &cookie).may_begin_draft().await.is_ok(), "in the place of the own one");
    let refused = visitor(&visits, "none=").may_begin_draft().await.unwrap_err();
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn an_ordinary_report_takes_one_place_and_a_sent_one_gives_it_back_at_once() {
    let visits = visits(false);
    let intake = Policy::load("policy".as_ref()).unwrap().intake;
    let cookie = draft(&visits).await;
    let visitor = visitor(&visits, &cookie);
    let mut visit = visitor.open().await.unwrap();
    for (step, fields) in [
        (Step::Name, vec![("name", "nameless".into())]),
        (Step::Region, vec![("region", "370102".into()), ("query", "历下区".into())]),
        (Step::Kind, vec![("kind", "hazard".into())]),
        (Step::Industry, vec![("industry", "coal_mines".into())]),
        (Step::Place, vec![("target", "某某煤矿有限公司".into()), ("address", "三号井东翼".into())]),
        (Step::Story, vec![("story", "探".repeat(1_500)), ("when", "上周二夜班".into())]),
    ] {
        let typed = Typed::from_pairs(fields.into_iter().map(|(name, text)| (name.to_owned(), text)));
        visit.draft.as_mut().unwrap().keep(step, &typed, &intake);
    }
    let stay = visit.stay();
    assert!((6_000..8_192).contains(&stay.bytes), "{}", stay.bytes);
    drop(visit);
    assert_eq!((visits.drafts().0, visits.reports().0), (1, 0));
    let mut visit = visitor.open().await.unwrap();
    let (receipt, draft) = (Receipt::draw(&mut rand::rng()), visit.draft.take().unwrap());
    visit.own =
        Some(Own::new(&receipt, draft.report, jiff::civil::date(2026, 11, 23), Some(receipt.clone())));
    assert!(visit.stay().bytes < 4_096, "{}", visit.stay().bytes);
    drop(visit);
    assert_eq!((visits.drafts().0, visits.reports().0), (0, 1));
}

#[tokio::test]
async fn signing_in_while_leaving_leaves_nothing_behind_but_pressing_twice_works() {
    let visits = visits(false);
    let cookie = draft(&visits).await;
    let [first, twice, late] = [0; 3].map(|_| visitor(&visits, &cookie));
    let (one, two) = (first.begin(|_| ()).await.unwrap(), twice.begin(|_| ()).await.unwrap());
    assert!(one != two && visits.find(&headers(&cookie)).is_none());
    assert!(visits.find(&headers(&one)).is_none(), "in its place");
    assert!(visits.find(&headers(&two)).is_some(), "the answer that a browser shows");
    assert_eq!(late.begin(|_| ()).await.unwrap_err().status(), StatusCode::GONE, "it has gone on");

    let late = visitor(&visits, &two);
    visits.end(&headers(&two));
    assert_eq!(late.begin(|_| ()).await.unwrap_err().status(), StatusCode::GONE);
}

#[tokio::test]
async fn who_kept_a_cookie_of_before_is_not_at_the_desk_and_who_pressed_twice_still_is() {
    let at_desk = || {
        let mut draft = Draft::new(&mut rand::rng());
        let (_, ticket) = TicketHash::draw(&mut rand::rng());
        draft.entry = Some(Desk { ticket, channel: "phone".parse().unwrap() });
        draft
    };
    let visits = visits(false);
    let before = draft(&visits).await;
    let kept = visitor(&visits, &before);
    let typed = visitor(&visits, &before).begin(|visit| visit.draft = Some(at_desk())).await.unwrap();
    assert!(kept.draft_again().await.unwrap().entry.is_none());

    let [once, twice] = [0; 2].map(|_| visitor(&visits, &typed));
    for visitor in [once, twice] {
        let again = visitor.draft_again().await.unwrap();
        assert!(again.entry.is_some());
        visitor.begin(|visit| visit.draft = Some(again)).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn however_many_begin_at_once_with_one_cookie_one_visit_comes_of_it() {
    const AT_ONCE: usize = 32;
    let visits = visits(false);
    let cookie = draft(&visits).await;
    let typed = Typed::from_pairs([("target".to_owned(), "my mine".to_owned())]);
    let mut open = visitor(&visits, &cookie).open().await.unwrap();
    open.draft.as_mut().unwrap().keep(Step::Place, &typed, &POLICY.intake);
    drop(open);

    // All have shown the cookie before the first of them begins.
    let all: Vec<_> = (0..AT_ONCE).map(|_| visitor(&visits, &cookie)).collect();
    let late = visitor(&visits, &cookie);
    let together = Arc::new(tokio::sync::Barrier::new(AT_ONCE));
    let begins = all.into_iter().map(|visitor| {
        let together = together.clone();
        tokio::spawn(async move {
            together.wait().await;
            assert!(visitor.is_inside().await, "none of them stands in line again");
            let draft = visitor.draft_again().await.unwrap();
            visitor.begin(|visit| visit.draft = Some(draft)).await.ok().unwrap()
        })
    });
    let begins: Vec<_> = begins.collect();
    let mut cookies = std::collections::BTreeSet::new();
    for begin in begins {
        assert!(cookies.insert(begin.await.unwrap()), "nobody is told the cookie of another");
    }
    assert_eq!(visits.drafts().0, 1);
    let open: Vec<_> = cookies.iter().filter(|cookie| visits.is_open(&headers(cookie))).collect();
    let [open] = open[..] else { panic!("{} are open", open.len()) };
    let visit = visitor(&visits, open).open().await.unwrap();
    assert!(visit.draft.as_ref().unwrap().typed(Step::Place).raw("target") == "my mine");
    drop(visit);
    assert!(!late.is_inside().await && late.draft_again().await.is_none(), "by now the cookie is used");
    assert_eq!(late.begin(|_| ()).await.unwrap_err().status(), StatusCode::GONE);
}

#[tokio::test]
async fn the_cookie_is_strict_and_bound_to_the_host_where_there_is_https() {
    let cookie = draft(&visits(true)).await;
    assert!(cookie.starts_with("__Host-visit="), "{cookie}");
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict; Secure"), "{cookie}");
}
