//! Hashing passwords with Argon2id. A hash takes tens of milliseconds and 12 MiB, so only so many run at once, on threads of
//! their own; who cannot be served within three seconds is told to come back.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};

use crate::secrets::random_bytes;
use crate::shares::{Share, Shares};
use crate::threads::{Busy, Threads, Turn};

/// The longest password, in bytes. Longer ones are refused, never cut.
pub const LONGEST: usize = 1_024;

/// How long a hash is, in bytes.
const HASH_BYTES: usize = 32;

const FITS: &str = "passwords of up to 1,024 bytes and these salts and costs are within Argon2's bounds";

/// What a password hash costs. Production is one of OWASP's equal sets for Argon2id (12 MiB, 3 passes: the one of the least memory
/// that ASVS 5.0 approves too); tests use less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordCost {
    /// Memory in KiB.
    pub memory: u32,
    pub passes: u32,
}

impl PasswordCost {
    pub const PRODUCTION: Self = Self { memory: 12_288, passes: 3 };
}

/// Hashes and checks passwords, a few at a time.
#[derive(Clone)]
pub struct Passwords {
    argon2: Argon2<'static>,
    /// A hash that no password has: checked for addresses without an account, so that the answer takes as long.
    nobody: Arc<str>,
    checked: Arc<AtomicU64>,
    threads: Threads<Memory>,
    /// Turns of one network: a good part, never all, so that others find one whoever hammers.
    shares: Shares,
}

/// The right to have one password hashed or checked now.
#[must_use]
pub struct HashTurn {
    turn: Turn,
    share: Share,
}

/// How long somebody waits for their turn.
const WAIT: Duration = Duration::from_secs(3);

/// What came of checking a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checked {
    Wrong,
    Right,
    /// Right, and the stored hash was computed at another cost than today's: this is the hash to store from now on.
    RightAtOldCost(String),
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
        let salt = random_bytes::<16>();
        let hash = self.compute(argon2, password, &salt, HASH_BYTES).expect(FITS);
        phc(argon2, &salt, &hash)
    }

    /// Checks `password` against a hash in PHC format, computed as that one was.
    fn check(&mut self, today: &Argon2, phc: &str, password: &[u8]) -> Checked {
        let Ok(stored) = PasswordHash::new(phc) else { return Checked::Wrong };
        let (Some(salt), Some(expected), Ok(params)) = (stored.salt, stored.hash, Params::try_from(&stored)) else {
            return Checked::Wrong;
        };
        let is_of_today = stored.params == params_of(today);
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let computed = self.compute(&argon2, password, &salt, expected.len());
        // Compared in constant time.
        let is_right = computed.is_ok_and(|computed| Output::new(&computed).is_ok_and(|computed| computed == expected));
        match (is_right, is_of_today) {
            (false, _) => Checked::Wrong,
            (true, true) => Checked::Right,
            (true, false) => Checked::RightAtOldCost(self.hash(today, password)),
        }
    }
}

fn params_of(argon2: &Argon2) -> ParamsString {
    argon2.params().try_into().expect(FITS)
}

fn phc(argon2: &Argon2, salt: &[u8], hash: &[u8]) -> String {
    PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: params_of(argon2),
        salt: Some(Salt::new(salt).expect(FITS)),
        hash: Some(Output::new(hash).expect(FITS)),
    }
    .to_string()
}

impl Passwords {
    pub fn start(cost: PasswordCost, cores: usize) -> Self {
        let params = Params::new(cost.memory, cost.passes, 1, None).expect(FITS);
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        // Random bytes in place of a hash: no password leads to them, and checking one costs what it always does.
        let nobody = phc(&argon2, &random_bytes::<16>(), &random_bytes::<HASH_BYTES>());
        let count = cores.saturating_sub(1).max(1);
        let (threads, shares) = (Threads::start("passwords", count), Shares::new((count / 2).max(1)));
        Self { argon2, nobody: nobody.into(), checked: Arc::default(), threads, shares }
    }

    /// How many passwords requests had hashed or checked so far, those for addresses without an account among them.
    pub fn checked(&self) -> u64 {
        self.checked.load(Ordering::Relaxed)
    }

    /// Waits for a turn to hash. Who holds one may do what must not be done by many at once, such as counting an attempt.
    /// Those of one network wait for each other first: in the line for everybody stand few of each.
    pub async fn turn(&self, network: &str) -> Result<HashTurn, Busy> {
        let line = async {
            let share = self.shares.take(network).await;
            Ok(HashTurn { turn: self.threads.turn().await?, share })
        };
        tokio::time::timeout(WAIT, line).await.map_err(|_| Busy)?
    }

    /// The hash to store, in PHC format.
    pub async fn hash(&self, HashTurn { turn, share }: HashTurn, password: String) -> Result<String, Busy> {
        let (argon2, count) = (self.argon2.clone(), Arc::clone(&self.checked));
        let work = move |memory: &mut Memory| {
            let _share = share;
            count.fetch_add(1, Ordering::Relaxed);
            memory.hash(&argon2, password.as_bytes())
        };
        self.threads.run(turn, work).await
    }

    /// The hash to store, computed right here. For commands, not for requests.
    pub fn hash_now(&self, password: &str) -> String {
        Memory::default().hash(&self.argon2, password.as_bytes())
    }

    /// Whether `password` is the one behind `hash`. Without a hash the work is done all the same, and the answer is "wrong".
    pub async fn check(
        &self,
        HashTurn { turn, share }: HashTurn,
        password: String,
        hash: Option<String>,
    ) -> Result<Checked, Busy> {
        // No account has such a password, so nothing is computed for any.
        if password.len() > LONGEST {
            return Ok(Checked::Wrong);
        }
        let (argon2, nobody, count) = (self.argon2.clone(), Arc::clone(&self.nobody), Arc::clone(&self.checked));
        let work = move |memory: &mut Memory| {
            let _share = share;
            let checked = memory.check(&argon2, hash.as_deref().unwrap_or(&nobody), password.as_bytes());
            count.fetch_add(1, Ordering::Relaxed);
            if hash.is_some() { checked } else { Checked::Wrong }
        };
        self.threads.run(turn, work).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: PasswordCost = PasswordCost { memory: 64, passes: 2 };
    const DAWN: &str = "a quiet harbour at dawn";

    #[test]
    fn the_hash_of_nobody_is_a_hash_that_costs_the_same() {
        let passwords = Passwords::start(CHEAP, 1);
        let nobody = PasswordHash::new(&passwords.nobody).unwrap();
        let somebody = PasswordHash::new(&passwords.hash_now(DAWN)).unwrap();
        assert_eq!(nobody.params, somebody.params);
        assert_eq!(nobody.hash.unwrap().len(), somebody.hash.unwrap().len());
    }

    #[test]
    fn hashes_are_those_of_the_library() {
        use argon2::password_hash::PasswordVerifier;
        let passwords = Passwords::start(CHEAP, 1);
        let ours = passwords.hash_now(DAWN);
        let parsed = PasswordHash::new(&ours).unwrap();
        assert!(passwords.argon2.verify_password(DAWN.as_bytes(), &parsed).is_ok());
        let mut memory = Memory::default();
        assert_eq!(memory.check(&passwords.argon2, &ours, DAWN.as_bytes()), Checked::Right);
        assert_eq!(memory.check(&passwords.argon2, &ours, b"a quiet harbour at dusk"), Checked::Wrong);
    }

    #[test]
    fn a_hash_of_another_cost_is_made_anew() {
        let (old, today) = (Passwords::start(PasswordCost { memory: 32, passes: 1 }, 1), Passwords::start(CHEAP, 1));
        let mut memory = Memory::default();
        let Checked::RightAtOldCost(fresh) = memory.check(&today.argon2, &old.hash_now(DAWN), DAWN.as_bytes()) else {
            panic!("the password is right, and its hash is of another cost");
        };
        assert_eq!(memory.check(&today.argon2, &fresh, DAWN.as_bytes()), Checked::Right);
    }

    #[test]
    fn a_hash_of_another_program_is_understood() {
        // Written by the reference implementation, in the format that earlier versions stored, too.
        const REFERENCE: &str =
            "$argon2id$v=19$m=64,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$UTKi0ZXCc3wVd4tKncn6Xj7kwvf3A5OZMY3TTvcDEqI";
        let passwords = Passwords::start(CHEAP, 1);
        assert_eq!(Memory::default().check(&passwords.argon2, REFERENCE, DAWN.as_bytes()), Checked::Right);
    }
}
