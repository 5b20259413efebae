//! Pictures with something hidden in every place a format has for it, built here byte by byte.
//! Every hidden thing begins with [`CANARY`].

mod exif;
mod gif;
mod jpeg;
mod png;
mod webp;

pub use exif::exif;
pub use gif::*;
pub use jpeg::*;
pub use png::*;
pub use webp::*;

pub const CANARY: &str = "CANARY";

/// Left and right, top and bottom: red, green, blue, white. Wider than high, to see a quarter turn.
pub const SIZE: (u32, u32) = (48, 32);

pub fn canary(place: &str) -> Vec<u8> {
    format!("{CANARY} {place} 31.2304N 121.4737E 13800138000").into_bytes()
}

pub fn corners() -> Vec<u8> {
    (0..SIZE.1).flat_map(|y| (0..SIZE.0).map(move |x| (x, y))).flat_map(|(x, y)| colour_at(x, y)).collect()
}

fn colour_at(x: u32, y: u32) -> [u8; 3] {
    match (x < SIZE.0 / 2, y < SIZE.1 / 2) {
        (true, true) => [255, 0, 0],
        (false, true) => [0, 255, 0],
        (true, false) => [0, 0, 255],
        (false, false) => [255, 255, 255],
    }
}

/// A zip file, as far as its reader cares, to hang on the end of a picture.
fn trailing_zip() -> Vec<u8> {
    [b"PK\x03\x04".to_vec(), vec![0; 26], canary("trailing zip"), b"PK\x05\x06".to_vec(), vec![0; 18]]
        .concat()
}

fn xmp() -> Vec<u8> {
    format!(
        "<?xpacket begin=''?><x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\
         <rdf:Description xmlns:dc='http://purl.org/dc/elements/1.1/' dc:creator='{CANARY} xmp 13800138000'/></rdf:RDF></x:xmpmeta>"
    )
    .into_bytes()
}

/// Everything of the corpus that has something to hide and is a picture.
pub fn all() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("jpeg", nasty_jpeg()),
        ("png", nasty_png()),
        ("png with a palette", palette_png()),
        ("png, erased", erased_png()),
        ("png, 16 bits", deep_png()),
        ("png, animated", animated_png(3)),
        ("webp, lossy", nasty_webp(LOSSY_WEBP)),
        ("webp, lossless", nasty_webp(&plain_lossless_webp())),
        ("webp, animated", animated_webp(3, SIZE.0, SIZE.1)),
        ("gif", nasty_gif()),
    ]
}
