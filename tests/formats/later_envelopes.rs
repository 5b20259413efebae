//! Later envelopes of a report change who is paid and called, but never unseen: each row that differs is listed with both
//! values. `web/test/later.test.ts` reads the same cases.
#![cfg(feature = "open")]

use crate::common::Ceremony;
use mifeng::{award::release::Quorum, cleartext::open::open, envelope::Envelope};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Vectors {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    people: Vec<Value>,
    conflicts: Vec<(usize, String, String, String)>,
    paid: Value,
}

#[test]
fn every_row_in_which_a_later_envelope_differs_is_listed_with_both_values() {
    let vectors: Vectors = serde_json::from_str(include_str!("../vectors/later-envelopes.json")).unwrap();
    assert!(vectors.cases.len() >= 15);
    let c = Ceremony::new();
    for Case { name, people, conflicts, paid } in vectors.cases {
        let seal = |person: &Value| match person {
            Value::Null => c.seal_nameless(),
            person => c.seal_named(&person.to_string()),
        };
        let sealed: Vec<_> = people.iter().map(seal).collect();
        let envelopes: Vec<Envelope> = sealed.iter().map(|each| each.envelope.clone()).collect();
        let deposits = [c.deposit(&sealed, 1), c.deposit(&sealed, 2)];
        let quorum = Quorum::gather(&c.terms, &c.set, &deposits, c.today).unwrap();
        let opened = open(&envelopes, c.approval(), &c.claim(), quorum, &c.office_key).unwrap();
        let found: Vec<_> = opened
            .conflicts
            .iter()
            .map(|one| {
                (one.envelope, one.row.code().to_owned(), one.before.to_string(), one.later.to_string())
            })
            .collect();
        assert_eq!(found, conflicts, "{name}");
        let person = opened.person.as_ref().unwrap();
        assert_eq!(json!({ "mobile": person.mobile(), "payee": person.payee() }), paid, "{name}");
    }
}
