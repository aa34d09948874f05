//! Signing in: PLAIN, LOGIN or XOAUTH2, whichever the server and the proof allow. Never before TLS.

use async_imap::imap_proto::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::time::Instant;

use super::session::Capabilities;
use super::wire::{Limits, Wire, quoted};
use super::{ImapError, ImapSettings};
use crate::mail::login::Proof;

/// Response codes by which a server says that the sign-in failed for another reason than user and password
/// (RFC 5530): trying again later may help.
const PASSING: [&str; 4] = ["[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]"];

/// Signs in. The server's NO becomes [`ImapError::Auth`], unless it says itself that it is only busy.
pub(super) async fn sign_in(
    wire: &mut Wire,
    settings: &ImapSettings,
    capabilities: &Capabilities,
) -> Result<(), ImapError> {
    let login = &settings.login;
    let limits = Limits::small(settings.timeouts.command);
    let result = match &login.proof {
        Proof::AccessToken(_) => {
            let words = format!("user={}\x01auth=Bearer {}\x01\x01", login.user, login.secret());
            authenticate(wire, "XOAUTH2", &words, limits).await
        }
        // A quoted string is ASCII; PLAIN takes anything (RFC 4616).
        Proof::Password(_) if capabilities.has("AUTH=PLAIN") => {
            let words = format!("\0{}\0{}", login.user, login.secret());
            authenticate(wire, "PLAIN", &words, limits).await
        }
        Proof::Password(_) if capabilities.has("LOGINDISABLED") => {
            return Err(ImapError::Protocol {
                step: "the sign-in",
                why: "the server offers no way with a password",
            });
        }
        Proof::Password(_) => {
            let line = format!("LOGIN {} {}", quoted(&login.user), quoted(login.secret()));
            wire.run("the sign-in", &line, limits, |_| {}).await
        }
    };
    match result {
        Err(ImapError::Refused { reply, .. }) if !PASSING.iter().any(|code| reply.starts_with(code)) => {
            Err(ImapError::Auth { server: settings.server.to_string(), user: login.user.clone(), reply })
        }
        other => other,
    }
}

async fn authenticate(wire: &mut Wire, how: &str, words: &str, limits: Limits) -> Result<(), ImapError> {
    let step = "the sign-in";
    let deadline = Instant::now() + limits.time;
    let tag = wire.open(step, &format!("AUTHENTICATE {how}"), limits).await?;
    let mut answer = STANDARD.encode(words);
    // The second go-ahead tells why it failed (XOAUTH2); an empty line asks for the refusal itself.
    for _ in 0..3 {
        if !wire.wait_for_go_ahead(step, &tag, deadline, limits, &mut |_: &Response<'_>| {}).await? {
            return Ok(());
        }
        wire.say(step, &answer, limits.time).await?;
        answer.clear();
    }
    wire.finish(step, &tag, deadline, limits, &mut |_: &Response<'_>| {}).await
}
