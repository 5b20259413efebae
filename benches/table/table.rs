//! The table as it is printed, in Markdown.

use std::fmt;

/// One figure with what it is measured against.
pub struct Row {
    pub what: String,
    pub figure: String,
    /// What the machine, or the crypto alone, does in the same run.
    pub floor: String,
    pub ratio: String,
}

#[derive(Default)]
pub struct Table(Vec<Row>);

impl Table {
    /// Also says it at once: a run takes minutes.
    pub fn add(&mut self, what: &str, figure: String, floor: impl Into<String>, ratio: impl Into<String>) {
        let row = Row { what: what.into(), figure, floor: floor.into(), ratio: ratio.into() };
        println!("{}: {} | {} | {}", row.what, row.figure, row.floor, row.ratio);
        self.0.push(row);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| what | measured | floor or peer, same run unless named | ratio |\n|---|---|---|---|")?;
        for Row { what, figure, floor, ratio } in &self.0 {
            writeln!(f, "| {what} | {figure} | {floor} | {ratio} |")?;
        }
        Ok(())
    }
}
