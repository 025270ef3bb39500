//! Which plans a licence can change to.

use crate::catalogue::contents::{Plan, Product, Term as PlanTerm};
use crate::catalogue::on_sale::OnSale;
use crate::licences::copied_plan::CopiedPlan;
use crate::licences::licence::Licence;
use crate::money::Money;

/// The product of a licence, where it is still for sale.
fn product<'a>(on_sale: &'a OnSale, licence: &Licence) -> Option<&'a Product> {
    on_sale.product(licence.product_key.as_deref()?)
}

/// The other plans of its product that have terms and a price in its currency, in the order of the catalogue.
pub fn plans(on_sale: &OnSale, licence: &Licence) -> Vec<CopiedPlan> {
    let (Some(product), Some(price)) = (product(on_sale, licence), licence.unit_price()) else { return Vec::new() };
    let is_other = |plan: &CopiedPlan| licence.plan_key.as_ref() != Some(&plan.key);
    let copied = on_sale.plans_of(&product.key).filter_map(|plan| CopiedPlan::of(product, plan, price.currency));
    copied.filter(is_other).collect()
}

/// The plan of Support & Upgrade for a licence, and what it costs for one.
pub fn support<'a>(on_sale: &'a OnSale, licence: &Licence) -> Option<(&'a Plan, Money)> {
    let product = product(on_sale, licence)?;
    let plan = on_sale.plans_of(&product.key).find(|plan| plan.term == PlanTerm::SupportAndUpgrade)?;
    Some((plan, plan.price.of(licence.unit_price()?.currency)?))
}
