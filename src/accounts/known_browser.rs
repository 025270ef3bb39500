//! Known browsers: those that somebody has signed in with before.
//!
//! Whoever guesses passwords uses up the counters of an account, and with them nobody gets in any more, the holder neither. So a
//! browser remembers, in a cookie that only this installation can write, whose password was right in it. In there the holder has a
//! budget of their own to sign in and to ask for a reset, whatever strangers do elsewhere. The cookie opens nothing: the password
//! is asked for all the same, and only so often.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::ids::UserId;
use crate::limits;
use crate::rates::Limit;
use crate::secrets::{Sealer, Secret};

const PURPOSE: &str = "known browser";
/// How many people a browser is known of; whoever signed in last is kept.
const MOST_HOLDERS: usize = 4;

/// A browser that the holders of some accounts have signed in with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownBrowser {
    /// Tells it from others, for its counters.
    id: String,
    /// The ids of the accounts, the latest first.
    holders: Vec<String>,
}

impl KnownBrowser {
    /// What a cookie says, unless somebody else wrote it.
    pub fn open(sealer: &Sealer, cookie: &str) -> Option<Self> {
        let sealed = URL_SAFE_NO_PAD.decode(cookie).ok()?;
        serde_json::from_slice(&sealer.open(PURPOSE, "", &sealed)?).ok()
    }

    /// The content of the cookie.
    pub fn sealed(&self, sealer: &Sealer) -> String {
        let plain = serde_json::to_vec(self).expect("strings always make JSON");
        URL_SAFE_NO_PAD.encode(sealer.seal(PURPOSE, "", &plain))
    }

    /// The same browser, of one holder more.
    #[must_use]
    pub fn with(mut self, holder: &UserId) -> Self {
        if self.id.is_empty() {
            Secret::random().as_str().clone_into(&mut self.id);
        }
        self.holders.retain(|known| known != holder.as_str());
        self.holders.insert(0, holder.to_string());
        self.holders.truncate(MOST_HOLDERS);
        self
    }

    /// Who signed in with it last.
    pub fn latest(&self) -> Option<UserId> {
        self.holders.first().and_then(|holder| UserId::parse(holder))
    }

    /// Whether it is a browser of this holder.
    pub fn is_of(&self, holder: &UserId) -> bool {
        self.holders.iter().any(|known| known == holder.as_str())
    }

    /// One of its own limits, where it is a browser of this holder.
    pub fn limit_of(&self, holder: &UserId, limit: Limit) -> Option<(Limit, String)> {
        self.is_of(holder).then(|| (limit, limits::of_each(holder.as_str(), &self.id)))
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::secrets::{SecretKey, SecretKeys};
    use crate::time::Timestamp;

    #[test]
    fn a_browser_is_known_of_those_who_signed_in_last_and_only_to_who_has_the_key() {
        let [sealer, stranger] = [(); 2].map(|()| {
            let key = SecretKey::new(&SecretKey::generate()).expect("a drawn key");
            Sealer::new(SecretKeys::only(key))
        });
        let now = Timestamp::from(DateTime::from_timestamp(1_800_000_000, 0).expect("a moment"));
        let holders: Vec<UserId> = (0..6).map(|_| UserId::new(now)).collect();
        let browser = holders.iter().fold(KnownBrowser::default(), KnownBrowser::with).with(&holders[3]);
        let cookie = browser.sealed(&sealer);
        assert_eq!(KnownBrowser::open(&sealer, &cookie), Some(browser.clone()));
        assert_eq!(KnownBrowser::open(&stranger, &cookie), None);
        assert_eq!(KnownBrowser::open(&sealer, &cookie[1..]), None);
        let known: Vec<bool> =
            holders.iter().map(|holder| browser.limit_of(holder, Limit::SignInBrowser).is_some()).collect();
        assert_eq!(known, [false, false, true, true, true, true]);
        let other = KnownBrowser::default().with(&holders[3]);
        assert_ne!(
            other.limit_of(&holders[3], Limit::SignInBrowser),
            browser.limit_of(&holders[3], Limit::SignInBrowser),
            "each has counters of its own"
        );
    }
}
