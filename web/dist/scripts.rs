// Written by web/build.mjs.
[
    ("keys", include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/web/dist/keys.js"))),
    ("office", include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/web/dist/office.js"))),
    ("reporter-files", include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/web/dist/reporter-files.js"))),
    ("reporter-left", include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/web/dist/reporter-left.js"))),
    ("reporter-name", include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/web/dist/reporter-name.js"))),
    ("reporter-return", include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/web/dist/reporter-return.js"))),
    ("reporter-seal", include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/web/dist/reporter-seal.js"))),
    ("reporter-wait", include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/web/dist/reporter-wait.js"))),
    ("staff", include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/web/dist/staff.js"))),
    ("trustee", include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/web/dist/trustee.js"))),
]
