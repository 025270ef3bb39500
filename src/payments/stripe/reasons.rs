//! Why a payment was declined, for people.

use super::shapes::ApiError;

/// The bank says more than the code, where it says anything.
pub(super) fn reason(error: Option<&ApiError>) -> String {
    let code = error.and_then(|error| match error.decline_code.as_deref() {
        None | Some("generic_decline") => error.code.as_deref(),
        more => more,
    });
    match code {
        Some("authentication_required" | "payment_intent_authentication_failure") => {
            "The bank asks the cardholder to confirm this payment. Pay it on the payment page."
        }
        Some("insufficient_funds") => "The card has insufficient funds.",
        Some("expired_card") => "The card has expired.",
        Some("incorrect_cvc" | "invalid_cvc") => "The security code of the card is wrong.",
        Some("card_velocity_exceeded" | "withdrawal_count_limit_exceeded") => "The card has reached its limit.",
        Some("lost_card" | "stolen_card" | "pickup_card") => "The card cannot be used any more.",
        Some("resource_missing") => "The payment method was removed.",
        _ => "The card was declined.",
    }
    .to_owned()
}

/// Whether the bank said no, or the method is gone: then another method helps, and asking again does not.
pub(super) fn is_declined(error: &ApiError) -> bool {
    error.kind.as_deref() == Some("card_error")
        || error.status == 402
        || matches!(error.code.as_deref(), Some("authentication_required" | "resource_missing"))
}
