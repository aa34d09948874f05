//! The page of a code on a date, at a stable address.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Serialize;

use crate::codebook::{CodeEntry, CodeSheet, Codebook, Locality, dataset_of};
use crate::consult::citation;
use crate::domain::{CivilDate, CodeStatus, CodeSystem, Evidence};
use crate::web::codes::access::CodeReader;
use crate::web::codes::asked::{self, Asked, code_address, cut, is_code_shaped};
use crate::web::codes::icd9::icd9_address;
use crate::web::codes::section::{Link, ReleaseView, Section, release};
use crate::web::codes::{look, notices, sections, texts};
use crate::web::wording::{self, Badge};
use crate::web::{Pages, WebError, frame};

#[derive(Serialize)]
struct CodeView {
    code: String,
    system: String,
    system_name: &'static str,
    on: String,
    setting: String,
    status: Badge,
    says: String,
    days: String,
    text: String,
    own_text: bool,
    /// The CPT descriptor, where the site holds a licence.
    descriptor: String,
    cpt: bool,
    release: Option<ReleaseView>,
    cite: String,
    also: Vec<Link>,
    crumbs: Vec<Crumb>,
    around: Vec<Link>,
    sections: Vec<Section>,
    localities: Vec<LocalityChoice>,
    /// The area and the diagnoses that coverage documents were asked for, as typed.
    area: String,
    dx: String,
    codebook: String,
    notices: Vec<String>,
}

/// A payment locality to choose.
#[derive(Serialize)]
pub(crate) struct LocalityChoice {
    number: String,
    name: String,
    chosen: bool,
}

/// All localities of the date; none if none are loaded.
pub(crate) fn localities(
    book: &Codebook,
    on: CivilDate,
    chosen: Option<&Locality>,
) -> Result<Vec<LocalityChoice>, WebError> {
    let choice = |l: Locality| LocalityChoice {
        number: l.number(),
        name: format!("{} · {}", l.state, l.name),
        chosen: chosen.is_some_and(|c| c.number() == l.number()),
    };
    Ok(book.localities(on)?.value.into_iter().map(choice).collect())
}

/// A place above the code.
#[derive(Serialize)]
struct Crumb {
    place: String,
    href: String,
    title: String,
}

pub(crate) async fn page(
    State(pages): State<Pages>,
    reader: CodeReader,
    Path(code): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    let (on, system, setting) = (asked.date(&pages.desk)?, asked.system()?, asked.setting()?);
    let code = code.trim().to_ascii_uppercase();
    if !is_code_shaped(&code) {
        let what = format!(
            "`{}` is not shaped like a code: codes have three to seven letters and digits.",
            cut(&code)
        );
        return Err(WebError::NoCode(what));
    }
    let (cpt, typed) = (reader.cpt, asked.locality.clone());
    let (area, dx) = (asked.area.clone(), asked.dx.clone());
    let wanted = sections::Wanted { area: asked::area(&area)?, diagnoses: asked::diagnoses(&dx)? };
    let own = texts::approved(&pages, &code).await?;
    let found = look(&pages, move |book| {
        let entries = book.show(system, &code, on)?;
        let icd9 = if system.is_none() { book.icd9(&code, on)? } else { Vec::new() };
        // What is no code of today's systems may be one of ICD-9-CM.
        if !icd9.is_empty() && !entries.iter().any(CodeEntry::is_known) && !is_service(&code) {
            return Ok(Err(icd9_address(&code, on)));
        }
        let (mut sheet, others) = first(book, entries, on, cpt)?;
        texts::put(&mut sheet, own);
        let locality = asked::locality(book, &typed, on)?;
        let mut view = view(book, &sheet, on, cpt, locality.as_ref(), &wanted)?;
        if view.sections.iter().any(|s| s.form == "fees") {
            view.localities = localities(book, on, locality.as_ref())?;
        }
        view.setting = setting.to_string();
        (view.area, view.dx) = (area, dx);
        view.also.extend(others.iter().map(|e| other(&e.code, e.system, on)));
        view.also.dedup_by(|a, b| a.href == b.href);
        let old = icd9.iter().filter(|c| !c.targets.is_empty());
        view.also.extend(
            old.map(|c| Link { text: format!("ICD-9-CM {}", c.code), href: icd9_address(&c.code, on) }),
        );
        Ok(Ok((view, sheet.entry.status)))
    })
    .await?;
    let (found, status) = match found {
        Ok(found) => found,
        Err(address) => return Ok(Redirect::to(&address).into_response()),
    };
    let title = format!("{} · {}", found.code, found.system_name);
    let frame = reader.frame(&pages, &title).await?;
    let status = if status == CodeStatus::Unknown { StatusCode::NOT_FOUND } else { StatusCode::OK };
    Ok((status, frame::render(&pages, "codes_code", &frame, &found)?).into_response())
}

/// Five digits: a CPT number rather than an undotted diagnosis.
fn is_service(code: &str) -> bool {
    code.len() == 5 && !code.contains('.')
}

/// The sheet of the first code that may be shown, and the others; an error if none may.
pub(crate) fn first(
    book: &Codebook,
    entries: Vec<CodeEntry>,
    on: CivilDate,
    cpt: bool,
) -> Result<(CodeSheet, Vec<CodeEntry>), WebError> {
    let found = !entries.is_empty();
    let mut shown = entries.into_iter().filter(|e| cpt || e.system != CodeSystem::Cpt);
    let Some(entry) = shown.next() else {
        return Err(match found {
            true => WebError::Forbidden(
                "CPT numbers are the American Medical Association's. This site shows them to signed-in people only.",
            ),
            false => WebError::Broken,
        });
    };
    let mut sheet = book.sheet_of(entry, on)?;
    if !cpt {
        sections::without_cpt(&mut sheet);
    }
    Ok((sheet, shown.collect()))
}

fn other(code: &str, system: CodeSystem, on: CivilDate) -> Link {
    Link { text: format!("{} {code}", system.name()), href: code_address(code, Some(system), on) }
}

fn view(
    book: &Codebook,
    sheet: &CodeSheet,
    on: CivilDate,
    cpt: bool,
    locality: Option<&Locality>,
    wanted: &sections::Wanted,
) -> Result<CodeView, WebError> {
    let entry = &sheet.entry;
    let sections = sections::all(book, sheet, on, cpt, locality, wanted)?;
    let is_cpt = entry.system == CodeSystem::Cpt;
    let shows_cpt = cpt && matches!(entry.system, CodeSystem::Cpt | CodeSystem::Hcpcs);
    let cited: Vec<Evidence> = sections::cited(sheet);
    let crumb = |a: &crate::codebook::sheet::Above| Crumb {
        place: a.place.clone(),
        href: if a.kind == "code" { code_address(&a.place, Some(entry.system), on) } else { String::new() },
        title: a.title.clone(),
    };
    Ok(CodeView {
        code: entry.code.clone(),
        system: entry.system.to_string(),
        system_name: entry.system.name(),
        on: on.to_string(),
        setting: String::new(),
        status: wording::code_status(entry.status),
        says: says(sheet, on),
        days: days(entry.valid_from, entry.valid_to),
        text: entry.description.clone(),
        own_text: entry.plain_language,
        descriptor: sheet.cpt_texts.as_ref().map(|t| t.fullest().to_owned()).unwrap_or_default(),
        cpt: is_cpt,
        release: entry.coverage.as_ref().map(release),
        cite: entry.evidence.as_ref().map(citation).unwrap_or_default(),
        also: entry
            .also
            .iter()
            .filter(|(s, _)| cpt || *s != CodeSystem::Cpt)
            .map(|(s, c)| other(c, *s, on))
            .collect(),
        crumbs: sheet.above.iter().map(crumb).collect(),
        around: around(book, entry.system, &entry.code, on)?,
        sections,
        localities: Vec::new(),
        area: String::new(),
        dx: String::new(),
        codebook: book.id().chars().take(12).collect(),
        notices: notices(book, &cited, shows_cpt, entry.plain_language)?,
    })
}

fn days(from: Option<CivilDate>, to: Option<CivilDate>) -> String {
    match (from, to) {
        (Some(from), Some(to)) => format!("From {from} to {to}."),
        (Some(from), None) => format!("Since {from}, open."),
        (None, Some(to)) => format!("Until {to}."),
        (None, None) => String::new(),
    }
}

/// The status in a sentence that says what to do.
fn says(sheet: &CodeSheet, on: CivilDate) -> String {
    let e = &sheet.entry;
    let date = |d: Option<CivilDate>| d.map_or("an unknown day".to_owned(), |d| d.to_string());
    let mut text = match e.status {
        CodeStatus::Valid => format!("Valid on {on}."),
        CodeStatus::Header => {
            format!("A heading on {on}: it cannot be billed as it stands, one of the codes below it can.")
        }
        CodeStatus::NotYetValid => format!("Not yet valid on {on}: it begins on {}.", date(e.valid_from)),
        CodeStatus::Ended => {
            format!("Ended: its last day was {}, so it is not valid on {on}.", date(e.valid_to))
        }
        CodeStatus::Unknown if e.complete => {
            format!("Unknown: no loaded release of {} has this code.", e.system.name())
        }
        CodeStatus::Unknown => format!(
            "Not in the loaded excerpt of {}: whether the code exists is not known here.",
            e.system.name()
        ),
        CodeStatus::NoData => {
            format!("No data: nothing that is loaded says what this code was on {on}.")
        }
    };
    if let Some(c) = e.coverage.as_ref().filter(|c| !c.covers) {
        text.push_str(&format!(
            " Not verified for this date: the newest release before it, {}, ends on {}.",
            c.release, c.to
        ));
    }
    text
}

/// The same code on the first days of the neighbouring editions and today's quarter.
fn around(book: &Codebook, system: CodeSystem, code: &str, on: CivilDate) -> Result<Vec<Link>, WebError> {
    let mut starts: Vec<(CivilDate, String)> = Vec::new();
    for loaded in book.coverage()?.iter().filter(|d| d.dataset == dataset_of(system)) {
        for r in &loaded.releases {
            if let Some(from) = r.from.filter(|from| !starts.iter().any(|(d, _)| d == from)) {
                starts.push((from, r.name.clone()));
            }
        }
    }
    starts.sort();
    let at = starts.partition_point(|(d, _)| *d <= on);
    let first = at.saturating_sub(3);
    let near = starts.into_iter().skip(first).take(5);
    Ok(near.map(|(d, name)| Link { text: name, href: code_address(code, Some(system), d) }).collect())
}
