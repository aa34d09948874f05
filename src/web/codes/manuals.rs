//! The manuals: which are loaded, their contents, a page for each section with its codes as links, and a search.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::codebook::{
    Codebook, Dated, FoundPassage, Manual, ManualEdition, NamedInManual, Passage, PassageParagraph,
    SectionRef,
};
use crate::consult::citation;
use crate::domain::CivilDate;
use crate::web::codes::access::CodeReader;
use crate::web::codes::asked::{self, Asked, code_address, cut, encoded};
use crate::web::codes::section::{Link, ReleaseView, release};
use crate::web::codes::{look, notices};
use crate::web::{Pages, WebError, frame};

/// The most hits of a page.
const HITS: usize = 30;

/// What a search of the manuals asks for.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct ManualsFor {
    #[serde(default)]
    pub(crate) q: String,
    #[serde(default)]
    pub(crate) on: String,
    #[serde(default)]
    pub(crate) manual: String,
    #[serde(default)]
    pub(crate) limit: String,
}

/// The manuals that a reader may read: the NCCI Policy Manual speaks of CPT numbers throughout.
pub(crate) fn readable(reader: &CodeReader) -> Vec<Manual> {
    Manual::ALL.into_iter().filter(|m| reader.cpt || *m != Manual::NcciPolicy).collect()
}

/// The manual that an address names.
pub(crate) fn manual(key: &str, reader: &CodeReader) -> Result<Manual, WebError> {
    let found = Manual::from_key(key);
    let manual = found.ok_or_else(|| {
        WebError::Input(format!("`{}` is no manual: they are `guidelines` and `ncci`.", cut(key)))
    })?;
    if manual == Manual::NcciPolicy {
        reader.require_cpt()?;
    }
    Ok(manual)
}

/// The manual that a form names; none if empty.
pub(crate) fn chosen(key: &str, reader: &CodeReader) -> Result<Option<Manual>, WebError> {
    if key.trim().is_empty() { Ok(None) } else { manual(key, reader).map(Some) }
}

/// Passages of the manuals that may be read.
pub(crate) fn find(
    book: &Codebook,
    query: &str,
    on: CivilDate,
    among: &[Manual],
    limit: usize,
) -> Result<Vec<Dated<FoundPassage>>, WebError> {
    let query: String = query.trim().chars().filter(|c| !c.is_control()).take(400).collect();
    let one = match among {
        [one] => Some(*one),
        _ => None,
    };
    Ok(book.passages(&query, on, one, limit)?)
}

/// The stable address of a section's page.
pub(crate) fn passage_address(manual: Manual, section: &str, on: CivilDate) -> String {
    // A path has %20 where a query has +.
    format!("/codes/manuals/{}/{}?on={on}", manual.key(), encoded(section).replace('+', "%20"))
}

#[derive(Serialize)]
struct ListView {
    on: String,
    query: String,
    asked: bool,
    chosen: String,
    manuals: Vec<ManualView>,
    hits: Vec<HitView>,
    hidden_cpt: bool,
    notices: Vec<String>,
}

#[derive(Serialize)]
struct ManualView {
    key: &'static str,
    title: &'static str,
    href: String,
    chosen: bool,
    release: Option<ReleaseView>,
    sections: u64,
    editions: Vec<Link>,
}

#[derive(Serialize)]
struct HitView {
    href: String,
    cited: String,
    title: String,
    manual: String,
    sentence: String,
    page: String,
    covers: bool,
}

fn manual_view(edition: ManualEdition, on: CivilDate, chosen: Option<Manual>) -> ManualView {
    let key = edition.manual.key();
    let other = |c: crate::codebook::Coverage| Link {
        text: format!("{} ({} to {})", c.release, c.from, c.to),
        href: format!("/codes/manuals/{key}?on={}", c.from),
    };
    ManualView {
        key,
        title: edition.manual.title(),
        href: format!("/codes/manuals/{key}?on={on}"),
        chosen: chosen == Some(edition.manual),
        release: edition.coverage.as_ref().map(release),
        sections: edition.sections,
        editions: edition.editions.into_iter().map(other).collect(),
    }
}

fn hit(found: Dated<FoundPassage>, on: CivilDate) -> HitView {
    let passage = found.value;
    let release = found.coverage.as_ref().map_or("", |c| c.release.as_str());
    HitView {
        href: passage_address(passage.manual, &passage.at.section, on),
        title: passage.heading().to_owned(),
        manual: format!("{} {release}", passage.manual.title()),
        cited: passage.cited,
        sentence: passage.sentence,
        page: passage.page,
        covers: found.coverage.is_some_and(|c| c.covers),
    }
}

pub(crate) async fn list(
    State(pages): State<Pages>,
    reader: CodeReader,
    Query(wanted): Query<ManualsFor>,
) -> Result<Html<String>, WebError> {
    let on = asked::date(&wanted.on, &pages.desk)?;
    let (chosen, readable) = (chosen(&wanted.manual, &reader)?, readable(&reader));
    let hidden_cpt = !reader.cpt;
    let view = look(&pages, move |book| {
        let among = chosen.map_or_else(|| readable.clone(), |one| vec![one]);
        let found = find(book, &wanted.q, on, &among, HITS)?;
        let cited: Vec<_> = found.iter().filter_map(|f| f.evidence.clone()).collect();
        let names_cpt = found.iter().any(|f| f.value.manual == Manual::NcciPolicy);
        let all = book.manuals(on).into_iter().filter(|m| readable.contains(&m.manual));
        Ok(ListView {
            on: on.to_string(),
            asked: !wanted.q.trim().is_empty(),
            query: wanted.q.trim().to_owned(),
            chosen: chosen.map_or(String::new(), |m| m.key().to_owned()),
            manuals: all.map(|m| manual_view(m, on, chosen)).collect(),
            hits: found.into_iter().map(|f| hit(f, on)).collect(),
            hidden_cpt,
            notices: notices(book, &cited, names_cpt, false)?,
        })
    })
    .await?;
    let frame = reader.frame(&pages, "Manuals").await?;
    frame::render(&pages, "codes_manuals", &frame, &view)
}

#[derive(Serialize)]
struct ContentsView {
    on: String,
    key: &'static str,
    title: &'static str,
    release: Option<ReleaseView>,
    rows: Vec<Row>,
    notices: Vec<String>,
}

/// A line of the contents.
#[derive(Serialize)]
struct Row {
    href: String,
    section: String,
    title: String,
    page: String,
    depth: usize,
}

fn row(manual: Manual, at: SectionRef, on: CivilDate) -> Row {
    let titled = !at.section.contains(": ");
    Row {
        href: passage_address(manual, &at.section, on),
        section: if titled { at.section } else { String::new() },
        title: at.title,
        page: at.page,
        depth: at.depth.min(6),
    }
}

pub(crate) async fn contents(
    State(pages): State<Pages>,
    reader: CodeReader,
    Path(key): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    let (on, manual) = (asked.date(&pages.desk)?, manual(&key, &reader)?);
    let view = look(&pages, move |book| {
        let found = book.manual_contents(manual, on)?;
        // Paragraphs without a title are found on the pages of their sections.
        let titled = found.value.into_iter().filter(|s| !s.title.is_empty() || s.depth == 0);
        Ok(ContentsView {
            on: on.to_string(),
            key: manual.key(),
            title: manual.title(),
            release: found.coverage.as_ref().map(release),
            rows: titled.map(|s| row(manual, s, on)).collect(),
            notices: notices(book, &[], manual == Manual::NcciPolicy, false)?,
        })
    })
    .await?;
    let frame = reader.frame(&pages, manual.title()).await?;
    let status = if view.rows.is_empty() { StatusCode::NOT_FOUND } else { StatusCode::OK };
    Ok((status, frame::render(&pages, "codes_manual", &frame, &view)?).into_response())
}

#[derive(Serialize)]
struct PassageView {
    on: String,
    key: &'static str,
    manual: &'static str,
    section: String,
    cited: String,
    title: String,
    page: String,
    release: Option<ReleaseView>,
    crumbs: Vec<Row>,
    paragraphs: Vec<ParagraphView>,
    below: Vec<BelowView>,
    previous: Option<Row>,
    next: Option<Row>,
    cite: String,
    notices: Vec<String>,
}

#[derive(Serialize)]
struct ParagraphView {
    page: String,
    item: bool,
    pieces: Vec<Link>,
}

/// A section below, with its text if it has no title to stand for it.
#[derive(Serialize)]
struct BelowView {
    row: Row,
    paragraphs: Vec<ParagraphView>,
}

/// The text in pieces: what it names is a link, the rest has no address.
fn pieces(manual: Manual, text: &str, on: CivilDate) -> Vec<Link> {
    let (mut all, mut at) = (Vec::new(), 0);
    let plain = |from: usize, to: usize| Link {
        text: text.get(from..to).unwrap_or("").to_owned(),
        href: String::new(),
    };
    for named in manual.named_in(text) {
        all.push(plain(at, named.from));
        let href = match named.what {
            NamedInManual::Code(system, code) => code_address(&code, Some(system), on),
            NamedInManual::Section(section) => passage_address(manual, &section, on),
        };
        all.push(Link { href, ..plain(named.from, named.to) });
        at = named.to;
    }
    all.push(plain(at, text.len()));
    all.retain(|piece| !piece.text.is_empty());
    all
}

fn paragraph(manual: Manual, paragraph: &PassageParagraph, on: CivilDate) -> ParagraphView {
    let (item, text) = match paragraph.text.strip_prefix('•') {
        Some(text) => (true, text.trim_start()),
        None => (false, paragraph.text.as_str()),
    };
    ParagraphView { page: paragraph.page.clone(), item, pieces: pieces(manual, text, on) }
}

fn passage_view(
    book: &Codebook,
    found: &Dated<Option<Passage>>,
    passage: &Passage,
    on: CivilDate,
) -> Result<PassageView, WebError> {
    let manual = passage.manual;
    let mut below = Vec::new();
    for at in &passage.below {
        let own = if at.title.is_empty() { book.passage(manual, &at.section, on)?.value } else { None };
        let paragraphs =
            own.map_or(Vec::new(), |p| p.paragraphs.iter().map(|p| paragraph(manual, p, on)).collect());
        below.push(BelowView { row: row(manual, at.clone(), on), paragraphs });
    }
    let neighbour = |at: &Option<SectionRef>| at.clone().map(|at| row(manual, at, on));
    Ok(PassageView {
        on: on.to_string(),
        key: manual.key(),
        manual: manual.title(),
        section: passage.at.section.clone(),
        cited: passage.cited.clone(),
        title: passage.at.title.clone(),
        page: passage.at.page.clone(),
        release: found.coverage.as_ref().map(release),
        crumbs: passage.within.iter().map(|at| row(manual, at.clone(), on)).collect(),
        paragraphs: passage.paragraphs.iter().map(|p| paragraph(manual, p, on)).collect(),
        below,
        previous: neighbour(&passage.previous),
        next: neighbour(&passage.next),
        cite: found.evidence.as_ref().map(citation).unwrap_or_default(),
        notices: notices(book, found.evidence.as_slice(), manual == Manual::NcciPolicy, false)?,
    })
}

pub(crate) async fn passage(
    State(pages): State<Pages>,
    reader: CodeReader,
    Path((key, section)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, WebError> {
    let (on, manual) = (asked.date(&pages.desk)?, manual(&key, &reader)?);
    let view = look(&pages, move |book| {
        let found = book.passage(manual, &section, on)?;
        match &found.value {
            Some(passage) => passage_view(book, &found, passage, on),
            None => Err(WebError::NoCode(format!(
                "The {} that is loaded for {on} has no section `{}`.",
                manual.title(),
                cut(&section)
            ))),
        }
    })
    .await?;
    let frame = reader.frame(&pages, &format!("{} · {}", view.cited, view.manual)).await?;
    frame::render(&pages, "codes_passage", &frame, &view)
}
