//! Exactly what a page shows, as a table for other programs.

/// RFC 4180, with a byte order mark, without which spreadsheets read Chinese as noise. No cell begins a formula.
///
/// # Errors
/// None in practice: it is written to memory.
pub fn csv<const COLUMNS: usize>(records: &[[String; COLUMNS]]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
    for record in records {
        writer.write_record(record.iter().map(|cell| plain(cell)))?;
    }
    writer.into_inner().map_err(|cause| csv::Error::from(cause.into_error()))
}

/// A spreadsheet computes what begins with one of these; a quote before it makes it text.
fn plain(cell: &str) -> String {
    let risky = cell.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    if risky || cell.starts_with(['\t', '\r', '\n']) { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        let row = |name: &str| ["a".to_owned(), "b".to_owned(), name.to_owned(), "5".to_owned()];
        let bytes =
            csv(&[row("=HYPERLINK(\"x\")"), row(" +1"), row("-1"), row("@a"), row("煤矿, 等")]).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let expected = "\u{feff}a,b,\"'=HYPERLINK(\"\"x\"\")\",5\na,b,' +1,5\na,b,'-1,5\na,b,'@a,5\na,b,\"煤矿, 等\",5\n";
        assert_eq!(text, expected);
    }
}
