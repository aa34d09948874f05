//! What all processes of a desk must agree on, but for the codebook: the key that seals its mail.

use super::{Store, StoreError};

impl Store {
    /// The fingerprint of the key that this database is used with; `None` before the first use.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn key_fingerprint(&self) -> Result<Option<String>, StoreError> {
        let row: Option<(String,)> =
            sqlx::query_as("SELECT value FROM settings WHERE name = 'key_fingerprint'")
                .fetch_optional(&self.read)
                .await
                .map_err(StoreError::db("reading which key is in use"))?;
        Ok(row.map(|r| r.0))
    }

    /// Keeps the fingerprint of the key, unless one is kept already. The one that is kept.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn keep_key_fingerprint(&self, fingerprint: &str) -> Result<String, StoreError> {
        sqlx::query(
            "INSERT INTO settings (name, value) VALUES ('key_fingerprint', $1) ON CONFLICT DO NOTHING",
        )
        .bind(fingerprint)
        .execute(&self.write)
        .await
        .map_err(StoreError::db("noting which key is in use"))?;
        Ok(self.key_fingerprint().await?.unwrap_or_default())
    }
}
