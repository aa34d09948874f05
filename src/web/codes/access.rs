//! Who reads the code pages: signed-in people of any role, and the public where the site opens them to it. CPT numbers
//! are the American Medical Association's: the public sees them only where the site holds a licence to distribute them.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, PoisonError};

use axum::extract::{ConnectInfo, FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;

use crate::web::frame::Frame;
use crate::web::session::SignedIn;
use crate::web::{Pages, WebError};

/// So many requests of one address of the public are answered …
const MOST_REQUESTS: u32 = 240;
/// … in so many seconds.
const WINDOW_SECONDS: i64 = 60;
/// So many addresses are remembered; with more, all begin anew.
const MOST_ADDRESSES: usize = 20_000;

/// Whoever reads a code page.
#[derive(Debug, Clone)]
pub(crate) struct CodeReader {
    /// The person; `None`: the public.
    pub(crate) person: Option<SignedIn>,
    /// Whether CPT numbers may be shown.
    pub(crate) cpt: bool,
}

impl CodeReader {
    /// The frame of a code page.
    pub(crate) async fn frame(&self, pages: &Pages, title: &str) -> Result<Frame, WebError> {
        match &self.person {
            Some(person) => Frame::of(pages, person, title, "codes").await,
            None => Ok(Frame::bare(pages, title, "codes")),
        }
    }

    /// Refuses what would show CPT numbers to people who may not see them.
    pub(crate) fn require_cpt(&self) -> Result<(), WebError> {
        if self.cpt {
            return Ok(());
        }
        Err(WebError::Forbidden(
            "CPT numbers are the American Medical Association's. This site shows them to signed-in people only.",
        ))
    }
}

impl FromRequestParts<Pages> for CodeReader {
    type Rejection = WebError;
    async fn from_request_parts(parts: &mut Parts, pages: &Pages) -> Result<Self, WebError> {
        let person = <SignedIn as OptionalFromRequestParts<Pages>>::from_request_parts(parts, pages).await?;
        if person.is_some() {
            return Ok(Self { person, cpt: true });
        }
        if !pages.settings.public_codes {
            if parts.uri.path().starts_with("/api/") {
                return Err(WebError::NoSession);
            }
            // A posted form is not repeated after signing in.
            let path =
                if parts.method == axum::http::Method::GET { parts.uri.path_and_query() } else { None };
            return Err(WebError::SignIn(path.map(ToString::to_string).unwrap_or_default()));
        }
        if !pages.visitors.admit(address(parts, pages), pages.desk.clock.now().seconds()) {
            return Err(WebError::Busy);
        }
        Ok(Self { person: None, cpt: pages.settings.public_cpt })
    }
}

/// The address that a request came from. A proxy of ours adds it at the end of `X-Forwarded-For`; without a proxy that
/// header is anybody's word.
fn address(parts: &Parts, pages: &Pages) -> IpAddr {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map_or(IpAddr::from([0, 0, 0, 0]), |c| c.0.ip());
    let named = parts.headers.get_all("x-forwarded-for").iter().next_back();
    let named = named.and_then(|v| v.to_str().ok()).and_then(|v| v.rsplit(',').next()?.trim().parse().ok());
    named.filter(|_| pages.settings.behind_proxy).unwrap_or(peer)
}

/// How much each address of the public has asked in the current minute.
#[derive(Debug, Default)]
pub(crate) struct Visitors(Mutex<HashMap<IpAddr, (i64, u32)>>);

impl Visitors {
    /// Counts a request; false if it is one too many.
    fn admit(&self, address: IpAddr, now: i64) -> bool {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST_ADDRESSES {
            all.clear();
        }
        let (since, count) = all.entry(network(address)).or_insert((now, 0));
        if now - *since >= WINDOW_SECONDS || now < *since {
            (*since, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
        *count <= MOST_REQUESTS
    }
}

/// Of IPv6 the customer's network, since each has addresses without number.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_asks_too_much_waits_and_others_do_not() {
        let visitors = Visitors::default();
        let (one, other) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        for _ in 0..MOST_REQUESTS {
            assert!(visitors.admit(one, 100));
        }
        assert!(!visitors.admit(one, 159));
        assert!(visitors.admit(other, 159));
        assert!(visitors.admit(one, 160));
        let of = |last: u16| IpAddr::from([0x2001, 0xdb8, 0, 1, 0, 0, 0, last]);
        assert_eq!(network(of(1)), network(of(2)));
    }
}
