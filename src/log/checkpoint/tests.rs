//! Who signed a checkpoint, and what passes for one.

use super::{super::tree::EMPTY_ROOT, *};
use proptest::prelude::*;

fn signed() -> (SigningKey, Signed) {
    let key = SigningKey::from_seed([1; 32]);
    let origin = "mifeng.example/log".parse().unwrap();
    let signed = sign(&key, &Checkpoint { origin, size: 417, root: EMPTY_ROOT });
    (key, signed)
}

fn log_key() -> LogKey {
    let (key, signed) = signed();
    LogKey::new(signed.checkpoint().origin.clone(), key.verify_key())
}

#[test]
fn a_checkpoint_is_taken_from_the_pinned_key_alone() {
    let (_, signed) = signed();
    let pinned: LogKey = log_key().to_string().parse().unwrap();
    assert_eq!(pinned.open(signed.note()).unwrap().checkpoint(), signed.checkpoint());
    let other = LogKey::new(pinned.name().clone(), SigningKey::from_seed([2; 32]).verify_key());
    assert_eq!(other.open(signed.note()), Err(CheckpointRefused::Signature));
}

#[test]
fn a_log_does_not_speak_for_another_name() {
    let (key, signed) = signed();
    let text = signed.checkpoint().to_string().replace("mifeng.example/log", "mifeng.example/other");
    let line = signature_line(&log_key(), &raw_sign(&key, text.as_bytes()));
    let refused = log_key().open(format!("{text}\n{line}").as_bytes());
    assert_eq!(refused, Err(CheckpointRefused::Origin("mifeng.example/other".into())));
}

#[test]
fn witnesses_sign_what_they_saw_and_when() {
    let (_, signed) = signed();
    let (one, two) = (SigningKey::from_seed([3; 32]), SigningKey::from_seed([4; 32]));
    let key = |name: &str, key: &SigningKey| WitnessKey::new(name.parse().unwrap(), key.verify_key());
    let by_one = signed.cosigned("trustee-1".parse().unwrap(), &one, 1_795_622_400);
    let by_two = signed.cosigned("trustee-2".parse().unwrap(), &two, 7);
    let key_two = key("trustee-2", &two);
    let both = by_one.witnessed(&by_two, &key_two).unwrap();
    assert_eq!(both.witnessed(&by_two, &key_two).unwrap(), both);
    assert!(by_one.witnessed(&signed, &key_two).is_err(), "no line of that witness");
    let read = log_key().open(both.note()).unwrap();
    assert_eq!(key("trustee-1", &one).saw(&read), Ok(1_795_622_400));
    assert_eq!(key("trustee-2", &two).saw(&read), Ok(7));
    assert_eq!(key("trustee-2", &two).saw(&by_one), Err(CheckpointRefused::Signature));
    assert_eq!(key("trustee-1", &two).saw(&read), Err(CheckpointRefused::Signature));
}

#[test]
fn one_witness_brings_its_own_line_alone_and_spoils_nobody_elses() {
    let (_, signed) = signed();
    let (one, two) = (SigningKey::from_seed([3; 32]), SigningKey::from_seed([4; 32]));
    let key = |name: &str, key: &SigningKey| WitnessKey::new(name.parse().unwrap(), key.verify_key());
    let (key_one, key_two) = (key("trustee-1", &one), key("trustee-2", &two));
    let by_one = signed.cosigned("trustee-1".parse().unwrap(), &one, 5);

    // Of trustee 2, beside the own line: one that reads as trustee 1's, and as many as a note may have.
    let mut note = signed.note().to_vec();
    note.extend(signature_line(&key_one, &[7; 72]).as_bytes());
    for n in 0..90 {
        let other = WitnessKey::new(format!("x-{n}").parse().unwrap(), two.verify_key());
        note.extend(signature_line(&other, &[n; 72]).as_bytes());
    }
    let hostile = log_key().open(&note).unwrap().cosigned("trustee-2".parse().unwrap(), &two, 6);
    let merged = by_one.witnessed(&hostile, &key_two).unwrap();
    assert_eq!(merged.note().iter().filter(|byte| **byte == b'\n').count(), 3 + 1 + 3);
    let read = log_key().open(merged.note()).unwrap();
    assert_eq!((key_one.saw(&read), key_two.saw(&read)), (Ok(5), Ok(6)));

    // And signed again, the newer line takes the older one's place.
    let again = signed.cosigned("trustee-2".parse().unwrap(), &two, 60);
    let newer = merged.witnessed(&again, &key_two).unwrap();
    assert_eq!((newer.note().len(), key_two.saw(&newer)), (merged.note().len(), Ok(60)));
}

#[test]
fn a_witness_key_is_not_a_log_key() {
    let text = log_key().to_string();
    assert!(text.parse::<WitnessKey>().is_err());
    let (_, signed) = signed();
    let key = SigningKey::from_seed([1; 32]);
    let same_key = WitnessKey::new(log_key().name().clone(), key.verify_key());
    assert_eq!(same_key.saw(&signed), Err(CheckpointRefused::Signature));
}

#[test]
fn sizes_have_one_spelling() {
    for bad in ["", "01", "+1", "-1", "1 ", "18446744073709551616"] {
        let text = format!("a\n{bad}\n{EMPTY_ROOT}\n");
        assert_eq!(text.parse::<Checkpoint>(), Err(CheckpointRefused::NotACheckpoint), "{bad:?}");
    }
    let extended = format!("a\n0\n{EMPTY_ROOT}\nlater words\n");
    assert_eq!(extended.parse::<Checkpoint>().unwrap().size, 0);
    assert!(format!("{extended}\n").parse::<Checkpoint>().is_err());
}

proptest! {
    #[test]
    fn no_changed_byte_passes(at in any::<prop::sample::Index>(), flip in 1..=255u8) {
        let (_, signed) = signed();
        let mut note = signed.note().to_vec();
        let at = at.index(note.len());
        note[at] ^= flip;
        // base64 has one spelling here and every other byte is signed or named, so all are refused.
        prop_assert!(log_key().open(&note).is_err());
    }

    #[test]
    fn reading_anything_never_panics(bytes: Vec<u8>, text in "\\PC{0,60}") {
        let _ = log_key().open(&bytes);
        let _ = text.parse::<Checkpoint>();
        let _ = text.parse::<LogKey>();
    }
}
