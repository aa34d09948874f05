//! The search: words in, codes out. As one types, the script asks for `/codes/suggest`; without it the form does the same.

use axum::extract::{Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::{Deserialize, Serialize};

use crate::codebook::{CodeEntry, Codebook};
use crate::desk::lookup::{self, Searched};
use crate::domain::{CivilDate, CodeSystem, Evidence};
use crate::web::codes::access::CodeReader;
use crate::web::codes::asked::{Asked, code_address, is_code_shaped};
use crate::web::codes::{look, notices};
use crate::web::{Pages, WebError, frame};

/// How many hits a page and a list of suggestions hold.
const HITS: usize = 50;
const SUGGESTIONS: usize = 10;

/// What is asked for.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct SearchFor {
    #[serde(default)]
    pub(crate) q: String,
    #[serde(default)]
    pub(crate) on: String,
    #[serde(default)]
    pub(crate) system: String,
}

#[derive(Serialize)]
struct SearchView {
    query: String,
    on: String,
    today: bool,
    system: String,
    systems: Vec<SystemChoice>,
    asked: bool,
    hits: Vec<HitView>,
    hidden_cpt: bool,
    more: bool,
    notices: Vec<String>,
}

#[derive(Serialize)]
struct SystemChoice {
    word: &'static str,
    name: &'static str,
    chosen: bool,
}

#[derive(Serialize)]
pub(crate) struct HitView {
    pub(crate) code: String,
    pub(crate) system: &'static str,
    pub(crate) href: String,
    pub(crate) text: String,
    pub(crate) billable: bool,
    pub(crate) why: String,
}

/// A search that is within what may be shown: without CPT, its numbers are left out.
pub(crate) fn find(
    book: &Codebook,
    wanted: &str,
    system: Option<CodeSystem>,
    on: CivilDate,
    limit: usize,
    (cpt, typing): (bool, bool),
) -> Result<Searched, WebError> {
    // What is left out must not leave fewer hits of the rest.
    let asked = if cpt || system.is_some() { limit } else { limit.saturating_mul(3) };
    let mut found = lookup::search(book, wanted, system, on, asked, typing)?;
    if !cpt {
        found.hits.retain(|h| h.hit.system != CodeSystem::Cpt);
    }
    found.hits.truncate(limit);
    Ok(found)
}

fn hit_views(found: &Searched) -> Vec<HitView> {
    let view = |h: &lookup::Hit| HitView {
        code: h.hit.code.clone(),
        system: h.hit.system.name(),
        href: code_address(&h.hit.code, Some(h.hit.system), found.on),
        text: h.hit.cpt_text.clone().unwrap_or_else(|| h.hit.description.clone()),
        billable: h.hit.billable,
        why: h.why.clone(),
    };
    found.hits.iter().map(view).collect()
}

/// A query that is exactly a code of the book goes to its page.
fn exact(
    book: &Codebook,
    query: &str,
    system: Option<CodeSystem>,
    on: CivilDate,
) -> Result<Option<String>, WebError> {
    let query = query.trim();
    if !is_code_shaped(query) {
        return Ok(None);
    }
    let known = book.show(system, query, on)?.into_iter().find(CodeEntry::is_known);
    Ok(known.map(|e| code_address(&e.code, system, on)))
}

pub(crate) async fn page(
    State(pages): State<Pages>,
    reader: CodeReader,
    Query(wanted): Query<SearchFor>,
) -> Result<Response, WebError> {
    let asked = Asked { on: wanted.on.clone(), system: wanted.system.clone(), ..Asked::default() };
    let (on, system) = (asked.date(&pages.desk)?, asked.system()?);
    let (query, cpt) = (wanted.q.trim().to_owned(), reader.cpt);
    let today = pages.desk.clock.today(&pages.desk.zone);
    let found = look(&pages, move |book| {
        if let Some(address) = exact(book, &query, system, on)? {
            return Ok(Err(address));
        }
        let found = find(book, &query, system, on, HITS, (cpt, false))?;
        let has_cpt = found.hits.iter().any(|h| h.hit.system == CodeSystem::Cpt);
        // The notice of the edition whose descriptors are shown.
        let licensed = found.hits.iter().find(|h| h.hit.cpt_text.is_some());
        let texts = licensed.map(|h| book.cpt_texts(&h.hit.code, on)).transpose()?.flatten();
        let cited: Vec<Evidence> = texts.into_iter().map(|t| t.evidence).collect();
        let lines = notices(book, &cited, has_cpt, has_cpt)?;
        Ok(Ok((found, lines)))
    })
    .await?;
    let (found, notices) = match found {
        Ok(found) => found,
        Err(address) => return Ok(Redirect::to(&address).into_response()),
    };
    let choices = CodeSystem::ALL.iter().filter(|s| cpt || **s != CodeSystem::Cpt);
    let view = SearchView {
        asked: !found.query.is_empty(),
        hits: hit_views(&found),
        more: found.hits.len() >= HITS,
        query: found.query,
        on: on.to_string(),
        today: on == today,
        system: system.map_or(String::new(), |s| s.to_string()),
        systems: choices
            .map(|s| SystemChoice { word: s.as_str(), name: s.name(), chosen: system == Some(*s) })
            .collect(),
        hidden_cpt: !cpt,
        notices,
    };
    let title = if view.asked { format!("{} · codes", view.query) } else { "Codes".to_owned() };
    let frame = reader.frame(&pages, &title).await?;
    Ok(frame::render(&pages, "codes_search", &frame, &view)?.into_response())
}

#[derive(Serialize)]
struct Suggested {
    query: String,
    hits: Vec<HitView>,
}

/// The list below the search field, as a piece of a page.
pub(crate) async fn suggest(
    State(pages): State<Pages>,
    reader: CodeReader,
    Query(wanted): Query<SearchFor>,
) -> Result<Html<String>, WebError> {
    let asked = Asked { on: wanted.on.clone(), system: wanted.system.clone(), ..Asked::default() };
    let (on, system, cpt) = (asked.date(&pages.desk)?, asked.system()?, reader.cpt);
    let found = look(&pages, move |book| find(book, &wanted.q, system, on, SUGGESTIONS, (cpt, true))).await?;
    let view = Suggested { hits: hit_views(&found), query: found.query };
    Ok(Html(pages.desk.renderer.page("codes_suggest", &view)?))
}
