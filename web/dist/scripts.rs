// Written by web/build.mjs.
[
    ("reporter-files", include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/web/dist/reporter-files.js"))),
    ("reporter-return", include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/web/dist/reporter-return.js"))),
    ("reporter-seal", include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/web/dist/reporter-seal.js"))),
]
