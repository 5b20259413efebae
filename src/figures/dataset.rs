//! All that pages show of a year in one file for other systems: codes, no names, and no number a page does not show.
//!
//! ```text
//! year, region, dimension, code, count        count empty (null): not shown
//! ```

use super::{Sheet, gathered};
use crate::policy::RegionCode;
use parquet::{
    data_type::{ByteArray, ByteArrayType, Int32Type},
    errors::ParquetError,
    file::{properties::WriterProperties, writer::SerializedFileWriter},
    schema::parser::parse_message_type,
};
use std::sync::Arc;

/// One count. Whoever adds cells up gets what the pages give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    pub year: i16,
    pub region: RegionCode,
    /// [`super::Dimension::code`], or `total`.
    pub dimension: &'static str,
    /// A code of policy, [`super::OTHER`] or [`super::REST`]; empty for the total.
    pub code: String,
    /// `None`: not shown.
    pub count: Option<u32>,
}

/// Nothing for a region with too few cases: it looks like one with none.
pub(super) fn cells(year: i16, region: RegionCode, sheet: &Sheet) -> Vec<Cell> {
    if sheet.total.is_none() {
        return Vec::new();
    }
    let total = Cell { year, region, dimension: "total", code: String::new(), count: sheet.total };
    let tables = sheet.tables.iter().flat_map(|table| {
        let cell = move |line: super::Line| Cell {
            year,
            region,
            dimension: table.dimension.code(),
            code: line.code,
            count: line.count,
        };
        gathered(table).into_iter().map(cell)
    });
    std::iter::once(total).chain(tables).collect()
}

const SCHEMA: &str = "message figures {
    required int32 year;
    required binary region (UTF8);
    required binary dimension (UTF8);
    required binary code (UTF8);
    optional int32 count;
}";

/// One Apache Parquet file, one row group, not compressed.
///
/// # Errors
/// None in practice: it is written to memory.
pub fn parquet(cells: &[Cell]) -> Result<Vec<u8>, ParquetError> {
    let schema = Arc::new(parse_message_type(SCHEMA)?);
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(WriterProperties::default()))?;
    let mut rows = writer.next_row_group()?;
    let texts: [fn(&Cell) -> String; 3] =
        [|cell| cell.region.to_string(), |cell| cell.dimension.to_owned(), |cell| cell.code.clone()];
    let years: Vec<i32> = cells.iter().map(|cell| i32::from(cell.year)).collect();
    let mut column = rows.next_column()?.ok_or(ParquetError::EOF("no column".into()))?;
    column.typed::<Int32Type>().write_batch(&years, None, None)?;
    column.close()?;
    for text in texts {
        let values: Vec<ByteArray> =
            cells.iter().map(|cell| ByteArray::from(text(cell).into_bytes())).collect();
        let mut column = rows.next_column()?.ok_or(ParquetError::EOF("no column".into()))?;
        column.typed::<ByteArrayType>().write_batch(&values, None, None)?;
        column.close()?;
    }
    let counts: Vec<i32> = cells
        .iter()
        .filter_map(|cell| cell.count)
        .map(|count| i32::try_from(count).unwrap_or(i32::MAX))
        .collect();
    let shown: Vec<i16> = cells.iter().map(|cell| i16::from(cell.count.is_some())).collect();
    let mut column = rows.next_column()?.ok_or(ParquetError::EOF("no column".into()))?;
    column.typed::<Int32Type>().write_batch(&counts, Some(&shown), None)?;
    column.close()?;
    rows.close()?;
    writer.into_inner()
}
