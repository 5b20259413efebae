use super::*;
use crate::{
    clock::SystemClock,
    ids::Instance,
    log::PublicKind,
    store::{Store, at_rest::RootKeys, retention::RetentionKeys, sled::SledEngine},
};
use jiff::civil::date;

struct House {
    _folder: tempfile::TempDir,
    store: Arc<Store>,
    publisher: Publisher,
}

/// Opening a store waits for the disk, which a runtime's thread must not.
fn house() -> House {
    std::thread::spawn(open).join().unwrap()
}

fn open() -> House {
    let folder = tempfile::tempdir().unwrap();
    let roots = RootKeys::parse(&format!("mifeng-root-1 {}", "5a".repeat(32))).unwrap();
    let engine = Arc::new(SledEngine::open(&folder.path().join("data")).unwrap());
    let keys = RetentionKeys::open(&folder.path().join("retention"), Arc::new(SystemClock)).unwrap();
    let store = Arc::new(Store::open(engine, &Instance("test".into()), &roots, keys).unwrap());
    let publisher =
        Publisher::new("test/log".parse().unwrap(), SigningKey::from_seed([1; 32]), store.clone());
    House { _folder: folder, store, publisher }
}

impl House {
    async fn announce(&self, number: u64) -> u64 {
        let day = date(2026, 11, 26);
        self.store.announce(PublicKind::RecipientSet, number, day, [7; 32]).await.unwrap()
    }
    async fn signed_elsewhere(&self, size: u64) {
        let other = Checkpoint { origin: "test/log".parse().unwrap(), size, root: Hash([9; 32]) };
        let note = checkpoint::sign(&self.publisher.key, &other).note().to_vec();
        self.store.keep_checkpoint(note).await.unwrap();
    }
}

#[tokio::test]
async fn every_checkpoint_continues_the_last_and_proves_what_it_holds() {
    let house = house();
    let mut last: Option<Seen> = None;
    for i in 0..5 {
        let index = house.announce(i).await;
        let proof = house.publisher.prove(index, 0..=i).await.unwrap();
        let published = proof.verify(&house.publisher.key(), last.as_ref()).unwrap();
        assert_eq!(published.seen().size, index + 1);
        last = Some(published.seen());
    }
    assert!(matches!(house.publisher.prove(5, []).await, Err(PublishRefused::NotThere(5))));
}

/// Asked for again and again, proofs of old entries would tell to the second when a report comes.
#[tokio::test]
async fn a_proof_of_what_is_published_publishes_nothing_more() {
    let house = house();
    let (key, name) = (SigningKey::from_seed([2; 32]), "trustee-1".parse::<Origin>().unwrap());
    let known = [WitnessKey::new(name.clone(), key.verify_key())];
    let published = || house.store.checkpoint().unwrap().unwrap();
    let first = house.announce(0).await;
    house.publisher.prove(first, []).await.unwrap();
    let (signed, before) = (house.publisher.checkpoint().await.unwrap(), published());
    let next = house.announce(1).await;
    let again = house.publisher.prove(first, []).await.unwrap();
    assert_eq!(again.verify(&house.publisher.key(), None).unwrap().seen().size, 1);
    assert_eq!(published(), before);
    house.publisher.witnessed(signed.cosigned(name, &key, 7).note(), &known).await.unwrap();
    let seen = |note: Vec<u8>| house.publisher.key().open(&note).unwrap().checkpoint().size;
    assert_eq!(seen(published()), 1, "nor does the witness's line");
    house.publisher.prove(next, []).await.unwrap();
    assert_eq!(seen(published()), 2, "what is to be proved is published");
}

#[tokio::test]
async fn a_witness_is_led_on_from_the_tree_it_signed_without_being_asked() {
    let house = house();
    house.announce(0).await;
    let (key, name) = (SigningKey::from_seed([2; 32]), "trustee-1".parse::<Origin>().unwrap());
    let known = [WitnessKey::new(name.clone(), key.verify_key())];
    let signed = house.publisher.checkpoint().await.unwrap();
    house.publisher.witnessed(signed.cosigned(name, &key, 7).note(), &known).await.unwrap();
    let last = Seen { size: signed.checkpoint().size, root: signed.checkpoint().root };
    for number in 1..6 {
        house.announce(number).await;
    }
    let proof = house.publisher.prove(4, []).await.unwrap();
    assert!(proof.verify(&house.publisher.key(), Some(&last)).is_ok());
}

#[tokio::test]
async fn a_witness_stays_on_the_checkpoint_it_signed() {
    let house = house();
    house.announce(0).await;
    let (key, name) = (SigningKey::from_seed([2; 32]), "trustee-1".parse::<Origin>().unwrap());
    let witness = WitnessKey::new(name.clone(), key.verify_key());
    let signed = house.publisher.checkpoint().await.unwrap();
    let known = [witness.clone()];
    assert!(matches!(house.publisher.witnessed(signed.note(), &known).await, Err(PublishRefused::NoWitness)));
    house.publisher.witnessed(signed.cosigned(name, &key, 7).note(), &known).await.unwrap();
    assert_eq!(witness.saw(&house.publisher.checkpoint().await.unwrap()), Ok(7));
    assert_eq!(
        house.store.checkpoint().unwrap().unwrap(),
        house.publisher.checkpoint().await.unwrap().note()
    );
}

#[tokio::test]
async fn a_store_that_lost_or_changed_what_was_signed_gets_no_signature() {
    for size in [1, 2, 3] {
        let house = house();
        house.announce(0).await;
        house.announce(1).await;
        house.signed_elsewhere(size).await;
        let refused = house.publisher.checkpoint().await.unwrap_err();
        assert!(matches!(refused, PublishRefused::NotWhatWasSigned { size: s } if s == size), "{refused}");
    }
}

#[tokio::test]
async fn a_kept_checkpoint_that_does_not_open_is_not_taken_for_none() {
    let house = house();
    house.announce(0).await;
    let note = house.publisher.checkpoint().await.unwrap().note().to_vec();
    for spoilt in [b"note".to_vec(), [&note[..], "— x AAAA\n".repeat(100).as_bytes()].concat()] {
        house.store.keep_checkpoint(spoilt).await.unwrap();
        // As after a start: nothing is remembered.
        let key = SigningKey::from_seed([1; 32]);
        let publisher = Publisher::new("test/log".parse().unwrap(), key, house.store.clone());
        assert!(matches!(publisher.checkpoint().await, Err(PublishRefused::KeptUnreadable(_))));
        assert!(matches!(publisher.published(), Err(PublishRefused::KeptUnreadable(_))));
        assert_eq!(publisher.tile("tile/entries/000.p/1"), Err(TileRefused::NotThere));
    }
}

#[tokio::test]
async fn what_a_witness_sends_beside_its_own_line_is_not_published() {
    let house = house();
    house.announce(0).await;
    let (key, name) = (SigningKey::from_seed([2; 32]), "trustee-1".parse::<Origin>().unwrap());
    let other = WitnessKey::new("trustee-2".parse().unwrap(), SigningKey::from_seed([3; 32]).verify_key());
    let known = [WitnessKey::new(name.clone(), key.verify_key())];
    let signed = house.publisher.checkpoint().await.unwrap();
    let forged = signed.cosigned(other.name().clone(), &key, 9);
    let note = forged.cosigned(name, &key, 7);
    let published = house.publisher.witnessed(note.note(), &known).await.unwrap();
    assert_eq!(known[0].saw(&published), Ok(7));
    assert!(!String::from_utf8_lossy(published.note()).contains("trustee-2"));
}

/// A log whose first checkpoint is long on its way to the disk: it waits for a second one, in vain at the end.
struct SlowFirst {
    store: Arc<Store>,
    arrived: (Mutex<u32>, std::sync::Condvar),
}

impl PublicLog for SlowFirst {
    fn head(&self) -> store::Head {
        self.store.head()
    }
    fn entries(&self, from: u64, to: u64) -> Result<Vec<LeafEntry>, store::Refused> {
        self.store.entries(from, to)
    }
    fn node(&self, id: NodeId) -> Option<Hash> {
        PublicLog::node(&*self.store, id)
    }
    fn inclusion_proof(&self, index: u64, size: u64) -> Result<Vec<Hash>, store::Refused> {
        self.store.inclusion_proof(index, size)
    }
    fn consistency_proof(&self, older: u64, newer: u64) -> Result<Vec<Hash>, store::Refused> {
        self.store.consistency_proof(older, newer)
    }
    fn announce(
        &self,
        kind: PublicKind,
        number: u64,
        day: crate::clock::Day,
        digest: [u8; 32],
    ) -> store::Commit<u64> {
        self.store.announce(kind, number, day, digest)
    }
    fn announce_after(
        &self,
        last: Option<store::Announced>,
        kind: PublicKind,
        announced: store::Announced,
    ) -> store::Commit<Option<u64>> {
        self.store.announce_after(last, kind, announced)
    }
    fn announced(&self, kind: PublicKind) -> Result<Option<store::Announced>, store::Refused> {
        self.store.announced(kind)
    }
    fn notes(&self) -> Result<Vec<crate::reshare::Note>, store::Refused> {
        self.store.notes()
    }
    fn checkpoint(&self) -> Result<Option<Vec<u8>>, store::Refused> {
        PublicLog::checkpoint(&*self.store)
    }
    fn is_shared(&self) -> bool {
        self.store.is_shared()
    }
    fn keep_checkpoint(&self, note: Vec<u8>) -> store::Commit<()> {
        let (count, more) = &self.arrived;
        let mut count = count.lock().unwrap();
        *count += 1;
        if *count > 1 {
            let kept = self.store.keep_checkpoint(note).wait();
            more.notify_all();
            return store::Commit::ready(kept);
        }
        let second = std::time::Duration::from_secs(1);
        drop(more.wait_timeout_while(count, second, |count| *count < 2).unwrap());
        self.store.keep_checkpoint(note)
    }
    fn seen(&self) -> Result<std::collections::BTreeMap<String, u64>, store::Refused> {
        self.store.seen()
    }
    fn keep_seen(&self, witness: String, size: u64) -> store::Commit<()> {
        self.store.keep_seen(witness, size)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_checkpoints_made_at_once_the_larger_is_kept() {
    let house = house();
    house.announce(0).await;
    let log = Arc::new(SlowFirst { store: house.store.clone(), arrived: Default::default() });
    let key = SigningKey::from_seed([1; 32]);
    let publisher = Arc::new(Publisher::new("test/log".parse().unwrap(), key, log.clone()));
    let smaller = tokio::spawn({
        let publisher = publisher.clone();
        async move { publisher.checkpoint().await.unwrap() }
    });
    while *log.arrived.0.lock().unwrap() == 0 {
        tokio::task::yield_now().await;
    }
    house.announce(1).await;
    let larger = publisher.checkpoint().await.unwrap();
    assert_eq!((smaller.await.unwrap().checkpoint().size, larger.checkpoint().size), (1, 2));
    assert_eq!(house.store.checkpoint().unwrap().unwrap(), larger.note(), "on the disk");
    assert_eq!(publisher.published().unwrap().unwrap().checkpoint().size, 2, "and to readers");
}

#[tokio::test]
async fn tiles_are_there_once_signed_and_no_sooner() {
    let house = house();
    assert_eq!(house.publisher.tile("tile/entries/000.p/1"), Err(TileRefused::NotThere));
    house.announce(0).await;
    assert_eq!(house.publisher.tile("tile/entries/000.p/1"), Err(TileRefused::NotThere));
    house.publisher.checkpoint().await.unwrap();
    assert_eq!(house.publisher.tile("tile/entries/000.p/1").unwrap().len(), 130);
    assert_eq!(house.publisher.tile("tile/0/000.p/1").unwrap().len(), 32);
    assert_eq!(house.publisher.tile("../root.key"), Err(TileRefused::Path));
}
