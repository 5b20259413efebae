// Written by web/build.mjs.
[
    ("office", include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/web/dist/office.js"))),
    ("trustee", include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/web/dist/trustee.js"))),
]
