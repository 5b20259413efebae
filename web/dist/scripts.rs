// Written by web/build.mjs.
[
]
