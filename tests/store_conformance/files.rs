//! Files: originals, cleaned copies, and those to a reporter.

use super::*;

#[test]
fn files_come_back_byte_for_byte_and_the_console_gets_cleaned_copies_only() {
    on_every_place(|reopen, _| {
        let store = reopen();
        store.submit(submission(1)).wait().unwrap();
        // Without a chunk, about one chunk, about one object and about two.
        for len in [0, 1, 32_767, 32_768, 32_769, 200_001, 262_143, 262_144, 262_145, 524_288, 600_001] {
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
            // From the midst of it, at both sides of a chunk's and an object's edge.
            for at in [0, 1, 32_767, 32_768, 40_000, 262_143, 262_144, 300_000, 524_288, len, len + 40_000] {
                let copy = store.cleaned_copy(number(1), ids.1).unwrap();
                let (rest, before) = copy.beginning_at(u64::from(at));
                let rest = rest.collect::<Result<Vec<_>, _>>().unwrap().concat();
                let there = bytes.get(at as usize..).unwrap_or_default();
                assert_eq!(rest.get(before..).unwrap_or_default(), there, "{len} from {at}");
                assert!(rest.len() < there.len() + 32_768, "{len} from {at}: no chunk before it is read");
            }
            assert!(matches!(store.cleaned_copy(number(1), ids.0), Err(Refused::NoSuchFile)));
            assert!(matches!(store.original(number(1), ids.1), Err(Refused::NoSuchFile)));
        }
        assert_eq!(store.originals(number(1)).unwrap().len(), 11);
    });
}

#[test]
fn a_removed_file_is_gone_with_its_copy_and_written_over() {
    // Slots that hold anything, where the engine keeps them in a file.
    let held = |keys: &Path| {
        let volume = std::fs::read(keys.with_file_name("data").join("files.sealed")).ok()?;
        Some(volume.chunks(SLOT).filter(|slot| slot.iter().any(|byte| *byte != 0)).count())
    };
    on_every_place(|reopen, keys| {
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
    on_every_place(|reopen, _| {
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
    on_every_place(|reopen, _| {
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
    on_every_place(|reopen, _| {
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
    on_every_place(|reopen, _| {
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
