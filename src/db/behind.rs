//! What stands behind a row in the order of two columns. Written as one comparison of both, `(at, id) > (?, ?)`, which either database
//! looks up in an index of the two, however many rows share a moment; `at >= ? AND (at > ? OR id > ?)` walks through all of these.
//! SQLite looks up one bound on each side, the first of two that serve it as well: what else bounds the first column is asked for after.

use diesel::backend::Backend;
use diesel::expression::{AsExpression, Expression, TypedExpressionType, ValidGrouping};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Bool, Nullable, SqlType};

/// The order of two columns that both ascend, or both descend.
#[derive(Clone, Copy, Debug)]
pub struct Order<const ASCENDING: bool>;

pub type Ascending = Order<true>;
pub type Descending = Order<false>;

impl<const ASCENDING: bool> Order<ASCENDING> {
    /// Whether a row comes after the one with these values.
    pub fn behind<A, B, X, Y>(
        columns: (A, B),
        values: (X, Y),
    ) -> Behind<(A, B), (X::Expression, Y::Expression), ASCENDING>
    where
        A: Expression<SqlType: SqlType + TypedExpressionType>,
        B: Expression<SqlType: SqlType + TypedExpressionType>,
        X: AsExpression<A::SqlType>,
        Y: AsExpression<B::SqlType>,
    {
        Behind { columns, values: (values.0.as_expression(), values.1.as_expression()) }
    }
}

/// Nothing, as SQL has it, where a column holds nothing.
#[derive(Clone, Copy, Debug, QueryId, ValidGrouping)]
pub struct Behind<C, V, const ASCENDING: bool> {
    columns: C,
    values: V,
}

impl<C: Expression, V: Expression, const ASCENDING: bool> Expression for Behind<C, V, ASCENDING> {
    type SqlType = Nullable<Bool>;
}

impl<C, V, T, const ASCENDING: bool> AppearsOnTable<T> for Behind<C, V, ASCENDING>
where
    C: AppearsOnTable<T>,
    V: AppearsOnTable<T>,
{
}

impl<C, V, T, const ASCENDING: bool> SelectableExpression<T> for Behind<C, V, ASCENDING>
where
    C: SelectableExpression<T>,
    V: SelectableExpression<T>,
{
}

impl<C, V, B, const ASCENDING: bool> QueryFragment<B> for Behind<C, V, ASCENDING>
where
    C: QueryFragment<B>,
    V: QueryFragment<B>,
    B: Backend,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, B>) -> QueryResult<()> {
        out.push_sql("(");
        self.columns.walk_ast(out.reborrow())?;
        out.push_sql(if ASCENDING { ") > (" } else { ") < (" });
        self.values.walk_ast(out.reborrow())?;
        out.push_sql(")");
        Ok(())
    }
}

/// A boxed query for what a range asks of a list by moments, the newest first: what its `place` leads to, in that direction, and of the
/// time `from` one moment on and `until` another. The place comes first, as SQLite wants it.
macro_rules! newest_first {
    ($query:ident, $range:expr, ($at:expr, $id:expr)) => {{
        use $crate::paging::Place;
        let mut query = match &$range.place {
            Place::Start => $query.order(($at.desc(), $id.desc())),
            Place::After(row) => $query
                .filter($crate::db::Descending::behind(($at, $id), (&row.at, &row.id)))
                .order(($at.desc(), $id.desc())),
            Place::Before(row) => $query
                .filter($crate::db::Ascending::behind(($at, $id), (&row.at, &row.id)))
                .order(($at.asc(), $id.asc())),
        };
        let (from, until) = $range.place.bounds_besides($range.from, $range.until);
        if let Some(from) = from {
            query = query.filter($at.ge(from));
        }
        if let Some(until) = until {
            query = query.filter($at.lt(until));
        }
        query
    }};
}
pub(crate) use newest_first;
