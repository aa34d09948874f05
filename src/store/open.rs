//! Opening the case database, bringing it up to date, and transactions.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use sqlx::any::{AnyPoolOptions, install_default_drivers};
use sqlx::migrate::Migrator;
use sqlx::{Any, AnyPool, Executor, Transaction};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::{Dialect, StoreError};
use crate::clock::Clock;

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");
const IN_A_PATH: &AsciiSet = &CONTROLS.add(b' ').add(b'?').add(b'#').add(b'%');

/// Where the case database is.
#[derive(Debug, Clone)]
pub enum StoreUrl {
    /// A file (made if absent).
    Sqlite(PathBuf),
    /// `postgres://user:password@host/database`.
    Postgres(secrecy::SecretString),
}

/// Called with the name of a transaction and `before` or `after` its commit; `true` stops the program there. Only
/// the crash harness sets one.
pub type CrashHook = Arc<dyn Fn(&'static str, &'static str) -> bool + Send + Sync>;

/// The case database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    /// SQLite: the one connection that writes. PostgreSQL: the same pool as `read`.
    pub(super) write: AnyPool,
    pub(super) read: AnyPool,
    pub(super) dialect: Dialect,
    pub(super) clock: Clock,
    crash: Option<CrashHook>,
    work: Arc<Notify>,
}

impl Store {
    /// Connects, without changing anything: see [`Store::migrate`].
    ///
    /// # Errors
    /// If the database cannot be reached, or was made by a newer program.
    pub async fn connect(url: &StoreUrl, clock: Clock) -> Result<Self, StoreError> {
        install_default_drivers();
        let (dialect, text, shown) = match url {
            StoreUrl::Sqlite(path) => (Dialect::Sqlite, sqlite_url(path)?, path.display().to_string()),
            StoreUrl::Postgres(url) => {
                use secrecy::ExposeSecret;
                (Dialect::Postgres, url.expose_secret().to_owned(), "PostgreSQL".to_owned())
            }
        };
        let open = |max: u32| {
            AnyPoolOptions::new()
                .max_connections(max)
                .acquire_timeout(Duration::from_secs(10))
                .after_connect(move |connection, _| {
                    Box::pin(async move { connection.execute(dialect.on_connect()).await.map(|_| ()) })
                })
                .connect(&text)
        };
        let failed = |e: sqlx::Error| {
            StoreError::Open(format!(
                "the case database ({shown}) cannot be opened: {e}. Look at [database] url"
            ))
        };
        let (write, read) = match dialect {
            Dialect::Sqlite => (open(1).await.map_err(failed)?, open(4).await.map_err(failed)?),
            Dialect::Postgres => {
                let pool = open(10).await.map_err(failed)?;
                (pool.clone(), pool)
            }
        };
        let store = Self { write, read, dialect, clock, crash: None, work: Arc::new(Notify::new()) };
        store.refuse_newer().await?;
        Ok(store)
    }

    /// Which database it is.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// For the crash harness.
    #[must_use]
    pub fn with_crash_hook(mut self, hook: CrashHook) -> Self {
        self.crash = Some(hook);
        self
    }

    /// Closes all connections.
    pub async fn close(&self) {
        self.write.close().await;
        self.read.close().await;
    }

    fn migrator(&self) -> &'static Migrator {
        match self.dialect {
            Dialect::Sqlite => &SQLITE,
            Dialect::Postgres => &POSTGRES,
        }
    }

    /// Migrations that are still to be run, by name.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn pending_migrations(&self) -> Result<Vec<String>, StoreError> {
        let done = self.applied().await?;
        Ok(self
            .migrator()
            .iter()
            .filter(|m| !done.contains(&m.version))
            .map(|m| format!("{:04} {}", m.version, m.description))
            .collect())
    }

    /// Runs all pending migrations. SQLite databases that hold something are copied first (`VACUUM INTO`), beside
    /// themselves.
    ///
    /// # Errors
    /// If a migration fails; the database is then as it was before that migration.
    pub async fn migrate(&self) -> Result<Vec<String>, StoreError> {
        let pending = self.pending_migrations().await?;
        if !pending.is_empty() {
            self.migrator().run(&self.write).await.map_err(|e| {
                StoreError::Open(format!("the case database cannot be brought up to date: {e}"))
            })?;
        }
        Ok(pending)
    }

    /// Copies an SQLite database to `target` in one consistent piece (`VACUUM INTO`), readable by its owner alone.
    ///
    /// # Errors
    /// On PostgreSQL (its own tools do that), and if `target` exists or cannot be written.
    pub async fn copy_to(&self, target: &Path) -> Result<(), StoreError> {
        if self.dialect == Dialect::Postgres {
            return Err(StoreError::Refused("a PostgreSQL database is backed up with pg_dump".to_owned()));
        }
        if target.exists() {
            return Err(StoreError::Refused(format!(
                "{} exists already: name another file",
                target.display()
            )));
        }
        let text =
            target.to_str().ok_or_else(|| StoreError::Refused("the file's name is not UTF-8".to_owned()))?;
        sqlx::query("VACUUM INTO $1")
            .bind(text)
            .execute(&self.write)
            .await
            .map_err(StoreError::db("copying the case database"))?;
        restrict(target)
    }

    async fn applied(&self) -> Result<Vec<i64>, StoreError> {
        let exists = match self.dialect {
            Dialect::Sqlite => "SELECT COUNT(*) FROM sqlite_master WHERE name = '_sqlx_migrations'",
            Dialect::Postgres => {
                "SELECT COUNT(*) FROM information_schema.tables \
                 WHERE table_name = '_sqlx_migrations' AND table_schema = current_schema()"
            }
        };
        let what = "reading the database's schema version";
        let (tables,): (i64,) =
            sqlx::query_as(exists).fetch_one(&self.read).await.map_err(StoreError::db(what))?;
        if tables == 0 {
            return Ok(Vec::new());
        }
        let rows: Vec<(i64,)> = sqlx::query_as("SELECT version FROM _sqlx_migrations ORDER BY version")
            .fetch_all(&self.read)
            .await
            .map_err(StoreError::db(what))?;
        Ok(rows.into_iter().map(|r| r.0).collect())
    }

    async fn refuse_newer(&self) -> Result<(), StoreError> {
        let newest = self.migrator().iter().map(|m| m.version).max().unwrap_or(0);
        match self.applied().await?.into_iter().find(|v| *v > newest) {
            Some(version) => Err(StoreError::Open(format!(
                "the case database was written by a newer caseconsultant (schema {version}, this one knows {newest}): \
                 use that version, or restore a backup"
            ))),
            None => Ok(()),
        }
    }

    /// Begins a transaction that writes.
    ///
    /// A connection whose last transaction ended in a fault of the disk believes that it is still inside of it, and
    /// would refuse every other one: it is thrown away, and a fresh one tried.
    pub(super) async fn begin(&self) -> Result<Transaction<'static, Any>, StoreError> {
        if let Ok(tx) = self.write.begin_with(self.dialect.begin()).await {
            return Ok(tx);
        }
        if let Ok(connection) = self.write.acquire().await {
            let _ = connection.close().await;
        }
        self.write.begin_with(self.dialect.begin()).await.map_err(StoreError::db("beginning a transaction"))
    }

    /// Commits, and wakes the workers. `point` names the transaction for the crash harness.
    pub(super) async fn commit(
        &self,
        mut tx: Transaction<'static, Any>,
        point: &'static str,
    ) -> Result<(), StoreError> {
        if self.crash.as_ref().is_some_and(|hook| hook(point, "before")) {
            return Err(StoreError::Crashed(point));
        }
        if let Some(notify) = self.dialect.notify() {
            sqlx::query(notify).execute(&mut *tx).await.map_err(StoreError::db("waking other processes"))?;
        }
        tx.commit().await.map_err(StoreError::db("committing a transaction"))?;
        self.work.notify_waiters();
        if self.crash.as_ref().is_some_and(|hook| hook(point, "after")) {
            return Err(StoreError::Crashed(point));
        }
        Ok(())
    }

    /// Rings the bell whenever another process of a PostgreSQL database commits, until `cancel` fires. Does nothing on
    /// SQLite. What is missed while the connection is down is found by the workers' own polling.
    pub async fn listen(&self, url: &StoreUrl, cancel: &CancellationToken) {
        let StoreUrl::Postgres(url) = url else { return };
        while !cancel.is_cancelled() {
            tokio::select! {
                () = cancel.cancelled() => {}
                outcome = self.hear(secrecy::ExposeSecret::expose_secret(url)) => {
                    if let Err(error) = outcome {
                        tracing::warn!(%error, "PostgreSQL's notifications are lost; trying again");
                    }
                    tokio::time::sleep(Duration::from_secs(2)).await;
                }
            }
        }
    }

    async fn hear(&self, url: &str) -> Result<(), sqlx::Error> {
        let mut listener = sqlx::postgres::PgListener::connect(url).await?;
        listener.listen("caseconsultant").await?;
        loop {
            listener.recv().await?;
            self.work.notify_waiters();
        }
    }

    /// Whether any mail was ever stored: then the key that seals it must not be made anew.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn holds_mail(&self) -> Result<bool, StoreError> {
        if !self.pending_migrations().await?.is_empty() && self.applied().await?.is_empty() {
            return Ok(false);
        }
        let (count,): (i64,) =
            sqlx::query_as("SELECT COUNT(*) FROM (SELECT 1 FROM mails LIMIT 1) AS some_mail")
                .fetch_one(&self.read)
                .await
                .map_err(StoreError::db("looking for stored mail"))?;
        Ok(count > 0)
    }

    /// Whether the database holds anything at all: an empty one needs no copy before it is migrated.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn is_new(&self) -> Result<bool, StoreError> {
        Ok(self.applied().await?.is_empty())
    }

    /// Rings whenever a transaction of this process (or, on PostgreSQL, of another one) was committed. A waiter
    /// registers (`Notify::notified`, enabled) before it looks for work, so that nothing is missed.
    #[must_use]
    pub fn bell(&self) -> Arc<Notify> {
        Arc::clone(&self.work)
    }
}

fn sqlite_url(path: &Path) -> Result<String, StoreError> {
    let open = |what: String| StoreError::Open(what);
    if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty() && !f.exists()) {
        use std::os::unix::fs::DirBuilderExt;
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|e| {
            open(format!("the folder {} for the case database cannot be made: {e}", folder.display()))
        })?;
    }
    let text = path.to_str().ok_or_else(|| open(format!("{} is not UTF-8: rename it", path.display())))?;
    Ok(format!("sqlite://{}?mode=rwc", utf8_percent_encode(text, IN_A_PATH)))
}

fn restrict(path: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
        .map_err(|e| StoreError::Refused(format!("{} cannot be made private: {e}", path.display())))
}
