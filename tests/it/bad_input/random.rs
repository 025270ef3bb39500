//! Thousands of requests of random bytes, the same ones in every run.

use portico::routes::table;
use rstest::rstest;
use rstest_reuse::apply;
use ureq::http::Method;

use crate::support::{
    Persona, Portal,
    multipart::{content_type, multipart},
    on_both,
};

/// Numbers that look random and are the same in every run (xorshift64*).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// Bytes of many kinds: any, text, markup, numbers, other alphabets, and words that mean something here.
    fn bytes(&mut self) -> Vec<u8> {
        const WORDS: &[&str] = &[
            "",
            " ",
            "owner",
            "member",
            "acme",
            "mem_01kb1b1b1be1ea1b1b1b1b1b1b",
            "inv_",
            "null",
            "true",
            "-1",
            "0",
            "2147483648",
            "1e9",
            "a@example.com",
            "\"Ada\" <a@example.com>",
            "CH",
            "business",
            "<script>",
            "' OR 1=1--",
            "../..",
            "//evil.example",
            "\u{202e}",
            "\u{feff}",
            "é\u{301}\u{301}",
            "ﬃ",
            "İ",
            "ß",
            "\u{10ffff}",
            "😀",
            "=cmd()",
            "\r\nSet-Cookie: a=b",
            "{{7*7}}",
            "%00",
            "%",
            "+",
            "a,b;c\td",
            "\u{1f}",
            "\u{0}",
        ];
        match self.below(6) {
            0 => (0..self.below(40)).map(|_| self.next() as u8).collect(),
            1 => (0..self.below(300)).map(|_| b' ' + self.below(95) as u8).collect(),
            2 => self.pick(WORDS).repeat(1 + self.below(4)).into_bytes(),
            3 => (0..self.below(60))
                .filter_map(|_| char::from_u32(self.below(0x11_0000) as u32))
                .collect::<String>()
                .into_bytes(),
            4 => format!("{}{}", self.pick(WORDS), self.pick(WORDS)).into_bytes(),
            _ => [self.pick(WORDS).as_bytes(), self.pick(&["\0", "\u{202e}", "\u{10ffff}", "%", "\n"]).as_bytes()]
                .concat(),
        }
    }

    fn encoded(&mut self) -> String {
        percent_encoding::percent_encode(&self.bytes(), percent_encoding::NON_ALPHANUMERIC).to_string()
    }
}

const FIELDS: &[&str] = &[
    "email",
    "password",
    "next",
    "first_name",
    "last_name",
    "country",
    "company",
    "terms",
    "form_key",
    "token",
    "kind",
    "name",
    "legal_name",
    "website",
    "industry",
    "language",
    "postal_address",
    "zip",
    "city",
    "tax_id",
    "tax_exempt",
    "officer_name",
    "officer_phone",
    "managers_may_purchase",
    "invitation_domains",
    "version",
    "role",
    "current",
    "selected",
    "emails",
    "csv",
    "logo",
    "search",
    "status",
    "after",
    "unknown",
];

fn content(random: &mut Random) -> (String, Vec<u8>) {
    let names: Vec<&str> = (0..random.below(8)).map(|_| *random.pick(FIELDS)).collect();
    match random.below(10) {
        0 => ((*random.pick(&["text/plain", "application/json", "x"])).to_owned(), random.bytes()),
        1..=3 => {
            let parts: Vec<(&str, Option<&str>, Vec<u8>)> = names
                .into_iter()
                .map(|name| (name, (random.below(2) == 0).then_some("a.csv"), random.bytes()))
                .collect();
            let mut body = multipart(parts.iter().map(|(name, file, content)| (*name, *file, content.as_slice())));
            // Sometimes a piece is missing.
            if random.below(4) == 0 {
                body.truncate(random.below(body.len()));
            }
            (content_type(), body)
        }
        4 => ("application/x-www-form-urlencoded".to_owned(), random.bytes()),
        _ => {
            let fields: Vec<String> = names.iter().map(|name| format!("{name}={}", random.encoded())).collect();
            ("application/x-www-form-urlencoded".to_owned(), fields.join("&").into_bytes())
        }
    }
}

#[apply(on_both)]
fn nothing_that_is_sent_is_the_fault_of_the_server(#[case] portal: &Portal) {
    const SEED: u64 = 20_261_123;
    let mut random = Random::new(SEED);
    let routes = table(true, true).list();
    let mut places = portal.places(0, "guest@example.net");
    let mut browser = portal.signed_in(Persona::Owner);
    let mut statuses = std::collections::BTreeMap::<u16, usize>::new();
    for round in 0..3_000 {
        // Whoever was signed out or removed comes back, and limits on tries are forgotten.
        if round % 300 == 0 {
            portal.later(chrono::Duration::days(1));
            let email = format!("round-{round}@example.com");
            portal.add_person(&email, *random.pick(portico::access::Role::ALL));
            browser = if round % 900 == 600 { portal.browser() } else { portal.signed_in_as(&email) };
            places = portal.places(round + 1, &email);
        }
        let route = random.pick(&routes).clone();
        let mut path = places.path(&route.path);
        if random.below(3) == 0 {
            let hole = *random.pick(&["{slug}", "{id}", "{token}", "{name}"]);
            let strange = random.encoded();
            path = places.path(&route.path.replace(hole, "hole")).replace("hole", &strange);
        }
        if random.below(3) == 0 {
            let field = *random.pick(FIELDS);
            path.push_str(&format!("?{field}={}", random.encoded()));
        }
        let (content_type, body) = content(&mut random);
        let method = if random.below(20) == 0 {
            Method::PUT
        } else {
            Method::from_bytes(route.method.as_str().as_bytes()).unwrap()
        };
        let headers = [("Content-Type", content_type.as_str()), ("Sec-Fetch-Site", "same-origin")];
        let answer = browser.send(method.clone(), &path, &headers, body.clone());
        let what = format!("round {round}: {method} {path} {content_type} {:?}", String::from_utf8_lossy(&body));
        assert!(answer.status < 500, "{what}: {}", answer.status);
        if answer.status >= 400 && !answer.body.is_empty() {
            assert!(!answer.html().text("h1").is_empty(), "{what}");
        }
        *statuses.entry(answer.status).or_default() += 1;
    }
    // It gets to every kind of answer, not only to the first check.
    for status in [200, 303, 400, 403, 404, 405, 422] {
        assert!(statuses.contains_key(&status), "{statuses:?}");
    }
}
