//! `/organizations/{slug}/credits/top-up`: "Auto top-up": how it is set, how it goes, and the form of those who may set it.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use serde::Deserialize;

use crate::access::{Permission, Scope};
use crate::catalogue::contents::{Country, CreditPackage};
use crate::catalogue::on_sale::{self, OnSale};
use crate::credits::amount::{counted, grouped};
use crate::error::AppError;
use crate::money::Money;
use crate::numbers;
use crate::orders::top_up::choose::{self, SwitchOff, SwitchOn};
use crate::orders::top_up::overview::{self, NotOffered, Overview};
use crate::orders::top_up::record::{self, Ending, TopUp};
use crate::orders::top_up::settings::{Choice, Held, Stopped};
use crate::payments::methods::PaymentMethod;
use crate::time::When;
use crate::web::form::rules::one_line;
use crate::web::{FieldErrors, FlashKind, Form, Layout, PageContext, Section, role_lost};

/// The most that can be asked for as a threshold.
const HIGHEST: i64 = 1_000_000;
/// How long the key of a package is at the most.
const LONGEST_KEY: usize = 100;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct TopUpForm {
    package: String,
    #[serde(deserialize_with = "one_line")]
    threshold: String,
    #[serde(deserialize_with = "one_line")]
    monthly_cap: String,
}

impl TopUpForm {
    /// As it is set, or with nothing chosen.
    fn of(overview: &Overview) -> Self {
        let Some(settings) = &overview.settings else { return Self::default() };
        Self {
            package: settings.package.clone(),
            threshold: settings.threshold.to_string(),
            monthly_cap: settings.monthly_cap().digits(),
        }
    }

    /// What was chosen, by somebody who pays in the currency of a country.
    fn read(&self, country: &Country) -> Result<Choice, FieldErrors> {
        let mut errors = FieldErrors::none();
        let threshold = numbers::read(&self.threshold).filter(|credits| (0..=HIGHEST).contains(credits));
        let cap = Money::parse(&self.monthly_cap.replace(['\u{2019}', '\'', ' ', ','], ""), country.currency);
        let cap = cap.filter(|cap| cap.minor > 0);
        // Longer than any key of a catalogue: nobody chose that.
        if self.package.trim().is_empty() || self.package.len() > LONGEST_KEY {
            errors.add("package", "Choose how many credits are bought.");
        }
        if threshold.is_none() {
            errors.add("threshold", "Enter a whole number of credits from 0 to 1,000,000.");
        }
        if cap.is_none() {
            errors.add("monthly_cap", format!("Enter an amount in {} such as 500.", country.currency.code()));
        }
        match (threshold, cap) {
            (Some(threshold), Some(monthly_cap)) if errors.is_empty() => {
                Ok(Choice { package: self.package.clone(), threshold, monthly_cap })
            }
            _ => Err(errors),
        }
    }
}

/// A package that can be chosen.
struct PackageChoice {
    key: String,
    credits: String,
    price: String,
}

impl PackageChoice {
    fn id(&self) -> String {
        format!("package-{}", self.key)
    }
}

/// How it is set.
struct SetView {
    is_on: bool,
    package: String,
    threshold: String,
    cap: String,
    used: String,
    /// Why the next one waits, in a sentence.
    held: String,
    /// Why it was switched off, in a sentence.
    stopped: &'static str,
    is_pending: bool,
}

/// One of the last top-ups.
struct TopUpRow {
    began: When,
    credits: String,
    total: String,
    outcome: &'static str,
    mark: &'static str,
    reason: String,
    order: String,
}

impl TopUpPage {
    fn is_on(&self) -> bool {
        self.set.as_ref().is_some_and(|set| set.is_on)
    }

    fn cap_label(&self) -> String {
        format!("At most so much a month, in {}", self.currency)
    }
}

#[derive(Template)]
#[template(path = "credits/top_up.html")]
struct TopUpPage {
    layout: Layout,
    slug: String,
    set: Option<SetView>,
    month: String,
    balance: String,
    /// What it is charged to.
    method: Option<String>,
    not_offered: Option<NotOffered>,
    may_set: bool,
    may_pay: bool,
    packages: Vec<PackageChoice>,
    currency: &'static str,
    form: TopUpForm,
    errors: FieldErrors,
    rows: Vec<TopUpRow>,
}

async fn page(
    context: PageContext,
    scope: Scope,
    status: StatusCode,
    typed: Option<TopUpForm>,
    errors: FieldErrors,
) -> Result<HttpResponse, AppError> {
    context
        .show_as(status, move |connection, layout| {
            let organization = scope.organization_id();
            let overview = overview::read(connection, organization, layout.now())?;
            let latest = record::latest(connection, organization)?;
            let on_sale = on_sale::read(connection)?;
            let country = on_sale.as_ref().and_then(|on_sale| on_sale.country(&overview.country));
            let packages = match (&on_sale, country) {
                (Some(on_sale), Some(country)) => packages(on_sale, country),
                _ => Vec::new(),
            };
            let is_pending = latest.first().is_some_and(|last| last.ended_at.is_none());
            Ok(TopUpPage {
                slug: scope.slug().to_owned(),
                set: set(&layout, &overview, on_sale.as_ref(), is_pending),
                month: month(&layout),
                balance: grouped(overview.balance),
                method: overview.method.as_ref().map(PaymentMethod::words),
                not_offered: overview.not_offered(),
                may_set: scope.may(Permission::ManageTopUp),
                may_pay: scope.may(Permission::ManagePaymentMethod),
                packages,
                currency: country.map_or("", |country| country.currency.code()),
                form: typed.unwrap_or_else(|| TopUpForm::of(&overview)),
                errors,
                rows: latest.into_iter().map(|top_up| row(&scope, &layout, top_up)).collect(),
                layout: layout.at(Section::Credits),
            })
        })
        .await
}

/// `November 2026`
fn month(layout: &Layout) -> String {
    layout.now().to_utc().format("%B %Y").to_string()
}

fn packages(on_sale: &OnSale, country: &Country) -> Vec<PackageChoice> {
    let choice = |package: &CreditPackage| {
        let price = format!("{} without tax", package.price.of(country.currency)?);
        Some(PackageChoice { key: package.key.clone(), credits: counted(package.credits.into()), price })
    };
    on_sale.credit_packages.iter().filter_map(choice).collect()
}

fn set(layout: &Layout, overview: &Overview, on_sale: Option<&OnSale>, is_pending: bool) -> Option<SetView> {
    let settings = overview.settings.as_ref()?;
    let cap = settings.monthly_cap();
    let packages = on_sale.map_or(&[][..], |on_sale| &on_sale.credit_packages);
    let package = packages.iter().find(|package| package.key == settings.package);
    let held = match (settings.held, settings.held_until) {
        (Some(Held::Cap), Some(until)) => {
            format!("One more would be above the cap of this month. It goes on {}.", layout.when(until).relative())
        }
        (Some(Held::Declined), Some(until)) => {
            format!("The last charge was declined. It is tried again at {}.", layout.when(until).exact())
        }
        _ => String::new(),
    };
    Some(SetView {
        is_on: settings.is_on(),
        package: package.map_or_else(
            || "A package that is not sold any more".to_owned(),
            |package| counted(package.credits.into()),
        ),
        threshold: counted(settings.threshold),
        cap: cap.to_string(),
        used: Money { minor: overview.charged, ..cap }.to_string(),
        held,
        stopped: settings.stopped.map_or("", stopped),
        is_pending,
    })
}

/// Why the portal switched it off.
pub(super) fn stopped(why: Stopped) -> &'static str {
    match why {
        Stopped::Declined => "Three charges in a row were declined, so it was switched off.",
        Stopped::NotSold => "The package is not sold any more, so it was switched off. Choose another one.",
        Stopped::Currency => {
            "This Organization pays in another currency now, so it was switched off. Set the cap in the new one."
        }
        Stopped::NoMethod => "There was nothing to pay with, so it was switched off.",
    }
}

fn row(scope: &Scope, layout: &Layout, top_up: TopUp) -> TopUpRow {
    let (outcome, mark) = match top_up.outcome {
        None => ("Pending", "pending"),
        Some(Ending::Paid) => ("Paid", "active"),
        Some(Ending::Declined) => ("Declined", "expired"),
        Some(Ending::Stopped) => ("Not charged", "expired"),
    };
    TopUpRow {
        began: layout.when(top_up.began_at),
        credits: counted(top_up.credits),
        total: top_up.total().to_string(),
        outcome,
        mark,
        reason: top_up.reason,
        order: scope.path(&format!("/plans/orders/{}", top_up.order_id)),
    }
}

pub async fn show(context: PageContext, scope: Scope) -> Result<HttpResponse, AppError> {
    page(context, scope, StatusCode::OK, None, FieldErrors::none()).await
}

/// Switches it on, or sets it anew.
pub async fn submit(context: PageContext, scope: Scope, form: Form<TopUpForm>) -> Result<HttpResponse, AppError> {
    let Form(form) = form;
    let organization = scope.organization_id().clone();
    let country = context.app.look(move |connection| choose::country(connection, &organization)).await?;
    let Some(country) = country else {
        return Err(AppError::Conflict("Nothing is for sale here yet. Nothing was changed."));
    };
    let choice = match form.read(&country) {
        Ok(choice) => choice,
        Err(errors) => return page(context, scope, StatusCode::UNPROCESSABLE_ENTITY, Some(form), errors).await,
    };
    let (by, shown) = (scope.clone(), scope.path("/credits/top-up"));
    let wrong = match context.app.write(move |tx| choose::switch_on(tx, &by, &choice)).await? {
        SwitchOn::On { has_begun: false } => {
            return Ok(context.lead_to(&shown, FlashKind::Success, "Auto top-up is on."));
        }
        SwitchOn::On { has_begun: true } => {
            let message = "Auto top-up is on. No more credits are left than that, so the first one has begun.";
            return Ok(context.lead_to(&shown, FlashKind::Success, message));
        }
        SwitchOn::Unchanged => return Ok(context.lead_to(&shown, FlashKind::Notice, "Nothing was changed.")),
        SwitchOn::NotAllowed => return Err(role_lost(&context.app, &scope, Permission::ManageTopUp).await),
        SwitchOn::NotOffered(_) => FieldErrors::none(),
        SwitchOn::NotSold => {
            FieldErrors::field_only("package", "This package is not sold any more. Choose another one.")
        }
        SwitchOn::CapTooLow { one } => {
            let sentence = format!("One top-up costs {one} with tax. Enter at least that.");
            FieldErrors::field_only("monthly_cap", sentence)
        }
    };
    page(context, scope, StatusCode::CONFLICT, Some(form), wrong).await
}

pub async fn switch_off(context: PageContext, scope: Scope) -> Result<HttpResponse, AppError> {
    let (by, shown) = (scope.clone(), scope.path("/credits/top-up"));
    match context.app.write(move |tx| choose::switch_off(tx, &by)).await? {
        SwitchOff::Off { is_pending: false } => Ok(context.lead_to(&shown, FlashKind::Success, "Auto top-up is off.")),
        SwitchOff::Off { is_pending: true } => {
            let message = "Auto top-up is off. One has been charged already, and its credits will still come.";
            Ok(context.lead_to(&shown, FlashKind::Success, message))
        }
        SwitchOff::Already => Ok(context.lead_to(&shown, FlashKind::Notice, "Auto top-up was off already.")),
        SwitchOff::NotAllowed => Err(role_lost(&context.app, &scope, Permission::ManageTopUp).await),
    }
}
