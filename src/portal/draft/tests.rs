use super::*;

#[test]
fn a_receipt_is_drawn_when_it_is_needed_and_once() {
    let mut draft = Draft::new(&mut rand::rng());
    assert!(draft.receipt.is_none());
    let first = draft.receipt(&mut rand::rng()).locator();
    assert!(draft.receipt(&mut rand::rng()).locator() == first);
}

/// Everything a draft can be made to hold, in bytes.
fn weight(draft: &Draft) -> usize {
    let names = Step::ALL.iter().flat_map(|step| step.fields().iter().map(move |name| (*step, *name)));
    names.map(|(step, name)| draft.typed(step).all(name).map(str::len).sum::<usize>()).sum()
}

#[test]
fn one_value_a_name_is_kept_and_a_draft_stays_within_its_weight() {
    let intake = Policy::load("policy".as_ref()).unwrap().intake;
    let mut draft = Draft::new(&mut rand::rng());
    for step in Step::ALL {
        // The heaviest characters, as many as are kept, and again, and again.
        let most = |name: &str| length(&intake, name).map_or(200, |length| length.most as usize * 2);
        let pairs = step
            .fields()
            .iter()
            .flat_map(|name| vec![((*name).to_owned(), "\u{20BB7}".repeat(most(name))); 20]);
        draft.keep(step, &Typed::from_pairs(pairs), &intake);
    }
    assert!(draft.typed(Step::Story).length("story") == 10_000, "what is near its limit is kept");
    assert!(weight(&draft) < 60_000, "{}", weight(&draft));
    assert!(draft.bytes() >= weight(&draft) && draft.bytes() < weight(&draft) + 2_048, "and is counted so");
    let boxes = [DANGER, "", "x", ONGOING, DANGER, ONGOING].map(|value| (NOW.to_owned(), value.to_owned()));
    draft.keep(Step::Story, &Typed::from_pairs(boxes), &intake);
    assert!(draft.typed(Step::Story).all(NOW).eq([ONGOING, DANGER]));
}

#[test]
fn a_receipt_is_kept_in_no_value_of_a_name() {
    let intake = Policy::load("policy".as_ref()).unwrap().intake;
    let code = Receipt::draw(&mut rand::rng()).groups().map(|group| group.to_string()).join(" ");
    let mut draft = Draft::new(&mut rand::rng());
    for name in ["story", "when", NOW] {
        let pairs = ["fine", &code].map(|value| (name.to_owned(), value.to_owned()));
        draft.keep(Step::Story, &Typed::from_pairs(pairs), &intake);
        assert!(!draft.typed(Step::Story).all(name).any(Receipt::is_in), "{name}");
    }
}

#[test]
fn a_draft_that_was_sent_does_not_tell_whether_it_had_a_name() {
    let mut draft = Draft::new(&mut rand::rng());
    draft.typed[Step::Name as usize].set("name", SEALED);
    draft.typed[Step::Place as usize].set("target", "某煤矿");
    draft.receipt(&mut rand::rng());
    let Sent(kept) = draft.sent();
    assert!(!kept.is_named() && kept.typed(Step::Name).is_empty());
    assert!(kept.receipt.is_none() && kept.sealed.is_none());
    assert!(Sent(kept).again(&mut rand::rng()).typed(Step::Place).raw("target") == "某煤矿");
}

#[test]
fn an_answer_that_stays_on_the_device_is_one_but_not_on_the_way_without_script() {
    let policy = Policy::load("policy".as_ref()).unwrap();
    let mut draft = Draft::new(&mut rand::rng());
    let answer = |draft: &mut Draft, step: Step, pairs: &[(&str, &str)]| {
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        draft.keep(step, &Typed::from_pairs(pairs), &policy.intake);
    };
    answer(&mut draft, Step::Name, &[("name", DEVICE)]);
    assert!(!draft.is_named() && draft.is_answered_on_device() && draft.named() == DEVICE);
    assert!(draft.unanswered(&policy) == Some(Step::Region), "the first question is answered");
    for (step, pairs) in [
        (Step::Region, [("region", "370102")]),
        (Step::Kind, [("kind", "hazard")]),
        (Step::Industry, [("industry", "coal_mines")]),
        (Step::Place, [("target", "某煤矿")]),
        (Step::Story, [("story", "三号井的瓦斯探头被人用塑料袋包住了")]),
    ] {
        assert!(draft.missing(&policy) == Some(step), "the matter comes first");
        answer(&mut draft, step, &pairs);
    }
    assert!(draft.unanswered(&policy).is_none() && draft.missing(&policy) == Some(Step::Name));
    for (told, missing) in [(NAMELESS, None), (SEALED, Some(Step::Identity))] {
        answer(&mut draft, Step::Name, &[("name", told)]);
        assert!(draft.missing(&policy) == missing && !draft.is_answered_on_device());
    }
    answer(&mut draft, Step::Name, &[("name", "yes")]);
    assert!(draft.unanswered(&policy) == Some(Step::Name), "nothing else is an answer");
}

#[test]
fn where_nothing_can_be_claimed_there_is_nothing_to_keep_on_a_device() {
    let mut policy = Policy::load("policy".as_ref()).unwrap();
    policy.intake.service.rewards = false;
    let wrong = |answer: &str| {
        let typed = Typed::from_pairs([("name".to_owned(), answer.to_owned())]);
        !check(Step::Name, &typed, &policy, Lang::En).is_empty()
    };
    assert!(wrong(DEVICE) && wrong(SEALED) && !wrong(NAMELESS));
}

#[test]
fn the_next_visit_takes_answers_along_but_nothing_of_the_person() {
    let mut draft = Draft::new(&mut rand::rng());
    draft.typed[Step::Name as usize].set("name", SEALED);
    draft.typed[Step::Place as usize].set("target", "某煤矿");
    draft.receipt(&mut rand::rng());
    let again = draft.again(&mut rand::rng());
    assert!(again.typed(Step::Name).is_empty() && again.receipt.is_none() && again.sealed.is_none());
    assert!(again.typed(Step::Place).raw("target") == "某煤矿" && again.report != draft.report);
    assert!(again.mark != draft.mark, "nor is the device led to an answer of before");
    assert!(!again.is_blank() && Draft::new(&mut rand::rng()).is_blank());
}
