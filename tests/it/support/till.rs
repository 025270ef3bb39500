//! A provider of payments whose answers a test decides. It keeps what it charged, as a bank does.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use portico::ids::PaymentId;
use portico::money::Money;
use portico::payments::provider::{
    Charge, Checkout, CheckoutState, Event, EventError, Forged, MethodPage, NewCharge, NewCheckout, NewCustomer,
    NewMethodPage, NewRefund, Paid, Provider, ProviderError, ProviderKind,
};
use portico::time::Timestamp;

/// What it says to a charge that it has not seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Say {
    Pay,
    Decline(&'static str),
    /// It says later, when the test does: see [`Till::decide`].
    Later,
    /// It cannot be reached.
    Away,
    /// It charges, and its answer is lost.
    PayAndAway,
}

#[derive(Default)]
struct Kept {
    /// By our row, with the method that was charged.
    charges: BTreeMap<String, (Money, String, Charge)>,
    next: VecDeque<Say>,
    asked: usize,
}

/// All copies are one.
#[derive(Clone)]
pub struct Till {
    kept: Arc<Mutex<Kept>>,
    /// What it says where nothing else is to come first.
    usually: Arc<Mutex<Say>>,
}

impl Default for Till {
    fn default() -> Self {
        Self { kept: Arc::default(), usually: Arc::new(Mutex::new(Say::Pay)) }
    }
}

impl Till {
    /// What it says to the next charges, one after the other.
    pub fn says(&self, next: &[Say]) {
        self.kept.lock().unwrap().next.extend(next);
    }

    pub fn usually(&self, say: Say) {
        *self.usually.lock().unwrap() = say;
    }

    /// How often it was asked to charge.
    pub fn asked(&self) -> usize {
        self.kept.lock().unwrap().asked
    }

    /// What was paid, in the order of our rows.
    pub fn paid(&self) -> Vec<(PaymentId, Money)> {
        let kept = self.kept.lock().unwrap();
        let paid = kept.charges.iter().filter(|(_, (.., charge))| matches!(charge, Charge::Paid(_)));
        paid.map(|(id, (amount, ..))| (PaymentId::parse(id).expect("our row"), *amount)).collect()
    }

    /// Says what came of all that it wanted to say later.
    pub fn decide(&self, charge: impl Fn(&str, Money) -> Charge) {
        for (id, (amount, _, kept)) in &mut self.kept.lock().unwrap().charges {
            if matches!(kept, Charge::Pending { .. }) {
                *kept = charge(id, *amount);
            }
        }
    }
}

/// A charge that was paid.
pub fn paid(payment: &str, amount: Money) -> Charge {
    Charge::Paid(Paid { provider_payment: format!("till {payment}"), amount, method: None })
}

fn away<T>() -> Result<T, ProviderError> {
    Err(ProviderError::Away("the line is dead".to_owned()))
}

impl Provider for Till {
    fn kind(&self) -> ProviderKind {
        ProviderKind::Sandbox
    }

    fn create_customer(&self, _: &NewCustomer) -> Result<String, ProviderError> {
        away()
    }

    fn open_checkout(&self, _: &NewCheckout) -> Result<Checkout, ProviderError> {
        away()
    }

    fn look(&self, _: &str) -> Result<CheckoutState, ProviderError> {
        away()
    }

    fn close_checkout(&self, _: &str) -> Result<CheckoutState, ProviderError> {
        away()
    }

    fn open_method_page(&self, _: &NewMethodPage) -> Result<Checkout, ProviderError> {
        away()
    }

    fn look_at_method_page(&self, _: &str) -> Result<MethodPage, ProviderError> {
        away()
    }

    fn forget_method(&self, _: &str) -> Result<(), ProviderError> {
        Ok(())
    }

    fn charge(&self, new: &NewCharge) -> Result<Charge, ProviderError> {
        let mut kept = self.kept.lock().unwrap();
        kept.asked += 1;
        if let Some((amount, method, charge)) = kept.charges.get(new.payment.as_str()) {
            // A provider refuses an id that comes back with something else.
            assert_eq!((*amount, method), (new.amount, &new.method), "{} was asked for otherwise", new.payment);
            return Ok(charge.clone());
        }
        let say = kept.next.pop_front().unwrap_or(*self.usually.lock().unwrap());
        let id = new.payment.to_string();
        let charge = match say {
            Say::Away => return away(),
            Say::Pay | Say::PayAndAway => paid(&id, new.amount),
            Say::Decline(reason) => Charge::Declined { reason: reason.to_owned() },
            Say::Later => Charge::Pending { provider_payment: format!("till {id}") },
        };
        kept.charges.insert(id, (new.amount, new.method.clone(), charge.clone()));
        if say == Say::PayAndAway { away() } else { Ok(charge) }
    }

    fn look_at_charge(&self, new: &NewCharge) -> Result<Option<Charge>, ProviderError> {
        let kept = self.kept.lock().unwrap();
        Ok(kept.charges.get(new.payment.as_str()).map(|(.., charge)| charge.clone()))
    }

    fn refund(&self, new: &NewRefund) -> Result<String, ProviderError> {
        if *self.usually.lock().unwrap() == Say::Away { away() } else { Ok(format!("till {}", new.key)) }
    }

    fn read_event(&self, _: &str, _: &[u8], _: Timestamp) -> Result<Event, EventError> {
        Err(Forged::Malformed.into())
    }
}
