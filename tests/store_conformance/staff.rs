//! Accounts, one-time codes, failures.

use super::*;

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
