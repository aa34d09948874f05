//! `serve`: runs the desk until it is told to stop.

use std::io::Write;
use std::net::SocketAddr;

use tokio_util::sync::CancellationToken;

use super::context::{Context, block_on};
use crate::app::{App, Part, ServeLock, serve};
use crate::clock::Clock;
use crate::config::DatabaseUrl;
use crate::telemetry;
use crate::web;

/// Options of `serve`.
#[derive(Debug, clap::Args)]
pub struct ServeArgs {
    /// Only these parts (with PostgreSQL, so that several processes share the work).
    #[arg(long, value_delimiter = ',', value_name = "PARTS")]
    pub only: Vec<Part>,
}

pub(super) fn run(context: &Context, args: &ServeArgs, out: &mut dyn Write) -> anyhow::Result<()> {
    let config = context.config()?;
    telemetry::start(&config.log_level);
    if config.mailboxes.is_empty() {
        anyhow::bail!(
            "no mailbox is configured: add a [[mailbox]] section (see config/default.toml), or try `demo`"
        );
    }
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    let _lock = match &config.database {
        DatabaseUrl::Sqlite(path) => Some(ServeLock::take(path)?),
        DatabaseUrl::Postgres { .. } => None,
    };
    block_on(async {
        let app = App::assemble(config, Clock::system()).await?;
        let pages = web::router(web::Pages::new(app.desk.clone(), app.keys.clone(), web_settings(&app)?));
        let ready = |pages: Option<SocketAddr>| {
            let _ = match pages {
                Some(address) => writeln!(out, "The review pages are at http://{address}/"),
                None => writeln!(out, "The desk is running; another process serves the review pages"),
            };
            let _ = out.flush();
        };
        serve(app, &args.only, Some(pages), CancellationToken::new(), ready).await?;
        Ok(())
    })
}

pub(super) fn web_settings(app: &App) -> anyhow::Result<web::WebSettings> {
    let public = app.config.web.public_url.as_ref();
    Ok(web::WebSettings {
        session: app.config.web.session,
        behind_proxy: public.is_some(),
        public_codes: app.config.web.public_codes,
        public_cpt: app.config.web.public_codes && app.config.web.ama_distribution_licence,
        secure: public.is_some_and(|url| url.scheme() == "https"),
        database: app.config.database.to_string(),
        codebook: app
            .config
            .codebook
            .as_ref()
            .map_or("the embedded starter codebook".to_owned(), |p| p.display().to_string()),
    })
}
