//! Reading columns into domain types.

use std::str::FromStr;

use sqlx::Row;
use sqlx::any::AnyRow;

use crate::domain::Timestamp;

/// A column whose text is parsed into a domain type.
pub(super) fn parsed<T>(row: &AnyRow, column: &'static str) -> Result<T, sqlx::Error>
where
    T: FromStr,
    T::Err: std::error::Error + Send + Sync + 'static,
{
    let text: String = row.try_get(column)?;
    text.parse()
        .map_err(|e: T::Err| sqlx::Error::ColumnDecode { index: column.to_owned(), source: Box::new(e) })
}

/// A column that may hold `''` for "none".
pub(super) fn optional<T>(row: &AnyRow, column: &'static str) -> Result<Option<T>, sqlx::Error>
where
    T: FromStr,
    T::Err: std::error::Error + Send + Sync + 'static,
{
    let text: String = row.try_get(column)?;
    if text.is_empty() { Ok(None) } else { parsed(row, column).map(Some) }
}

/// A column that holds JSON.
pub(super) fn json<T: serde::de::DeserializeOwned>(
    row: &AnyRow,
    column: &'static str,
) -> Result<T, sqlx::Error> {
    let text: String = row.try_get(column)?;
    serde_json::from_str(&text)
        .map_err(|e| sqlx::Error::ColumnDecode { index: column.to_owned(), source: Box::new(e) })
}

/// A time.
pub(super) fn time(row: &AnyRow, column: &'static str) -> Result<Timestamp, sqlx::Error> {
    row.try_get(column).map(Timestamp::from_micros)
}

/// A time for which 0 stands for "not yet".
pub(super) fn maybe_time(row: &AnyRow, column: &'static str) -> Result<Option<Timestamp>, sqlx::Error> {
    let micros: i64 = row.try_get(column)?;
    Ok((micros != 0).then(|| Timestamp::from_micros(micros)))
}

/// A flag stored as 0 or 1.
pub(super) fn flag(row: &AnyRow, column: &'static str) -> Result<bool, sqlx::Error> {
    row.try_get::<i64, _>(column).map(|n| n != 0)
}

/// Foreign text as both databases can hold it: PostgreSQL refuses U+0000.
pub(super) fn storable(text: &str) -> String {
    text.replace('\0', "\u{FFFD}")
}

/// A list as JSON. Lists of strings always serialise.
pub(super) fn list_json(list: &[String]) -> String {
    storable(&serde_json::to_string(list).unwrap_or_else(|_| "[]".to_owned()))
}
