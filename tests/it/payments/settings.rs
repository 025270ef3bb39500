//! What `serve` and `demo` make of the settings of payments.

use crate::support::process::{run, serve};

#[test]
fn stripe_needs_its_keys_and_a_way_that_nobody_reads() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let refused = |variables: &[(&str, &str)]| {
        let mut command = serve("sqlite://portico.db");
        command.current_dir(folder.path()).env("PORTICO_PAYMENTS", "stripe");
        command.envs(variables.iter().copied());
        let ended = run(command);
        assert_eq!(ended.code, Some(1), "{variables:?}: {}", ended.error);
        ended.error
    };
    let (key, secret) =
        (("PORTICO_STRIPE_SECRET_KEY", "sk_live_of_somebody"), ("PORTICO_STRIPE_WEBHOOK_SECRET", "whsec_1"));
    for (variables, words) in [
        (vec![secret], "PORTICO_STRIPE_SECRET_KEY is not set"),
        (vec![key], "PORTICO_STRIPE_WEBHOOK_SECRET is not set"),
        (vec![key, (secret.0, " ")], "PORTICO_STRIPE_WEBHOOK_SECRET is not set"),
        (vec![key, secret, ("PORTICO_STRIPE_API_BASE", "http://192.0.2.7")], "would send the secret key in clear"),
        (vec![key, secret, ("PORTICO_STRIPE_CHECKOUT_SITE", "http://pay.example.com")], "must be https://"),
    ] {
        let said = refused(&variables);
        assert!(said.contains(words), "{variables:?}: {said}");
        assert!(!said.contains("sk_live_of_somebody"), "the key is told to nobody");
    }
}
