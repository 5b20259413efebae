//! On a narrow screen a table's cells stand one below the other and its head is gone: each says by itself what it is, and
//! keeps its place in the table for whoever cannot see it.

use std::{fs, path::Path};

#[test]
fn every_cell_of_a_table_that_folds_says_what_it_is() {
    let templates = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let (mut tables, mut faults) = (0, Vec::new());
    let folders = ["console", "office"].map(|folder| fs::read_dir(templates.join(folder)).unwrap());
    for file in folders.into_iter().flatten() {
        let path = file.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        if !text.contains("class=\"cards\"") {
            continue;
        }
        tables += 1;
        let mut in_head = false;
        for tag in text.split('<').skip(1) {
            let name = tag.split([' ', '>', '\n']).next().unwrap();
            let attributes = tag.split('>').next().unwrap();
            in_head = (in_head || name == "thead") && name != "/thead";
            let wants: &[&str] = match name {
                "table" => &["role=\"table\""],
                "thead" | "tbody" => &["role=\"rowgroup\""],
                "tr" => &["role=\"row\""],
                "th" => &["role=\"", "scope=\""],
                "td" if in_head => &["role=\"cell\""],
                "td" => &["role=\"cell\"", "data-label=\"{{ page.t(\""],
                _ => &[],
            };
            let missing = wants.iter().filter(|want| !attributes.contains(**want));
            faults.extend(missing.map(|want| format!("{}: <{attributes}>: {want}", path.display())));
        }
        let captions = text.matches("<caption").count();
        if captions != text.matches("<table").count() {
            faults.push(format!("{}: {captions} captions", path.display()));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
    assert!(tables > 12, "{tables}");
}
