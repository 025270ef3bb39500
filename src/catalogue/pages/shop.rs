//! `/organizations/{slug}/plans/shop`: what is for sale.

use actix_web::HttpResponse;
use askama::Template;

use super::view::PriceView;
use crate::access::{Permission, Scope};
use crate::billing::party::Party;
use crate::catalogue::contents::{Country, Product, Seller, Term};
use crate::catalogue::on_sale::{self, OnSale};
use crate::error::AppError;
use crate::organizations::organization;
use crate::web::{Layout, PageContext, Section};

struct ProductCard {
    product: Product,
    /// The plan that costs least at once: its price, and for how long.
    from: Option<(PriceView, Term)>,
    has_trial: bool,
}

struct PackageRow {
    credits: u32,
    price: PriceView,
}

/// What is for sale to customers of a country.
struct Offer {
    country: Country,
    products: Vec<ProductCard>,
    packages: Vec<PackageRow>,
    seller: Seller,
}

#[derive(Template)]
#[template(path = "catalogue/shop.html")]
struct ShopPage {
    layout: Layout,
    slug: String,
    offer: Option<Offer>,
    /// Who sells, where nobody takes payments.
    unpaid: Option<Party>,
    can_redeem: bool,
    can_buy: bool,
}

pub async fn show(context: PageContext, scope: Scope) -> Result<HttpResponse, AppError> {
    let is_unpaid = context.app.payments.is_none();
    context
        .show(move |connection, layout| {
            let country = organization::load(connection, scope.organization_id())?.settings.country;
            let on_sale = on_sale::read(connection)?;
            let offer = on_sale.and_then(|on_sale| offer(on_sale, &country));
            Ok(ShopPage {
                slug: scope.slug().to_owned(),
                unpaid: offer.as_ref().filter(|_| is_unpaid).map(|offer| offer.seller.party()),
                offer,
                can_buy: !is_unpaid && scope.may(Permission::Purchase),
                can_redeem: scope.may(Permission::RedeemVouchers),
                layout: layout.at(Section::Plans),
            })
        })
        .await
}

fn offer(on_sale: OnSale, country: &str) -> Option<Offer> {
    let country = on_sale.country(country)?.clone();
    let packages = on_sale.credit_packages.iter().filter_map(|package| {
        Some(PackageRow { credits: package.credits, price: PriceView::new(&package.price, &country)? })
    });
    Some(Offer {
        products: on_sale.products.iter().map(|product| card(&on_sale, product, &country)).collect(),
        packages: packages.collect(),
        country,
        seller: on_sale.seller,
    })
}

fn card(on_sale: &OnSale, product: &Product, country: &Country) -> ProductCard {
    let licences = || on_sale.plans_of(&product.key).filter(|plan| plan.term.is_licence());
    let priced = licences().filter_map(|plan| Some((PriceView::new(&plan.price, country)?, plan.term)));
    ProductCard {
        product: product.clone(),
        from: priced.min_by_key(|(price, _)| price.amount.minor),
        has_trial: licences().any(|plan| plan.term == Term::Trial),
    }
}
