//! The files that a server shows: those in the program, or those of a folder. In a debug
//! build, those in the program are read from the sources at each request, so that a page
//! can be edited while it is shown.

use std::{borrow::Cow, fmt, fs, io, path::PathBuf};

use actix_files::{Files, file_extension_to_mime};
use actix_web::{
    HttpRequest, HttpResponse,
    dev::{AppService, HttpServiceFactory},
    guard,
    http::header::{self, ETag, EntityTag, Header, IfNoneMatch},
    mime,
    web::{self, Bytes, Path},
};
use rust_embed::{Embed, EmbeddedFile};

use crate::{
    error::Error,
    resource::{get, not_found},
};

/// What a path that ends in a slash stands for.
const INDEX: &str = "index.html";

/// How many bytes of a file's SHA-256 its `ETag` has: two files of one name that share them
/// are not to be expected.
const TAG_BYTES: usize = 8;

/// The folder `static`.
#[derive(Embed)]
#[folder = "../../static/"]
struct Pages;

/// The files that a server shows.
#[derive(Debug, Clone)]
pub struct Assets(Origin);

#[derive(Clone)]
enum Origin {
    Folder(PathBuf),
    Embedded { get: fn(&str) -> Option<EmbeddedFile>, names: fn() -> Vec<String> },
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => write!(f, "{}", folder.display()),
            Self::Embedded { .. } => f.write_str("the program"),
        }
    }
}

impl Assets {
    /// The files in `folder`, or those of `E` in this program.
    #[must_use]
    pub fn new<E: Embed>(folder: Option<PathBuf>) -> Self {
        Self(match folder {
            Some(folder) => Origin::Folder(folder),
            None => Origin::Embedded {
                get: E::get,
                names: || E::iter().map(Cow::into_owned).collect(),
            },
        })
    }

    /// The pages in `folder`, or those in this program. `page` and what the pages share must
    /// be among them.
    ///
    /// # Errors
    /// When one of the two can't be read.
    pub fn find(folder: Option<PathBuf>, page: &str) -> Result<Self, Error> {
        let pages = Self::new::<Pages>(folder);
        for name in [page, "shared/look.css"] {
            if let Err(source) = pages.read(name) {
                let path = match &pages.0 {
                    Origin::Folder(folder) => folder.join(name),
                    Origin::Embedded { .. } => PathBuf::from("static").join(name),
                };
                return Err(Error::of_file(path, source));
            }
        }
        Ok(pages)
    }

    /// The text of a file. The name is the program's own, never a request's.
    ///
    /// # Errors
    /// When it is not there, or no text.
    pub fn read(&self, name: &str) -> io::Result<String> {
        match &self.0 {
            Origin::Folder(folder) => fs::read_to_string(folder.join(name)),
            Origin::Embedded { get, .. } => {
                let file = get(name).ok_or(io::ErrorKind::NotFound)?;
                String::from_utf8(file.data.into_owned()).map_err(|error| {
                    io::Error::new(io::ErrorKind::InvalidData, error)
                })
            }
        }
    }

    /// The names of the files, without those in folders of theirs, in order.
    ///
    /// # Errors
    /// When the folder can't be read.
    pub fn names(&self) -> io::Result<Vec<String>> {
        let mut names: Vec<_> = match &self.0 {
            Origin::Folder(folder) => fs::read_dir(folder)?
                .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
                .collect(),
            Origin::Embedded { names, .. } => names(),
        };
        names.retain(|name| !name.contains('/'));
        names.sort();
        Ok(names)
    }

    /// Serves the files of `folder` at `path`, for GET and HEAD. Another method gets a 405
    /// with `Allow` (RFC 9110 §15.5.6); a 404 says what there is `instead`.
    pub fn serve(
        &self,
        path: &str,
        folder: &str,
        instead: &'static str,
    ) -> impl HttpServiceFactory + use<> {
        let path = path.trim_end_matches('/');
        let other = guard::Not(guard::Any(guard::Get()).or(guard::Head()));
        let refuse = async || {
            HttpResponse::MethodNotAllowed()
                .insert_header((header::ALLOW, "GET, HEAD"))
                .finish()
        };
        let refused =
            web::resource([path.to_owned(), format!("{path}/{{file:.*}}")]);
        let served = Served {
            origin: self.0.clone(),
            path: path.to_owned(),
            folder: folder.to_owned(),
            instead,
        };
        (refused.guard(other).to(refuse), served)
    }
}

/// Files of an origin, as a service of an app.
struct Served {
    origin: Origin,
    path: String,
    folder: String,
    instead: &'static str,
}

impl HttpServiceFactory for Served {
    fn register(self, app: &mut AppService) {
        let Self { origin, path, folder, instead } = self;
        match origin {
            Origin::Folder(root) => {
                Files::new(&format!("{path}/"), root.join(folder))
                    .index_file(INDEX)
                    .prefer_utf8(true)
                    .default_handler(web::to(async move |request: HttpRequest| {
                        not_found(&request, instead)
                    }))
                    .register(app)
            }
            Origin::Embedded { get: find, .. } => {
                let answer = move |request: HttpRequest, path: Path<String>| {
                    let name = format!("{folder}/{path}");
                    let name = if name.ends_with('/') { name + INDEX } else { name };
                    // In a debug build this is a path on the disk.
                    let inside = !name.split(['/', '\\']).any(|part| part == "..");
                    let response = match find(&name).filter(|_| inside) {
                        Some(file) => respond(&request, &name, file),
                        None => not_found(&request, instead),
                    };
                    async { response }
                };
                get(&format!("{path}/{{file:.*}}"), answer).register(app);
            }
        }
    }
}

/// The file, or a 304 to a client that has it (RFC 9110 §13.1.2).
fn respond(request: &HttpRequest, name: &str, file: EmbeddedFile) -> HttpResponse {
    let hash = file.metadata.sha256_hash();
    let hex = hash.iter().take(TAG_BYTES).map(|byte| format!("{byte:02x}"));
    let tag = EntityTag::new_strong(hex.collect());
    let known = match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|known| known.weak_eq(&tag)),
        Err(_) => false,
    };
    if known {
        return HttpResponse::NotModified().insert_header(ETag(tag)).finish();
    }
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let kind = file_extension_to_mime(extension);
    let kind = match kind.type_() {
        mime::TEXT => format!("{kind}; charset=utf-8"),
        _ => kind.to_string(),
    };
    let content = match file.data {
        Cow::Borrowed(content) => Bytes::from_static(content),
        Cow::Owned(content) => content.into(),
    };
    HttpResponse::Ok().insert_header(ETag(tag)).content_type(kind).body(content)
}
