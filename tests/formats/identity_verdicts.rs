//! The identity page has one opinion, whoever reads it: the server (here) or the reporter's own device
//! (`web/test/verdicts.test.ts`). Both are tried on one corpus.

use mifeng::{
    cleartext::intake::{Problem, read},
    policy::{Fields, Length, Policy},
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Corpus {
    limits: BTreeMap<String, Value>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    typed: BTreeMap<String, String>,
    person: Option<Value>,
    problems: Option<Vec<(String, String)>>,
}

fn corpus() -> Corpus {
    serde_json::from_str(include_str!("../vectors/identity-verdicts.json")).unwrap()
}

/// Policy's, with the corpus's own limits in their places.
fn limits(corpus: &Corpus) -> Fields {
    let mut fields = Policy::load("policy".as_ref()).unwrap().intake.fields;
    let length = |name: &str| -> Length { serde_json::from_value(corpus.limits[name].clone()).unwrap() };
    fields.person_name = length("person_name");
    fields.id_number = length("id_number");
    fields.mobile = length("mobile");
    fields.payee_name = length("payee_name");
    fields.payee_bank = length("payee_bank");
    fields.payee_account = length("payee_account");
    fields.joint_signatories = serde_json::from_value(corpus.limits["joint_signatories"].clone()).unwrap();
    fields
}

#[test]
fn every_verdict_of_the_shared_corpus_is_given_here_too() {
    let corpus = corpus();
    let limits = limits(&corpus);
    assert!(corpus.cases.len() > 60);
    for Case { typed, person, problems } in &corpus.cases {
        let verdict = read(&|field| typed.get(field).map_or("", String::as_str), &limits);
        let (found, refused) = match &verdict {
            Ok(person) => (Some(serde_json::to_value(person).unwrap()), None),
            Err(problems) => {
                (None, Some(problems.iter().map(|(f, p)| ((*f).to_owned(), code(*p).to_owned())).collect()))
            }
        };
        assert_eq!((&found, &refused), (person, problems), "{typed:?}");
    }
}

#[test]
fn the_page_hands_the_script_the_limits_that_the_corpus_has() {
    let corpus = corpus();
    let fields = limits(&corpus);
    assert_eq!(json!(corpus.limits), serde_json::from_str::<Value>(&fields.identity_limits()).unwrap());
}

/// As `web/src/core/identity.ts` calls it.
fn code(problem: Problem) -> &'static str {
    match problem {
        Problem::NameMissing => "name-missing",
        Problem::NameLength(_) => "name-length",
        Problem::IdKind => "id-kind",
        Problem::IdMissing => "id-missing",
        Problem::IdLength(_) => "id-length",
        Problem::IdCheck => "id-check",
        Problem::Mobile(_) => "mobile",
        Problem::MobileCheck => "mobile-check",
        Problem::Payee => "payee",
        Problem::Holder => "holder",
        Problem::Bank => "bank",
        Problem::Account(_) => "account",
        Problem::AccountCheck => "account-check",
        Problem::Own => "own",
        Problem::Consent => "consent",
        Problem::JointLine(_) => "joint-line",
        Problem::JointMany(_) => "joint-many",
        Problem::TooLong(_) => "too-long",
        Problem::Receipt => "receipt",
    }
}
