//! The log of one node, as a file that grows.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use super::entry::{Entry, Reader};

/// How much is read at once.
const AT_ONCE: u64 = 8 * 1024 * 1024;

/// A log, and how far it was read.
#[derive(Debug)]
pub struct LogFile {
    /// The node that writes it.
    pub node: String,
    path: PathBuf,
    read: Option<Position>,
    /// A line whose end was not written yet.
    rest: Vec<u8>,
    reader: Reader,
}

/// Where reading goes on, in which file.
#[derive(Debug)]
struct Position {
    file: File,
    inode: u64,
    at: u64,
}

impl LogFile {
    /// The log of `node` at `path`, which need not be there yet.
    #[must_use]
    pub fn new(node: String, path: PathBuf) -> Self {
        Self { node, path, read: None, rest: Vec::new(), reader: Reader::default() }
    }

    /// What was written since the last time. A file that was replaced or emptied is read from its beginning.
    ///
    /// # Errors
    /// What the system says. A log that is not there says nothing.
    pub fn more(&mut self) -> io::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        if self.was_replaced()? {
            // What is left in the file before is still to be told.
            while self.read_on(&mut entries)? > 0 {}
            self.read = None;
        }
        if self.read.is_none() {
            let file = match File::open(&self.path) {
                Ok(file) => file,
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(entries),
                Err(error) => return Err(error),
            };
            let inode = file.metadata()?.ino();
            self.read = Some(Position { file, inode, at: 0 });
        }
        while self.read_on(&mut entries)? > 0 {}
        Ok(entries)
    }

    /// Whether another file has its name now.
    fn was_replaced(&self) -> io::Result<bool> {
        let Some(position) = &self.read else { return Ok(false) };
        match std::fs::metadata(&self.path) {
            Ok(now) => Ok(now.ino() != position.inode),
            // Moved away, and nothing in its place yet.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Reads some of what follows, and says how many bytes that were.
    fn read_on(&mut self, entries: &mut Vec<Entry>) -> io::Result<usize> {
        let Some(position) = &mut self.read else { return Ok(0) };
        if position.file.metadata()?.len() < position.at {
            position.at = 0;
            self.rest.clear();
        }
        position.file.seek(SeekFrom::Start(position.at))?;
        let read = (&mut position.file).take(AT_ONCE).read_to_end(&mut self.rest)?;
        position.at += read as u64;
        let whole = self.rest.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
        let lines: Vec<u8> = self.rest.drain(..whole).collect();
        let text = String::from_utf8_lossy(&lines);
        let more = self.reader.entries(text.lines());
        for entry in more {
            match entries.last_mut() {
                Some(last) if entry.continues => last.below.push(entry.text),
                _ => entries.push(entry),
            }
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, OpenOptions};
    use std::io::Write;

    use super::*;

    fn texts(log: &mut LogFile) -> Vec<String> {
        log.more().expect("readable").into_iter().map(|entry| entry.text).collect()
    }

    #[test]
    fn a_log_is_read_on_through_growth_rotation_and_truncation() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("abc.log");
        let mut log = LogFile::new("abc".into(), path.clone());
        let append = |text: &str| {
            let mut file = OpenOptions::new().create(true).append(true).open(&path).expect("a log");
            file.write_all(text.as_bytes()).expect("written");
        };
        assert!(texts(&mut log).is_empty(), "it is not there yet");
        append("one\ntw");
        assert_eq!(texts(&mut log), ["one"]);
        append("o\n");
        assert_eq!(texts(&mut log), ["two"], "a line is told when its end is there");
        append("three\n");
        fs::rename(&path, folder.path().join("abc.log.1")).expect("rotated");
        assert_eq!(texts(&mut log), ["three"], "what was written before it was moved");
        append("four\n");
        assert_eq!(texts(&mut log), ["four"]);
        fs::write(&path, "").expect("truncated");
        append("5\n");
        assert_eq!(texts(&mut log), ["5"]);
    }
}
