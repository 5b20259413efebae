//! Originals of sample cases: one asked for and waiting for its reporter, one that can be opened, one whose edited copy has
//! joined. The picture is drawn here; nobody is on it.

use super::{Failed, Filling, Made};
use crate::{
    award::release::Deposit,
    casework::{Actor, CaseFile, Copy, Move, Permission, SizeClass, apply},
    cleartext::{
        clean::{CleanLimits, clean},
        files::{FilePlace, FileSealer},
    },
    clock::Day,
    evidence::{Change, EditedCopy, FilesEnd, FilesRequest, FilesTerms, Measure, Told, Use},
    ids::StaffId,
    log::Leaf,
    sealed_file::{ChunkSink, SinkRefused},
    signing::SigningKey,
    store::{Cases, Dossier, FileKind, Place, Refused, Reports, Rewards, Step, Store, Upload},
};
use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};
use serde::Deserialize;

/// How far the request for a sample case's original has come.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Originals {
    /// Its reporter can still stop it.
    Asked,
    /// The days to object are over.
    Ready,
    /// An edited copy has joined the case.
    Joined,
}

const NEED: &str = "清理后的副本看不清设备铭牌，检测机构需要原始照片核对编号和拍摄时间。";
const NAME: &str = "IMG_0417.png";

impl Filling<'_> {
    /// A photo with the report, as the page without script takes it.
    pub(super) fn attach(&self, made: &Made, day: Day) -> Result<(), Failed> {
        let picture = picture();
        let found =
            self.store.find(&made.receipt.locator(), &made.receipt.auth())?.ok_or("no such report")?;
        let original = self.store.begin_file(made.report, FileKind::Original { sequence: found.sequence })?;
        let place = FilePlace { report: made.report, blob: original.blob() };
        let sink = ToStore { store: self.store, upload: original };
        let mut sealer = FileSealer::begin(place, &found.files_recipient, NAME, "image/png", u64::MAX, sink)?;
        sealer.push(&picture)?;
        let (sealed, sink) = sealer.finish()?;
        let cleaned = clean(&picture, &CleanLimits::default())?;
        let media = cleaned.media_type.to_owned();
        let mut copy = self.store.begin_file(made.report, FileKind::Cleaned { media: media.clone() })?;
        self.store.append(&mut copy, &cleaned.bytes).wait()?;
        let file = CaseFile {
            original: place.blob,
            copy: Copy::Cleaned { blob: copy.blob(), media },
            size: SizeClass::of(sealed.bytes),
            day,
        };
        let rules = self.rules.clone();
        let change = Box::new(move |dossier: &mut Dossier, _: &Place| {
            dossier.case = apply(&dossier.case, Move::Attach { file }, &Actor::Reporter, day, &rules)?;
            Ok(None)
        });
        let step = Step { expected_version: None, sealed: None, change };
        self.store.attach(vec![sink.upload, copy], step).wait()?;
        Ok(())
    }

    pub(super) fn ask_original(&self, made: &Made, login: &str, day: Day) -> Result<(), Failed> {
        let case = self.store.case(made.number)?.ok_or("the case is gone")?.case;
        let original = case.files.first().ok_or("no file to ask for")?.original;
        let seal = self.store.seal_of(made.number, original)?;
        let (actor, rules, by) = (self.actor(login)?, self.rules.clone(), StaffId(login.into()));
        let terms = FilesTerms {
            instance: self.keys.set.instance().clone(),
            report: made.report,
            case: made.number,
            request: 1,
            original,
            sealed: seal.sealed,
            envelope: seal.envelope,
            needed_for: Use::Investigation,
            need: NEED.into(),
            asked_by: by,
            asked: day,
            object_until: rules.evidence.object.after(day),
            good_until: rules.evidence.good.after(day),
        };
        self.evidence(made, move |dossier, place| {
            let leaf = terms.asked_leaf();
            let told = Told { leaf_index: place.index, leaf_n: place.n };
            let request = Box::new(FilesRequest::ask(terms, told));
            dossier.case = apply(&dossier.case, Move::AskOriginal { request }, &actor, day, &rules)?;
            Ok(Some(leaf))
        })
    }

    /// From the opening to the end. The shares are not real ones: nobody opens anything here, and they are gone at the end.
    pub(super) fn join_copy(&self, made: &Made, trustees: &[SigningKey], day: Day) -> Result<(), Failed> {
        let officer = StaffId("officer".into());
        let (by, apart) = (officer.clone(), self.rules.apart.clone());
        self.evidence(made, move |dossier, place| {
            let by = dossier.apart(&by, Permission::OpenPackage, &apart)?;
            let last = dossier.case.evidence.last_mut().ok_or(Refused::NoSuchRelease)?;
            *last = last.publish((place.index, place.n), place.envelopes.clone(), &by, day)?;
            Ok(last.opening().map(|opening| opening.terms.leaf(day)))
        })?;
        for (n, key) in (1..).zip(trustees).take(self.keys.set.threshold()) {
            let set = self.keys.set.clone();
            let key = SigningKey::from_seed(*key.seed());
            let (by, apart) = (StaffId(format!("trustee{n}")), self.rules.apart.clone());
            self.evidence(made, move |dossier, _| {
                let by = dossier.apart(&by, Permission::ReleaseShare, &apart)?;
                let last = dossier.case.evidence.last_mut().ok_or(Refused::NoSuchRelease)?;
                let opening = last.opening().ok_or(Refused::NoSuchRelease)?;
                let deposit = Deposit::sign(&opening.terms, &set, n, b"demo", &key);
                *last = last.deposit(deposit, &by, &set, day)?;
                Ok(None)
            })?;
        }
        let cleaned = clean(&picture(), &CleanLimits::default())?;
        let mut upload = self.store.begin_copy(made.number, cleaned.media_type)?;
        self.store.keep_copy(&mut upload, &cleaned.bytes)?;
        let copy = EditedCopy {
            blob: upload.blob(),
            media: cleaned.media_type.into(),
            size: SizeClass::of(cleaned.bytes.len() as u64),
            measures: vec![Measure::WordsCovered, Measure::CutOut],
            changes: vec![Change::Cropped { shows: 70 }, Change::Covered { share: 12 }],
            day,
            by: officer.clone(),
            seen_by: Vec::new(),
            checked: None,
        };
        let (blob, most) = (copy.blob, self.policy.evidence.most_copies);
        let apart = self.rules.apart.clone();
        let change = Box::new(move |dossier: &mut Dossier, _: &Place| {
            let by = dossier.apart(&copy.by, Permission::OpenPackage, &apart)?;
            let last = dossier.case.evidence.last_mut().ok_or(Refused::NoSuchRelease)?;
            *last = last.put_in(copy, &by, most)?;
            Ok(None)
        });
        let step = Step { expected_version: None, sealed: None, change };
        self.store.put_copies(made.number, vec![upload], step).wait()?;
        let (second, rules) = (self.actor("officer2")?, self.rules.clone());
        self.evidence(made, move |dossier, _| {
            let last = dossier.case.evidence.last_mut().ok_or(Refused::NoSuchRelease)?;
            *last = last.see(blob, &StaffId("officer2".into()))?;
            let leaf = dossier.case.evidence.last().map(|last| last.terms().joined_leaf(blob, day));
            dossier.case =
                apply(&dossier.case, Move::JoinCopy { blob, as_it_was: false }, &second, day, &rules)?;
            Ok(leaf)
        })?;
        self.evidence(made, move |dossier, _| {
            let last = dossier.case.evidence.last_mut().ok_or(Refused::NoSuchRelease)?;
            *last = last.end(FilesEnd::Done, "副本已经够用。", Some(&officer), day)?;
            Ok(None)
        })
    }

    fn evidence(
        &self,
        made: &Made,
        change: impl FnOnce(&mut Dossier, &Place) -> Result<Option<Leaf>, Refused> + Send + 'static,
    ) -> Result<(), Failed> {
        let change = Box::new(move |dossier: &mut Dossier, place: &Place| {
            let leaf = change(dossier, place)?;
            dossier.case.version += 1;
            Ok(leaf)
        });
        let step = Step { expected_version: None, sealed: None, change };
        Cases::change(self.store, made.number, step).wait()?;
        Ok(())
    }
}

/// A plate on a wall, and where the camera stood.
fn picture() -> Vec<u8> {
    const SIDE: (u32, u32) = (320, 200);
    let plate = |x: u32, y: u32| (60..260).contains(&x) && (60..140).contains(&y);
    let grey = |x: u32, y: u32| match (plate(x, y), (x / 6 + y / 9) % 7) {
        (true, 0) => 60,
        (true, _) => 220,
        (false, shade) => 90 + 8 * shade as u8,
    };
    let pixels: Vec<u8> = (0..SIDE.1).flat_map(|y| (0..SIDE.0).map(move |x| grey(x, y))).collect();
    let mut out = Vec::new();
    // A picture of this size is always written to memory; an empty one would be refused when it is sealed.
    let _ = PngEncoder::new(&mut out).write_image(&pixels, SIDE.0, SIDE.1, ExtendedColorType::L8);
    out
}

struct ToStore<'a> {
    store: &'a Store,
    upload: Upload,
}

impl ChunkSink for ToStore<'_> {
    fn chunk(&mut self, _: u32, bytes: &[u8]) -> Result<(), SinkRefused> {
        self.store.append(&mut self.upload, bytes).wait().map_err(|_| SinkRefused)
    }
}
