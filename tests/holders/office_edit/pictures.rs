//! Pictures and pages: covered, cropped, and drawn from a PDF document.

use super::{Machine, NAME, photo};
use image::Rgb;
use mifeng::evidence::Change;
use std::fs;

#[test]
fn a_picture_is_covered_and_cropped_and_the_office_signs_what_was_done() {
    let machine = Machine::new();
    photo().save(machine.at(&format!("{NAME}.png"))).unwrap();
    let original = format!("{NAME}.png");
    machine.makes(&["edit", &original, "--cover", "0,0,100,100"]);
    let said = machine.statement(&format!("{NAME}-copy.edits.json"));
    assert!(matches!(said[0].changes[..], [Change::Covered { share: 8..=12 }]), "{said:?}");
    let copy = image::open(machine.at(&format!("{NAME}-copy.png"))).unwrap().into_rgb8();
    assert!((0..100).all(|i| *copy.get_pixel(i, 99 - i) == Rgb([0; 3])));

    machine.makes(&["edit", &original, "--crop", "200,150,200,150"]);
    let said = machine.statement(&format!("{NAME}-copy2.edits.json"));
    assert_eq!(said[0].changes, [Change::Cropped { shows: 25 }]);

    // Beside the picture, nothing would be covered: nobody is to sign that it was.
    let beside = machine.refuses(&["edit", &original, "--cover", "400,10,50,50"]);
    assert!(beside.contains("outside the picture, which is 400 wide and 300 high"), "{beside}");

    // Nothing wished, nothing done: it says so.
    machine.makes(&["edit", &original]);
    assert_eq!(machine.statement(&format!("{NAME}-copy3.edits.json"))[0].changes, [Change::AsItWas]);

    // Made by another program: only compared.
    let mut theirs = photo();
    (0..60).flat_map(|y| (0..60).map(move |x| (x, y))).for_each(|(x, y)| theirs.put_pixel(x, y, Rgb([9; 3])));
    theirs.save(machine.at("mine.png")).unwrap();
    machine.makes(&["compare", &original, "mine.png"]);
    assert!(matches!(
        machine.statement("mine.edits.json")[0].changes[..],
        [Change::Covered { share: 1..=6 }]
    ));
    // Nobody but the office signs.
    machine.key("other.key", &mifeng::signing::SigningKey::from_seed([77; 32]));
    let out = machine.run(&["edit", &original], "other.key");
    assert!(!out.status.success() && String::from_utf8_lossy(&out.stderr).contains("not the office's key"));
}

/// A face in the dark differs from black by less than an encoder does.
#[test]
fn a_dark_place_that_was_covered_is_said_to_be() {
    let machine = Machine::new();
    let mut night = photo();
    (0..60)
        .flat_map(|y| (0..60).map(move |x| (x, y)))
        .for_each(|(x, y)| night.put_pixel(x, y, Rgb([6, 5, 4])));
    night.save(machine.at(&format!("{NAME}.png"))).unwrap();
    let original = format!("{NAME}.png");
    machine.makes(&["edit", &original, "--cover", "10,10,40,40"]);
    let said = machine.statement(&format!("{NAME}-copy.edits.json"));
    assert_eq!(said[0].changes, [Change::Covered { share: 2 }]);
    machine.makes(&["edit", &original, "--cover", "10,10,40,40", "--crop", "0,0,200,150"]);
    let said = machine.statement(&format!("{NAME}-copy2.edits.json"));
    assert_eq!(said[0].changes, [Change::Cropped { shows: 25 }, Change::Covered { share: 6 }]);
    // What the crop leaves out hides nothing of what is left.
    machine.makes(&["edit", &original, "--cover", "10,10,40,40", "--crop", "200,150,200,150"]);
    assert_eq!(
        machine.statement(&format!("{NAME}-copy3.edits.json"))[0].changes,
        [Change::Cropped { shows: 25 }]
    );
}

/// Two pages, a title and a hidden text: what comes back is what a printer would show.
#[test]
fn a_pdf_becomes_pictures_of_its_pages() {
    let machine = Machine::new();
    let pdf = include_str!("../../vectors/edits/two-pages.pdf");
    assert!(pdf.contains("CANARY"), "the search looks at something");
    fs::write(machine.at(&format!("{NAME}.pdf")), pdf).unwrap();
    machine.makes(&["edit", &format!("{NAME}.pdf")]);
    let said = machine.statement(&format!("{NAME}-page-1.edits.json"));
    let pages: Vec<_> = said.iter().map(|edited| edited.changes.clone()).collect();
    assert_eq!(pages, [vec![Change::Page { number: 1, of: 2 }], vec![Change::Page { number: 2, of: 2 }]]);
    for n in [1, 2] {
        let bytes = fs::read(machine.at(&format!("{NAME}-page-{n}.png"))).unwrap();
        assert!(!bytes.windows(6).any(|window| window == b"CANARY"));
        let page = image::load_from_memory(&bytes).unwrap().into_rgb8();
        assert!(page.pixels().any(|pixel| pixel.0 == [0; 3]), "something is on page {n}");
    }
    // A page is edited as a picture is.
    machine.makes(&["edit", &format!("{NAME}-page-2.png"), "--cover", "0,0,200,100"]);
    assert!(matches!(
        machine.statement(&format!("{NAME}-copy.edits.json"))[0].changes[..],
        [Change::Covered { .. }]
    ));
}

#[test]
fn what_is_none_of_these_is_refused_with_what_to_do() {
    let machine = Machine::new();
    fs::write(machine.at(&format!("{NAME}.txt")), "text").unwrap();
    assert!(machine.refuses(&["edit", &format!("{NAME}.txt")]).contains("print it to PDF"));
    photo().save(machine.at("holiday.png")).unwrap();
    assert!(machine.refuses(&["edit", "holiday.png"]).contains("--request"));
}
