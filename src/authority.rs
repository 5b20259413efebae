//! Whose certificates are believed when the server calls another: an authority of the operator's own, from a file in PEM.

use ureq::tls::{PemItem, RootCerts, parse_pem};

/// `None` if there is no certificate in it, or one that cannot be read.
pub fn trusting(pem: &[u8]) -> Option<RootCerts> {
    let mut certificates = Vec::new();
    for item in parse_pem(pem) {
        if let PemItem::Certificate(certificate) = item.ok()? {
            certificates.push(certificate);
        }
    }
    (!certificates.is_empty()).then(|| RootCerts::new_with_certs(&certificates))
}
