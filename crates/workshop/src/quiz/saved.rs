//! The file that keeps the tally when the workshop ends, or crashes.

use std::{
    fs,
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::UNIX_EPOCH,
};

use super::{questions::Question, tally::Tally};

/// The file in which the tally is saved.
pub(super) struct TallyFile {
    folder: PathBuf,
    /// Locked during a write, and written after it.
    written: Mutex<Written>,
}

#[derive(Default)]
struct Written {
    /// The number of the change that the file has.
    change: u64,
    /// It could not be written, and that was said.
    failed: bool,
}

impl TallyFile {
    /// The file `quiz.json` of a folder, which is made when there is something to save.
    pub(super) fn in_folder(folder: PathBuf) -> Self {
        Self { folder, written: Mutex::default() }
    }

    fn path(&self) -> PathBuf {
        self.folder.join("quiz.json")
    }

    /// When it was written last, in Unix milliseconds.
    pub(super) fn written_at(&self) -> Option<u64> {
        let written = fs::metadata(self.path()).and_then(|data| data.modified());
        let since = written.ok()?.duration_since(UNIX_EPOCH).ok()?;
        Some(since.as_millis() as u64)
    }

    /// What was saved last. A file that can't be read is set aside, and that is said.
    pub(super) fn load(&self, questions: &[Question]) -> Option<Tally> {
        let path = self.path();
        let read =
            fs::read(&path).and_then(|text| Ok(serde_json::from_slice(&text)?));
        match read {
            Ok(mut tally) => {
                Tally::drop_unknown(&mut tally, questions);
                Some(tally)
            }
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => {
                let aside = format!("quiz-broken-{}.json", feed::unix_millis());
                let aside = self.folder.join(aside);
                let kept = match fs::rename(&path, &aside) {
                    Ok(()) => format!("is now {}", aside.display()),
                    Err(error) => format!("can't be renamed ({error})"),
                };
                let path = path.display();
                stage::print_error(
                    "workshop",
                    &format!(
                        "{path} can't be read ({error}) and {kept}; the quiz starts without votes"
                    ),
                );
                None
            }
        }
    }

    /// Saves the newest, if it has another number than what was saved before.
    pub(super) fn save(&self, newest: impl FnOnce() -> (u64, Tally)) {
        let mut written =
            self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let (change, tally) = newest();
        if change == written.change {
            return;
        }
        match self.write(&tally) {
            Ok(()) => *written = Written { change, failed: false },
            Err(error) => {
                if !written.failed {
                    let path = self.path();
                    stage::print_error(
                        "workshop",
                        &format!(
                            "{} can't be written ({error}): the answers will be lost \
                             at a restart; choose another folder with --state-dir FOLDER",
                            path.display()
                        ),
                    );
                }
                written.failed = true;
            }
        }
    }

    /// A crash leaves the file as it was or as it is to be, never half of it: the new one
    /// is complete on the disk before it gets the old one's name.
    fn write(&self, tally: &Tally) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let new = self.folder.join("quiz.json.new");
        let mut file = fs::File::create(&new)?;
        file.write_all(&serde_json::to_vec(tally)?)?;
        file.sync_all()?;
        fs::rename(new, self.path())?;
        sync(&self.folder);
        Ok(())
    }
}

/// A new name is on the disk only when its folder is synced. Where a folder can't be
/// opened for that (Windows), the system does it by itself.
fn sync(folder: &Path) {
    let _ = fs::File::open(folder).and_then(|folder| folder.sync_all());
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn folder(name: &str) -> PathBuf {
        let name = format!("workshop-{}-{name}", std::process::id());
        std::env::temp_dir().join(name)
    }

    #[test]
    fn what_is_saved_is_there_again() {
        let folder = folder("saved");
        let file = TallyFile::in_folder(folder.join("state"));
        assert_eq!(file.load(&[]), None);
        let tally = Tally::new(BTreeSet::new());
        file.save(|| (1, tally.clone()));
        assert_eq!(file.load(&[]), Some(tally.clone()));
        // The same change is not written twice, and half a new file does no harm.
        file.save(|| (1, Tally::new(BTreeSet::new())));
        fs::write(file.folder.join("quiz.json.new"), "{\"run\":").unwrap();
        assert_eq!(file.load(&[]), Some(tally));
        let other = Tally::new(BTreeSet::new());
        file.save(|| (2, other.clone()));
        assert_eq!(file.load(&[]), Some(other));
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_broken_file_is_set_aside() {
        let folder = folder("broken");
        fs::create_dir_all(&folder).unwrap();
        let file = TallyFile::in_folder(folder.clone());
        for broken in
            ["", "{\"run\":\"1\"", "[]", "{\"votes\":{\"a\":{\"1\":1}}}", "\u{0}"]
        {
            fs::write(file.path(), broken).unwrap();
            assert_eq!(file.load(&[]), None, "{broken:?}");
            assert!(!file.path().exists());
            let mut aside = fs::read_dir(&folder).unwrap();
            let aside = aside.next().unwrap().unwrap().path();
            assert_eq!(fs::read_to_string(&aside).unwrap(), broken);
            fs::remove_file(aside).unwrap();
        }
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_folder_that_takes_nothing_is_no_reason_to_stop() {
        let folder = folder("file");
        fs::write(&folder, "").unwrap();
        let file = TallyFile::in_folder(folder.join("state"));
        file.save(|| (1, Tally::new(BTreeSet::new())));
        file.save(|| (2, Tally::new(BTreeSet::new())));
        assert!(file.written.lock().unwrap().failed);
        fs::remove_file(folder).unwrap();
    }
}
