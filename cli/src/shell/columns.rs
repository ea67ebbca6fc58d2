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

/// How narrow a last column may become before it is left to the terminal.
const NARROWEST: usize = 20;

/// Lines of columns for a terminal that is `width` wide: what is too long for the last column goes on below it.
pub(super) fn folded(lines: &[String], width: usize) -> Vec<String> {
    let start = lines.first().and_then(|headings| headings.rsplit_once("  "));
    let start = start.map_or(0, |(before, _last)| before.chars().count() + 2);
    let room = width.saturating_sub(start);
    if room < NARROWEST {
        return lines.to_vec();
    }
    lines.iter().flat_map(|line| fold(line, start, room)).collect()
}

fn fold(line: &str, start: usize, room: usize) -> Vec<String> {
    let Some((at, _)) = line.char_indices().nth(start).filter(|_| line.chars().count() > start + room) else {
        return vec![line.to_owned()];
    };
    let (before, last) = line.split_at(at);
    let mut parts = vec![String::new()];
    for word in last.split(' ') {
        let part = parts.last().map_or(0, |part| part.chars().count());
        if part > 0 && part + 1 + word.chars().count() > room {
            parts.push(String::new());
        }
        let part = parts.last_mut().expect("there is one from the start");
        if !part.is_empty() {
            part.push(' ');
        }
        part.push_str(word);
    }
    let indent = " ".repeat(start);
    let begins = [before].into_iter().chain(std::iter::repeat(indent.as_str()));
    begins.zip(parts).map(|(begin, part)| format!("{begin}{part}")).collect()
}

#[cfg(test)]
mod tests {
    use super::{columns, folded};

    #[test]
    fn what_is_too_long_for_the_last_column_goes_on_below_it() {
        let lines = ["NAME  DEPENDS ON", "a     b, cc, ddd, eeee, fffff, g", "b     -"].map(str::to_owned);
        assert_eq!(folded(&lines, 32), lines);
        let expected =
            ["NAME  DEPENDS ON", "a     b, cc, ddd, eeee, fffff,", "      g", "b     -"].map(str::to_owned);
        assert_eq!(folded(&lines, 31), expected);
        // Too narrow for anything.
        assert_eq!(folded(&lines, 25), lines);
        let word = ["NAME  WHY", "a     aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa b"].map(str::to_owned);
        let expected =
            ["NAME  WHY", "a     aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "      b"].map(str::to_owned);
        assert_eq!(folded(&word, 30), expected);
        assert_eq!(folded(&[], 30), Vec::<String>::new());
    }

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
