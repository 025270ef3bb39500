//! `/organizations/{slug}/credits/buy`: the packages of credits that are for sale.

use actix_web::HttpResponse;
use askama::Template;

use crate::access::Scope;
use crate::billing::party::Party;
use crate::catalogue::contents::CreditPackage;
use crate::catalogue::on_sale;
use crate::credits::amount::counted;
use crate::error::AppError;
use crate::money::Money;
use crate::organizations::organization;
use crate::secrets::Secret;
use crate::web::{Layout, PageContext, Section};

struct PackageRow {
    key: String,
    credits: String,
    price: Money,
}

#[derive(Template)]
#[template(path = "orders/packages.html")]
struct PackagesPage {
    layout: Layout,
    slug: String,
    organization: String,
    packages: Vec<PackageRow>,
    /// Who sells, where nobody takes payments.
    unpaid: Option<Party>,
    /// The key of the form at the checkout.
    form_key: String,
}

pub async fn show(context: PageContext, scope: Scope) -> Result<HttpResponse, AppError> {
    let is_unpaid = context.app.payments.is_none();
    context
        .show(move |connection, layout| {
            let country = organization::load(connection, scope.organization_id())?.settings.country;
            let on_sale = on_sale::read(connection)?;
            let packages = on_sale.as_ref().and_then(|on_sale| {
                let currency = on_sale.country(&country)?.currency;
                let row = |package: &CreditPackage| {
                    let (key, credits) = (package.key.clone(), counted(package.credits.into()));
                    Some(PackageRow { key, credits, price: package.price.of(currency)? })
                };
                Some(on_sale.credit_packages.iter().filter_map(row).collect())
            });
            Ok(PackagesPage {
                slug: scope.slug().to_owned(),
                organization: scope.membership.name.clone(),
                form_key: Secret::random().as_str().to_owned(),
                packages: packages.unwrap_or_default(),
                unpaid: on_sale.as_ref().filter(|_| is_unpaid).map(|on_sale| on_sale.seller.party()),
                layout: layout.at(Section::Credits),
            })
        })
        .await
}
