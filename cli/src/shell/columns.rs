//! Tables of text. Pure.

/// Columns as wide as their widest cell, numbers to the right, no blanks at the ends of lines.
///
/// `is_number` says it for each column; a row that is shorter ends early.
#[must_use]
pub fn columns<R: AsRef<[String]>>(rows: &[R], is_number: &[bool]) -> Vec<String> {
    let cells = |row: &R, column: usize| row.as_ref().get(column).map_or(0, |cell| cell.chars().count());
    let width = |column| rows.iter().map(|row| cells(row, column)).max().unwrap_or(0);
    let widths: Vec<usize> = (0..is_number.len()).map(width).collect();
    let line = |row: &R| {
        let cells = row.as_ref().iter().zip(&widths).zip(is_number);
        let cells = cells.map(
            |((text, width), &is_number)| {
                if is_number { format!("{text:>width$}") } else { format!("{text:<width$}") }
            },
        );
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::columns;

    #[test]
    fn numbers_stand_to_the_right_and_lines_end_where_their_text_ends() {
        let rows =
            [["NAME", "UP", "WHY"], ["b", "12", ""], ["counter", "3", "é"]].map(|row| row.map(str::to_owned));
        assert_eq!(
            columns(&rows, &[false, true, false]),
            ["NAME     UP  WHY", "b        12", "counter   3  é"]
        );
    }
}
