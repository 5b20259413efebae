//! What the reporter gives away, and what must be nowhere afterwards.

use super::Needles;
use image::{ExtendedColorType, ImageEncoder, codecs::jpeg::JpegEncoder};

/// Everything about one person and their files. Numbers are published samples.
pub struct Canaries {
    pub name: &'static str,
    pub id_number: &'static str,
    pub mobile: &'static str,
    pub bank: &'static str,
    pub account: &'static str,
    pub joint_name: &'static str,
    pub joint_number: &'static str,
    pub file_name: &'static str,
    pub picture_name: &'static str,
    pub exif: &'static str,
    pub in_file: &'static str,
}

impl Canaries {
    pub fn new() -> Self {
        Self {
            name: "黄雀在後·金絲鳥",
            id_number: "34052419800101001X",
            mobile: "13800138000",
            bank: "雀屏銀行雲雀支行",
            account: "79927398713",
            joint_name: "翡翠鳥·聯名者",
            joint_number: "440524188001010014",
            file_name: "翠鳥的工資條",
            picture_name: "鸚鵡螺手機相冊",
            exif: "canary exif 31.2304N 121.4737E",
            in_file: "canary inside the portable document",
        }
    }

    pub fn strings(&self) -> [(&'static str, &'static str); 11] {
        [
            ("name", self.name),
            ("ID number", self.id_number),
            ("mobile", self.mobile),
            ("bank", self.bank),
            ("account", self.account),
            ("joint signatory", self.joint_name),
            ("joint signatory's ID", self.joint_number),
            ("file name", self.file_name),
            ("picture's name", self.picture_name),
            ("EXIF tag", self.exif),
            ("text of the document", self.in_file),
        ]
    }

    /// What the identity page takes.
    pub fn of_the_person(&self) -> Needles {
        Needles::new(self.strings().into_iter().take(7))
    }

    /// The identity page, filled in.
    pub fn form(&self) -> Vec<(&'static str, String)> {
        let joint = format!("{} {}", self.joint_name, self.joint_number);
        [
            ("person-name", self.name),
            ("id-kind", "resident"),
            ("id-number", self.id_number),
            ("mobile", self.mobile),
            ("payee", "account"),
            ("holder", self.name),
            ("bank", self.bank),
            ("account", self.account),
            ("own", "yes"),
            ("joint", &joint),
            ("consent", "yes"),
        ]
        .map(|(field, value)| (field, value.to_owned()))
        .into()
    }
}

/// A photograph whose EXIF description, comment and bytes behind the end all say `text`.
pub fn jpeg_with_exif(text: &str) -> Vec<u8> {
    let mut plain = Vec::new();
    let pixels: Vec<u8> = (0..64 * 48 * 3).map(|i| (i % 251) as u8).collect();
    JpegEncoder::new(&mut plain).write_image(&pixels, 64, 48, ExtendedColorType::Rgb8).unwrap();
    // TIFF, little-endian, one directory with one entry: ImageDescription (0x010E), text behind the directory.
    let said = [text.as_bytes(), &[0]].concat();
    let mut tiff = b"II*\0\x08\0\0\0\x01\0\x0e\x01\x02\0".to_vec();
    tiff.extend(u32::try_from(said.len()).unwrap().to_le_bytes());
    tiff.extend(26u32.to_le_bytes());
    tiff.extend([0; 4]);
    tiff.extend(&said);
    let segment = |marker: u8, body: &[u8]| {
        let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
        [&[0xFF, marker], &length[..], body].concat()
    };
    let exif = segment(0xE1, &[b"Exif\0\0", &tiff[..]].concat());
    [&plain[..2], &exif, &segment(0xFE, text.as_bytes()), &plain[2..], text.as_bytes()].concat()
}

/// As small as a PDF can be and still be taken for one.
pub fn pdf(text: &str) -> Vec<u8> {
    format!(
        "%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[]/Count 0>>\nendobj\n\
         % {text}\ntrailer\n<</Root 1 0 R>>\n%%EOF\n"
    )
    .into_bytes()
}
