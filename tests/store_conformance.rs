//! What every engine must do under the store's doors. Run for sled, for a map in memory, and for PostgreSQL where it
//! is installed.

mod store_support;

use mifeng::recipients::Places;
use mifeng::{
    award::{
        record::{Award, AwardRefused, Ending},
        release::ReleaseRefused,
    },
    casework::{
        CaseFile, Copy, Message, MessageText, MoveRefused, Retaliation, SentFile, SizeClass, State, Who,
    },
    ids::{BlobId, CaseNumber, StaffId},
    log::{
        Event, Leaf, NodeId, PublicKind,
        tree::{leaf_hash, verify_consistency, verify_inclusion},
    },
    mailbox,
    store::{
        Account, Cases, FileKind, MOST_VIEWS, OpenRefused, PublicLog, Refused, Released, Reports, Rewards,
        Staff, Step, Store, TrailEntry, Trustees, View, Views, Wanted,
        engine::{Engine, SLOT},
        retention::RetentionKeys,
        sled::SledEngine,
    },
};
use std::{path::Path, sync::Arc};
use store_support::*;

/// One story, told to every engine. `reopen` gives the store again after a stop.
fn on_every_engine(story: impl Fn(&dyn Fn() -> Store, &Path)) {
    let folder = tempfile::tempdir().unwrap();
    let (data, keys) = (folder.path().join("data"), folder.path().join("keys"));
    story(&|| open(Arc::new(once_free(&data)), &keys).unwrap(), &keys);

    let folder = tempfile::tempdir().unwrap();
    let memory: Arc<dyn Engine> = Arc::new(MemoryEngine::default());
    story(&|| open(memory.clone(), folder.path()).unwrap(), folder.path());

    if let Some(server) = postgres::server() {
        let folder = tempfile::tempdir().unwrap();
        let database = server.database();
        story(&|| open(Arc::new(database.engine()), folder.path()).unwrap(), folder.path());
    }
}

/// A thread of sled's own may hold the folder a moment longer than the store that was dropped.
fn once_free(data: &Path) -> SledEngine {
    for _ in 0..200 {
        match SledEngine::open(data) {
            Err(OpenRefused::InUse(_)) => std::thread::sleep(std::time::Duration::from_millis(25)),
            opened => return opened.unwrap(),
        }
    }
    panic!("{} is held for ever", data.display())
}

fn number(serial: u32) -> CaseNumber {
    CaseNumber { year: 2026, serial }
}

#[test]
fn a_report_is_found_whole_by_its_receipt_and_still_after_a_restart() {
    on_every_engine(|reopen, _| {
        let store = reopen();
        assert_eq!(store.submit(submission(1)).wait().unwrap(), number(1));
        assert_eq!(store.submit(submission(2)).wait().unwrap(), number(2));
        let head = store.head();
        drop(store);
        let store = reopen();
        let found = store.find(&locator(1), &auth(1)).unwrap().unwrap();
        assert_eq!(found.report, report(1));
        assert_eq!(found.dossier.case.number, number(1));
        assert_eq!(found.dossier.case.content.narrative, "narrative 1");
        assert_eq!(found.files_recipient, "age1files1");
        assert_eq!((found.sequence, found.additions_left), (0, 16));
        assert_eq!(store.head(), head);
        assert_eq!(head.size, 2);
        assert!(store.find(&locator(3), &auth(3)).unwrap().is_none());
        assert!(store.find(&locator(1), &auth(2)).unwrap().is_none(), "a wrong proof finds nothing");
        assert!(Cases::case(&store, number(2)).unwrap().is_some());
        assert!(Cases::case(&store, number(3)).unwrap().is_none());
    });
}

#[test]
fn what_was_announced_last_is_known_by_its_kind_and_still_after_a_restart() {
    on_every_engine(|reopen, _| {
        let store = reopen();
        let day = jiff::civil::date(2026, 11, 26);
        assert_eq!(store.announced(PublicKind::Script).unwrap(), None);
        store.announce(PublicKind::Script, 1, day, [1; 32]).wait().unwrap();
        store.announce(PublicKind::RecipientSet, 4, day, [4; 32]).wait().unwrap();
        store.announce(PublicKind::Script, 2, day, [2; 32]).wait().unwrap();
        drop(store);
        let store = reopen();
        let last = |kind| store.announced(kind).unwrap().map(|last| (last.number, last.day, last.digest));
        assert_eq!(last(PublicKind::Script), Some((2, day, [2; 32])));
        assert_eq!(last(PublicKind::RecipientSet), Some((4, day, [4; 32])));
        assert_eq!(store.head().size, 3);
        assert_eq!(store.check().unwrap().problems, Vec::<String>::new());
    });
}

#[test]
fn sending_the_same_report_twice_makes_one_case() {
    on_every_engine(|reopen, _| {
        let store = reopen();
        let first = store.submit(submission(1));
        let second = store.submit(submission(1));
        assert_eq!((first.wait().unwrap(), second.wait().unwrap()), (number(1), number(1)));
        let mut other_receipt = submission(1);
        other_receipt.locator = locator(9);
        assert!(matches!(store.submit(other_receipt).wait(), Err(Refused::ReportIdTaken)));
        let mut same_receipt = submission(2);
        same_receipt.locator = locator(1);
        assert!(matches!(store.submit(same_receipt).wait(), Err(Refused::LocatorTaken)));
        assert_eq!(store.head().size, 1);
        assert_eq!(store.select(&|_| true, &|a, b| a.number.cmp(&b.number), 0, 9).total, 1);
    });
}

#[test]
fn later_envelopes_are_kept_beside_the_first_and_end_at_sixteen() {
    on_every_engine(|reopen, _| {
        let store = reopen();
        store.submit(submission(1)).wait().unwrap();
        for n in 0..16 {
            let more = Step { sealed: Some(sealed(100 + n)), ..add("more") };
            store.act(report(1), more).wait().unwrap();
        }
        let more = Step { sealed: Some(sealed(200)), ..add("too many") };
        assert!(matches!(store.act(report(1), more).wait(), Err(Refused::TooManyAdditions)));
        let found = store.find(&locator(1), &auth(1)).unwrap().unwrap();
        assert_eq!(found.dossier.case.additions.len(), 16);
        assert_eq!((found.additions_left, found.files_recipient.as_str()), (0, "age1files115"));
        assert_eq!(store.head().size, 17);
        let release = Authority::new().release(1, |terms| Some(announcing(terms)));
        Rewards::change(&store, number(1), release).wait().unwrap();
        let envelopes = Rewards::envelopes(&store, number(1), Released::Award).unwrap();
        let given: Vec<_> = std::iter::once(1).chain(100..116).map(|n| sealed(n).envelope).collect();
        assert_eq!(envelopes, given);
    });
}

#[test]
fn after_sixteen_additions_there_is_a_place_for_the_withdrawal_and_one_for_the_claim() {
    on_every_engine(|reopen, _| {
        let store = reopen();
        for n in [1, 2] {
            store.submit(submission(n)).wait().unwrap();
            for more in 0..16 {
                let more = Step { sealed: Some(sealed(100 + more)), ..add("more") };
                store.act(report(n), more).wait().unwrap();
            }
        }
        let withdraw = || Step { sealed: Some(sealed(300)), ..withdraw() };
        store.act(report(1), withdraw()).wait().unwrap();
        assert!(store.act(report(1), withdraw()).wait().is_err(), "once");
        let found = store.find(&locator(1), &auth(1)).unwrap().unwrap();
        assert_eq!(found.dossier.case.state.code(), "withdrawn");
        assert_eq!(found.files_recipient, "age1files300", "and it carries an envelope");

        let claim = Authority::new().claim(2);
        store.act(report(2), Step { sealed: Some(sealed(301)), ..claim }).wait().unwrap();
        let found = store.find(&locator(2), &auth(2)).unwrap().unwrap();
        assert_eq!(found.files_recipient, "age1files301");
    });
}

#[test]
fn a_change_on_an_old_version_or_a_refused_move_leaves_everything_as_it_was() {
    on_every_engine(|reopen, _| {
        let store = reopen();
        store.submit(submission(1)).wait().unwrap();
        let changed = Cases::change(&store, number(1), Step { expected_version: Some(1), ..add("a") });
        assert_eq!(changed.wait().unwrap().version, 2);
        let stale = Cases::change(&store, number(1), Step { expected_version: Some(1), ..add("b") });
        assert!(matches!(stale.wait(), Err(Refused::Changed)));
        let refused = step(|dossier| {
            dossier.case.additions.clear();
            Err(MoveRefused::NotTheOwner.into())
        });
        let refused = Cases::change(&store, number(1), Step { sealed: Some(sealed(5)), ..refused });
        assert!(matches!(refused.wait(), Err(Refused::Move(MoveRefused::NotTheOwner))));
        let other = step(|dossier| {
            dossier.case.number.serial = 7;
            Ok(None)
        });
        assert!(matches!(Cases::change(&store, number(1), other).wait(), Err(Refused::OtherCase)));
        let missing = Cases::change(&store, number(9), add("c"));
        assert!(matches!(missing.wait(), Err(Refused::NoSuchCase)));
        assert!(matches!(store.act(report(9), add("c")).wait(), Err(Refused::NoSuchReport)));
        let found = store.find(&locator(1), &auth(1)).unwrap().unwrap();
        assert_eq!((found.dossier.case.additions.len(), found.additions_left), (1, 16));
        assert_eq!(store.head().size, 2);
    });
}

#[test]
fn views_are_their_owners_and_are_read_anew_after_each_change() {
    on_every_engine(|reopen, _| {
        let store = reopen();
        let (li, wang) = (StaffId("li".into()), StaffId("wang".into()));
        let view = |owner: &StaffId| View {
            id: 0,
            name: "待分派".into(),
            query: "owner=nobody".into(),
            owner: owner.clone(),
            team: None,
        };
        assert!(store.views().unwrap().is_empty());
        let id = store.keep_view(view(&li)).wait().unwrap();
        assert_eq!((id, store.views().unwrap().len()), (1, 1));
        assert!(matches!(store.forget_view(id, &wang).wait(), Err(Refused::NoSuchView)));
        let taken = |view: View| Ok(View { id: 99, owner: StaffId("wang".into()), ..view });
        store.change_view(id, Box::new(taken)).wait().unwrap();
        assert_eq!((store.views().unwrap()[0].id, &store.views().unwrap()[0].owner), (id, &wang));
        drop(store);
        let store = reopen();
        assert_eq!(store.views().unwrap()[0].owner, wang);
        store.forget_view(id, &wang).wait().unwrap();
        assert!(store.views().unwrap().is_empty());
        assert!(matches!(store.change_view(id, Box::new(Ok)).wait(), Err(Refused::NoSuchView)));
        for _ in 0..MOST_VIEWS {
            store.keep_view(view(&li)).wait().unwrap();
        }
        assert!(matches!(store.keep_view(view(&li)).wait(), Err(Refused::TooManyViews)));
        assert!(store.keep_view(view(&wang)).wait().is_ok());
    });
}

/// Drawn up in one pass, each list is what it is alone.
#[test]
fn several_lists_at_once_are_those_they_are_one_by_one() {
    on_every_engine(|reopen, _| {
        let store = reopen();
        for n in 1..=9 {
            store.submit(submission(n)).wait().unwrap();
        }
        type Row = mifeng::casework::CaseSummary;
        let newest = |a: &Row, b: &Row| b.number.cmp(&a.number);
        let wanted = |least: u32, skip, most| Wanted {
            matches: Box::new(move |row: &Row| row.number.serial >= least),
            order: Box::new(newest),
            skip,
            most,
        };
        let asked = std::cell::Cell::new(0);
        let known = |row: &Row| {
            asked.set(asked.get() + 1);
            row.number.serial != 8
        };
        let found =
            store.lists(&known, &[wanted(4, 0, 2), wanted(6, 1, 9), wanted(1, 0, 0), wanted(100, 0, 9)]);
        let serials =
            |page: &mifeng::store::Page| page.rows.iter().map(|row| row.number.serial).collect::<Vec<_>>();
        assert_eq!(found.iter().map(|page| page.total).collect::<Vec<_>>(), [5, 3, 8, 0]);
        assert_eq!(found.iter().map(serials).collect::<Vec<_>>(), [vec![9, 7], vec![7, 6], vec![], vec![]]);
        assert_eq!(asked.get(), 9, "once a row");
    });
}

#[test]
fn lists_show_what_was_changed_in_the_order_and_page_asked_for() {
    on_every_engine(|reopen, _| {
        let store = reopen();
        for n in 1..=7 {
            store.submit(submission(n)).wait().unwrap();
        }
        Cases::change(&store, number(3), add("word")).wait().unwrap();
        let newest =
            |a: &mifeng::casework::CaseSummary, b: &mifeng::casework::CaseSummary| b.number.cmp(&a.number);
        let page = store.select(&|row| row.number.serial != 5, &newest, 1, 3);
        assert_eq!(page.total, 6);
        assert_eq!(page.rows.iter().map(|row| row.number.serial).collect::<Vec<_>>(), [6, 4, 3]);
        assert_eq!(page.rows[2].version, 2);
        let equal = store.select(&|_| true, &|_, _| std::cmp::Ordering::Equal, 5, 100);
        assert_eq!(equal.rows.iter().map(|row| row.number.serial).collect::<Vec<_>>(), [6, 7]);
        assert!(store.select(&|_| true, &newest, 50, 10).rows.is_empty());
        assert!(store.select(&|_| true, &newest, 0, 0).rows.is_empty());
    });
}

#[test]
fn files_come_back_byte_for_byte_and_the_console_gets_cleaned_copies_only() {
    on_every_engine(|reopen, _| {
        let store = reopen();
        store.submit(submission(1)).wait().unwrap();
        for len in [0, 1, 32_767, 32_768, 32_769, 200_001] {
            let bytes: Vec<u8> = (0..len).map(|i: u32| (i % 251) as u8).collect();
            let mut original = store.begin_file(report(1), FileKind::Original { sequence: 0 }).unwrap();
            let media = "image/png".to_owned();
            let mut copy = store.begin_file(report(1), FileKind::Cleaned { media }).unwrap();
            for part in bytes.chunks(10_007) {
                store.append(&mut original, part).wait().unwrap();
            }
            store.append(&mut copy, &bytes).wait().unwrap();
            let ids = (original.blob(), copy.blob());
            store.attach(vec![original, copy], add("a file")).wait().unwrap();
            let whole = |file: mifeng::store::FileBytes| {
                let len = file.record().len;
                let bytes = file.collect::<Result<Vec<_>, _>>().unwrap().concat();
                assert_eq!(bytes.len() as u64, len);
                bytes
            };
            assert_eq!(whole(store.cleaned_copy(number(1), ids.1).unwrap()), bytes, "{len}");
            assert_eq!(whole(store.original(number(1), ids.0).unwrap()), bytes, "{len}");
            assert!(matches!(store.cleaned_copy(number(1), ids.0), Err(Refused::NoSuchFile)));
            assert!(matches!(store.original(number(1), ids.1), Err(Refused::NoSuchFile)));
        }
        assert_eq!(store.originals(number(1)).unwrap().len(), 6);
    });
}

#[test]
fn a_removed_file_is_gone_with_its_copy_and_written_over() {
    // Slots that hold anything, where the engine keeps them in a file.
    let held = |keys: &Path| {
        let volume = std::fs::read(keys.with_file_name("data").join("files.sealed")).ok()?;
        Some(volume.chunks(SLOT).filter(|slot| slot.iter().any(|byte| *byte != 0)).count())
    };
    on_every_engine(|reopen, keys| {
        let store = reopen();
        store.submit(submission(1)).wait().unwrap();
        let attach = |byte: u8| {
            let media = "image/png".to_owned();
            let mut original = store.begin_file(report(1), FileKind::Original { sequence: 0 }).unwrap();
            let mut copy = store.begin_file(report(1), FileKind::Cleaned { media: media.clone() }).unwrap();
            store.append(&mut original, &[byte; 100_000]).wait().unwrap();
            store.append(&mut copy, &[byte; 50_000]).wait().unwrap();
            let (size, copied) = (SizeClass::UpTo1M, Copy::Cleaned { blob: copy.blob(), media });
            let file = CaseFile { original: original.blob(), copy: copied, size, day: day() };
            let named = file.clone();
            let names = step(move |dossier| {
                dossier.case.files.push(named);
                Ok(None)
            });
            store.attach(vec![original, copy], names).wait().unwrap();
            file
        };
        let (gone, kept) = (attach(1), attach(2));
        assert!(matches!(held(keys), Some(12) | None), "2 × (4 + 2) chunks");
        let original = gone.original;
        let removes = step(move |dossier| {
            dossier.case.files.retain(|file| file.original != original);
            Ok(None)
        });
        store.act(report(1), removes).wait().unwrap();
        for blob in gone.blobs() {
            assert!(matches!(store.original(number(1), blob), Err(Refused::NoSuchFile)));
            assert!(matches!(store.cleaned_copy(number(1), blob), Err(Refused::NoSuchFile)));
        }
        assert_eq!(store.originals(number(1)).unwrap().len(), 1);
        assert!(matches!(held(keys), Some(12) | None), "until it is written over");
        Reports::overwrite_removed(&store).unwrap();
        assert!(matches!(held(keys), Some(6) | None));
        attach(3);
        let whole =
            |blob| store.original(number(1), blob).unwrap().collect::<Result<Vec<_>, _>>().unwrap().concat();
        assert_eq!(whole(kept.original), [2; 100_000]);
        assert_eq!(store.check().unwrap().problems, Vec::<String>::new());
        drop(store);
        assert_eq!(reopen().originals(number(1)).unwrap().len(), 2);
    });
}

#[test]
fn a_deleted_report_loses_the_files_of_both_sides_but_not_while_an_award_is_on_its_way() {
    on_every_engine(|reopen, _| {
        let store = reopen();
        let forget = || {
            step(|dossier| {
                dossier.case.erased = Some(day());
                (dossier.case.files, dossier.case.messages) = Default::default();
                dossier.case.version += 1;
                Ok(None)
            })
        };
        for n in 1..=2 {
            store.submit(submission(n)).wait().unwrap();
        }
        let mut original = store.begin_file(report(1), FileKind::Original { sequence: 0 }).unwrap();
        store.append(&mut original, &[1; 1000]).wait().unwrap();
        let (size, theirs) = (SizeClass::UpTo1M, original.blob());
        let file = CaseFile { original: theirs, copy: Copy::SealedOnly, size, day: day() };
        let names = step(move |dossier| {
            dossier.case.files.push(file);
            Ok(None)
        });
        store.attach(vec![original], names).wait().unwrap();
        let mut sent = store.begin_sending(number(1)).unwrap();
        store.keep_sending(&mut sent, &[2; 1000]).wait().unwrap();
        let ours = sent.blob();
        store.send(number(1), sent, sending(ours)).wait().unwrap();
        assert!(store.file_to_reporter(report(1), ours).is_ok());

        store.act(report(1), forget()).wait().unwrap();
        Reports::overwrite_removed(&store).unwrap();
        assert!(matches!(store.original(number(1), theirs), Err(Refused::NoSuchFile)));
        assert!(matches!(store.file_to_reporter(report(1), ours), Err(Refused::NoSuchFile)));

        let authority = Authority::new();
        Rewards::change(&store, number(2), authority.claim(2)).wait().unwrap();
        let refused = store.act(report(2), forget()).wait();
        assert!(matches!(refused, Err(Refused::Inconsistent(_))), "{refused:?}");
        assert_eq!(store.check().unwrap().problems, Vec::<String>::new());
    });
}

#[test]
fn a_file_to_the_reporter_is_theirs_alone_and_the_console_cannot_read_it_back() {
    on_every_engine(|reopen, _| {
        let store = reopen();
        store.submit(submission(1)).wait().unwrap();
        store.submit(submission(2)).wait().unwrap();
        let bytes: Vec<u8> = (0..100_001).map(|i: u32| (i % 251) as u8).collect();
        let mut file = store.begin_sending(number(1)).unwrap();
        bytes.chunks(9_973).for_each(|part| store.keep_sending(&mut file, part).wait().unwrap());
        let blob = file.blob();
        store.send(number(1), file, sending(blob)).wait().unwrap();
        assert!(matches!(store.begin_sending(number(3)), Err(Refused::NoSuchCase)));

        drop(store);
        let store = reopen();
        let read = store.file_to_reporter(report(1), blob).unwrap();
        let last = read.last_chunk().unwrap();
        let whole = read.collect::<Result<Vec<_>, _>>().unwrap().concat();
        assert!(whole == bytes && bytes.ends_with(&last) && !last.is_empty());
        assert!(matches!(store.file_to_reporter(report(2), blob), Err(Refused::NoSuchFile)));
        assert!(matches!(store.cleaned_copy(number(1), blob), Err(Refused::NoSuchFile)));
        assert!(matches!(store.original(number(1), blob), Err(Refused::NoSuchFile)));
        assert!(store.originals(number(1)).unwrap().is_empty());
        assert_eq!(store.check().unwrap().problems, Vec::<String>::new());

        // One of another case, and one that is no file to a reporter.
        let of_another = store.begin_sending(number(2)).unwrap();
        let refused = store.send(number(1), of_another, sending(blob)).wait();
        assert!(matches!(refused, Err(Refused::NoSuchFile)));
        let original = store.begin_file(report(1), FileKind::Original { sequence: 0 }).unwrap();
        assert!(matches!(store.send(number(1), original, sending(blob)).wait(), Err(Refused::NoSuchFile)));
        let as_original = store.begin_file(report(1), FileKind::Original { sequence: 0 }).unwrap();
        let id = as_original.blob();
        store.attach(vec![as_original], add("a file")).wait().unwrap();
        assert!(matches!(store.file_to_reporter(report(1), id), Err(Refused::NoSuchFile)));
    });
}

#[test]
fn a_listed_file_to_a_reporter_that_is_not_there_is_told_by_the_check() {
    on_every_engine(|reopen, _| {
        let store = reopen();
        store.submit(submission(1)).wait().unwrap();
        Cases::change(&store, number(1), sending(BlobId::from_bytes([9; 16]))).wait().unwrap();
        let problems = store.check().unwrap().problems;
        assert!(matches!(&problems[..], [one] if one.contains("a file to the reporter")), "{problems:?}");
    });
}

/// A message with this file.
fn sending(blob: BlobId) -> Step {
    let mailbox = store_support::receipt(1).mailbox();
    step(move |dossier| {
        let case = &mut dossier.case;
        case.version += 1;
        let file = SentFile { blob, size: SizeClass::UpTo1M, label: mailbox::seal("{}", &mailbox) };
        let text = MessageText::Sealed(mailbox::seal("see the file", &mailbox));
        let from = Who::Staff(StaffId("inv".into()));
        case.messages.push(Message { day: case.received, from, text, file: Some(file) });
        Ok(None)
    })
}

#[test]
fn a_file_that_was_never_attached_is_not_there() {
    on_every_engine(|reopen, _| {
        let store = reopen();
        store.submit(submission(1)).wait().unwrap();
        let begin = || store.begin_file(report(1), FileKind::Original { sequence: 0 }).unwrap();
        let mut interrupted = begin();
        store.append(&mut interrupted, &[7; 100_000]).wait().unwrap();
        let mut abandoned = begin();
        store.append(&mut abandoned, &[7; 100_000]).wait().unwrap();
        store.abandon(abandoned).wait().unwrap();
        let mut refused = begin();
        store.append(&mut refused, &[7; 100_000]).wait().unwrap();
        let no = step(|_| Err(MoveRefused::NotTheOwner.into()));
        assert!(matches!(store.attach(vec![refused], no).wait(), Err(Refused::Move(_))));
        drop(interrupted);
        drop(store);
        let store = reopen();
        assert!(store.originals(number(1)).unwrap().is_empty());
        assert_eq!(store.check().unwrap().problems, Vec::<String>::new());
    });
}

#[test]
fn nothing_sealed_leaves_the_store_before_the_release_stands_in_the_log() {
    on_every_engine(|reopen, _| {
        let store = reopen();
        let authority = Authority::new();
        store.submit(submission(1)).wait().unwrap();
        store.submit(submission(2)).wait().unwrap();
        let nothing = |serial| {
            assert!(matches!(
                Rewards::envelopes(&store, number(serial), Released::Award),
                Err(Refused::NoSuchRelease)
            ));
            assert!(matches!(
                store.share_files(number(serial), Released::Award, &Places::only(1, 1)),
                Err(Refused::NoSuchRelease)
            ));
            assert!(matches!(store.package(number(serial), Released::Award), Err(Refused::NoSuchRelease)));
        };
        nothing(1);
        let unmarked = [
            authority.release(1, |_| None),
            authority.release(1, |_| Some(Leaf::plain(Event::Filed, day()))),
            authority.release(1, |terms| Some(Leaf { digest: None, ..announcing(terms) })),
            authority.release(1, |terms| Some(Leaf { purpose: None, ..announcing(terms) })),
        ];
        for unmarked in unmarked {
            let refused = Rewards::change(&store, number(1), unmarked).wait();
            assert!(matches!(refused, Err(Refused::ReleaseWithoutLeaf)), "{refused:?}");
        }
        nothing(1);
        assert_eq!(store.head().size, 2);

        let release = authority.release(1, |terms| Some(announcing(terms)));
        Rewards::change(&store, number(1), release).wait().unwrap();
        let later = Step { sealed: Some(sealed(3)), ..add("sent after the release") };
        store.act(report(1), later).wait().unwrap();
        assert_eq!(Rewards::envelopes(&store, number(1), Released::Award).unwrap(), [sealed(1).envelope]);
        let shares = store.share_files(number(1), Released::Award, &Places::only(1, 2)).unwrap();
        assert_eq!(shares.len(), 1, "only what the release covers");
        assert_eq!(shares[0].file, sealed(1).share_files[1]);
        assert_eq!(shares[0].envelope, sealed(1).envelope.hash());
        nothing(2);
        let entry = &store.entries(2, 3).unwrap()[0];
        assert_eq!(entry.open(&audit_key(1), 1).unwrap().event, Event::Release);
        assert_eq!(store.find(&locator(1), &auth(1)).unwrap().unwrap().log_places, [0, 2, 3]);
    });
}

#[test]
fn a_release_takes_one_share_a_trustee_and_keeps_its_first_package() {
    on_every_engine(|reopen, _| {
        let store = reopen();
        let authority = Authority::new();
        store.submit(submission(1)).wait().unwrap();
        let release = authority.release(1, |terms| Some(announcing(terms)));
        Rewards::change(&store, number(1), release).wait().unwrap();
        let award = || Trustees::award(&store, number(1)).unwrap().unwrap();
        let given = award();
        let deposit = |trustee| {
            let deposit = authority.deposit(&given, trustee);
            store.deposit(number(1), deposit, authority.set.clone(), day()).wait()
        };
        deposit(1).unwrap();
        assert!(matches!(deposit(1), Err(Refused::Award(AwardRefused::Release(ReleaseRefused::Twice(1))))));
        deposit(3).unwrap();
        assert_eq!(award().state().name(), "released");
        assert_eq!(Rewards::awards(&store)[0].deposits, 2);
        drop(store.keep_package(number(1), Released::Award, "first".into()).wait().unwrap());
        let again = store.keep_package(number(1), Released::Award, "second".into()).wait().unwrap();
        assert_eq!(again, "first");
        assert_eq!(store.package(number(1), Released::Award).unwrap().as_deref(), Some("first"));
        assert_eq!(store.check().unwrap().problems, Vec::<String>::new());
    });
}

#[test]
fn once_an_outcome_stands_neither_shares_nor_package_are_kept() {
    on_every_engine(|reopen, _| {
        let store = reopen();
        let authority = Authority::new();
        store.submit(submission(1)).wait().unwrap();
        let release = authority.release(1, |terms| Some(announcing(terms)));
        Rewards::change(&store, number(1), release).wait().unwrap();
        let award = || Trustees::award(&store, number(1)).unwrap().unwrap();
        for trustee in [1, 3] {
            let deposit = authority.deposit(&award(), trustee);
            store.deposit(number(1), deposit, authority.set.clone(), day()).wait().unwrap();
        }
        drop(store.keep_package(number(1), Released::Award, "sealed".into()).wait().unwrap());
        let ending = |by: &'static str, end: fn(&Award, &StaffId) -> Result<Award, AwardRefused>| {
            let step = step(move |dossier| {
                let award = dossier.awards.last_mut().unwrap();
                *award = end(award, &StaffId(by.into()))?;
                Ok(None)
            });
            Rewards::change(&store, number(1), step).wait().unwrap();
        };
        ending("li", |award, by| award.record(Ending::Unreadable, by, day()));
        assert_eq!(
            store.package(number(1), Released::Award).unwrap().as_deref(),
            Some("sealed"),
            "one officer alone ends nothing"
        );
        assert_eq!(award().release().unwrap().deposits.len(), 2);
        ending("wang", |award, by| award.confirm(by, day()));
        assert!(award().is_ended());
        assert!(award().release().unwrap().deposits.is_empty());
        assert_eq!(store.package(number(1), Released::Award).unwrap(), None);
        drop(store);
        let store = reopen();
        assert_eq!(store.package(number(1), Released::Award).unwrap(), None, "nor after a restart");
        assert_eq!(store.check().unwrap().problems, Vec::<String>::new());
    });
}

#[test]
fn the_log_grows_with_the_records_and_proves_every_entry() {
    on_every_engine(|reopen, _| {
        let store = reopen();
        let mut heads = vec![];
        for n in 1..=11 {
            store.submit(submission(n)).wait().unwrap();
            heads.push(store.head());
        }
        let head = store.head();
        for (index, entry) in (0..).zip(store.entries(0, u64::MAX).unwrap()) {
            let path = store.inclusion_proof(index, head.size).unwrap();
            verify_inclusion(leaf_hash(entry.as_bytes()), index, head.size, &path, head.root).unwrap();
            entry.open(&audit_key(index + 1), 0).unwrap();
        }
        for older in heads {
            let proof = store.consistency_proof(older.size, head.size).unwrap();
            verify_consistency((older.size, older.root), (head.size, head.root), &proof).unwrap();
        }
        assert!(store.node(NodeId { level: 3, index: 0 }).is_some());
        assert!(store.node(NodeId { level: 3, index: 1 }).is_none(), "not complete");
        assert!(store.node(NodeId { level: 63, index: u64::MAX }).is_none());
        assert!(matches!(store.inclusion_proof(0, head.size + 1), Err(Refused::NotPublished)));
        assert!(store.checkpoint().unwrap().is_none());
        store.keep_checkpoint(b"note".to_vec()).wait().unwrap();
        assert_eq!(store.checkpoint().unwrap().unwrap(), b"note");
    });
}

#[test]
fn a_one_time_code_is_taken_once_and_failures_add_up() {
    on_every_engine(|reopen, _| {
        let store = reopen();
        let id = StaffId("wang".into());
        let account = Account {
            id: id.clone(),
            name: "王".into(),
            roles: Default::default(),
            body: String::new(),
            trustee: Some(1),
            password: "$argon2id$…".into(),
            totp_secret: "S".into(),
            totp_step: 0,
            disabled: false,
            must_change_password: false,
            signing_key: None,
            ways: Default::default(),
        };
        assert!(matches!(store.spend_totp(&id, 5).wait(), Err(Refused::NoSuchAccount)));
        store.put_account(account).wait().unwrap();
        store.spend_totp(&id, 5).wait().unwrap();
        assert!(matches!(store.spend_totp(&id, 5).wait(), Err(Refused::CodeSpent)));
        assert!(matches!(store.spend_totp(&id, 4).wait(), Err(Refused::CodeSpent)));
        drop(store);
        let store = reopen();
        assert_eq!(store.account(&id).unwrap().unwrap().totp_step, 5);
        assert_eq!(store.accounts().unwrap().len(), 1);
        let now = store.account(&id).unwrap().unwrap();
        let other = Account { id: StaffId("other".into()), ..now.clone() };
        let put_out = now.clone().without_sessions();
        assert!(matches!(store.new_account_by(&put_out, other.clone()).wait(), Err(Refused::Changed)));
        assert!(store.account(&other.id).unwrap().is_none(), "by nobody who was put out");
        assert!(matches!(store.new_account_by(&now, now.clone()).wait(), Err(Refused::AccountTaken)));
        let disable = |now| Ok(Account { disabled: true, ..now });
        store.change_account(&id, Box::new(disable)).wait().unwrap();
        assert!(matches!(
            store.change_account(&id, Box::new(|_| Err(Refused::Changed))).wait(),
            Err(Refused::Changed)
        ));
        let now = store.account(&id).unwrap().unwrap();
        assert_eq!((now.disabled, now.totp_step), (true, 5));
        let count = |at| {
            let before =
                store.count_attempt("nobody", at, |before, _| i64::from(before.count) - 1).wait().unwrap();
            (before.count, before.last)
        };
        assert_eq!([count(100), count(160), count(170), count(180)], [(0, 0), (1, 100), (2, 160), (2, 160)]);
        store.clear_failures("nobody").wait().unwrap();
        assert_eq!(count(190), (0, 0));
    });
}

#[test]
fn every_reading_stays_in_the_trail() {
    on_every_engine(|reopen, _| {
        let store = reopen();
        let entry = |at, serial| TrailEntry {
            at,
            by: StaffId("wang".into()),
            what: "case".into(),
            case: Some(number(serial)),
            account: None,
            change: String::new(),
        };
        for (at, serial) in [(1, 1), (2, 2), (3, 1)] {
            let number = Cases::note_read(&store, entry(at, serial)).wait().unwrap();
            assert_eq!(i64::try_from(number), Ok(at), "numbered from 1");
        }
        drop(store);
        let store = reopen();
        assert_eq!(store.trail(&|_, _| true, 2).unwrap(), [(3, entry(3, 1)), (2, entry(2, 2))]);
        let of_one = store.trail(&|_, entry| entry.case == Some(number(1)), 9).unwrap();
        assert_eq!(of_one, [(3, entry(3, 1)), (1, entry(1, 1))]);
    });
}

#[test]
fn destroying_a_month_s_key_forgets_what_was_due_and_nothing_else() {
    on_every_engine(|reopen, keys| {
        let store = reopen();
        store.submit(submission(1)).wait().unwrap();
        let mut later = submission(2);
        later.forget = mifeng::store::Month::of(jiff::civil::date(2036, 1, 1));
        store.submit(later).wait().unwrap();
        drop(store);
        destroy(keys, "2031-11");
        let store = reopen();
        assert!(matches!(store.find(&locator(1), &auth(1)), Err(Refused::Forgotten(_))));
        assert!(Cases::case(&store, number(1)).unwrap().is_none());
        assert!(store.find(&locator(2), &auth(2)).unwrap().is_some());
        assert!(
            matches!(store.submit(submission(3)).wait(), Err(Refused::Forgotten(_))),
            "the key came back"
        );
        let report = store.check().unwrap();
        assert_eq!((report.problems.len(), report.forgotten), (0, 1), "{:?}", report.problems);
    });
}

#[test]
fn a_case_that_outlives_its_month_is_kept_until_the_later_one_and_then_forgotten() {
    let month = |year| mifeng::store::Month::of(jiff::civil::date(year, 5, 1));
    on_every_engine(|reopen, keys| {
        let store = reopen();
        store.keep_until(move |dossier| month(if dossier.case.additions.len() < 2 { 2036 } else { 2030 }));
        for n in 1..=2 {
            store.submit(submission(n)).wait().unwrap();
        }
        let mut upload = store.begin_file(report(1), FileKind::Original { sequence: 0 }).unwrap();
        store.append(&mut upload, b"sealed bytes").wait().unwrap();
        store.attach(vec![upload], add("worked on")).wait().unwrap();
        // Nothing is ever due earlier than it was.
        store.act(report(1), add("a rule that gives an earlier month")).wait().unwrap();
        drop(store);
        destroy(keys, "2031-11");
        let store = reopen();
        let found = store.find(&locator(1), &auth(1)).unwrap().unwrap();
        assert_eq!(found.dossier.case.additions.len(), 2);
        assert_eq!(Rewards::originals(&store, number(1)).unwrap().len(), 1);
        assert!(
            matches!(store.find(&locator(2), &auth(2)), Err(Refused::Forgotten(_))),
            "nobody worked on it"
        );
        assert_eq!(store.check().unwrap().problems, Vec::<String>::new());
        drop(store);
        destroy(keys, "2036-05");
        let store = reopen();
        assert!(matches!(store.find(&locator(1), &auth(1)), Err(Refused::Forgotten(m)) if m == month(2036)));
    });
}

#[test]
fn a_case_that_has_ended_is_kept_no_longer_than_its_end_says() {
    let month = |year| mifeng::store::Month::of(jiff::civil::date(year, 5, 1));
    on_every_engine(|reopen, keys| {
        let store = reopen();
        store.keep_until(move |_| month(2028));
        for n in 1..=2 {
            store.submit(submission(n)).wait().unwrap();
        }
        let end = |n: u64, suffers: bool| {
            let change = step(move |dossier| {
                dossier.case.state = State::Withdrawn;
                dossier.case.retaliations.extend(suffers.then(|| Retaliation {
                    day: day(),
                    text: "调岗".into(),
                    answer_by: day(),
                    answered: None,
                }));
                dossier.case.version += 1;
                Ok(None)
            });
            store.act(report(n), change).wait().unwrap();
        };
        end(1, false);
        end(2, true);
        drop(store);
        destroy(keys, "2028-05");
        let store = reopen();
        assert!(matches!(store.find(&locator(1), &auth(1)), Err(Refused::Forgotten(m)) if m == month(2028)));
        assert!(store.find(&locator(2), &auth(2)).unwrap().is_some(), "something in it is open");
        assert_eq!(store.check().unwrap().problems, Vec::<String>::new());
    });
}

#[test]
fn another_instance_another_root_key_or_an_unknown_schema_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let engine: Arc<dyn Engine> = Arc::new(MemoryEngine::default());
    drop(open(engine.clone(), folder.path()).unwrap());
    let refused = |instance: &str, root: &str| {
        let roots = mifeng::store::at_rest::RootKeys::parse(&format!("mifeng-root-1 {}", root.repeat(32)));
        let instance = mifeng::ids::Instance(instance.into());
        Store::open(
            engine.clone(),
            &instance,
            &roots.unwrap(),
            RetentionKeys::open(folder.path(), clock()).unwrap(),
        )
        .err()
    };
    assert!(refused("test", "5a").is_none());
    assert!(matches!(refused("test", "11"), Some(OpenRefused::OtherRootKey)));
    assert!(matches!(refused("other", "5a"), Some(OpenRefused::OtherInstance)));
    let mut newer = mifeng::store::engine::Writes::default();
    newer.set(mifeng::store::engine::Tree::Meta, b"schema".to_vec(), Some(2u32.to_be_bytes().to_vec()));
    engine.apply(&newer).unwrap();
    assert!(matches!(refused("test", "5a"), Some(OpenRefused::UnknownSchema(2))));
}

#[test]
fn a_second_opening_of_the_same_folder_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let _first = SledEngine::open(folder.path()).unwrap();
    let second = SledEngine::open(folder.path()).err().unwrap();
    assert!(matches!(second, OpenRefused::InUse(_)), "{second}");
}

#[test]
fn likely_repeats_are_the_same_after_a_restart_and_a_deleted_report_is_none() {
    let rules = mifeng::policy::Policy::load("policy".as_ref()).unwrap().repeats;
    let of = |store: &Store, n| Cases::repeats(store, number(n)).iter().map(|r| r.case).collect::<Vec<_>>();
    let flagged = |store: &Store| {
        let mut found = Vec::new();
        store.each(&mut |row| found.extend(row.likely_repeat.then_some(row.number)));
        found
    };
    on_every_engine(|reopen, _| {
        let store = reopen();
        // Before the store is told how to compare: made anew at the next start.
        store.submit(submission_of(1, "储罐区的报警器被人关掉了，班长说是检修。")).wait().unwrap();
        assert!(
            of(&store, 1).is_empty()
                && store.find(&locator(1), &auth(1)).unwrap().unwrap().dossier.case.sketch.is_none()
        );
        store.compare_matters(rules.clone()).unwrap();
        store.submit(submission_of(2, "储罐区的报警器被人关掉了，班长说是检修。")).wait().unwrap();
        assert_eq!((of(&store, 2), flagged(&store)), (vec![number(1)], vec![number(2)]));
        assert!(store.find(&locator(2), &auth(2)).unwrap().unwrap().dossier.case.sketch.is_some());
        drop(store);

        let store = reopen();
        assert!(of(&store, 2).is_empty() && flagged(&store).is_empty(), "nobody said how to compare");
        store.compare_matters(rules.clone()).unwrap();
        assert_eq!(
            (of(&store, 1), of(&store, 2), flagged(&store)),
            (vec![], vec![number(1)], vec![number(2)])
        );
        // Another list of company ends: sketches kept under the old one are not compared with new ones.
        drop(store);
        let mut other = rules.clone();
        other.suffixes.push("厂".into());
        let store = reopen();
        store.compare_matters(other).unwrap();
        store.submit(submission_of(3, "储罐区的报警器被人关掉了，班长说是检修。")).wait().unwrap();
        assert_eq!(of(&store, 3), [number(2), number(1)]);

        let erase = step(|dossier| {
            let policy = mifeng::policy::Policy::load("policy".as_ref()).unwrap();
            let rules = mifeng::casework::Rules::of(&policy);
            let wish = mifeng::casework::Move::AskDeletion { text: String::new() };
            dossier.case = mifeng::casework::apply(
                &dossier.case,
                wish,
                &mifeng::casework::Actor::Reporter,
                day(),
                &rules,
            )?;
            Ok(None)
        });
        store.act(report(2), erase).wait().unwrap();
        assert_eq!((of(&store, 3), of(&store, 2)), (vec![number(1)], vec![]));
        assert!(store.find(&locator(2), &auth(2)).unwrap().unwrap().dossier.case.sketch.is_none());
        assert_eq!(store.check().unwrap().problems, Vec::<String>::new());
    });
}
