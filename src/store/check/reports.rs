//! Each report: its envelopes and shares, its case and files, its entries in the log.

use super::Check;
use crate::{
    award::record::Award,
    casework::{Case, Copy},
    envelope::Envelope,
    ids::{BlobId, ReportId},
    lock::ShareFile,
    log::Event,
    store::{
        FileKind, FileRecord, Refused, ReportRecord,
        at_rest::DataKey,
        core::{AuditRecord, envelope_key, package_key, share_key},
        engine::Tree,
    },
};
use std::collections::{HashMap, HashSet};

impl Check<'_> {
    pub(super) fn reports(&mut self) -> Result<(), Refused> {
        let core = self.store.core.clone();
        for entry in core.engine.scan(Tree::Reports, &[], &[]) {
            let (key, _) = entry?;
            let Ok(report) = <[u8; 16]>::try_from(key.as_slice()).map(ReportId::from_bytes) else {
                self.problem(format!("reports/{} is no report id", hex::encode(&key)));
                continue;
            };
            match core.records.report_and_key(&*core.engine, report) {
                Ok(Some((record, data))) => self.report(report, &record, &data),
                Ok(None) => {}
                Err(gone @ (Refused::Forgotten(_) | Refused::KeyMissing(_))) => {
                    match gone {
                        Refused::Forgotten(_) => self.seen.forgotten += 1,
                        lost => self.problem(format!("report {report}: {lost}")),
                    }
                    self.claimed.forgotten.insert(report);
                }
                Err(refused) => self.problem(format!("report {report}: {refused}")),
            }
        }
        Ok(())
    }

    fn report(&mut self, report: ReportId, record: &ReportRecord, data: &DataKey) {
        if let Some(other) = self.claimed.numbers.insert(record.number, report) {
            self.problem(format!("reports {other} and {report} share the number {}", record.number));
        }
        self.claimed.reports.insert(report);
        self.claimed.locators.insert(record.locator.0.to_vec());
        let found = self.store.core.records.located(&*self.store.core.engine, &record.locator);
        if !matches!(found, Ok(Some(found)) if found == report) {
            self.problem(format!("report {report} is not found by its locator"));
        }
        self.sealed(report, record, data);
        let case: Option<Case> = self.of_case(data, Tree::Cases, report.as_bytes(), true);
        if let Some(case) = case {
            if case.number != record.number || case.report != report {
                self.problem(format!("case {} lies under report {report}", case.number));
            }
            self.files(&case, data);
        }
        self.leaves(report, data);
    }

    fn sealed(&mut self, report: ReportId, record: &ReportRecord, data: &DataKey) {
        if record.sealed.is_empty() {
            self.problem(format!("report {report} has no envelope"));
        }
        let sets = record.sealed.iter().map(|sealed| sealed.set_number).collect();
        *self.seen.reports_by_sets.entry(sets).or_default() += 1;
        for (sequence, sealed) in (0..).zip(&record.sealed) {
            let key = envelope_key(report, sequence);
            if self.bytes(data, Tree::Envelopes, &key).is_some_and(|bytes| Envelope::parse(&bytes).is_err()) {
                self.problem(format!("envelope {sequence} of report {report} has not the shape of one"));
            }
            self.claimed.sealed.insert(key);
            for trustee in 1..=sealed.trustees {
                let key = share_key(report, sequence, trustee);
                if self.bytes(data, Tree::Shares, &key).is_some_and(|bytes| ShareFile::parse(&bytes).is_err())
                {
                    self.problem(format!("share file {sequence}/{trustee} of report {report} is misshapen"));
                }
                self.claimed.sealed.insert(key);
            }
        }
    }

    fn files(&mut self, case: &Case, data: &DataKey) {
        let core = self.store.core.clone();
        let mut stored: HashMap<BlobId, FileKind> = HashMap::new();
        for entry in core.engine.scan(Tree::Files, case.report.as_bytes(), &[]) {
            let Ok((key, _)) = entry else { return self.problem("files cannot be read".into()) };
            let Some(record) = self.of_case::<FileRecord>(data, Tree::Files, &key, true) else { continue };
            if key[16..] != record.blob.as_bytes()[..] {
                self.problem(format!("file {} lies under another name", record.blob));
            }
            self.chunks(&record, data);
            stored.insert(record.blob, record.kind);
        }
        for file in &case.files {
            if !matches!(stored.get(&file.original), Some(FileKind::Original { .. })) {
                self.problem(format!("an original of case {} is missing: {}", case.number, file.original));
            }
            if let Copy::Cleaned { blob, .. } = &file.copy
                && !matches!(stored.get(blob), Some(FileKind::Cleaned { .. }))
            {
                self.problem(format!("a cleaned copy of case {} is missing: {blob}", case.number));
            }
        }
        for file in case.sent_files() {
            if !matches!(stored.get(&file.blob), Some(FileKind::ToReporter)) {
                self.problem(format!(
                    "a file to the reporter of case {} is missing: {}",
                    case.number, file.blob
                ));
            }
        }
    }

    fn chunks(&mut self, record: &FileRecord, data: &DataKey) {
        let core = self.store.core.clone();
        let mut len = 0;
        for slot in record.slots().filter(|slot| !self.claimed.slots.insert(*slot)).collect::<Vec<_>>() {
            self.problem(format!("slot {slot} belongs to two files"));
        }
        for name in record.objects() {
            if !self.claimed.objects.insert(*name) {
                self.problem(format!("object {name} belongs to two files"));
            }
        }
        for chunk in core.bytes_of(data.clone(), record.clone()) {
            match chunk {
                Ok(plain) => len += plain.len() as u64,
                Err(refused) => self.problem(format!("a chunk of file {}: {refused}", record.blob)),
            }
        }
        if len != record.len {
            self.problem(format!("file {} has {len} bytes of {}", record.blob, record.len));
        }
    }

    fn leaves(&mut self, report: ReportId, data: &DataKey) {
        let Some(audit) = self.of_case::<AuditRecord>(data, Tree::Audit, report.as_bytes(), true) else {
            return;
        };
        let mut releases = HashSet::new();
        let before = audit.before.iter().map(|(key, places)| (key, places));
        for (key, places) in before.chain([(&audit.key, &audit.places)]) {
            for (n, place) in places.iter().enumerate() {
                let n = u8::try_from(n).unwrap_or(u8::MAX);
                match self.store.entry(*place).map(|entry| entry.open(key, n)) {
                    Ok(Ok(leaf)) => {
                        if leaf.event == Event::Release {
                            releases.insert(*place);
                        }
                    }
                    _ => self.problem(format!("log entry {place} is not entry {n} of report {report}")),
                }
                self.claimed.leaves.insert(*place);
            }
        }
        if audit.places.is_empty() {
            self.problem(format!("report {report} is not in the log"));
        }
        let awards: Option<Vec<Award>> = self.of_case(data, Tree::Awards, report.as_bytes(), false);
        for leaf in awards.iter().flatten().flat_map(Award::spent_leaves) {
            let kept: Option<String> = self.of_case(data, Tree::Packages, &package_key(report, leaf), false);
            if kept.is_some() {
                self.problem(format!("a package of report {report} is kept after what it was for; any change of the case, a note too, removes it"));
            }
        }
        for release in awards.iter().flatten().filter_map(Award::release) {
            if !releases.contains(&release.terms.leaf_index) {
                self.problem(format!("a release of report {report} does not stand in the log"));
            }
            let key = package_key(report, release.terms.leaf_index);
            let _: Option<String> = self.of_case(data, Tree::Packages, &key, false);
        }
    }
}
