//! Passwords: what is accepted, and hashing with Argon2id.
//!
//! A hash takes tens of milliseconds and 12 MiB, so only so many run at once; who cannot be served within three seconds is told
//! to come back.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use argon2::password_hash::{Output, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::config::PasswordCost;
use crate::secrets::random_bytes;
use crate::web::AppError;

/// The shortest password, in characters.
pub const SHORTEST: usize = 12;
/// The longest password, in bytes. Longer ones are refused, never cut.
pub const LONGEST: usize = 1_024;

/// How long a hash is, in bytes.
const HASH_BYTES: usize = 32;

/// How long a request waits for its turn to hash.
const WAIT: Duration = Duration::from_secs(3);

/// Passwords that attackers try first, at least [`SHORTEST`] long, lower-cased.
static COMMON: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    include_str!("common_passwords.txt").lines().filter(|line| !line.is_empty() && !line.starts_with("# ")).collect()
});

/// What is wrong with a new password, if anything. `personal` are words that it must not consist of: names and the address.
pub fn problem(password: &str, personal: &[&str]) -> Option<&'static str> {
    let folded = password.to_lowercase();
    let is_personal = |word: &&str| {
        let word = word.to_lowercase();
        !word.is_empty() && (folded == word || (word.len() >= 4 && folded.replace(word.as_str(), "").len() < 4))
    };
    if password.chars().count() < SHORTEST {
        Some("Use at least 12 characters.")
    } else if password.len() > LONGEST {
        Some("Use at most 1,024 bytes.")
    } else if COMMON.contains(folded.as_str()) || is_monotonous(&folded) {
        Some("This password is among the first that attackers try. Choose another one.")
    } else if personal.iter().any(is_personal) {
        Some("This password is your name or address. Choose another one.")
    } else {
        None
    }
}

/// Fewer than four different characters, such as `aaaaaaaaaaaa` or `121212121212`.
fn is_monotonous(password: &str) -> bool {
    password.chars().collect::<HashSet<_>>().len() < 4
}

/// The right to hash one password now.
pub struct Turn(#[allow(dead_code, reason = "held, not read")] OwnedSemaphorePermit);

/// Hashes and checks passwords, a few at a time.
#[derive(Clone)]
pub struct Passwords {
    argon2: Argon2<'static>,
    turns: Arc<Semaphore>,
    /// A hash that no password has: checked for addresses without an account, so that the answer takes as long.
    nobody: Arc<str>,
    checked: Arc<AtomicU64>,
    threads: Threads,
}

/// Threads for nothing but hashing, as many as there are turns. They give way to those that answer pages.
#[derive(Clone)]
struct Threads(Sender<Job>);

type Job = Box<dyn FnOnce(&mut Memory) + Send>;

/// How far hashing gives way: a quarter of a processor that others want too, all of one that nobody else wants.
const NICENESS: i32 = 5;

impl Threads {
    fn start(count: usize) -> Self {
        let (jobs, waiting) = channel::<Job>();
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..count {
            let waiting = Arc::clone(&waiting);
            let thread = std::thread::Builder::new().name("passwords".to_owned());
            let started = thread.spawn(move || {
                // On Linux this is about the thread alone; where it is not possible, hashing is as important as pages.
                #[cfg(target_os = "linux")]
                let _ = rustix::process::nice(NICENESS);
                let mut memory = Memory::default();
                let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
                // Ends when the last handle to these threads is gone.
                while let Ok(job) = next() {
                    job(&mut memory);
                }
            });
            if let Err(error) = started {
                tracing::error!(%error, "no thread for passwords");
            }
        }
        Self(jobs)
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Memory) -> T + Send + 'static,
    ) -> Result<T, AppError> {
        let gone = || AppError::Internal("the threads for passwords are gone".to_owned());
        let (tell, told) = oneshot::channel();
        let job: Job = Box::new(move |memory| drop(tell.send(work(memory))));
        self.0.send(job).map_err(|_| gone())?;
        told.await.map_err(|_| gone())
    }
}

/// The memory that one hash at a time is computed in, kept from one to the next.
#[derive(Default)]
struct Memory(Vec<Block>);

impl Memory {
    /// Computes a hash of `length` bytes.
    fn compute(&mut self, argon2: &Argon2, password: &[u8], salt: &[u8], length: usize) -> argon2::Result<Vec<u8>> {
        self.0.resize(argon2.params().block_count(), Block::default());
        let mut hash = vec![0; length];
        argon2.hash_password_into_with_memory(password, salt, &mut hash, &mut self.0)?;
        Ok(hash)
    }

    /// A new hash in PHC format.
    fn hash(&mut self, argon2: &Argon2, password: &[u8]) -> String {
        const FITS: &str = "passwords of up to 1,024 bytes and these salts are within Argon2's bounds";
        let salt = random_bytes::<16>();
        let hash = self.compute(argon2, password, &salt, HASH_BYTES).expect(FITS);
        let params = argon2.params();
        let [salt, hash] = [STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(hash)];
        format!("$argon2id$v=19$m={},t={},p={}${salt}${hash}", params.m_cost(), params.t_cost(), params.p_cost())
    }

    /// Whether `password` leads to a hash in PHC format, computed as that one was.
    fn verify(&mut self, phc: &str, password: &[u8]) -> bool {
        let Ok(stored) = PasswordHash::new(phc) else { return false };
        let (Some(salt), Some(expected), Ok(params)) = (stored.salt, stored.hash, Params::try_from(&stored)) else {
            return false;
        };
        let mut bytes = [0; Salt::MAX_LENGTH];
        let Ok(salt) = salt.decode_b64(&mut bytes) else { return false };
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let computed = self.compute(&argon2, password, salt, expected.len());
        // Compared in constant time.
        computed.is_ok_and(|computed| Output::new(&computed).is_ok_and(|computed| computed == expected))
    }
}

impl Passwords {
    pub fn new(cost: PasswordCost, cores: usize) -> Self {
        let params =
            Params::new(cost.memory, cost.passes, 1, None).expect("both costs in use are within Argon2's bounds");
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        // Random bytes in place of a hash: no password leads to them, and checking one costs what it always does.
        let [salt, hash] = [STANDARD_NO_PAD.encode(random_bytes::<16>()), STANDARD_NO_PAD.encode(random_bytes::<32>())];
        let nobody = format!("$argon2id$v=19$m={},t={},p=1${salt}${hash}", cost.memory, cost.passes);
        let count = cores.saturating_sub(1).max(1);
        let (turns, threads) = (Arc::new(Semaphore::new(count)), Threads::start(count));
        Self { argon2, turns, nobody: nobody.into(), checked: Arc::default(), threads }
    }

    /// How many passwords were checked so far, those for addresses without an account among them.
    pub fn checked(&self) -> u64 {
        self.checked.load(Ordering::Relaxed)
    }

    /// Waits for a turn to hash. Who holds one may do what must not be done by many at once, such as counting an attempt.
    pub async fn turn(&self) -> Result<Turn, AppError> {
        let turn = tokio::time::timeout(WAIT, Arc::clone(&self.turns).acquire_owned()).await;
        let busy = || AppError::Unavailable("too many passwords are being checked".to_owned());
        Ok(Turn(turn.map_err(|_| busy())?.map_err(|_| busy())?))
    }

    /// The hash to store, in PHC format.
    pub async fn hash(&self, password: String) -> Result<String, AppError> {
        let turn = self.turn().await?;
        let argon2 = self.argon2.clone();
        let work = move |memory: &mut Memory| {
            let _turn = turn;
            memory.hash(&argon2, password.as_bytes())
        };
        self.threads.run(work).await
    }

    /// The hash to store, computed right here. For commands, not for requests.
    pub fn hash_now(&self, password: &str) -> String {
        Memory::default().hash(&self.argon2, password.as_bytes())
    }

    /// Whether `password` is the one behind `hash`. Without a hash the work is done all the same, and the answer is no.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, AppError> {
        let turn = self.turn().await?;
        self.verify_in(turn, password, hash).await
    }

    /// The same, for who has a turn already.
    pub async fn verify_in(&self, turn: Turn, password: String, hash: Option<String>) -> Result<bool, AppError> {
        let (nobody, checked) = (Arc::clone(&self.nobody), Arc::clone(&self.checked));
        let work = move |memory: &mut Memory| {
            let _turn = turn;
            let is_right = memory.verify(hash.as_deref().unwrap_or(&nobody), password.as_bytes());
            checked.fetch_add(1, Ordering::Relaxed);
            is_right && hash.is_some()
        };
        self.threads.run(work).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_nobody_is_a_hash_that_costs_the_same() {
        let cost = PasswordCost { memory: 64, passes: 2 };
        let passwords = Passwords::new(cost, 1);
        let nobody = PasswordHash::new(&passwords.nobody).unwrap();
        let somebody = passwords.hash_now("a quiet harbour at dawn");
        let somebody = PasswordHash::new(&somebody).unwrap();
        assert_eq!(nobody.params, somebody.params);
        assert_eq!(nobody.hash.unwrap().len(), somebody.hash.unwrap().len());
    }

    #[test]
    fn hashes_are_those_of_the_library() {
        use argon2::password_hash::PasswordVerifier;
        let passwords = Passwords::new(PasswordCost { memory: 64, passes: 2 }, 1);
        let ours = passwords.hash_now("a quiet harbour at dawn");
        let parsed = PasswordHash::new(&ours).unwrap();
        assert!(passwords.argon2.verify_password(b"a quiet harbour at dawn", &parsed).is_ok());
        let mut memory = Memory::default();
        assert!(memory.verify(&ours, b"a quiet harbour at dawn"));
        assert!(!memory.verify(&ours, b"a quiet harbour at dusk"));
    }
}
