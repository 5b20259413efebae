use super::*;
use proptest::prelude::*;

fn text(receipt: &Receipt) -> String {
    receipt.groups().iter().map(|g| g.as_str()).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_receipt_is_read_however_a_person_writes_it() {
    let receipt = Receipt::draw(&mut rand::rng());
    let plain = text(&receipt);
    let full_width: String = plain
        .chars()
        .map(|c| if c == ' ' { '－' } else { char::from_u32(c as u32 + 0xFEE0).unwrap() })
        .collect();
    for typed in
        [plain.clone(), plain.replace(' ', ""), plain.replace(' ', "-"), format!(" {plain}\n"), full_width]
    {
        assert_eq!(Receipt::parse(&typed).unwrap().locator(), receipt.locator(), "{typed}");
    }
}

#[test]
fn every_slip_of_one_digit_and_every_swap_of_neighbours_is_seen() {
    let receipt = Receipt::draw(&mut rand::rng());
    for i in 0..DIGITS {
        for d in b'0'..=b'9' {
            let mut slip = receipt.0.to_vec();
            if slip[i] != d {
                slip[i] = d;
                let typed = String::from_utf8(slip).unwrap();
                assert_eq!(Receipt::parse(&typed).err(), Some(ReceiptRefused::CheckDigits));
            }
        }
        if i > 0 && receipt.0[i] != receipt.0[i - 1] {
            let mut swap = receipt.0.to_vec();
            swap.swap(i, i - 1);
            let typed = String::from_utf8(swap).unwrap();
            assert_eq!(Receipt::parse(&typed).err(), Some(ReceiptRefused::CheckDigits));
        }
    }
}

#[test]
fn a_receipt_pasted_into_a_story_is_noticed_and_a_bank_card_is_not() {
    let receipt = Receipt::draw(&mut rand::rng());
    assert!(Receipt::is_in(&format!("我的回执码是{}，请查收", text(&receipt))));
    assert!(Receipt::is_in(&text(&receipt).replace(' ', "")));
    assert!(!Receipt::is_in("电话13800138000，卡号6222020200112233445，身份证11010519491231002X"));
}

#[test]
fn every_text_of_the_shared_vectors_is_judged_alike_here() {
    #[derive(Deserialize)]
    struct Vectors {
        receipts: Vec<String>,
        others: Vec<String>,
    }
    let vectors: Vectors =
        serde_json::from_str(include_str!("../../tests/vectors/receipts-in-text.json")).unwrap();
    assert!(vectors.receipts.len() >= 15 && vectors.others.len() >= 15);
    for text in &vectors.receipts {
        assert!(Receipt::is_in(text), "{text}");
    }
    for text in &vectors.others {
        assert!(!Receipt::is_in(text), "{text}");
    }
}

#[test]
fn no_character_gives_more_digits_than_it_is_counted_for() {
    for c in '\0'..=char::MAX {
        let given = std::iter::once(c).nfkc().filter(char::is_ascii_digit).count();
        assert!(given <= most_digits(c), "{c:?} gives {given}");
    }
}

#[test]
fn keys_for_different_purposes_differ_and_the_vector_is_frozen() {
    let receipt = Receipt::parse("0123 4567 8901 2345 6789 0123 4567 8963").unwrap();
    assert_ne!(receipt.locator().0, receipt.auth().0);
    assert_ne!(receipt.locator().0, receipt.audit_key().0);
    let claim = *receipt.claim_verify_key().as_bytes();
    let frozen = (hex::encode(receipt.locator().0), hex::encode(receipt.audit_key().0));
    assert_eq!(
        receipt.mailbox().to_string(),
        "age1wkzaetd0ra55fw7treu5hft6u93s7uz9s8773u9hw22ylzswc5kqw4fwgz"
    );
    assert_eq!(hex::encode(claim), "daf041f50b292b957c329e9b3cbc81bdc09248fd989f9dded129726c3847a3c8");
    assert_eq!(frozen.0, "12d373f64e7df5d278e479507bfdc92aff0ccb6f713850b1077f20c2132ff5da");
    assert_eq!(frozen.1, "39602111910d493f1fb9129b6dc2826ba97f100229bad3527ca956be1fa691d8");
}

#[test]
fn what_is_sealed_to_the_mailbox_its_receipt_opens_and_no_other() {
    let (receipt, other) = (Receipt::draw(&mut rand::rng()), Receipt::draw(&mut rand::rng()));
    let mailbox: Mailbox = receipt.mailbox().to_string().parse().unwrap();
    let sealed = age::encrypt(mailbox.recipient(), "见面".as_bytes()).unwrap();
    assert_eq!(age::decrypt(&receipt.mailbox_key(), &sealed).unwrap(), "见面".as_bytes());
    assert!(age::decrypt(&other.mailbox_key(), &sealed).is_err());
    assert!("age1".parse::<Mailbox>().is_err());
    // A point of low order: sealing to it would panic.
    let zeros = bech32::encode::<bech32::Bech32>(bech32::Hrp::parse("age").unwrap(), &[0; 32]).unwrap();
    assert!(zeros.parse::<Mailbox>().is_err());
}

#[test]
fn the_mailbox_and_claim_secrets_are_the_derived_bytes_themselves() {
    use age::secrecy::ExposeSecret;
    let receipt = Receipt::draw(&mut rand::rng());
    let text = receipt.mailbox_key().to_string();
    let (_, secret) = bech32::decode(text.expose_secret()).unwrap();
    assert_eq!(secret, receipt.derive("mailbox").as_slice());
    assert_eq!(receipt.claim_key().seed(), &*receipt.derive("claim"));
}

#[test]
fn only_the_last_group_is_asked_for() {
    let receipt = Receipt::draw(&mut rand::rng());
    assert!(receipt.ends_with(&format!(" {} ", receipt.groups()[7].as_str())));
    assert!(!receipt.ends_with("") && !receipt.ends_with(&text(&receipt)));
}

proptest! {
    #[test]
    fn reading_anything_never_panics(typed in "\\PC{0,80}") {
        let _ = Receipt::parse(&typed);
        let _ = Receipt::is_in(&typed);
    }
}
