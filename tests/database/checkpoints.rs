//! The public log of several processes: what one has signed is what all of them show, at once and for good.

use super::roles::lived_in;
use crate::store_support::*;
use mifeng::{
    log::{PublicKind, checkpoint::WitnessKey, tiles::TileRefused},
    publisher::Publisher,
    signing::SigningKey,
    store::{PublicLog, Store, postgres::schema::Role},
};
use std::sync::Arc;

fn publisher(store: &Arc<Store>) -> Publisher {
    Publisher::new("test/log".parse().unwrap(), SigningKey::from_seed([1; 32]), store.clone())
}

fn shown(publisher: &Publisher) -> Vec<u8> {
    publisher.published().unwrap().unwrap().note().to_vec()
}

/// A portal that went on showing its own last one would deny an opening until it signs next, ten minutes later.
#[test]
fn a_checkpoint_that_one_process_has_signed_is_served_by_every_other_at_once_and_no_older_one_again() {
    let Some((database, keys)) = lived_in() else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let office = Arc::new(open(Arc::new(database.engine_as(Role::Office)), keys.path()).unwrap());
    let strangers = Arc::new(open_portal(Arc::new(database.engine_as(Role::Portal)), keys.path()).unwrap());
    let (office_log, portal_log) = (publisher(&office), publisher(&strangers));
    let first = runtime.block_on(portal_log.checkpoint()).unwrap();
    assert_eq!((first.checkpoint().size, shown(&office_log)), (1, first.note().to_vec()));
    let kept = || {
        let sql = "SELECT encode(value, 'hex') FROM mifeng.meta WHERE key = 'log/checkpoint'";
        database.sql(sql).trim().to_owned()
    };
    let older = kept();

    office.announce(PublicKind::Script, 1, day(), [7; 32]).wait().unwrap();
    assert_eq!(shown(&portal_log), first.note(), "what nobody has signed is not shown");
    assert_eq!(portal_log.tile("tile/0/000.p/2"), Err(TileRefused::NotThere));
    let second = runtime.block_on(office_log.checkpoint()).unwrap();
    assert_eq!(second.checkpoint().size, 2);
    assert_eq!(shown(&portal_log), second.note(), "what another process has signed is");
    assert_eq!(portal_log.tile("tile/0/000.p/2").unwrap().len(), 64);

    let (name, key) = ("trustee-1".parse().unwrap(), SigningKey::from_seed([2; 32]));
    let witness = [WitnessKey::new("trustee-1".parse().unwrap(), key.verify_key())];
    let cosigned = second.cosigned(name, &key, 7);
    runtime.block_on(office_log.witnessed(cosigned.note(), &witness)).unwrap();
    let last = shown(&portal_log);
    assert_eq!(last, shown(&office_log));
    assert_ne!(last, second.note(), "a witness's line comes along");

    // An older one put back beneath them.
    database.sql(&format!(
        "UPDATE mifeng.meta SET value = decode('{older}', 'hex') WHERE key = 'log/checkpoint'"
    ));
    assert_eq!(kept(), older);
    assert_eq!((shown(&portal_log), shown(&office_log)), (last.clone(), last));
    portal_log.look().unwrap();
    assert_eq!(runtime.block_on(portal_log.checkpoint()).unwrap().checkpoint().size, 2);
}
