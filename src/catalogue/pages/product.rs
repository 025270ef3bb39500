//! `/organizations/{slug}/plans/shop/{product}`: what a product includes, and its plans.

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::view::PlanView;
use crate::access::{Permission, Role, Scope};
use crate::billing::party::Party;
use crate::catalogue::contents::{Country, Product};
use crate::catalogue::on_sale;
use crate::error::AppError;
use crate::organizations::organization;
use crate::secrets::Secret;
use crate::web::{Layout, PageContext, Section, path_text};

#[derive(Template)]
#[template(path = "catalogue/product.html")]
struct ProductPage {
    layout: Layout,
    slug: String,
    product: Product,
    plans: Vec<PlanView>,
    country: Country,
    can_redeem: bool,
    can_purchase: bool,
    /// Who sells, where nobody takes payments.
    unpaid: Option<Party>,
    /// The key of the form at the checkout.
    form_key: String,
    /// The lowest role that may, where the person may not.
    who: Role,
}

pub async fn show(request: HttpRequest, context: PageContext, scope: Scope) -> Result<HttpResponse, AppError> {
    let key = path_text(&request, "product");
    let is_unpaid = context.app.payments.is_none();
    context
        .show(move |connection, layout| {
            let country = organization::load(connection, scope.organization_id())?.settings.country;
            let on_sale = on_sale::read(connection)?.ok_or(AppError::NotFound)?;
            let country = on_sale.country(&country).ok_or(AppError::NotFound)?;
            let product = on_sale.product(&key).ok_or(AppError::NotFound)?;
            Ok(ProductPage {
                slug: scope.slug().to_owned(),
                product: product.clone(),
                plans: on_sale.plans_of(&key).map(|plan| PlanView::new(plan, country)).collect(),
                country: country.clone(),
                can_redeem: scope.may(Permission::RedeemVouchers),
                form_key: Secret::random().as_str().to_owned(),
                can_purchase: scope.may(Permission::Purchase),
                unpaid: is_unpaid.then(|| on_sale.seller.party()),
                who: Permission::Purchase.minimum_role_under(scope.membership.policies),
                layout: layout.at(Section::Plans),
            })
        })
        .await
}
