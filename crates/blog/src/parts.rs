//! The parts of the blog: posts, comments and likes. Each keeps what was written in a
//! file of its own, as others would in a database, so that a restart loses nothing.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use actix_web::{ResponseError, http::StatusCode};
use serde::{Deserialize, Serialize};

/// How much a part keeps: its newest news.
const NEWS_LIMIT: usize = 100;

/// The longest text of a post or a comment.
const TEXT_LIMIT: usize = 200; // characters

/// Which part.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum PartName {
    Posts,
    Comments,
    Likes,
}

impl PartName {
    /// All of them, in this order.
    pub(crate) const ALL: [Self; 3] = [Self::Posts, Self::Comments, Self::Likes];

    /// As it is in paths, and as its own program is called.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Posts => "posts",
            Self::Comments => "comments",
            Self::Likes => "likes",
        }
    }
}

/// What a reader sends: `{"text":"…"}` to posts, `{"post":3,"text":"…"}` to comments,
/// `{"post":3}` to likes.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Change {
    pub(crate) post: u32,
    pub(crate) text: String,
}

/// What all readers are told of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum News {
    Post { id: u32, text: String },
    Comment { id: u32, post: u32, text: String },
    Likes { post: u32, count: u32 },
}

impl Change {
    /// As it goes over the wire.
    pub(crate) fn json(&self) -> String {
        json(self)
    }
}

/// Numbers and text alone: that can't fail.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// Why a change was not made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    #[error(
        "a text of {0} characters: expected 1 to {TEXT_LIMIT}, and not spaces alone"
    )]
    Text(usize),
    #[error("it could not be saved: {0}; try again")]
    Save(#[from] io::Error),
}

impl ResponseError for Refused {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Text(_) => StatusCode::BAD_REQUEST,
            Self::Save(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

/// One part, wherever it runs.
pub(crate) struct Part {
    name: PartName,
    file: PathBuf,
    /// The newest at the end. Read from the file at start; `change` adds to it.
    news: Mutex<Vec<News>>,
}

impl Part {
    /// Opens a part that keeps its news in `folder`.
    pub(crate) fn open(name: PartName, folder: &Path) -> io::Result<Self> {
        let file = folder.join(name.text()).with_extension("json");
        let news = match fs::read_to_string(&file) {
            Ok(text) => serde_json::from_str(&text)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error),
        };
        Ok(Self { name, file, news: Mutex::new(news) })
    }

    /// What it is called.
    pub(crate) fn name(&self) -> &'static str {
        self.name.text()
    }

    /// All that it keeps.
    pub(crate) fn all(&self) -> Vec<News> {
        self.news.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Makes a change, and returns what readers are to be told.
    pub(crate) fn change(
        &self,
        Change { post, text }: Change,
    ) -> Result<News, Refused> {
        let mut kept = self.news.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all = kept.clone();
        let id = all.last().map_or(0, News::id).saturating_add(1);
        let news = match self.name {
            PartName::Posts => News::Post { id, text: shown(&text)? },
            PartName::Comments => News::Comment { id, post, text: shown(&text)? },
            PartName::Likes => {
                let at = all.iter().position(|likes| likes.id() == post);
                let count = at.map_or(0, |at| all.remove(at).count());
                News::Likes { post, count: count.saturating_add(1) }
            }
        };
        all.push(news.clone());
        let surplus = all.len().saturating_sub(NEWS_LIMIT);
        all.drain(..surplus);
        // Some kilobytes, so it is done here. Renamed, so that it is never half a file.
        let new = self.file.with_extension("new");
        fs::write(&new, json(&all))?;
        fs::rename(new, &self.file)?;
        *kept = all;
        Ok(news)
    }
}

impl News {
    /// As it goes over the wire.
    pub(crate) fn json(&self) -> String {
        json(self)
    }

    /// Its number among those of its part: for likes, that of the post.
    fn id(&self) -> u32 {
        match self {
            Self::Post { id, .. } | Self::Comment { id, .. } => *id,
            Self::Likes { post, .. } => *post,
        }
    }

    fn count(&self) -> u32 {
        if let Self::Likes { count, .. } = self { *count } else { 0 }
    }
}

/// The text as it is shown, if it shows anything.
fn shown(text: &str) -> Result<String, Refused> {
    let text = text.trim();
    match text.chars().count() {
        1..=TEXT_LIMIT => Ok(text.to_owned()),
        length => Err(Refused::Text(length)),
    }
}
