//! The page that asks for the presenter's key, and leads on to the page that was wanted.

use actix_web::{
    HttpRequest, HttpResponse, Result,
    guard::{GuardContext, fn_guard},
    http::{
        Method,
        header::{self, ContentType},
    },
    web::{self, Data, Form, ServiceConfig},
};
use lens::TrustedProxies;
use serde::Deserialize;

use crate::{client::client, presenter::PresenterAuth, site::Site};

/// The presenter's first page.
const DESK: &str = "/presenter";

/// Where the key is sent.
const KEY: &str = "/presenter/key";

/// Adds the page that asks for the key. It answers for every path below `/presenter`
/// until the key is entered, so it must be added before the presenter's pages.
pub(super) fn routes(app: &mut ServiceConfig) {
    // The one place that keeps others out of all below `/presenter`.
    let ask =
        web::resource("/presenter{rest:.*}").guard(fn_guard(needs_key)).to(ask);
    app.service(ask).service(web::resource(KEY).post(take));
}

/// The key that was typed, and the page that was wanted.
#[derive(Deserialize)]
struct Typed {
    key: String,
    #[serde(default)]
    from: String,
}

/// Checks the key. If it is right, redirects to the page that was wanted.
async fn take(
    request: HttpRequest,
    auth: Data<PresenterAuth>,
    site: Data<Site>,
    proxies: Data<TrustedProxies>,
    typed: Form<Typed>,
) -> Result<HttpResponse> {
    let from = presenters_page(&typed.from);
    let client = client(request.head(), &proxies);
    match client.and_then(|client| auth.log_in(&typed.key, client)) {
        Some(cookie) => Ok(HttpResponse::SeeOther()
            .insert_header((header::LOCATION, from))
            .insert_header((header::SET_COOKIE, cookie))
            .finish()),
        None => ask_again(&site, from, "That is not the key of this workshop."),
    }
}

/// Whether a request neither has a session nor brings the key.
fn needs_key(request: &GuardContext<'_>) -> bool {
    let (auth, head) = (request.app_data::<Data<PresenterAuth>>(), request.head());
    let proxies = request.app_data::<Data<TrustedProxies>>();
    let client = proxies.and_then(|proxies| client(head, proxies));
    let authorized = auth
        .zip(client)
        .is_some_and(|(auth, client)| auth.is_authorized(head.headers(), client));
    let brings_key = head.method == Method::POST && head.uri.path() == KEY;
    !authorized && !brings_key
}

async fn ask(site: Data<Site>, request: HttpRequest) -> Result<HttpResponse> {
    let target = request.uri().path_and_query();
    let target = target.map_or(DESK, |target| target.as_str());
    ask_again(&site, presenters_page(target), "")
}

fn ask_again(site: &Site, from: &str, wrong: &str) -> Result<HttpResponse> {
    let mut escaped = String::new();
    notes::escape(from, &mut escaped);
    let from = format!(r#"name="from" value="{escaped}""#);
    let placeholders =
        [(r#"name="from" value="""#, &*from), ("<!-- wrong -->", wrong)];
    let page = site.page("key/index.html", &placeholders)?;
    Ok(HttpResponse::Forbidden().content_type(ContentType::html()).body(page))
}

/// Where to go with the key: to a page of the presenter's. All else that a form may say,
/// such as an address elsewhere, leads to the desk.
fn presenters_page(target: &str) -> &str {
    let path = target.split('?').next().unwrap_or_default();
    let ours = path.starts_with("/presenter/") && path != KEY;
    let plain =
        |byte: u8| byte.is_ascii_alphanumeric() || b"/-._?=&%".contains(&byte);
    if ours && target.bytes().all(plain) { target } else { DESK }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_leads_to_no_page_but_the_presenters() {
        for page in [
            "/presenter/quiz",
            "/presenter/quiz/wall",
            "/presenter/wire/sse?a=b&c=%20",
        ] {
            assert_eq!(presenters_page(page), page);
        }
        for other in [
            "",
            "/",
            "/presenter",
            "/presenter?",
            "/presenter/key",
            "/presenter/key?a=b",
            "/presenters/desk",
            "//elsewhere.org/presenter/quiz",
            "https://elsewhere.org/presenter/quiz",
            "/presenter/quiz\r\nSet-Cookie: a=b",
            "/presenter/\"><script>",
            "/presenter/\\elsewhere.org",
        ] {
            assert_eq!(presenters_page(other), DESK, "{other:?}");
        }
    }
}
