//! Somebody who writes until the server is gone.

use std::sync::mpsc::Sender;

use ureq::http::Request;

use super::Written;
use crate::support::multipart::{content_type, multipart};
use crate::support::{Html, Persona, SLUG, process::Process};

/// Somebody who works until the server is gone.
pub struct Worker {
    agent: ureq::Agent,
    url: String,
    cookie: String,
    tell: Sender<Written>,
}

impl Worker {
    /// Signs `persona` in.
    pub fn new(process: &Process, persona: Persona, tell: &Sender<Written>) -> Self {
        let cookie = process.signed_in(persona).cookie("portico").expect("a session");
        let config = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0);
        let agent = config.max_redirects_will_error(false).build().into();
        Self { agent, url: process.url.clone(), cookie: format!("portico={cookie}"), tell: tell.clone() }
    }

    /// The status, the address of a redirect and the body. `None` once the server is gone.
    fn send(&self, method: &str, path: &str, content_type: &str, body: String) -> Option<(u16, String, String)> {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header("Cookie", &self.cookie)
            .header("Sec-Fetch-Site", "same-origin")
            .header("Content-Type", content_type);
        let mut answer = match method {
            "GET" => self.agent.run(request.body(()).expect("a request")),
            _ => self.agent.run(request.body(body).expect("a request")),
        }
        .ok()?;
        let body = answer.body_mut().read_to_string().ok()?;
        let location = answer.headers().get("location").and_then(|value| value.to_str().ok()).unwrap_or_default();
        Some((answer.status().as_u16(), location.to_owned(), body))
    }

    /// Posts a form and answers where it leads.
    fn post(&self, path: &str, fields: &[(&str, &str)]) -> Option<String> {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let (status, location, body) = self.send("POST", path, "application/x-www-form-urlencoded", body)?;
        assert_eq!(status, 303, "{path}: {body}");
        Some(location)
    }

    fn invite(&self, email: &str) -> Option<()> {
        let fields = [("emails", email), ("role", "reader")];
        let body = multipart(fields.map(|(name, value)| (name, None, value.as_bytes())));
        let body = String::from_utf8(body).expect("text");
        let path = format!("/organizations/{SLUG}/people/invite");
        let (status, _, body) = self.send("POST", &path, &content_type(), body)?;
        assert_eq!(status, 303, "{email}: {body}");
        Some(())
    }

    fn page(&self, path: &str) -> Option<Html> {
        let (status, _, body) = self.send("GET", path, "text/plain", String::new())?;
        assert_eq!(status, 200, "{path}");
        Some(Html::parse(&body))
    }

    fn done(&self, what: Written) {
        // Nobody listens any more once enough was written; what was answered since then is still collected.
        let _ = self.tell.send(what);
    }

    /// Invites one person after the other.
    pub fn invites(&self, round: usize) -> Option<()> {
        for number in 0.. {
            let email = format!("person{number}@round{round}.example.com");
            self.invite(&email)?;
            self.done(Written::Invited(email));
        }
        None
    }

    /// Founds one Organization after the other, as many as one may on a day.
    pub fn founds(&self, round: usize) -> Option<()> {
        for number in 0..20 {
            let name = format!("Round {round} number {number}");
            let fields = [("kind", "individual"), ("name", name.as_str()), ("country", "CH")];
            let location = self.post("/organizations/new", &fields)?;
            let slug = location.strip_prefix("/organizations/").expect("an Organization").to_owned();
            self.done(Written::Founded { slug });
        }
        None
    }

    /// Makes somebody Reader, then Member, then Reader again.
    pub fn changes_roles(&self, membership: &str, mut current: &'static str) -> Option<()> {
        loop {
            let role = if current == "reader" { "member" } else { "reader" };
            let path = format!("/organizations/{SLUG}/people/{membership}/role");
            self.post(&path, &[("role", role), ("current", current)])?;
            self.done(Written::Role(role));
            current = role;
        }
    }

    /// Invites the outsider, who accepts, and removes them again, as often as somebody may be invited on a day.
    pub fn comes_and_goes(&self, outsider: &Worker) -> Option<()> {
        let people = format!("/organizations/{SLUG}/people");
        let find = || {
            let list = self.page(&format!("{people}?search=otto"))?;
            Some(list.attributes("input[name=selected]", "value").pop())
        };
        for _ in 0..10 {
            if find()?.is_none() {
                self.invite(&Persona::Outsider.email())?;
            }
            let home = outsider.page("/home")?;
            let accept = home.attributes("form", "action").into_iter().find(|action| action.ends_with("/accept"));
            if let Some(accept) = accept {
                outsider.post(&accept, &[])?;
                self.done(Written::Joined);
            }
            let id = find()?.expect("they are in the list");
            self.post(&format!("{people}/remove"), &[("selected", &id)])?;
            self.done(Written::Removed);
        }
        None
    }
}
