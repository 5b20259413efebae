//! What is said to the reporter and by them, and the files that go along.

use super::*;

#[test]
fn a_conclusion_is_not_shown_to_the_reporter_before_the_reply() {
    let case = after_moves([
        (accept(), clerk()),
        (assign(), clerk()),
        (Move::Begin, investigator()),
        (conclude(), investigator()),
    ]);
    assert_eq!(ReporterStatus::of(&case), ReporterStatus::BeingInvestigated);
    assert!(case.history.last().unwrap().told.is_empty());
}

#[test]
fn a_row_knows_whose_word_was_last() {
    let say = |text: &str| Move::Say { text: MessageText::Clear(text.into()), file: None };
    assert_eq!(CaseSummary::of(&fresh()).last_word, LastWord::Nobody);
    let case = after_moves([(ask(), clerk()), (say("三车间"), Actor::Reporter)]);
    assert_eq!(CaseSummary::of(&case).last_word, LastWord::Reporter);
    let case = apply(&case, said("谢谢"), &clerk(), DAY, &RULES).unwrap();
    assert_eq!(CaseSummary::of(&case).last_word, LastWord::Staff);
}

#[test]
fn words_to_the_reporter_are_taken_sealed_and_words_of_the_reporter_in_clear() {
    let clear = || Move::Say { text: MessageText::Clear("在哪个车间？".into()), file: None };
    let refused = |mv, actor: Actor| apply(&verifying(), mv, &actor, DAY, &RULES).err();
    assert_eq!(refused(clear(), investigator()), Some(MoveRefused::Sealing));
    assert_eq!(refused(said("三车间"), Actor::Reporter), Some(MoveRefused::Sealing));
    assert_eq!(refused(clear(), Actor::Reporter), None);
    let case = apply(&verifying(), said("在哪个车间？"), &investigator(), DAY, &RULES).unwrap();
    assert!(!serde_json::to_string(&case).unwrap().contains("车间"), "not in the history either");
}

#[test]
fn a_file_goes_with_sealed_words_of_staff_alone_and_so_many_to_one_reporter() {
    let mailbox = Receipt::draw(&mut rand::rng()).mailbox();
    let file = || {
        let label = mailbox::seal("{}", &mailbox);
        Some(SentFile { blob: BlobId::from_bytes([7; 16]), size: SizeClass::UpTo10M, label })
    };
    let text = || MessageText::Sealed(mailbox::seal("附上决定书。", &mailbox));
    let refused = |mv, actor: Actor| apply(&verifying(), mv, &actor, DAY, &RULES).err();
    let clear = || MessageText::Clear("附上。".into());
    assert_eq!(
        refused(Move::Say { text: clear(), file: file() }, Actor::Reporter),
        Some(MoveRefused::Sealing)
    );
    assert_eq!(
        refused(Move::Say { text: clear(), file: file() }, investigator()),
        Some(MoveRefused::Sealing)
    );

    let mut case = verifying();
    for _ in 0..RULES.files {
        case = apply(&case, Move::Say { text: text(), file: file() }, &investigator(), DAY, &RULES).unwrap();
    }
    let more = apply(&case, Move::Say { text: text(), file: file() }, &investigator(), DAY, &RULES);
    assert_eq!(more.err(), Some(MoveRefused::TooManyFiles { most: RULES.files }));
    assert!(apply(&case, Move::Say { text: text(), file: None }, &investigator(), DAY, &RULES).is_ok());
    assert_eq!(case.sent_files().count(), usize::from(RULES.files));
    assert_eq!(case.history.last().map(|event| event.reason.as_str()), Some("10m"), "about how large");
}
