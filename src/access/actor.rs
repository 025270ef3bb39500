//! Who acts.

use chrono::Duration;

use crate::ids::{SessionId, UserId};
use crate::names::full_name;
use crate::time::{Calendar, Timestamp};

/// How long somebody who has proved who they are need not do so again for what is sensitive.
const FRESH_FOR: Duration = Duration::minutes(10);

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
    /// When they last proved who they are.
    pub authenticated_at: Timestamp,
    /// Whether their account asks for a second step.
    pub has_two_factor: bool,
    /// Empty where they have no picture.
    pub picture_hash: String,
    /// How they read moments.
    pub calendar: Calendar,
    /// When their account is deleted, where that waits.
    pub deletion_due_at: Option<Timestamp>,
}

impl SignedIn {
    /// Whether they have proved just now who they are.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        now - self.authenticated_at < FRESH_FOR
    }
}

/// Staff of the company that runs this portal, at its command line: who may run it there may do anything, so nobody asks what
/// they may, but what they do is recorded like everybody's.
#[derive(Clone, Debug)]
pub struct Operator {
    /// As the machine knows them. Empty where it does not.
    pub name: String,
}

impl Operator {
    /// What stands in place of the id of a user.
    const ID: &str = "operator";
}

/// Whoever has a mail that was sent to an address, and acts by the link in it without an account.
#[derive(Clone, Debug)]
pub struct Recipient {
    pub email: String,
    pub ip: String,
}

/// A product of the company that works for an Organization, such as the one that processes in the cloud.
#[derive(Clone, Debug)]
pub struct Product {
    /// As its customers know it.
    pub name: String,
}

impl Product {
    /// What stands in place of the id of a user.
    const ID: &str = "product";
}

/// Somebody who placed an order, for whom what was bought is given once it is paid: they need not be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Buyer {
    pub user_id: UserId,
    pub name: String,
}

/// Who acts: a closed list, so that whoever asks decides for each kind. None of them needs a session. A key or a provider of
/// payments is another kind here. Only a person is in an Organization: see [`Scope`](crate::access::Scope).
#[derive(Clone, Copy, Debug)]
pub enum Actor<'a> {
    Person(&'a Person),
    Operator(&'a Operator),
    Recipient(&'a Recipient),
    Product(&'a Product),
    Buyer(&'a Buyer),
    /// The portal itself, in the background.
    Job,
}

impl<'a> Actor<'a> {
    /// The id as the activity log has it.
    pub fn id(self) -> &'a str {
        match self {
            Self::Person(person) => person.user_id.as_str(),
            Self::Operator(_) => Operator::ID,
            Self::Recipient(_) => "",
            Self::Product(_) => Product::ID,
            Self::Buyer(buyer) => buyer.user_id.as_str(),
            Self::Job => "job",
        }
    }

    /// The name as people read it in the activity log.
    pub fn name(self) -> String {
        match self {
            Self::Person(person) => person.name(),
            Self::Operator(operator) if operator.name.is_empty() => "Operator".to_owned(),
            Self::Operator(operator) => format!("Operator ({})", operator.name),
            Self::Recipient(recipient) => recipient.email.clone(),
            Self::Product(product) => product.name.clone(),
            Self::Buyer(buyer) => buyer.name.clone(),
            Self::Job => "Portico".to_owned(),
        }
    }

    /// From where. Empty for who acts on the machine itself.
    pub fn ip(self) -> &'a str {
        match self {
            Self::Person(person) => &person.ip,
            Self::Operator(_) | Self::Product(_) | Self::Buyer(_) | Self::Job => "",
            Self::Recipient(recipient) => &recipient.ip,
        }
    }
}
