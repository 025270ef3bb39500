//! The sum of whole numbers of 64 bits as such a number. PostgreSQL makes a decimal number of any length of it, for which Diesel would
//! need a library; nothing that is added up here comes near its end.

use diesel::backend::Backend;
use diesel::expression::{Expression, ValidGrouping, is_aggregate};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Nullable};

/// The sum of a column, of nothing where there are no rows.
pub fn whole_sum<E: Expression>(column: E) -> WholeSum<E> {
    WholeSum(column)
}

#[derive(Clone, Copy, Debug, QueryId)]
pub struct WholeSum<E>(E);

impl<E: Expression> Expression for WholeSum<E> {
    type SqlType = Nullable<BigInt>;
}

impl<E, G> ValidGrouping<G> for WholeSum<E> {
    type IsAggregate = is_aggregate::Yes;
}

impl<E: AppearsOnTable<T>, T> AppearsOnTable<T> for WholeSum<E> {}

impl<E: SelectableExpression<T>, T> SelectableExpression<T> for WholeSum<E> {}

impl<E: QueryFragment<B>, B: Backend> QueryFragment<B> for WholeSum<E> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, B>) -> QueryResult<()> {
        out.push_sql("CAST(SUM(");
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(") AS BIGINT)");
        Ok(())
    }
}
