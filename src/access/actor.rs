//! Who acts.

use crate::ids::{SessionId, UserId};
use crate::names::full_name;

/// A person, and where they act from.
#[derive(Clone, Debug)]
pub struct Person {
    pub user_id: UserId,
    /// The address of the account. It is verified: an account exists once its address is.
    pub email: String,
    pub first_name: String,
    pub last_name: String,
    pub ip: String,
}

impl Person {
    pub fn name(&self) -> String {
        full_name(&self.first_name, &self.last_name)
    }
}

/// A person who is signed in, and with which session.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub person: Person,
    pub session_id: SessionId,
}

/// Who acts: a closed list, so that whoever asks decides for each kind. None of them needs a session. A key, a job, an operator
/// or a provider of payments is another kind here.
#[derive(Clone, Debug)]
pub enum Actor {
    Person(Person),
}

impl Actor {
    pub fn person(&self) -> &Person {
        let Self::Person(person) = self;
        person
    }
}
