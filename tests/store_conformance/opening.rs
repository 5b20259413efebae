//! Which store is opened, and which is refused.

use super::*;

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

/// What is removed before an opening may be what a running server is just writing.
#[test]
fn an_unfinished_snapshot_is_removed_only_once_nobody_has_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let unfinished = folder.path().join("snap.7000000000000000.generating");
    let first = SledEngine::open(folder.path()).unwrap();
    std::fs::write(&unfinished, "half").unwrap();
    let second = SledEngine::open(folder.path()).err().unwrap();
    assert!(matches!(second, OpenRefused::InUse(_)), "{second}");
    assert!(unfinished.exists());
    drop(first);
    let _again = patience::sled(folder.path());
    assert!(!unfinished.exists());
}

/// As with a folder that only root may enter. A link to itself is an error to root, too.
#[test]
fn a_folder_that_cannot_be_looked_into_is_not_called_empty() {
    let folder = tempfile::tempdir().unwrap();
    assert!(!SledEngine::lies_in(folder.path()).unwrap());
    assert!(!SledEngine::lies_in(&folder.path().join("none")).unwrap());
    let circle = folder.path().join("circle");
    std::os::unix::fs::symlink(&circle, &circle).unwrap();
    assert!(SledEngine::lies_in(&circle).is_err());
    let data = folder.path().join("data");
    drop(SledEngine::open(&data).unwrap());
    assert!(SledEngine::lies_in(&data).unwrap());
}
