//! Real values for the holes in the addresses of the route table, and forms that would be accepted there.

use diesel::prelude::*;
use portico::access::{Person, Role, Scope};
use portico::accounts::passkeys::Whose;
use portico::accounts::two_factor::SetUp;
use portico::accounts::users::NewUser;
use portico::accounts::{deletions, email_changes, passkeys, resets, sessions, sign_ups};
use portico::audit::By;
use portico::db::DbError;
use portico::ids::{LicenceId, OwnershipOfferId, PasskeyId, UserId};
use portico::licences::terms::Term;
use portico::orders::changes::prepare::Wanted as Change;
use portico::orders::place::{Earlier, Key, earlier, store};
use portico::orders::pricing::{self, Wanted};
use portico::organizations::create::{Create, NewOrganization, create};
use portico::organizations::organization::{self, Kind};
use portico::people::invite::Invite;
use portico::people::members;
use portico::people::ownership::offer::{Offer, offer};
use portico::people::ownership::open;
use portico::privacy::exports;
use portico::routes::RouteInfo;
use portico::schema::{organizations, passkeys as passkey_rows, user_sessions, users};
use portico::secrets::Secret;
use ureq::http::Method;

use crate::orders::Details;
use crate::{invoices, notifications, vouchers};

use super::multipart::{content_type, multipart};
use super::{Answer, Authenticator, AuthenticatorApp, Browser, PASSWORD, Persona, Portal, SLUG, batch, invite_one};

/// The name of the Organization of [`Persona::Outsider`].
pub const ELSEWHERE: &str = "elsewhere";

/// What is at the addresses that one test asks for.
pub struct Places {
    /// A person, with their address, and an open invitation of [`SLUG`].
    pub person: String,
    pub person_email: String,
    pub invitation: String,
    /// A licence of [`SLUG`] that the personas there may use, and what its next term costs.
    pub licence: String,
    pub renewal_total: i64,
    /// A licence without an end, and what a year of Support & Upgrade costs for it.
    pub perpetual: String,
    pub support_total: i64,
    /// An invoice of [`SLUG`].
    pub invoice: String,
    /// A pending order of [`SLUG`].
    pub order: String,
    /// A code that is worth a licence.
    pub voucher: String,
    /// The id and the secret of an invitation of [`ELSEWHERE`] to one address.
    pub waiting: String,
    pub token: String,
    /// A page of the sandbox on which something can be paid.
    pub checkout: String,
    pub mail: String,
    pub asset: String,
    pub sign_up_token: String,
    pub reset_token: String,
    /// A session of that person, the secret of the link in the mail about a new browser of theirs, and that of the link that gives
    /// the account whose address the places are for another address.
    pub session: String,
    pub notice_token: String,
    pub change_token: String,
    /// A passkey of that account, and what signs in with it and makes another one: the question and its answer.
    pub passkey: String,
    pub used_passkey: [String; 2],
    /// What confirms who the holder is in the session that began last.
    pub confirming_passkey: [String; 2],
    pub new_passkey: [String; 2],
    /// The secret of the link to all that is stored about that account.
    pub export_token: String,
    /// That of the link that confirms that it is to be deleted.
    pub deletion_token: String,
    /// An authenticator app that the holder of that account sets up, and its first code.
    pub set_up: [String; 2],
    /// An offer to that holder to become Owner of an Organization of its own.
    pub ownership_offer: String,
    /// A recipient of notifications of [`SLUG`] who has not confirmed, the secret of the link that does, and that of the link that
    /// ends them.
    pub recipient: String,
    pub confirm_token: String,
    pub unsubscribe_token: String,
    /// An address that nobody has.
    pub free: String,
}

/// What a form posts.
#[derive(Clone, Debug)]
pub struct Sample {
    pub fields: Vec<(&'static str, String)>,
    pub files: Vec<(&'static str, &'static str, Vec<u8>)>,
    pub is_upload: bool,
}

impl Sample {
    fn form(fields: &[(&'static str, &str)]) -> Self {
        let fields = fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Self { fields, files: Vec::new(), is_upload: false }
    }

    /// The fields as a browser encodes them.
    pub fn encoded(&self) -> Vec<u8> {
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.fields).finish().into_bytes()
    }

    /// The content type and the body as a browser sends them.
    pub fn request(&self) -> (String, Vec<u8>) {
        if !self.is_upload {
            return ("application/x-www-form-urlencoded".to_owned(), self.encoded());
        }
        let fields = self.fields.iter().map(|(name, value)| (*name, None, value.as_bytes()));
        let files = self.files.iter().map(|(name, file, content)| (*name, Some(*file), content.as_slice()));
        (content_type(), multipart(fields.chain(files)))
    }

    /// Sends the form as a page of the portal does.
    pub fn post(&self, browser: &Browser, path: &str) -> Answer {
        let (content_type, body) = self.request();
        let headers = [("Content-Type", content_type.as_str()), ("Sec-Fetch-Site", "same-origin")];
        browser.send(Method::POST, path, &headers, body)
    }

    /// The same with another value in one field.
    pub fn with(&self, field: &str, value: &str) -> Self {
        let mut other = self.clone();
        for (name, old) in &mut other.fields {
            if *name == field {
                value.clone_into(old);
            }
        }
        other
    }

    /// The same without one field.
    pub fn without(&self, field: &str) -> Self {
        let mut other = self.clone();
        other.fields.retain(|(name, _)| *name != field);
        other
    }
}

impl Portal {
    /// An open invitation of one of the Organizations of the personas: its id, and the path of its link.
    pub fn invite(&self, by: &Scope, email: &str, role: Role) -> (String, String) {
        let outcome =
            self.app.write_now::<_, DbError>(|tx| invite_one(tx, by, email, role)).expect("the invitation is stored");
        assert!(matches!(outcome, Invite::Sent | Invite::Reissued), "{email}: {outcome:?}");
        let id = self.invitation_id_in(by.organization_id(), email).expect("the invitation is there");
        (id, self.link_to(email))
    }

    /// Fresh places. `number` tells them apart; the waiting invitation is for `email`, who is not in [`ELSEWHERE`].
    pub fn places(&self, number: usize, email: &str) -> Places {
        let person = self.add_person(&format!("colleague-{number}@example.com"), Role::Member);
        let guest = format!("guest-{number}@example.com");
        let (invitation, _) = self.invite(&self.scope(Persona::Owner), &guest, Role::Member);
        let (waiting, link) = self.invite(&self.scope_of(&Persona::Outsider.email(), ELSEWHERE), email, Role::Member);
        let token = link.strip_prefix("/invitations/").expect("a link to an invitation").to_owned();
        let page = self.browser().get("/sign-in");
        let asset = page.html().attributes("link[rel=stylesheet]", "href").remove(0);
        let mail = self
            .app
            .db
            .read::<_, DbError>(|connection| {
                use portico::schema::outbox;
                Ok(outbox::table.order(outbox::id.desc()).select(outbox::id).first::<String>(connection)?)
            })
            .expect("there is a mail");
        let licence = self.bought(Term::Yearly, 500, 290_000);
        let perpetual = self.bought(Term::Perpetual, 1, 469_000);
        // Whom the tests send there: all of an Organization that grows with each of these places would be thousands.
        for email in [&Persona::Reader.email(), &Persona::Member.email(), &person.email, email] {
            if matches!(self.role_of(email), Some(Role::Reader | Role::Member)) {
                self.give_access(&licence, email);
            }
        }
        self.keep_method("card-1");
        self.buy_once();
        let voucher = vouchers::code(self, &vouchers::licence(self, "mapper-yearly"));
        self.sell_plans();
        // Of several places the last can be offered: one offer is open at a time.
        let organization = self.organization_id();
        self.app.write_now::<_, DbError>(|tx| open::forget(tx, &organization)).expect("it is removed");
        // As the forms of the settings say them.
        let details = Details::from(["Quai 1", "1000", "Lausanne", "CHE-123"]);
        self.rewrite(|connection| {
            diesel::update(organizations::table.filter(organizations::slug.eq(SLUG))).set(details).execute(connection)
        });
        let total = |licence: &LicenceId, wanted: &Change| {
            self.prepared(licence, wanted).expect("it is for sale").quote.bill.total
        };
        let asked = notifications::asked(self, &format!("bookkeeper-{number}@example.net"));
        let (passkey, [used_passkey, confirming_passkey, new_passkey]) = self.passkeys_of(email);
        Places {
            session: self.session_of(&person),
            notice_token: self.link_to(&person.email).replace("/not-me/", ""),
            change_token: self.change_token(number, email),
            passkey: passkey.to_string(),
            used_passkey,
            confirming_passkey,
            new_passkey,
            export_token: self.export_token(email),
            deletion_token: self.deletion_token(email),
            set_up: self.set_up(email),
            ownership_offer: self.ownership_offer(number, email).to_string(),
            recipient: asked.recipient,
            confirm_token: asked.confirm_token,
            unsubscribe_token: asked.unsubscribe_token,
            renewal_total: total(&licence, &Change::Renewal),
            licence: licence.to_string(),
            support_total: total(&perpetual, &Change::Support),
            perpetual: perpetual.to_string(),
            invoice: self.invoice(&invoices::bill(&[("Mapper, Yearly", 1, 99_000)])).id.to_string(),
            voucher,
            person: self.scope_of(&person.email, SLUG).membership.id.to_string(),
            person_email: person.email.clone(),
            invitation,
            waiting,
            token,
            order: self.some_order(),
            checkout: self.checkout(),
            mail,
            asset,
            sign_up_token: self.sign_up_token(number),
            reset_token: self.reset_token(&person.email),
            free: format!("nora-{number}@example.net"),
        }
    }

    /// An order, one for all places, also where the Organization has not said yet what invoices need.
    fn some_order(&self) -> String {
        let scope = self.scope(Persona::Owner);
        let order = self.app.write_now::<_, DbError>(|tx| {
            let own = organization::load(tx.connection, scope.organization_id())?;
            let customer = pricing::customer(tx.connection, &own)?.expect("a catalogue");
            let wanted = Wanted::Package { key: "credits-100".to_owned() };
            let (item, line) = customer.price(&wanted).expect("it is for sale");
            let quote = customer.quote(item, customer.bill(customer.country.currency, vec![line], None));
            let key = Key::new("places", &wanted);
            if let Earlier::Same(order) = earlier(tx, scope.organization_id(), &key)? {
                return Ok(*order);
            }
            store(tx, By::member(&scope), scope.organization_id(), quote, &key)
        });
        order.expect("the order is stored").id.to_string()
    }

    /// A session with a browser that was not seen before.
    fn session_of(&self, person: &Person) -> String {
        let user = &person.user_id;
        self.rewrite(|connection| {
            let before = self.app.now() - chrono::Duration::days(1);
            diesel::update(users::table.find(user)).set(users::created_at.eq(before)).execute(connection)
        });
        self.app
            .write_now::<_, DbError>(|tx| sessions::start(tx, user, &sessions::Browser::default()).map(drop))
            .expect("the session is stored");
        let newest = user_sessions::table.filter(user_sessions::user_id.eq(user)).order(user_sessions::id.desc());
        self.query(|connection| newest.select(user_sessions::id).first(connection))
    }

    fn change_token(&self, number: usize, email: &str) -> String {
        let Some(person) = self.holder(email) else { return "nobody's".to_owned() };
        let new = format!("moved-{number}@example.net");
        let asked = self.app.write_now::<_, DbError>(|tx| email_changes::ask(tx, &person, &new));
        assert!(matches!(asked.expect("it is stored"), email_changes::Ask::Sent));
        self.link_to(&new).rsplit('/').next().expect("a token").to_owned()
    }

    fn holder(&self, email: &str) -> Option<Person> {
        let row = self.query(|connection| {
            let names = users::table.filter(users::email.eq(email));
            names.select((users::id, users::first_name, users::last_name)).first(connection).optional()
        });
        let (user_id, first_name, last_name) = row?;
        Some(Person { user_id, first_name, last_name, email: email.to_owned(), ip: format!("network of {email}") })
    }

    /// A passkey of theirs, what signs in with it, what confirms who they are, and what makes another one; nobody's where there is no such
    /// account.
    fn passkeys_of(&self, email: &str) -> (PasskeyId, [[String; 2]; 3]) {
        let (now, sealer) = (self.app.now(), &self.app.context.sealer);
        let (Some(holder), Some(party)) = (self.holder(email), &self.app.passkeys) else {
            return (PasskeyId::new(now), Default::default());
        };
        let mut device = Authenticator::new(self);
        let made = |device: &mut Authenticator| {
            let asked = party.ask_for_one(sealer, &holder, &[], now);
            let answer = device.make(&asked.options);
            [asked.question, answer]
        };
        let [question, answer] = made(&mut device);
        let answer = passkeys::Answer { question, answer };
        let added = self.app.write_now::<_, DbError>(|tx| passkeys::add(tx, party, &holder, &answer, "Laptop"));
        assert!(matches!(added, Ok(passkeys::Add::Added)), "{added:?}");
        let listed = self.query(|connection| {
            let theirs = passkey_rows::table.filter(passkey_rows::user_id.eq(&holder.user_id));
            theirs.order(passkey_rows::id.desc()).select(passkey_rows::id).first(connection)
        });
        let session: Option<String> = self.query(|connection| {
            let theirs = user_sessions::table.filter(user_sessions::user_id.eq(&holder.user_id));
            theirs.order(user_sessions::id.desc()).select(user_sessions::id).first(connection).optional()
        });
        let opens = &session.unwrap_or_default();
        let mut used = |whose: Whose<'_>| {
            let asked = party.ask(sealer, whose, &[], now);
            let answer = device.answer(&asked.options);
            [asked.question, answer]
        };
        let (signs_in, confirms) = (used(Whose::Anybody), used(Whose::Holder { user: &holder.user_id, opens }));
        (listed, [signs_in, confirms, made(&mut Authenticator::new(self))])
    }

    fn export_token(&self, email: &str) -> String {
        let Some(user) = self.query(|connection| {
            users::table.filter(users::email.eq(email)).select(users::id).first::<UserId>(connection).optional()
        }) else {
            return "nobody's".to_owned();
        };
        let (secret, now) = (Secret::random(), self.app.now());
        let document = exports::sealed_document(&self.app.context.sealer, &user, b"{}").expect("it is sealed");
        self.rewrite(|connection| {
            use portico::schema::data_exports;
            diesel::delete(data_exports::table.filter(data_exports::user_id.eq(&user))).execute(connection)?;
            let row = (
                data_exports::user_id.eq(&user),
                data_exports::asked_at.eq(now),
                data_exports::expires_at.eq(now + exports::LIFETIME),
                data_exports::token_hash.eq(Some(secret.hash())),
                data_exports::content.eq(Some(document)),
            );
            diesel::insert_into(data_exports::table).values(row).execute(connection)
        });
        secret.as_str().to_owned()
    }

    fn deletion_token(&self, email: &str) -> String {
        let Some(person) = self.holder(email) else { return "nobody's".to_owned() };
        let secret = Secret::random();
        let asked = self.app.write_now::<_, DbError>(|tx| deletions::ask(tx, &person.user_id, &secret));
        asked.expect("it is stored");
        secret.as_str().to_owned()
    }

    fn set_up(&self, email: &str) -> [String; 2] {
        let user: Option<UserId> = self.query(|connection| {
            users::table.filter(users::email.eq(email)).select(users::id).first(connection).optional()
        });
        let Some(user) = user else { return Default::default() };
        let now = self.app.now();
        let asked = SetUp::new(now);
        let app = AuthenticatorApp::with_key(&asked.generator(email).key());
        [asked.sealed(&self.app.context.sealer, &user), app.code(now)]
    }

    /// Nobody's where there is no such account.
    fn ownership_offer(&self, number: usize, email: &str) -> OwnershipOfferId {
        let Some(holder) = self.holder(email) else { return OwnershipOfferId::new(self.app.now()) };
        let owner = self.add_user(&format!("tired-{number}@example.com"));
        let new = NewOrganization {
            kind: Kind::Individual,
            name: format!("Handed over {number}"),
            legal_name: String::new(),
            country: "CH".to_owned(),
            creation_key: "places".to_owned(),
        };
        let created = self.app.write_now::<_, DbError>(|tx| create(tx, &owner, &new)).expect("it is stored");
        let Create::Created { slug } = created else { panic!("{new:?} was not created") };
        let scope = self.scope_of(&owner.email, &slug);
        let offered = self.app.write_now::<_, DbError>(|tx| {
            members::join(tx, scope.organization_id(), &holder.user_id, Role::Editor, "")?;
            let offered = offer(tx, &scope, email, Role::Manager)?;
            assert!(matches!(offered, Offer::Offered { .. }), "{offered:?}");
            Ok(open::of_organization(tx.connection, scope.organization_id())?.expect("it is there").id)
        });
        offered.expect("it is stored")
    }

    fn sign_up_token(&self, number: usize) -> String {
        let new = NewUser {
            email: format!("newcomer-{number}@example.com"),
            password_hash: self.app.passwords.hash_now(PASSWORD),
            first_name: "New".to_owned(),
            last_name: "Comer".to_owned(),
            company: String::new(),
            country: "CH".to_owned(),
        };
        self.app
            .write_now::<_, DbError>(|tx| sign_ups::begin(tx, &new, &format!("places {number}")).map(drop))
            .expect("the sign-up is stored");
        let link = self.link_to(&new.email);
        link.strip_prefix("/verify-email?token=").expect("a link that confirms an address").to_owned()
    }

    fn reset_token(&self, email: &str) -> String {
        self.app
            .write_now::<_, DbError>(|tx| {
                let browser = sessions::Browser { ip: format!("network of {email}"), ..Default::default() };
                resets::request(tx, email, &browser)
            })
            .expect("the reset is stored");
        let link = self.link_to(email);
        link.strip_prefix("/reset-password?token=").expect("a link to a new password").to_owned()
    }
}

impl Places {
    /// The address of a route with something real in each of its holes.
    pub fn path(&self, pattern: &str) -> String {
        let token = match pattern {
            "/notifications/confirm/{token}" => &self.confirm_token,
            "/notifications/unsubscribe/{token}" => &self.unsubscribe_token,
            "/not-me/{token}" => &self.notice_token,
            "/account/security/email/confirm/{token}" => &self.change_token,
            "/account/privacy/deletion/confirm/{token}" => &self.deletion_token,
            _ if pattern.starts_with("/account/privacy/export/") => &self.export_token,
            _ if pattern.starts_with("/sandbox/") => &self.checkout,
            _ => &self.token,
        };
        let id = match pattern {
            "/static/{name}" => return self.asset.clone(),
            _ if pattern.starts_with("/organizations/{slug}/plans/invoices/") => &self.invoice,
            _ if pattern.starts_with("/organizations/{slug}/plans/orders/") => &self.order,
            "/organizations/{slug}/plans/{id}/support" => &self.perpetual,
            _ if pattern.starts_with("/organizations/{slug}/plans/") => &self.licence,
            _ if pattern.starts_with("/organizations/{slug}/notifications/") => &self.recipient,
            _ if pattern.starts_with("/account/security/sessions/") => &self.session,
            _ if pattern.starts_with("/account/security/passkeys/") => &self.passkey,
            _ if pattern.starts_with("/home/ownership/") => &self.ownership_offer,
            _ if pattern.starts_with("/home/") => &self.waiting,
            _ if pattern.starts_with("/dev/") => &self.mail,
            _ if ["/resend", "/link", "/withdraw"].iter().any(|end| pattern.ends_with(end)) => &self.invitation,
            _ => &self.person,
        };
        let path = pattern.replace("{slug}", SLUG).replace("{id}", id).replace("{token}", token);
        let path = path.replace("{batch}", batch().as_str()).replace("{person}", &self.person);
        let path =
            path.replace("{product}", "mapper").replace("{plan}", "mapper-yearly").replace("{package}", "credits-100");
        assert!(!path.contains('{'), "there is nothing to put into {pattern}");
        path
    }

    /// The form of a POST route, filled in so that it is accepted. Empty where the form is a single button.
    pub fn sample(&self, route: &RouteInfo) -> Sample {
        let path = &route.path;
        self.find_sample(path).unwrap_or_else(|| panic!("say in tests/it/support/places.rs what is posted to {path}"))
    }

    /// The same for an address that the route table knows; `None` where this file does not know it.
    pub fn find_sample(&self, path: &str) -> Option<Sample> {
        let sample = match path {
            "/sign-in" => {
                Sample::form(&[("email", &Persona::Owner.email()), ("password", PASSWORD), ("next", "/home")])
            }
            "/sign-in/passkey" => Sample::form(&[
                ("question", &self.used_passkey[0]),
                ("answer", &self.used_passkey[1]),
                ("next", "/home"),
            ]),
            "/sign-in/two-factor/passkey" => {
                Sample::form(&[("question", &self.used_passkey[0]), ("answer", &self.used_passkey[1])])
            }
            "/sign-in/confirm/passkey" => Sample::form(&[
                ("question", &self.confirming_passkey[0]),
                ("answer", &self.confirming_passkey[1]),
                ("next", "/home"),
            ]),
            "/sign-in/confirm" => Sample::form(&[("password", PASSWORD), ("next", "/home")]),
            "/sign-up" => Sample::form(&[
                ("form_key", "a key of this form"),
                ("first_name", "Nora"),
                ("last_name", "Newcomer"),
                ("email", &self.free),
                ("password", "seven silent swans"),
                ("country", "CH"),
                ("company", "Swans"),
                ("terms", "true"),
            ]),
            "/verify-email" => Sample::form(&[("token", &self.sign_up_token), ("password", PASSWORD)]),
            "/sign-up/again" => Sample::form(&[("email", &self.free)]),
            "/forgot-password" => Sample::form(&[("email", &Persona::Member.email())]),
            "/account/security/password" => {
                Sample::form(&[("current_password", PASSWORD), ("password", "seven silent swans")])
            }
            "/account/security/passkeys/new" => Sample::form(&[
                ("passkey_name", "Laptop"),
                ("question", &self.new_passkey[0]),
                ("answer", &self.new_passkey[1]),
            ]),
            "/account/security/passkeys/{id}" => Sample::form(&[("passkey_name", "Old laptop")]),
            "/account/security/email" => Sample::form(&[("email", &self.free)]),
            "/sign-in/two-factor" | "/sign-in/recovery-code" => Sample::form(&[("code", "123456")]),
            "/account/security/two-factor/app" => {
                Sample::form(&[("set_up", &self.set_up[0]), ("code", &self.set_up[1])])
            }
            "/account/security/two-factor/codes/file" => Sample::form(&[("codes", "0123-4567")]),
            "/password-advice" => Sample::form(&[("password", "seven silent swans")]),
            "/reset-password" => Sample::form(&[("token", &self.reset_token), ("password", "seven silent swans")]),
            "/invitations/{token}/sign-up" => Sample::form(&[
                ("first_name", "Nora"),
                ("last_name", "Newcomer"),
                ("password", "seven silent swans"),
                ("terms", "true"),
            ]),
            "/organizations/new" => Sample::form(&[
                ("form_key", "a key of this form"),
                ("kind", "business"),
                ("name", "Swans"),
                ("legal_name", "Swans AG"),
                ("country", "CH"),
            ]),
            "/account/details" => Sample::form(&[
                ("first_name", "Nora"),
                ("last_name", "Newcomer"),
                ("company", "Swans"),
                ("job_title", "Surveyor"),
                ("seen_job_title", ""),
                ("phone", "+41 21 555 01 00"),
                ("seen_phone", ""),
                ("country", "CH"),
            ]),
            "/account/preferences/edit" => Sample::form(&[
                ("seen_time_zone", "UTC"),
                ("time_zone", "Europe/Zurich"),
                ("seen_date_format", "day_month_year"),
                ("date_format", "year_month_day"),
                ("seen_organization_news", "true"),
                ("organization_news", "true"),
            ]),
            "/account/privacy/edit" => Sample::form(&[
                ("seen_product_news", "no"),
                ("product_news", "true"),
                ("seen_surveys", "no"),
                ("seen_webinars", "no"),
                ("seen_training", "no"),
                ("seen_analytics", "no"),
                ("seen_diagnostics", "no"),
            ]),
            "/account/details/picture" => {
                Sample { files: vec![("picture", "me.png", picture())], is_upload: true, ..Sample::form(&[]) }
            }
            "/organizations/{slug}/settings/edit" => Sample::form(&[
                ("version", "1"),
                ("kind", "business"),
                ("name", "Acme"),
                ("website", "https://www.example.com"),
                ("industry", "agriculture"),
                ("language", "en"),
                ("legal_name", "Acme AG"),
                ("postal_address", "Quai 1"),
                ("zip", "1000"),
                ("city", "Lausanne"),
                ("country", "CH"),
                ("tax_id", "CHE-123"),
                ("tax_exempt", "true"),
                ("officer_name", "Dora"),
                ("officer_position", "Officer"),
                ("officer_phone", "+41 21 000 00 00"),
                ("managers_may_purchase", "true"),
                ("invitation_domains", ""),
            ]),
            "/organizations/{slug}/settings/complete" => Sample::form(&[
                ("version", "1"),
                ("postal_address", "Quai 1"),
                ("zip", "1000"),
                ("city", "Lausanne"),
                ("tax_id", "CHE-123"),
                ("tax_exempt", "true"),
            ]),
            "/organizations/{slug}/settings/logo" => {
                Sample { files: vec![("logo", "logo.png", picture())], is_upload: true, ..Sample::form(&[]) }
            }
            // Not its name: what is closed would be closed for all that comes after.
            "/organizations/{slug}/close" => Sample::form(&[("name", "Another one")]),
            "/organizations/{slug}/ownership" => {
                Sample::form(&[("email", &Persona::Editor.email()), ("role", "manager")])
            }
            "/organizations/{slug}/ownership/withdraw" => Sample::form(&[("offer", &self.ownership_offer)]),
            "/organizations/{slug}/settings/two-factor" => Sample::form(&[("required", "no")]),
            "/organizations/{slug}/settings/session-length" => {
                Sample::form(&[("length", "seven_days"), ("seen_length", "portal")])
            }
            "/organizations/{slug}/settings/news" => Sample::form(&[("sent", "yes"), ("accepted", "true")]),
            "/organizations/{slug}/credits/top-up/on" => {
                Sample::form(&[("package", "credits-100"), ("threshold", "50"), ("monthly_cap", "500")])
            }
            "/organizations/{slug}/people/invite" => Sample {
                files: vec![("csv", "", Vec::new())],
                is_upload: true,
                ..Sample::form(&[("emails", &self.free), ("role", "reader")])
            },
            "/organizations/{slug}/people/resend" => Sample::form(&[("selected", &self.invitation)]),
            "/organizations/{slug}/people/roles" => Sample::form(&[("selected", &self.person), ("role", "editor")]),
            "/organizations/{slug}/people/remove" => Sample::form(&[("selected", &self.person)]),
            "/sandbox/checkout/{token}" => Sample::form(&[("act", "pay"), ("card", "good")]),
            "/organizations/{slug}/plans/redeem" => Sample::form(&[("code", &self.voucher), ("confirmed", "yes")]),
            "/organizations/{slug}/notifications/add" => Sample::form(&[("email", &self.free), ("expired", "true")]),
            "/organizations/{slug}/notifications/own" => Sample::form(&[("sent", "yes"), ("payments", "true")]),
            "/organizations/{slug}/notifications/threshold" => Sample::form(&[("sent", "yes"), ("below", "500")]),
            "/organizations/{slug}/notifications/recipients/{id}" => Sample::form(&[("payments", "true")]),
            "/organizations/{slug}/plans/{id}/seats" => Sample::form(&[("quantity", "400"), ("confirmed", "yes")]),
            "/organizations/{slug}/plans/{id}/plan" => Sample::form(&[("plan", "mapper-light"), ("confirmed", "yes")]),
            "/organizations/{slug}/plans/{id}/keep" => Sample::form(&[("what", "plan")]),
            "/organizations/{slug}/plans/{id}/renew" => {
                Sample::form(&[("key", &self.licence), ("shown", &self.renewal_total.to_string())])
            }
            "/organizations/{slug}/plans/{id}/support" => {
                Sample::form(&[("key", &self.perpetual), ("shown", &self.support_total.to_string())])
            }
            "/organizations/{slug}/plans/{id}/access" => Sample::form(&[("email", &self.person_email)]),
            "/organizations/{slug}/people/{id}/role" => Sample::form(&[("current", "member"), ("role", "editor")]),
            "/organizations/{slug}/plans/shop/{product}/buy/{plan}" => {
                Sample::form(&[("form_key", "k"), ("quantity", "1"), ("coupon", ""), ("act", "apply")])
            }
            "/organizations/{slug}/credits/buy/{package}" => {
                Sample::form(&[("form_key", "c"), ("coupon", ""), ("act", "apply")])
            }
            "/sign-out"
            | "/account/details/picture/remove"
            | "/account/privacy/deletion"
            | "/account/privacy/deletion/confirm/{token}"
            | "/account/privacy/deletion/keep"
            | "/account/privacy/export"
            | "/not-me/{token}"
            | "/account/security/email/cancel"
            | "/account/security/email/confirm/{token}"
            | "/account/security/passkeys/{id}/remove"
            | "/account/security/two-factor/passkeys"
            | "/account/security/two-factor/app/remove"
            | "/account/security/two-factor/codes"
            | "/account/security/two-factor/off"
            | "/account/security/sessions/end-others"
            | "/account/security/sessions/{id}/end"
            | "/home/ownership/{id}/accept"
            | "/home/ownership/{id}/decline"
            | "/home/invitations/{id}/accept"
            | "/home/invitations/{id}/decline"
            | "/invitations/{token}/block"
            | "/invitations/{token}/allow"
            | "/invitations/{token}/accept"
            | "/invitations/{token}/decline"
            | "/invitations/{token}/switch"
            | "/notifications/confirm/{token}"
            | "/notifications/unsubscribe/{token}"
            | "/organizations/{slug}/notifications/test"
            | "/organizations/{slug}/notifications/recipients/{id}/ask"
            | "/organizations/{slug}/notifications/recipients/{id}/remove"
            | "/organizations/{slug}/leave"
            | "/organizations/{slug}/credits/top-up/off"
            | "/organizations/{slug}/settings/logo/remove"
            | "/organizations/{slug}/plans/{id}/occupy"
            | "/organizations/{slug}/plans/{id}/release"
            | "/organizations/{slug}/plans/{id}/seats/{person}/release"
            | "/organizations/{slug}/plans/{id}/access/{person}/revoke"
            | "/organizations/{slug}/plans/payment-method/open"
            | "/organizations/{slug}/plans/payment-method/remove"
            | "/organizations/{slug}/plans/{id}/cancel"
            | "/organizations/{slug}/plans/{id}/resume"
            | "/organizations/{slug}/plans/orders/{id}/pay"
            | "/organizations/{slug}/plans/orders/{id}/end"
            | "/organizations/{slug}/people/undo/{batch}"
            | "/organizations/{slug}/people/{id}/resend"
            | "/organizations/{slug}/people/{id}/link"
            | "/organizations/{slug}/people/{id}/withdraw" => Sample::form(&[]),
            _ => return None,
        };
        Some(sample)
    }
}

/// A small PNG.
pub fn picture() -> Vec<u8> {
    // One red pixel, as written by any drawing program.
    const PIXEL: &[u8] = &[
        0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00, 0x00,
        0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x02, 0x00, 0x00, 0x00, 0x90, 0x77, 0x53, 0xde, 0x00, 0x00, 0x00,
        0x0c, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9c, 0x63, 0xf8, 0xcf, 0xc0, 0x00, 0x00, 0x03, 0x01, 0x01, 0x00, 0xc9,
        0xfe, 0x92, 0xef, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
    ];
    PIXEL.to_vec()
}
