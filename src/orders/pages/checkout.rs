//! `/organizations/{slug}/plans/shop/{product}/buy/{plan}` and `/organizations/{slug}/credits/buy/{package}`: what is bought, for whom,
//! what is to be paid, and then paying it.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;
use validator::Validate;

use super::bill::BillView;
use super::incomplete::{self, Incomplete};
use super::pay;
use crate::access::{Permission, Scope};
use crate::billing::bill::Bill;
use crate::billing::party::Party;
use crate::catalogue::contents::Term;
use crate::countries::country_name;
use crate::error::AppError;
use crate::orders::coupons::NoDiscount;
use crate::orders::item::Item;
use crate::orders::order::Status;
use crate::orders::place::{self, Asked, MOST_PENDING, Place, Preview, Refusal};
use crate::orders::pricing::{self, MOST, NotSold, Wanted};
use crate::organizations::organization;
use crate::secrets::Secret;
use crate::security::{Event, Outcome};
use crate::web::form::rules::one_line;
use crate::web::{
    FieldErrors, FlashKind, Form, Layout, PageContext, Query, Section, client_network, path_text, query_string,
    security_event, too_often_sentence, with_retry_after,
};

/// What is typed into the form, and which button was pressed.
#[derive(Clone, Debug, Default, Deserialize, Validate)]
#[serde(default)]
pub struct CheckoutForm {
    #[validate(length(max = 100, message = "Open this page again and repeat."))]
    pub form_key: String,
    #[serde(deserialize_with = "one_line")]
    pub quantity: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 100, message = "No coupon has so long a code."))]
    pub coupon: String,
    /// `apply` or `pay`.
    pub act: String,
}

impl CheckoutForm {
    /// How many are bought, or all that is wrong with the form.
    fn read(&self, what: &What) -> Result<u32, FieldErrors> {
        let mut errors = FieldErrors::check(self, &["quantity", "coupon"]);
        if !matches!(self.act.as_str(), "apply" | "pay") {
            errors.add("act", "Press one of the buttons.");
        }
        let quantity = if matches!(what, What::Package(_)) { Some(1) } else { quantity(&self.quantity) };
        if quantity.is_none() {
            errors.add("quantity", format!("Enter a whole number from 1 to {MOST}."));
        }
        quantity.filter(|_| errors.is_empty()).ok_or(errors)
    }
}

#[derive(Template)]
#[template(path = "orders/checkout.html")]
struct CheckoutPage {
    layout: Layout,
    slug: String,
    organization: String,
    /// `Mapper, Yearly`
    what: String,
    is_trial: bool,
    /// What the address names: a package of credits, or a plan of a product.
    package: Option<String>,
    product: String,
    plan: String,
    back: (String, String),
    form: CheckoutForm,
    errors: FieldErrors,
    /// How many can be bought at once.
    most: u32,
    /// None where it cannot be said.
    bill: Option<BillView>,
    /// Who sells, where nobody takes payments.
    unpaid: Option<Party>,
    buyer: Party,
    country: &'static str,
    incomplete: Option<Incomplete>,
    can_edit: bool,
    /// The order that the form was sent for before.
    earlier: Option<(String, String)>,
}

impl CheckoutPage {
    /// Whether nothing is to be paid: a coupon takes all of it off.
    fn is_free(&self) -> bool {
        self.bill.as_ref().is_some_and(|bill| bill.total.minor == 0)
    }
}

/// What the address names.
#[derive(Clone, Debug)]
enum What {
    Plan { product: String, plan: String },
    Package(String),
}

impl What {
    fn of(request: &HttpRequest) -> Self {
        match path_text(request, "package") {
            package if !package.is_empty() => Self::Package(package),
            _ => Self::Plan { product: path_text(request, "product"), plan: path_text(request, "plan") },
        }
    }

    fn path(&self, scope: &Scope) -> String {
        scope.path(&match self {
            Self::Plan { product, plan } => format!("/plans/shop/{product}/buy/{plan}"),
            Self::Package(key) => format!("/credits/buy/{key}"),
        })
    }

    fn wanted(&self, quantity: u32) -> Wanted {
        match self {
            Self::Plan { plan, .. } => Wanted::Plan { key: plan.clone(), quantity },
            Self::Package(key) => Wanted::Package { key: key.clone() },
        }
    }
}

/// What was refused, and what had been computed.
#[derive(Default)]
struct Answer {
    errors: FieldErrors,
    bill: Option<Bill>,
    earlier: Option<(String, String)>,
}

async fn page(
    context: PageContext,
    scope: Scope,
    what: What,
    status: StatusCode,
    form: CheckoutForm,
    answer: Answer,
) -> Result<HttpResponse, AppError> {
    let is_unpaid = context.app.payments.is_none();
    context
        .show_as(status, move |connection, layout| {
            let own = organization::load(connection, scope.organization_id())?;
            let customer = pricing::customer(connection, &own)?.ok_or(AppError::NotFound)?;
            let most = match &what {
                What::Plan { product, plan } => {
                    let plan =
                        customer.on_sale.plan(plan).filter(|plan| plan.product == *product && plan.term.is_licence());
                    pricing::most(plan.ok_or(AppError::NotFound)?)
                }
                What::Package(_) => 1,
            };
            let (item, line) = customer.price(&what.wanted(1)).map_err(|_| AppError::NotFound)?;
            let is_trial = matches!(&item, Item::Licence(licence) if licence.term == Term::Trial);
            // Without a coupon, what it costs can be said at once.
            let quantity = quantity(&form.quantity).filter(|quantity| (1..=most).contains(quantity));
            let bill = answer.bill.or_else(|| {
                let (_, line) = customer.price(&what.wanted(quantity?)).ok()?;
                Some(customer.bill(customer.country.currency, vec![line], None))
            });
            let back = back(&scope, &what, &item);
            let section = if matches!(what, What::Package(_)) { Section::Credits } else { Section::Plans };
            let form_key =
                if form.form_key.is_empty() { Secret::random().as_str().to_owned() } else { form.form_key.clone() };
            let form = CheckoutForm { form_key, ..form };
            let here = format!("{}{}", what.path(&scope), CheckoutQuery::of(&form));
            let (package, product, plan) = match what {
                What::Package(package) => (Some(package), String::new(), String::new()),
                What::Plan { product, plan } => (None, product, plan),
            };
            Ok(CheckoutPage {
                slug: scope.slug().to_owned(),
                organization: scope.membership.name.clone(),
                what: line.description,
                is_trial,
                package,
                product,
                plan,
                back,
                form,
                errors: answer.errors,
                most,
                bill: bill.as_ref().map(BillView::new),
                unpaid: is_unpaid.then(|| customer.seller.clone()),
                country: country_name(&customer.buyer.country).unwrap_or_default(),
                incomplete: (!is_trial && !customer.missing.is_empty()).then(|| Incomplete::new(&scope, &here)),
                can_edit: scope.may(Permission::EditSettings),
                buyer: customer.buyer,
                earlier: answer.earlier,
                layout: layout.at(section),
            })
        })
        .await
}

/// Where the page was opened from, and what it is called.
fn back(scope: &Scope, what: &What, item: &Item) -> (String, String) {
    match (what, item) {
        (What::Plan { product, .. }, Item::Licence(licence)) => {
            (scope.path(&format!("/plans/shop/{product}")), licence.product.clone())
        }
        _ => (scope.path("/credits/buy"), "Buy credits".to_owned()),
    }
}

/// A whole number of at most so many digits that one is not sold more of.
fn quantity(typed: &str) -> Option<u32> {
    let typed = typed.trim();
    let is_number = (1..=4).contains(&typed.len()) && typed.bytes().all(|byte| byte.is_ascii_digit());
    typed.parse().ok().filter(|_| is_number)
}

/// The key of the form stands in the address that the shop leads to: who goes back to the page after paying has the same one, and so the same order.
/// The rest stands there for whoever completed details meanwhile.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct CheckoutQuery {
    key: String,
    #[serde(deserialize_with = "one_line")]
    quantity: String,
    #[serde(deserialize_with = "one_line")]
    coupon: String,
}

impl CheckoutQuery {
    /// What stands behind the path, for a form as it is filled in.
    fn of(form: &CheckoutForm) -> String {
        query_string([("key", &*form.form_key), ("quantity", &form.quantity), ("coupon", &form.coupon)])
    }
}

pub async fn show(
    request: HttpRequest,
    context: PageContext,
    scope: Scope,
    query: Query<CheckoutQuery>,
) -> Result<HttpResponse, AppError> {
    // One that is too long is refused when the form is sent, and without one the page makes its own.
    let CheckoutQuery { key, quantity, coupon } = query.0;
    let quantity = if quantity.is_empty() { "1".to_owned() } else { quantity };
    let form = CheckoutForm { form_key: key, quantity, coupon, ..CheckoutForm::default() };
    page(context, scope, What::of(&request), StatusCode::OK, form, Answer::default()).await
}

pub async fn submit(
    request: HttpRequest,
    context: PageContext,
    scope: Scope,
    form: Form<CheckoutForm>,
) -> Result<HttpResponse, AppError> {
    let (Form(form), what) = (form, What::of(&request));
    let quantity = match form.read(&what) {
        Ok(quantity) => quantity,
        Err(errors) => {
            let answer = Answer { errors, ..Answer::default() };
            return page(context, scope, what, StatusCode::UNPROCESSABLE_ENTITY, form, answer).await;
        }
    };
    let asked = Asked {
        wanted: what.wanted(quantity),
        coupon: form.coupon.clone(),
        // With what is bought in it: who goes back to the shop and chooses another plan means another order.
        key: if form.form_key.is_empty() {
            Secret::random().as_str().to_owned()
        } else {
            format!("{}\n{}", form.form_key, request.path())
        },
        network: client_network(&request, &context.app.config),
    };
    let by = scope.clone();
    if form.act == "apply" {
        return match context.app.write(move |tx| place::preview(tx, &by, &asked)).await? {
            Preview::Bill(bill) => {
                let answer = Answer { bill: Some(*bill), ..Answer::default() };
                page(context, scope, what, StatusCode::OK, form, answer).await
            }
            Preview::Refused(refusal) => refused(&request, context, scope, what, form, refusal).await,
        };
    }
    // What costs nothing needs nobody to take it. The rest would wait in vain.
    if context.app.payments.is_none() {
        let (by, asked) = (scope.clone(), asked.clone());
        if let Preview::Bill(bill) = context.app.write(move |tx| place::preview(tx, &by, &asked)).await?
            && bill.total > 0
        {
            let errors = FieldErrors::form_only(pay::NOBODY_TAKES_PAYMENTS);
            let answer = Answer { errors, bill: Some(*bill), ..Answer::default() };
            return page(context, scope, what, StatusCode::CONFLICT, form, answer).await;
        }
    }
    match context.app.write(move |tx| place::place(tx, &by, &asked)).await? {
        Place::Placed(order) if order.status == Status::Pending => pay::lead(&context, &scope, &order.id).await,
        Place::Placed(order) => {
            let path = scope.path(&format!("/plans/orders/{}", order.id));
            Ok(context.lead_to(&path, FlashKind::Success, pay::thanks(&scope, &order)))
        }
        Place::OtherWithKey(order) => {
            let path = scope.path(&format!("/plans/orders/{}", order.id));
            let sentence = "This page was used for another order already. Nothing was ordered now.";
            let earlier = Some((path, order.number.clone()));
            let answer = Answer { errors: FieldErrors::form_only(sentence), earlier, ..Answer::default() };
            // From here on it is another form.
            let form = CheckoutForm { form_key: String::new(), ..form };
            page(context, scope, what, StatusCode::CONFLICT, form, answer).await
        }
        Place::Refused(refusal) => refused(&request, context, scope, what, form, refusal).await,
    }
}

async fn refused(
    request: &HttpRequest,
    context: PageContext,
    scope: Scope,
    what: What,
    form: CheckoutForm,
    refusal: Refusal,
) -> Result<HttpResponse, AppError> {
    match &refusal {
        Refusal::NotSold(NotSold::Withdrawn | NotSold::NotThere) => return Err(AppError::NotFound),
        Refusal::Coupon(NoDiscount::Unknown) => security_event(request, Event::WrongVoucher, Outcome::Refused, ""),
        Refusal::TooOften(_) => security_event(request, Event::WrongVoucher, Outcome::Limited, ""),
        _ => {}
    }
    let (status, field, sentence) = words(&refusal, &scope.membership.name);
    let errors = match field {
        "" => FieldErrors::form_only(sentence),
        field => FieldErrors::field_only(field, sentence),
    };
    let answer = page(context, scope, what, status, form, Answer { errors, ..Answer::default() }).await?;
    Ok(match refusal {
        Refusal::TooOften(too_often) => with_retry_after(answer, too_often),
        _ => answer,
    })
}

/// Status, field and sentence of a refusal.
fn words(refusal: &Refusal, organization: &str) -> (StatusCode, &'static str, String) {
    let coupon = |sentence: &str| (StatusCode::UNPROCESSABLE_ENTITY, "coupon", sentence.to_owned());
    match refusal {
        Refusal::NotSold(_) => {
            let sentence =
                format!("Enter a whole number from 1 to {MOST}, or fewer where so many are not sold at once.");
            (StatusCode::UNPROCESSABLE_ENTITY, "quantity", sentence)
        }
        Refusal::Incomplete(_) => (StatusCode::CONFLICT, "", incomplete::SENTENCE.to_owned()),
        Refusal::TrialUsed => {
            let sentence = format!("{organization} has had a trial of this product. Nothing was ordered.");
            (StatusCode::CONFLICT, "", sentence)
        }
        Refusal::Coupon(reason) => match reason {
            NoDiscount::Unknown => coupon("No coupon has this code. Check it letter by letter, or leave it empty."),
            NoDiscount::Expired => coupon("This coupon has expired."),
            NoDiscount::NotForThis => coupon("This coupon is not for what you buy here."),
            NoDiscount::BelowMinimum { minimum } => {
                coupon(&format!("This coupon is for purchases of {minimum} and more, without tax."))
            }
            NoDiscount::UsedUp => coupon("This coupon has been used as often as it may."),
            NoDiscount::UsedByCustomer => {
                coupon(&format!("{organization} has used this coupon as often as one customer may."))
            }
        },
        Refusal::TooOften(too_often) => (StatusCode::TOO_MANY_REQUESTS, "", too_often_sentence(*too_often)),
        Refusal::TooManyPending => {
            let sentence = format!("{MOST_PENDING} orders wait for payment already. Pay or end some of them first.");
            (StatusCode::CONFLICT, "", sentence)
        }
        Refusal::NotAllowed => {
            let sentence = "Your role does not allow this any more. Nothing was ordered.";
            (StatusCode::FORBIDDEN, "", sentence.to_owned())
        }
    }
}
