//! What opens where, and under which keys.

use super::*;

fn vault() -> Vault {
    Vault::new(&Instance("test".into()), &roots("11"))
}

fn roots(byte: &str) -> RootKeys {
    RootKeys::parse(&format!("# test\nmifeng-root-1 {}\n", byte.repeat(32))).unwrap()
}

#[test]
fn a_value_opens_only_where_it_was_written() {
    let vault = vault();
    let value = vault.seal(Tree::Cases, b"k", b"content").unwrap();
    assert_eq!(value.len(), 7 + OVERHEAD);
    assert_eq!(vault.open(Tree::Cases, b"k", &value).unwrap(), b"content");
    assert!(matches!(vault.open(Tree::Cases, b"j", &value), Err(Refused::Damaged { .. })));
    assert!(matches!(vault.open(Tree::Staff, b"k", &value), Err(Refused::Damaged { .. })));
    let other = Vault::new(&Instance("other".into()), &roots("11"));
    assert!(matches!(other.open(Tree::Cases, b"k", &value), Err(Refused::Damaged { .. })));
}

#[test]
fn any_flipped_bit_is_refused() {
    let vault = vault();
    let value = vault.seal(Tree::Cases, b"k", b"content").unwrap();
    for byte in 0..value.len() {
        let mut flipped = value.clone();
        flipped[byte] ^= 1;
        assert!(vault.open(Tree::Cases, b"k", &flipped).is_err(), "byte {byte}");
    }
    for len in 0..value.len() {
        assert!(vault.open(Tree::Cases, b"k", &value[..len]).is_err(), "cut to {len}");
    }
}

#[test]
fn equal_contents_do_not_look_equal() {
    let vault = vault();
    let seal = || vault.seal(Tree::Cases, b"k", b"content").unwrap();
    assert_ne!(seal(), seal());
}

#[test]
fn case_content_needs_the_retention_key_of_its_month() {
    let vault = vault();
    let month = Month::of(jiff::civil::date(2031, 11, 5));
    let (data, wrapped) = vault.draw_data_key(b"r", month, &[7; 32]).unwrap();
    let value = vault.seal_case(&data, Tree::Cases, b"k", b"content").unwrap();
    let found = |asked| {
        assert_eq!(asked, month);
        Ok(Zeroizing::new([7; 32]))
    };
    let again = vault.unwrap(b"r", &wrapped, found).unwrap();
    assert_eq!(vault.open_case(&again, Tree::Cases, b"k", &value).unwrap(), b"content");
    assert!(vault.open(Tree::Cases, b"k", &value).is_err(), "the root key alone is not enough");
    assert!(vault.unwrap(b"r", &wrapped, |_| Ok(Zeroizing::new([8; 32]))).is_err());
    assert!(vault.unwrap(b"s", &wrapped, found).is_err(), "moved to another report");
}

#[test]
fn a_value_of_no_case_can_lie_under_a_month_and_older_ones_are_still_read() {
    let vault = vault();
    let month = Month::of(jiff::civil::date(2031, 11, 5));
    let value = vault.seal_until(month, &[7; 32], Tree::Trail, b"k", b"entry").unwrap();
    let open = |value: &[u8], retention: [u8; 32]| {
        vault.open_until(Tree::Trail, b"k", value, |asked| {
            assert_eq!(asked, month);
            Ok(Zeroizing::new(retention))
        })
    };
    assert_eq!(open(&value, [7; 32]).unwrap(), b"entry");
    assert!(open(&value, [8; 32]).is_err());
    assert!(vault.open(Tree::Trail, b"k", &value[3..]).is_err(), "the root key alone is not enough");
    let before = vault.seal(Tree::Trail, b"k", b"entry").unwrap();
    assert_eq!(open(&before, [8; 32]).unwrap(), b"entry");
}

#[test]
fn a_chunk_is_bound_to_its_blob_and_place() {
    let vault = vault();
    let (data, _) = vault.draw_data_key(b"r", Month::of(jiff::civil::date(2031, 11, 5)), &[7; 32]).unwrap();
    let (a, b) = (BlobId::from_bytes([1; 16]), BlobId::from_bytes([2; 16]));
    let sealed = vault.seal_chunk(&data, a, 0, b"chunk");
    assert_eq!(vault.open_chunk(&data, a, 0, sealed.clone()).unwrap(), b"chunk");
    assert!(vault.open_chunk(&data, a, 1, sealed.clone()).is_err());
    assert!(vault.open_chunk(&data, b, 0, sealed).is_err());
}

#[test]
fn an_older_root_key_still_reads() {
    let old = vault().seal(Tree::Cases, b"k", b"content").unwrap();
    let both =
        RootKeys::parse(&format!("mifeng-root-1 {}\nmifeng-root-1 {}", "22".repeat(32), "11".repeat(32)))
            .unwrap();
    let rotated = Vault::new(&Instance("test".into()), &both);
    assert_eq!(rotated.open(Tree::Cases, b"k", &old).unwrap(), b"content");
    let new = rotated.seal(Tree::Cases, b"k", b"content").unwrap();
    assert!(matches!(vault().open(Tree::Cases, b"k", &new), Err(Refused::UnknownRootKey)));
    for bad in ["", "mifeng-root-1 11", "mifeng-root-2 11"] {
        assert!(RootKeys::parse(bad).is_err(), "{bad:?}");
    }
}
