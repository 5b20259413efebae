//! What one process lays down for another that may not look for itself.

use super::*;
use mifeng::store::Shelf;

#[test]
fn what_lies_on_the_shelf_stays_until_something_else_takes_its_place() {
    on_every_engine(|reopen, _| {
        let store = reopen();
        assert_eq!((store.figures().unwrap(), store.notices().unwrap()), (None, None));
        store.put_figures("{}".into()).wait().unwrap();
        store.put_notices("[]".into()).wait().unwrap();
        store.put_notices("[1]".into()).wait().unwrap();
        drop(store);
        let store = reopen();
        let lies = (store.figures().unwrap(), store.notices().unwrap());
        assert_eq!(lies, (Some("{}".to_owned()), Some("[1]".to_owned())), "each in its own place");
    });
}
