//! Reading every case there is: the trees that hold parts of a case are scanned side by side, in pages, as their keys all
//! begin with the report. Asked for one by one each part would be a round trip, at start-up some millions of them.

use super::{
    Dossier, Refused,
    core::Core,
    engine::{Engine, Entries, Entry, Tree},
    records::Source,
};
use crate::ids::ReportId;
use std::{cell::RefCell, iter::Peekable};

/// What scans of the other trees give, for whoever asks in the order of the keys, and the case they are asked for.
struct Ahead<'a> {
    engine: &'a dyn Engine,
    case: Entry,
    scans: RefCell<[Scan<'a>; 2]>,
}

struct Scan<'a> {
    tree: Tree,
    entries: Peekable<Entries<'a>>,
    /// It is there no more, or came by something that cannot be read: what follows is asked for one by one.
    broke: bool,
}

impl<'a> Ahead<'a> {
    fn of(engine: &'a dyn Engine) -> Self {
        let scan = |tree| Scan { tree, entries: engine.scan(tree, &[], &[]).peekable(), broke: false };
        Self {
            engine,
            case: (Vec::new(), Vec::new()),
            scans: RefCell::new([scan(Tree::DataKeys), scan(Tree::Awards)]),
        }
    }
}

impl Scan<'_> {
    /// The value under a key, if the scan comes by it.
    fn ahead(&mut self, key: &[u8]) -> Option<Vec<u8>> {
        while !self.broke {
            match self.entries.next_if(|entry| entry.as_ref().map_or(true, |(at, _)| at.as_slice() <= key)) {
                Some(Ok((at, value))) if at == key => return Some(value),
                Some(Ok(_)) => {}
                Some(Err(_)) => self.broke = true,
                None => return None,
            }
        }
        None
    }
}

impl Source for Ahead<'_> {
    fn bytes(&self, tree: Tree, key: &[u8]) -> Result<Option<Vec<u8>>, Refused> {
        if tree == Tree::Cases && self.case.0 == key {
            return Ok(Some(self.case.1.clone()));
        }
        let mut scans = self.scans.borrow_mut();
        let Some(scan) = scans.iter_mut().find(|scan| scan.tree == tree) else {
            return self.engine.get(tree, key);
        };
        match scan.ahead(key) {
            // Most cases have none. One that another process gives meanwhile is read again, as all it writes is.
            None if tree == Tree::Awards && !scan.broke => Ok(None),
            // Written after the scan had passed, or the scan broke off: read where it is.
            None => self.engine.get(tree, key),
            found => Ok(found),
        }
    }
}

impl Core {
    /// Visits every case in the order of the reports' ids, or why it cannot be read. A scan that breaks off ends it.
    pub fn each_dossier(
        &self,
        visit: &mut dyn FnMut(Result<Dossier, Refused>) -> Result<(), Refused>,
    ) -> Result<(), Refused> {
        let mut from = Ahead::of(&*self.engine);
        for entry in self.engine.scan(Tree::Cases, &[], &[]) {
            from.case = entry?;
            let key = from.case.0.as_slice();
            let Ok(report) = <[u8; 16]>::try_from(key).map(ReportId::from_bytes) else {
                tracing::error!(key = hex::encode(key), "this is no case; run mifeng check");
                continue;
            };
            visit(self.records.data_key(&from, report).and_then(|data| self.dossier(&from, &data, report)))?;
        }
        Ok(())
    }
}
