//! `scripts/behind`, as the tests of the notes and the cards run it, and with other templates.

use std::{
    env, fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU32, Ordering},
};

use testkit::Server;
pub(crate) use testkit::{BEHIND, Behind};

/// The script with a template of its own, in which a text stands for another. The folder is
/// removed when this is dropped.
pub(crate) struct OtherTemplate(PathBuf);

impl OtherTemplate {
    pub(crate) fn new(proxy: &str, from: &str, to: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("workshop-template-{}-{number}", process::id());
        let folder = env::temp_dir().join(name);
        fs::create_dir_all(folder.join("behind.d")).unwrap();
        symlink(BEHIND, folder.join("behind")).unwrap();
        let template = Path::new("behind.d").join(proxy);
        let text = fs::read_to_string(Path::new(BEHIND).with_file_name(&template));
        let text = text.unwrap();
        assert!(text.contains(from), "{from} is not in the template of {proxy}");
        fs::write(folder.join(template), text.replace(from, to)).unwrap();
        Self(folder)
    }

    pub(crate) fn before(&self, server: &Server, words: &[&str]) -> Behind {
        Behind::before_with(&self.0.join("behind"), server, words)
    }
}

impl Drop for OtherTemplate {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
