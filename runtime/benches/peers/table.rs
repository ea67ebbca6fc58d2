//! Medians, as a table of Markdown.

use std::fmt;

/// A row for each workload, a column for each contender, each but the first with its ratio to the first.
pub(crate) struct Table {
    lines: Vec<String>,
}

impl Table {
    pub(crate) fn new(contenders: &[&str]) -> Self {
        let head = format!("| workload | {} |", contenders.join(" | "));
        let rule = format!("|---|{}", "---|".repeat(contenders.len()));
        Self { lines: vec![head, rule] }
    }

    /// No samples, no cell.
    pub(crate) fn row(&mut self, workload: &str, unit: &str, samples: Vec<Vec<u128>>) {
        let medians: Vec<Option<u128>> = samples.into_iter().map(median).collect();
        let base = medians[0];
        let cells = medians.iter().enumerate().map(|(index, cell)| match (cell, base) {
            (None, _) => "-".to_owned(),
            (Some(median), Some(base)) if index > 0 => {
                format!("{median} {unit} ({:.2}x)", *median as f64 / base as f64)
            }
            (Some(median), _) => format!("{median} {unit}"),
        });
        self.lines.push(format!("| {workload} | {} |", cells.collect::<Vec<_>>().join(" | ")));
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lines.join("\n"))
    }
}

fn median(mut samples: Vec<u128>) -> Option<u128> {
    samples.sort_unstable();
    samples.get(samples.len() / 2).copied()
}
