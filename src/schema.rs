//! The tables, one description for both databases. A test reads every column of every table on each.

diesel::table! {
    users (id) {
        id -> Text,
        email -> Text,
        password_hash -> Text,
        first_name -> Text,
        last_name -> Text,
        company -> Text,
        country -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        suspended_at -> Nullable<Timestamp>,
        time_zone -> Text,
        date_format -> Text,
        default_organization_id -> Nullable<Text>,
        two_factor_at -> Nullable<Timestamp>,
        job_title -> Text,
        phone -> Text,
        industries -> Text,
        picture_hash -> Text,
        organization_news -> Bool,
        deleted_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    user_pictures (user_id) {
        user_id -> Text,
        content -> Binary,
    }
}

diesel::table! {
    user_sessions (id) {
        id -> Text,
        user_id -> Text,
        token_hash -> Text,
        created_at -> Timestamp,
        last_seen_at -> Timestamp,
        authenticated_at -> Timestamp,
        expires_at -> Timestamp,
        ip -> Text,
        user_agent -> Text,
    }
}

diesel::table! {
    sign_ups (id) {
        id -> Text,
        token_hash -> Text,
        email -> Text,
        password_hash -> Text,
        first_name -> Text,
        last_name -> Text,
        company -> Text,
        country -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    password_resets (id) {
        id -> Text,
        user_id -> Text,
        email -> Text,
        token_hash -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    email_changes (user_id) {
        user_id -> Text,
        old_email -> Text,
        new_email -> Text,
        token_hash -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    sign_in_notices (id) {
        id -> Text,
        user_id -> Text,
        token_hash -> Text,
        ip -> Text,
        browser -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    passkeys (id) {
        id -> Text,
        user_id -> Text,
        credential_id -> Text,
        credential -> Text,
        name -> Text,
        created_at -> Timestamp,
        last_used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    authenticator_apps (user_id) {
        user_id -> Text,
        sealed -> Binary,
        last_step -> BigInt,
        created_at -> Timestamp,
        key_fingerprint -> Text,
    }
}

diesel::table! {
    passkey_answers (id) {
        id -> Text,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    recovery_codes (user_id, code_hash) {
        user_id -> Text,
        code_hash -> Text,
        created_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    pending_sign_ins (id) {
        id -> Text,
        user_id -> Text,
        token_hash -> Text,
        next -> Text,
        kept -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    kept_forms (user_id) {
        user_id -> Text,
        sealed -> Binary,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    consents (user_id, number) {
        user_id -> Text,
        number -> Integer,
        kind -> Text,
        given -> Bool,
        at -> Timestamp,
        ip -> Text,
        wording -> Integer,
    }
}

diesel::table! {
    data_exports (user_id) {
        user_id -> Text,
        asked_at -> Timestamp,
        expires_at -> Timestamp,
        token_hash -> Nullable<Text>,
        content -> Nullable<Binary>,
    }
}

diesel::table! {
    account_deletions (user_id) {
        user_id -> Text,
        asked_at -> Timestamp,
        token_hash -> Nullable<Text>,
        expires_at -> Nullable<Timestamp>,
        due_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    rate_limits (bucket) {
        bucket -> Text,
        used -> Integer,
        ends_at -> Timestamp,
    }
}

diesel::table! {
    organizations (id) {
        id -> Text,
        slug -> Text,
        kind -> Text,
        name -> Text,
        website -> Text,
        industry -> Text,
        language -> Text,
        legal_name -> Text,
        postal_address -> Text,
        zip -> Text,
        city -> Text,
        country -> Text,
        tax_id -> Text,
        tax_exempt -> Bool,
        officer_name -> Text,
        officer_position -> Text,
        officer_phone -> Text,
        logo_hash -> Text,
        version -> Integer,
        created_by -> Text,
        creation_key -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        news_accepted -> Bool,
        news_declined -> Bool,
        news_new_owners -> Bool,
        managers_may_purchase -> Bool,
        requires_two_factor -> Bool,
        closed_at -> Nullable<Timestamp>,
        invitation_domains -> Text,
        erased_at -> Nullable<Timestamp>,
        session_length -> Text,
    }
}

diesel::table! {
    organization_logos (organization_id) {
        organization_id -> Text,
        content -> Binary,
    }
}

diesel::table! {
    memberships (id) {
        id -> Text,
        organization_id -> Text,
        user_id -> Text,
        role -> Text,
        inviter_name -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        last_active_on -> Nullable<Date>,
        last_opened_at -> Nullable<Timestamp>,
        has_two_factor -> Bool,
    }
}

diesel::table! {
    invitations (id) {
        id -> Text,
        organization_id -> Text,
        email -> Text,
        role -> Text,
        secret_hash -> Text,
        invited_by -> Text,
        sent_at -> Timestamp,
        expires_at -> Timestamp,
        created_at -> Timestamp,
        outcome -> Nullable<Text>,
        closed_at -> Nullable<Timestamp>,
        mail_id -> Nullable<Text>,
        sealed_secret -> Nullable<Binary>,
        shown_hash -> Nullable<Text>,
    }
}

diesel::table! {
    invitation_blocks (organization_id, email) {
        organization_id -> Text,
        email -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    people_terms (organization_id, kind, term) {
        organization_id -> Text,
        kind -> Text,
        term -> Text,
        entry_id -> Text,
        role -> Text,
    }
}

diesel::table! {
    people_counts (organization_id, kind, role) {
        organization_id -> Text,
        kind -> Text,
        role -> Text,
        people -> Integer,
    }
}

diesel::table! {
    activity (id) {
        id -> Text,
        organization_id -> Nullable<Text>,
        at -> Timestamp,
        actor_id -> Text,
        actor_name -> Text,
        actor_role -> Text,
        ip -> Text,
        action -> Text,
        subject_id -> Text,
        subject_name -> Text,
        before -> Text,
        after -> Text,
        topic -> Text,
    }
}

diesel::table! {
    credit_wallets (organization_id) {
        organization_id -> Text,
        balance -> BigInt,
        entries -> BigInt,
        last_at -> Timestamp,
        low_below -> Nullable<BigInt>,
        low_since -> Nullable<Timestamp>,
        low_told_at -> Nullable<Timestamp>,
        top_up_since -> Nullable<Timestamp>,
        top_up_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    credit_entries (id) {
        id -> Text,
        organization_id -> Text,
        number -> BigInt,
        at -> Timestamp,
        kind -> Text,
        source -> Nullable<Text>,
        amount -> BigInt,
        balance_after -> BigInt,
        reference -> Text,
        actor_name -> Text,
        note -> Text,
    }
}

diesel::table! {
    credit_grants (entry_id) {
        entry_id -> Text,
        organization_id -> Text,
        number -> BigInt,
        purchased -> Bool,
        remaining -> BigInt,
        ends_at -> Timestamp,
        closed_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    credit_parts (entry_id, grant_id) {
        entry_id -> Text,
        grant_id -> Text,
        amount -> BigInt,
    }
}

diesel::table! {
    removals (id) {
        id -> Text,
        batch_id -> Text,
        organization_id -> Text,
        entry_id -> Text,
        user_id -> Nullable<Text>,
        role -> Text,
        inviter_name -> Text,
        joined_at -> Nullable<Timestamp>,
        last_active_on -> Nullable<Date>,
        mail_id -> Nullable<Text>,
        removed_by -> Text,
        removed_at -> Timestamp,
        last_opened_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    ownership_offers (id) {
        id -> Text,
        organization_id -> Text,
        offered_by -> Text,
        offered_to -> Text,
        role -> Text,
        offered_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    outbox (id) {
        id -> Text,
        kind -> Text,
        recipient -> Text,
        sealed -> Binary,
        once_key -> Nullable<Text>,
        created_at -> Timestamp,
        delivered_at -> Nullable<Timestamp>,
        failure -> Text,
        refused_at -> Nullable<Timestamp>,
        failed_at -> Nullable<Timestamp>,
        failed_as -> Nullable<Text>,
    }
}

diesel::table! {
    jobs (id) {
        id -> Text,
        queue -> Text,
        kind -> Text,
        subject -> Text,
        priority -> Integer,
        created_at -> Timestamp,
        due_at -> Timestamp,
        attempts -> Integer,
        claimed_by -> Nullable<Text>,
        last_error -> Text,
        ran_at -> Nullable<Timestamp>,
        done_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    installation (id) {
        id -> Text,
        key_fingerprint -> Text,
        key_since -> Timestamp,
    }
}

diesel::table! {
    catalogue_entries (kind, key) {
        kind -> Text,
        key -> Text,
        position -> Integer,
        content -> Text,
        on_sale -> Bool,
    }
}

diesel::table! {
    licences (id) {
        id -> Text,
        organization_id -> Text,
        product -> Text,
        plan -> Text,
        term -> Text,
        seats -> Integer,
        includes -> Text,
        starts_at -> Timestamp,
        ends_at -> Nullable<Timestamp>,
        renewal_day -> Integer,
        support_until -> Nullable<Timestamp>,
        cancelled_at -> Nullable<Timestamp>,
        suspended_at -> Nullable<Timestamp>,
        updated_at -> Timestamp,
        product_key -> Nullable<Text>,
        plan_key -> Nullable<Text>,
        quantity -> Integer,
        unit_price -> Nullable<BigInt>,
        currency -> Nullable<Text>,
        credits -> Integer,
        terms_since -> Nullable<Timestamp>,
        next_quantity -> Nullable<Integer>,
        next_plan -> Nullable<Text>,
        next_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    licence_seats (id) {
        id -> Text,
        licence_id -> Text,
        organization_id -> Text,
        user_id -> Text,
        occupied_at -> Timestamp,
    }
}

diesel::table! {
    licence_grants (id) {
        id -> Text,
        licence_id -> Text,
        organization_id -> Text,
        user_id -> Text,
        granted_at -> Timestamp,
    }
}

diesel::table! {
    removed_licences (removal_id, licence_id) {
        removal_id -> Text,
        licence_id -> Text,
        occupied_at -> Nullable<Timestamp>,
        granted_at -> Nullable<Timestamp>,
    }
}

diesel::joinable!(licence_seats -> licences (licence_id));
diesel::joinable!(licence_seats -> users (user_id));
diesel::joinable!(licence_grants -> licences (licence_id));
diesel::joinable!(licence_grants -> users (user_id));
diesel::table! {
    vouchers (id) {
        id -> Text,
        code_hash -> Text,
        ending -> Text,
        worth -> Text,
        uses -> Integer,
        ends_at -> Timestamp,
        organization_id -> Nullable<Text>,
    }
}

diesel::table! {
    voucher_redemptions (voucher_id, organization_id) {
        voucher_id -> Text,
        organization_id -> Text,
        redeemed_at -> Timestamp,
    }
}

diesel::table! {
    notification_recipients (id) {
        id -> Text,
        organization_id -> Text,
        email -> Text,
        expiring -> Bool,
        expired -> Bool,
        low_credits -> Bool,
        payments -> Bool,
        created_at -> Timestamp,
        secret_hash -> Nullable<Text>,
        confirm_until -> Nullable<Timestamp>,
        confirmed_at -> Nullable<Timestamp>,
        unsubscribed_at -> Nullable<Timestamp>,
        removed_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    notification_choices (organization_id, user_id) {
        organization_id -> Text,
        user_id -> Text,
        expiring -> Bool,
        expired -> Bool,
        low_credits -> Bool,
        payments -> Bool,
    }
}

diesel::table! {
    notification_mails (id) {
        id -> Text,
        organization_id -> Text,
        occasion -> Text,
        subject -> Text,
        recipient -> Text,
        user_id -> Nullable<Text>,
        mail_id -> Text,
        secret_hash -> Text,
        sent_at -> Timestamp,
        delivered_at -> Nullable<Timestamp>,
        failed_at -> Nullable<Timestamp>,
        failed_as -> Nullable<Text>,
    }
}

diesel::table! {
    licence_notices (id) {
        id -> Text,
        licence_id -> Text,
        ends_at -> Timestamp,
        threshold -> Integer,
        sent_at -> Timestamp,
    }
}

diesel::table! {
    notification_sweeps (kind) {
        kind -> Text,
        swept_until -> Timestamp,
    }
}

diesel::table! {
    off_session_charges (payment_id) {
        payment_id -> Text,
        customer -> Text,
        method -> Text,
    }
}

diesel::table! {
    top_up_settings (organization_id) {
        organization_id -> Text,
        package -> Text,
        threshold -> BigInt,
        monthly_cap -> BigInt,
        currency -> Text,
        switched_on_at -> Nullable<Timestamp>,
        stopped -> Nullable<Text>,
        declines -> Integer,
        held -> Nullable<Text>,
        held_until -> Nullable<Timestamp>,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    top_ups (id) {
        id -> Text,
        organization_id -> Text,
        order_id -> Text,
        credits -> BigInt,
        amount -> BigInt,
        currency -> Text,
        began_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
        outcome -> Nullable<Text>,
        reason -> Text,
    }
}

diesel::table! {
    renewals (id) {
        id -> Text,
        licence_id -> Text,
        organization_id -> Text,
        term_ends_at -> Timestamp,
        order_id -> Nullable<Text>,
        first_try_at -> Timestamp,
        next_try_at -> Nullable<Timestamp>,
        problem -> Nullable<Text>,
        ended_at -> Nullable<Timestamp>,
        outcome -> Nullable<Text>,
    }
}

diesel::table! {
    renewal_tries (renewal_id, number) {
        renewal_id -> Text,
        number -> Integer,
        tried_at -> Timestamp,
        payment_id -> Nullable<Text>,
        outcome -> Nullable<Text>,
        reason -> Text,
    }
}

diesel::joinable!(renewal_tries -> renewals (renewal_id));
diesel::joinable!(renewal_tries -> payments (payment_id));
diesel::joinable!(top_up_settings -> organizations (organization_id));

diesel::joinable!(user_sessions -> users (user_id));
diesel::joinable!(password_resets -> users (user_id));
diesel::joinable!(email_changes -> users (user_id));
diesel::joinable!(sign_in_notices -> users (user_id));
diesel::joinable!(passkeys -> users (user_id));
diesel::joinable!(authenticator_apps -> users (user_id));
diesel::joinable!(recovery_codes -> users (user_id));
diesel::joinable!(pending_sign_ins -> users (user_id));
diesel::joinable!(memberships -> users (user_id));
diesel::table! {
    orders (id) {
        id -> Text,
        organization_id -> Text,
        number -> Text,
        placed_by -> Nullable<Text>,
        placed_by_name -> Text,
        kind -> Text,
        item -> Text,
        bill -> Text,
        seller -> Text,
        buyer -> Text,
        currency -> Text,
        total -> BigInt,
        coupon -> Nullable<Text>,
        order_key -> Text,
        asked_hash -> Text,
        status -> Text,
        placed_at -> Timestamp,
        ends_at -> Timestamp,
        paid_at -> Nullable<Timestamp>,
        ended_at -> Nullable<Timestamp>,
        refunded -> BigInt,
        licence_id -> Nullable<Text>,
        made -> Nullable<Text>,
    }
}

diesel::table! {
    payments (id) {
        id -> Text,
        order_id -> Text,
        organization_id -> Text,
        provider -> Text,
        session -> Nullable<Text>,
        provider_payment -> Nullable<Text>,
        status -> Text,
        currency -> Text,
        amount -> BigInt,
        arrived -> Text,
        method -> Text,
        failure -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        given_back_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    provider_events (id) {
        id -> Text,
        received_at -> Timestamp,
    }
}

diesel::table! {
    refunds (id) {
        id -> Text,
        order_id -> Text,
        organization_id -> Text,
        payment_id -> Text,
        status -> Text,
        amount -> BigInt,
        provider_refund -> Nullable<Text>,
        by_name -> Text,
        failure -> Text,
        created_at -> Timestamp,
        done_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    coupon_uses (order_id) {
        order_id -> Text,
        coupon -> Text,
        organization_id -> Text,
    }
}

diesel::joinable!(payments -> orders (order_id));
diesel::joinable!(orders -> organizations (organization_id));
diesel::table! {
    document_numbers (series, year) {
        series -> Text,
        year -> Integer,
        last -> Integer,
    }
}

diesel::table! {
    invoices (id) {
        id -> Text,
        organization_id -> Text,
        order_id -> Text,
        order_number -> Text,
        kind -> Text,
        number -> Text,
        issued_at -> Timestamp,
        seller -> Text,
        buyer -> Text,
        bill -> Text,
        net -> BigInt,
        tax -> BigInt,
        total -> BigInt,
        currency -> Text,
        paid_by -> Text,
        invoice_id -> Nullable<Text>,
        reason -> Text,
    }
}

diesel::table! {
    payment_customers (organization_id, provider) {
        organization_id -> Text,
        provider -> Text,
        customer -> Text,
    }
}

diesel::table! {
    payment_methods (organization_id) {
        organization_id -> Text,
        provider -> Text,
        customer -> Text,
        method -> Text,
        brand -> Text,
        last_four -> Text,
        good_until -> Nullable<Date>,
        kept_at -> Timestamp,
        kept_by -> Text,
    }
}

diesel::table! {
    payment_method_pages (session) {
        session -> Text,
        organization_id -> Text,
        provider -> Text,
        opened_by -> Text,
        opened_by_name -> Text,
        opened_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    sandbox_sessions (id) {
        id -> Text,
        reference -> Text,
        organization -> Text,
        customer -> Text,
        amount -> Nullable<BigInt>,
        currency -> Nullable<Text>,
        description -> Text,
        keeps_method -> Bool,
        success_url -> Text,
        cancel_url -> Text,
        state -> Text,
        payment -> Nullable<Text>,
        method -> Nullable<Text>,
        created_at -> Timestamp,
        ends_at -> Timestamp,
    }
}

diesel::table! {
    sandbox_methods (id) {
        id -> Text,
        customer -> Text,
        card -> Text,
        good_until -> Date,
        forgotten_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    sandbox_payments (id) {
        id -> Text,
        reference -> Text,
        amount -> BigInt,
        currency -> Text,
        method -> Nullable<Text>,
        declined -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    sandbox_refunds (id) {
        id -> Text,
        reference -> Text,
        payment -> Text,
        amount -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    sandbox_events (id) {
        id -> Text,
        body -> Text,
        created_at -> Timestamp,
    }
}

diesel::joinable!(user_pictures -> users (user_id));
diesel::joinable!(account_deletions -> users (user_id));
diesel::joinable!(consents -> users (user_id));
diesel::joinable!(memberships -> organizations (organization_id));
diesel::joinable!(invitations -> organizations (organization_id));
diesel::joinable!(invitations -> users (invited_by));
diesel::joinable!(ownership_offers -> organizations (organization_id));
diesel::joinable!(ownership_offers -> users (offered_to));
diesel::joinable!(credit_wallets -> organizations (organization_id));
diesel::joinable!(credit_grants -> credit_entries (entry_id));
diesel::joinable!(notification_recipients -> organizations (organization_id));
diesel::joinable!(notification_mails -> organizations (organization_id));
diesel::joinable!(licence_notices -> licences (licence_id));

diesel::allow_tables_to_appear_in_same_query!(
    activity,
    users,
    user_pictures,
    account_deletions,
    consents,
    user_sessions,
    password_resets,
    email_changes,
    sign_in_notices,
    passkeys,
    passkey_answers,
    authenticator_apps,
    recovery_codes,
    pending_sign_ins,
    organizations,
    organization_logos,
    memberships,
    invitations,
    ownership_offers,
    people_terms,
    people_counts,
    credit_wallets,
    credit_entries,
    credit_grants,
    credit_parts,
    outbox,
    jobs,
    licences,
    licence_seats,
    licence_grants,
    removed_licences,
    orders,
    payments,
    notification_recipients,
    notification_choices,
    notification_mails,
    licence_notices,
    off_session_charges,
    top_up_settings,
    top_ups,
    renewals,
    renewal_tries,
    payment_methods,
    invoices,
);

diesel::allow_columns_to_appear_in_same_group_by_clause!(
    credit_wallets::balance,
    credit_wallets::entries,
    credit_grants::ends_at,
);
