//! "Automatic renewal": what is charged next for a licence, when and to what, as its page says it.

use crate::access::{Permission, Scope};
use crate::licences::automatic::{Automatic, Problem};
use crate::licences::licence::Licence;
use crate::money::Money;
use crate::time::When;
use crate::web::Layout;

pub struct AutomaticView {
    /// When the next term is charged, or when that is tried again. `None` where nothing is charged any more.
    pub charged: Option<When>,
    /// Of the next term, without tax.
    pub price: Money,
    /// What it is charged to.
    pub method: Option<String>,
    /// Why the last charge brought nothing, in a sentence.
    pub problem: &'static str,
    /// The last day of the term.
    pub ends: When,
    /// Whether whoever looks can see to the payment method.
    pub may_pay: bool,
}

impl AutomaticView {
    /// For those who see what is paid, of a licence that goes on by itself.
    pub fn new(licence: &Licence, automatic: &Automatic, scope: &Scope, layout: &Layout) -> Option<Self> {
        let (price, ends_at) = (licence.next_term().price()?, licence.ends_at?);
        if !licence.renews() || !scope.may(Permission::ViewOrders) {
            return None;
        }
        let planned =
            licence.is_charged_at().filter(|_| automatic.problem.is_none() && !licence.has_ended_at(layout.now()));
        Some(Self {
            charged: automatic.next_try_at.or(planned).map(|at| layout.when(at.max(layout.now()))),
            price,
            method: automatic.method.as_ref().map(|(brand, last)| format!("{brand} ending in {last}")),
            problem: match automatic.problem {
                None => "",
                Some(Problem::Declined) => "The bank declined the last charge.",
                Some(Problem::NoMethod) => "There was nothing to charge.",
            },
            ends: layout.last_day(ends_at),
            may_pay: scope.may(Permission::ManagePaymentMethod),
        })
    }
}
