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
