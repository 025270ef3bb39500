//! The sandbox as any other provider is asked.

use super::refunds::Refund;
use super::sessions::{self, Session, State};
use super::{Sandbox, charges, checkout, refunds};
use crate::db::{Connection, DbError, WriteTx};
use crate::payments::provider::{
    Charge, Checkout, CheckoutState, Event, EventError, Method, MethodPage, NewCharge, NewCheckout, NewCustomer,
    NewMethodPage, NewRefund, Provider, ProviderError, ProviderKind,
};
use crate::time::Timestamp;

impl From<DbError> for ProviderError {
    /// Where its database is away, so is the sandbox.
    fn from(error: DbError) -> Self {
        Self::Away(error.to_string())
    }
}

fn unknown(what: &str) -> ProviderError {
    ProviderError::Refused(format!("the sandbox has no such {what}"))
}

impl Sandbox {
    fn write<T>(&self, body: impl FnOnce(&mut WriteTx) -> Result<T, DbError>) -> Result<T, ProviderError> {
        Ok(self.db.write(&self.context, body)?)
    }

    fn read_rows<T>(&self, body: impl FnOnce(&mut Connection) -> Result<T, DbError>) -> Result<T, ProviderError> {
        Ok(self.db.read(body)?)
    }

    fn session(&self, id: &str) -> Result<Session, ProviderError> {
        self.read_rows(|connection| sessions::find(connection, id))?.ok_or_else(|| unknown("session"))
    }

    fn method(&self, id: Option<&str>) -> Result<Option<Method>, ProviderError> {
        let Some(id) = id else { return Ok(None) };
        Ok(self.read_rows(|connection| charges::method(connection, id))?.map(charges::StoredMethod::shown))
    }

    fn state(&self, session: &Session) -> Result<CheckoutState, ProviderError> {
        if session.is_open_at(self.context.clock.now()) {
            return Ok(CheckoutState::Open { url: session.path() });
        }
        let Some(id) = session.payment.as_deref() else { return Ok(CheckoutState::Ended) };
        let payment = self.read_rows(|connection| charges::payment(connection, id))?;
        let payment = payment.ok_or_else(|| unknown("payment"))?;
        match payment.charge(self.method(session.method.as_deref())?) {
            Charge::Paid(paid) => Ok(CheckoutState::Paid(paid)),
            Charge::Declined { .. } | Charge::Pending { .. } => Ok(CheckoutState::Ended),
        }
    }
}

impl Provider for Sandbox {
    fn kind(&self) -> ProviderKind {
        ProviderKind::Sandbox
    }

    /// It is called by our id, so that it is the same however often it is asked for.
    fn create_customer(&self, new: &NewCustomer) -> Result<String, ProviderError> {
        Ok(format!("sbx_customer_{}", new.organization))
    }

    fn open_checkout(&self, new: &NewCheckout) -> Result<Checkout, ProviderError> {
        let session = self.write(|tx| sessions::open(tx, new))?;
        if session.amount() != Some(new.amount) {
            return Err(ProviderError::Refused("the same payment was asked for with another amount".to_owned()));
        }
        Ok(Checkout { url: session.path(), session: session.id })
    }

    fn look(&self, session: &str) -> Result<CheckoutState, ProviderError> {
        self.state(&self.session(session)?)
    }

    fn close_checkout(&self, session: &str) -> Result<CheckoutState, ProviderError> {
        let closed = self.write(|tx| checkout::close(tx, session))?;
        self.state(&closed.ok_or_else(|| unknown("session"))?)
    }

    fn open_method_page(&self, new: &NewMethodPage) -> Result<Checkout, ProviderError> {
        let session = self.write(|tx| sessions::open_for_method(tx, new))?;
        Ok(Checkout { url: session.path(), session: session.id })
    }

    fn look_at_method_page(&self, session: &str) -> Result<MethodPage, ProviderError> {
        let session = self.session(session)?;
        if let Some(method) = self.method(session.method.as_deref().filter(|_| session.state == State::Done))? {
            return Ok(MethodPage::Kept(method));
        }
        let is_open = session.is_open_at(self.context.clock.now());
        Ok(if is_open { MethodPage::Open } else { MethodPage::Ended })
    }

    fn forget_method(&self, method: &str) -> Result<(), ProviderError> {
        self.write(|tx| charges::forget(tx, method))
    }

    fn charge(&self, new: &NewCharge) -> Result<Charge, ProviderError> {
        let payment = self.write(|tx| charges::charge(tx, new))?;
        if payment.amount() != new.amount {
            return Err(ProviderError::Refused("the same payment was asked for with another amount".to_owned()));
        }
        Ok(payment.charge(None))
    }

    fn look_at_charge(&self, new: &NewCharge) -> Result<Option<Charge>, ProviderError> {
        let payment = self.read_rows(|connection| charges::of(connection, new.payment.as_str()))?;
        Ok(payment.map(|payment| payment.charge(None)))
    }

    fn refund(&self, new: &NewRefund) -> Result<String, ProviderError> {
        match self.write(|tx| refunds::refund(tx, new))? {
            Refund::Refunded(id) => Ok(id),
            Refund::Unknown => Err(unknown("payment")),
            Refund::TooMuch => Err(ProviderError::Refused("more than is left of the payment".to_owned())),
        }
    }

    fn read_event(&self, signature: &str, body: &[u8], now: Timestamp) -> Result<Event, EventError> {
        self.read(signature, body, now)
    }
}
