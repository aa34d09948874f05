//! People who sign in, their sessions, and failed attempts.

use serde_json::json;
use sqlx::any::AnyRow;
use sqlx::{FromRow, Row};

use super::audit::{self, DESK_CHAIN};
use super::rows::{flag, parsed, storable, time};
use super::{Store, StoreError};
use crate::domain::{Address, Role, Timestamp, UserId};

/// A person who may sign in.
#[derive(Debug, Clone, PartialEq)]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// Their address: what they sign in with.
    pub address: Address,
    /// Their name, as it stands under an answer.
    pub name: String,
    /// CPC, CCS …
    pub credential: String,
    /// What they may do.
    pub role: Role,
    /// argon2id, PHC string.
    pub password_hash: String,
    /// May no longer sign in.
    pub disabled: bool,
}

impl<'r> FromRow<'r, AnyRow> for User {
    fn from_row(row: &'r AnyRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: parsed(row, "id")?,
            address: parsed(row, "address")?,
            name: row.try_get("name")?,
            credential: row.try_get("credential")?,
            role: parsed(row, "role")?,
            password_hash: row.try_get("password_hash")?,
            disabled: flag(row, "disabled")?,
        })
    }
}

/// A person to be added.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// Their id.
    pub id: UserId,
    /// Their address.
    pub address: Address,
    /// Their name.
    pub name: String,
    /// CPC, CCS …
    pub credential: String,
    /// What they may do.
    pub role: Role,
    /// argon2id, PHC string.
    pub password_hash: String,
}

/// A signed-in session.
#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    /// Who.
    pub user: User,
    /// What every form must carry.
    pub csrf: String,
    /// Until when.
    pub expires_at: Timestamp,
}

impl Store {
    /// Adds a person.
    ///
    /// # Errors
    /// If the address is taken.
    pub async fn add_user(&self, new: NewUser, actor: &str) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let now = self.clock.now();
        sqlx::query(
            "INSERT INTO users (id, address, name, credential, role, password_hash, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(new.id.as_str())
        .bind(new.address.key())
        .bind(storable(&new.name))
        .bind(storable(&new.credential))
        .bind(new.role.as_str())
        .bind(new.password_hash)
        .bind(now.micros())
        .execute(&mut *tx)
        .await
        .map_err(|e| match StoreError::db("adding a user")(e) {
            e if e.is_unique_violation() => {
                StoreError::Refused(format!("there is a user {} already", new.address))
            }
            e => e,
        })?;
        let payload = json!({ "address": new.address, "role": new.role });
        audit::append(self, &mut tx, now, DESK_CHAIN, actor, "user_added", &payload).await?;
        self.commit(tx, "user").await
    }

    /// All people, by address.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn users(&self) -> Result<Vec<User>, StoreError> {
        sqlx::query_as("SELECT * FROM users ORDER BY address")
            .fetch_all(&self.read)
            .await
            .map_err(StoreError::db("reading the users"))
    }

    /// The person with this address.
    ///
    /// # Errors
    /// If there is none.
    pub async fn user(&self, address: &Address) -> Result<User, StoreError> {
        sqlx::query_as("SELECT * FROM users WHERE address = $1")
            .bind(address.key())
            .fetch_optional(&self.read)
            .await
            .map_err(StoreError::db("reading a user"))?
            .ok_or_else(|| StoreError::NotFound { what: "user", which: address.to_string() })
    }

    /// Lets a person sign in no more (or again); their sessions end.
    ///
    /// # Errors
    /// If there is no such person.
    pub async fn disable_user(
        &self,
        address: &Address,
        disabled: bool,
        actor: &str,
    ) -> Result<(), StoreError> {
        let user = self.user(address).await?;
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE users SET disabled = $1 WHERE id = $2")
            .bind(i64::from(disabled))
            .bind(user.id.as_str())
            .execute(&mut *tx)
            .await
            .map_err(StoreError::db("changing a user"))?;
        let event = if disabled { "user_disabled" } else { "user_enabled" };
        self.end_and_note(tx, &user, actor, event).await
    }

    /// Sets a person's password; their sessions end.
    ///
    /// # Errors
    /// If there is no such person.
    pub async fn set_password(&self, address: &Address, hash: &str, actor: &str) -> Result<(), StoreError> {
        let user = self.user(address).await?;
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE users SET password_hash = $1 WHERE id = $2")
            .bind(hash)
            .bind(user.id.as_str())
            .execute(&mut *tx)
            .await
            .map_err(StoreError::db("changing a password"))?;
        self.end_and_note(tx, &user, actor, "password_changed").await
    }

    async fn end_and_note(
        &self,
        mut tx: sqlx::Transaction<'static, sqlx::Any>,
        user: &User,
        actor: &str,
        event: &str,
    ) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM sessions WHERE user_id = $1")
            .bind(user.id.as_str())
            .execute(&mut *tx)
            .await
            .map_err(StoreError::db("ending sessions"))?;
        let payload = json!({ "address": user.address });
        audit::append(self, &mut tx, self.clock.now(), DESK_CHAIN, actor, event, &payload).await?;
        self.commit(tx, "user").await
    }

    /// Stores a session; `token_hash` is the SHA-256 of the cookie's token. Sessions that have ended are removed.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn open_session(
        &self,
        token_hash: &str,
        user: &UserId,
        csrf: &str,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let (mut tx, now, what) = (self.begin().await?, self.clock.now(), "opening a session");
        sqlx::query("DELETE FROM sessions WHERE expires_at < $1")
            .bind(now.micros())
            .execute(&mut *tx)
            .await
            .map_err(StoreError::db(what))?;
        sqlx::query(
            "INSERT INTO sessions (id, user_id, csrf, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(token_hash)
        .bind(user.as_str())
        .bind(csrf)
        .bind(now.micros())
        .bind(expires_at.micros())
        .execute(&mut *tx)
        .await
        .map_err(StoreError::db(what))?;
        self.commit(tx, "session").await
    }

    /// The live session behind a cookie, if there is one and its person may still sign in.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn session(&self, token_hash: &str) -> Result<Option<Session>, StoreError> {
        let what = "reading a session";
        let row: Option<AnyRow> = sqlx::query(
            "SELECT u.*, s.csrf AS session_csrf, s.expires_at AS session_expires_at FROM sessions s \
             JOIN users u ON u.id = s.user_id WHERE s.id = $1 AND s.expires_at > $2 AND u.disabled = 0",
        )
        .bind(token_hash)
        .bind(self.clock.now().micros())
        .fetch_optional(&self.read)
        .await
        .map_err(StoreError::db(what))?;
        row.map(|row| {
            Ok(Session {
                user: User::from_row(&row)?,
                csrf: row.try_get("session_csrf")?,
                expires_at: time(&row, "session_expires_at")?,
            })
        })
        .transpose()
        .map_err(StoreError::db(what))
    }

    /// Ends a session.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn close_session(&self, token_hash: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM sessions WHERE id = $1")
            .bind(token_hash)
            .execute(&self.write)
            .await
            .map_err(StoreError::db("ending a session"))?;
        Ok(())
    }

    /// Counts a failed sign-in with this name.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn note_failed_sign_in(&self, name: &str) -> Result<(), StoreError> {
        let name: String = name.chars().take(200).collect();
        sqlx::query("INSERT INTO sign_in_failures (address, at) VALUES ($1, $2)")
            .bind(storable(&name.to_lowercase()))
            .bind(self.clock.now().micros())
            .execute(&self.write)
            .await
            .map_err(StoreError::db("counting failed sign-ins"))?;
        Ok(())
    }

    /// Failed sign-ins with this name in the last `seconds`; older ones of all names are removed.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn failed_sign_ins(&self, name: &str, seconds: i64) -> Result<i64, StoreError> {
        let what = "counting failed sign-ins";
        let since = self.clock.now().plus_seconds(-seconds).micros();
        sqlx::query("DELETE FROM sign_in_failures WHERE at < $1")
            .bind(since)
            .execute(&self.write)
            .await
            .map_err(StoreError::db(what))?;
        let name: String = name.chars().take(200).collect();
        let (count,): (i64,) =
            sqlx::query_as("SELECT COUNT(*) FROM sign_in_failures WHERE address = $1 AND at >= $2")
                .bind(storable(&name.to_lowercase()))
                .bind(since)
                .fetch_one(&self.read)
                .await
                .map_err(StoreError::db(what))?;
        Ok(count)
    }
}
