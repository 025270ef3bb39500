//! A browser without a window: it keeps cookies, follows nothing, and says where its forms come from.

use std::collections::BTreeMap;
use std::sync::Mutex;

use ureq::http::{HeaderMap, Method, Request};
use ureq::{Agent, Body};

use super::html::Html;
use super::multipart::{content_type, multipart};

pub struct Browser {
    agent: Agent,
    url: String,
    cookies: Mutex<BTreeMap<String, String>>,
}

/// What the server answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
    /// The body as it came, for what is no text.
    pub bytes: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// What is set of the cookie with this name, attributes and all.
    pub fn set_cookie(&self, name: &str) -> &str {
        let mut all = self.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
        all.rfind(|cookie| cookie.starts_with(&format!("{name}="))).unwrap_or_default()
    }

    /// Where a redirect leads.
    pub fn location(&self) -> &str {
        self.header("location")
    }

    /// The body as a page.
    pub fn html(&self) -> Html {
        Html::parse(&self.body)
    }

    /// What must be the same for everybody who is to see no difference: not the id of the request, not the moment, and not whether
    /// the connection stays open, which depends on how much of the request had arrived.
    pub fn comparable(&self) -> (u16, Vec<(String, String)>, String) {
        let id = self.header("x-request-id");
        assert!(id.starts_with("req_"), "every answer has a request id");
        let mut headers: Vec<(String, String)> = self
            .headers
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "x-request-id" | "date" | "connection"))
            .map(|(name, value)| {
                let value = value.to_str().unwrap_or_default();
                let value = if name == "set-cookie" { without_content(value) } else { value.to_owned() };
                (name.to_string(), value)
            })
            .collect();
        headers.sort();
        (self.status, headers, self.body.replace(id, "req"))
    }

    /// All text of the page in one line.
    pub fn text(&self) -> String {
        self.html().text("body")
    }
}

/// Of a cookie, everything but the content, which is encrypted: its length tells as much as its name.
fn without_content(cookie: &str) -> String {
    let Some((name, rest)) = cookie.split_once('=') else { return cookie.to_owned() };
    let (content, attributes) = rest.split_once(';').unwrap_or((rest, ""));
    let content = percent_encoding::percent_decode_str(content).count();
    format!("{name} of {content} bytes;{attributes}")
}

impl Browser {
    pub fn new(url: &str) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(std::time::Duration::from_secs(60)))
            .build();
        Self { agent: config.into(), url: url.to_owned(), cookies: Mutex::default() }
    }

    /// Another window of the same browser: the same cookies from now on are its own.
    pub fn copy(&self) -> Self {
        let copy = Self::new(&self.url);
        *copy.cookies.lock().unwrap() = self.cookies.lock().unwrap().clone();
        copy
    }

    /// The same cookies at another server.
    pub fn at(&self, url: &str) -> Self {
        Self { url: url.to_owned(), ..self.copy() }
    }

    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().unwrap().get(name).cloned()
    }

    pub fn set_cookie(&self, name: &str, value: &str) {
        self.cookies.lock().unwrap().insert(name.to_owned(), value.to_owned());
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], Vec::new())
    }

    /// Posts a form of this site.
    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.post_raw(path, body.into_bytes())
    }

    /// Posts a form that is encoded already.
    pub fn post_raw(&self, path: &str, body: Vec<u8>) -> Answer {
        let headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Sec-Fetch-Site", "same-origin")];
        self.send(Method::POST, path, &headers, body)
    }

    /// Posts an upload form: text fields, and files as (field, file name, content).
    pub fn upload(&self, path: &str, fields: &[(&str, &str)], files: &[(&str, &str, &[u8])]) -> Answer {
        let fields = fields.iter().map(|(name, value)| (*name, None, value.as_bytes()));
        let files = files.iter().map(|(name, file, content)| (*name, Some(*file), *content));
        let (content_type, body) = (content_type(), multipart(fields.chain(files)));
        let headers = [("Content-Type", content_type.as_str()), ("Sec-Fetch-Site", "same-origin")];
        self.send(Method::POST, path, &headers, body)
    }

    /// Any request. Only what `headers` say is sent beside the cookies.
    pub fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Answer {
        let mut request = Request::builder().method(method.clone()).uri(format!("{}{path}", self.url));
        let cookies: Vec<String> =
            self.cookies.lock().unwrap().iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request = request.header("Cookie", cookies.join("; "));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = if matches!(method, Method::GET | Method::HEAD) {
            self.agent.run(request.body(()).expect("a request"))
        } else {
            self.agent.run(request.body(body).expect("a request"))
        };
        let mut answer = answer.unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        for cookie in answer.headers().get_all("set-cookie") {
            self.keep(cookie.to_str().unwrap_or_default());
        }
        let body: &mut Body = answer.body_mut();
        let body = body.with_config().limit(200 * 1_024 * 1_024).read_to_vec().expect("a body");
        Answer {
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            body: String::from_utf8_lossy(&body).into_owned(),
            bytes: body,
        }
    }

    fn keep(&self, cookie: &str) {
        let Some((pair, attributes)) = cookie.split_once(';') else {
            return;
        };
        let Some((name, value)) = pair.split_once('=') else {
            return;
        };
        let mut cookies = self.cookies.lock().unwrap();
        if value.is_empty() || attributes.to_lowercase().contains("max-age=0") {
            cookies.remove(name);
        } else {
            cookies.insert(name.to_owned(), value.to_owned());
        }
    }

    /// Opens where an answer leads, if it leads anywhere, and so on.
    pub fn follow(&self, answer: Answer) -> Answer {
        let mut answer = answer;
        for _ in 0..5 {
            if !(300..400).contains(&answer.status) {
                return answer;
            }
            let location = answer.location().split('#').next().unwrap_or_default().to_owned();
            answer = self.get(&location);
        }
        panic!("more than five redirects, the last to {}", answer.location());
    }
}
