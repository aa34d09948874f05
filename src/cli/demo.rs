//! `demo`: a whole desk in one folder.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;

use tokio_util::sync::CancellationToken;

use super::context::block_on;
use super::serve::web_settings;
use crate::app::{App, ServeLock, prepare_demo, serve};
use crate::clock::Clock;
use crate::config::{Config, DatabaseUrl, process_environment};
use crate::domain::{Address, Role, UserId};
use crate::store::NewUser;
use crate::{telemetry, web};

/// Options of `demo`.
#[derive(Debug, clap::Args)]
pub struct DemoArgs {
    /// The folder that holds everything; it is made if need be. A second start goes on there.
    #[arg(long, value_name = "DIR", default_value = "demo")]
    pub dir: PathBuf,
    /// The port of the pages; without it 8080, or another one if that is taken.
    #[arg(long, value_name = "N")]
    pub port: Option<u16>,
}

pub(super) fn run(args: &DemoArgs, out: &mut dyn Write) -> anyhow::Result<()> {
    let clock = Clock::system();
    let demo = prepare_demo(&args.dir, args.port.unwrap_or(8080), &clock)?;
    let mut config = Config::load(Some(&demo.config_file), &process_environment())?;
    telemetry::start("warn");
    config.web.listen = free_address(args.port, config.web.listen);
    let _lock = match &config.database {
        DatabaseUrl::Sqlite(path) => Some(ServeLock::take(path)?),
        DatabaseUrl::Postgres { .. } => None,
    };
    block_on(async {
        let app = App::assemble(config, clock).await?;
        let address: Address = demo.user.parse()?;
        if app.store.user(&address).await.is_err() {
            let user = NewUser {
                id: UserId::fresh(app.clock.new_id()),
                address,
                name: "Demo Reviewer".to_owned(),
                credential: "CPC".to_owned(),
                role: Role::Admin,
                password_hash: web::hash_password(&demo.password, &app.clock)?,
            };
            app.store.add_user(user, "demo").await?;
        }
        let pages = web::Pages::new(app.desk.clone(), app.keys.clone(), web_settings(&app)?);
        let router = web::demo_router(pages, demo.inbox.clone(), demo.outbox.clone());
        let ready = |pages: Option<SocketAddr>| {
            let Some(at) = pages else { return };
            let _ = writeln!(
                out,
                "The demo desk is running; everything is in {}.\n\n\
                 \x20 Review pages:      http://{at}/\n\
                 \x20   sign in as       {}\n\
                 \x20   with password    {}\n\
                 \x20 Write a question:  http://{at}/demo\n\n\
                 Stop it with Ctrl-C; a second start goes on where it stopped.",
                args.dir.display(),
                demo.user,
                demo.password
            );
            let _ = out.flush();
        };
        serve(app, &[], Some(router), CancellationToken::new(), ready).await?;
        Ok(())
    })
}

/// The asked-for port as it is; otherwise the configured one, or any free one if that is taken.
fn free_address(asked: Option<u16>, configured: SocketAddr) -> SocketAddr {
    if let Some(port) = asked {
        return SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    }
    match TcpListener::bind(configured) {
        Ok(_) => configured,
        Err(_) => SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
    }
}
