//! Places of service: all of them, and a page for each. The digits are CMS's and public; they decide which practice
//! expense the fee schedule pays.

use axum::extract::{Path, State};
use axum::response::Html;
use serde::Serialize;

use crate::codebook::{Codebook, PaymentSetting, PlaceOfService};
use crate::consult::citation;
use crate::web::codes::access::CodeReader;
use crate::web::codes::asked::cut;
use crate::web::codes::{look, notices};
use crate::web::{Pages, WebError, frame};

#[derive(Serialize)]
struct ListView {
    rows: Vec<Row>,
    /// The list's name in the book, and the days that were given with it.
    release: String,
    notices: Vec<String>,
}

#[derive(Serialize)]
struct Row {
    code: String,
    href: String,
    name: String,
    payment: &'static str,
}

/// Which practice expense is paid, for people.
fn payment(setting: PaymentSetting) -> &'static str {
    match setting {
        PaymentSetting::Facility => "facility",
        PaymentSetting::NonFacility => "non-facility",
    }
}

/// The address of a place's page.
pub(crate) fn place_address(code: &str) -> String {
    format!("/codes/places/{code}")
}

/// What is said of the dates of the loaded list: CMS gives it none, an importer may.
fn dates(book: &Codebook) -> Result<String, WebError> {
    let loaded = book.coverage()?.iter().find(|d| d.dataset == "place_of_service");
    let Some(newest) = loaded.and_then(|d| d.releases.last().cloned()) else {
        return Ok(String::new());
    };
    Ok(match (newest.from, newest.to) {
        (Some(from), Some(to)) => format!("{}, {from} to {to}", newest.name),
        (Some(from), None) => format!("{}, since {from}", newest.name),
        (None, _) => format!("{}; CMS publishes the list without a date", newest.name),
    })
}

pub(crate) async fn list(State(pages): State<Pages>, reader: CodeReader) -> Result<Html<String>, WebError> {
    let view = look(&pages, |book| {
        let row = |p: PlaceOfService| Row {
            href: place_address(&p.code),
            code: p.code,
            name: p.name,
            payment: payment(p.setting),
        };
        let rows = book.places_of_service()?.into_iter().map(row).collect();
        Ok(ListView { rows, release: dates(book)?, notices: notices(book, &[], false, false)? })
    })
    .await?;
    let frame = reader.frame(&pages, "Places of service").await?;
    frame::render(&pages, "codes_places", &frame, &view)
}

#[derive(Serialize)]
struct PlaceView {
    code: String,
    name: String,
    text: String,
    facility: bool,
    payment: &'static str,
    release: String,
    cite: String,
    notices: Vec<String>,
}

/// A place as asked for: two digits, or one; an error that says so if it is none.
pub(crate) fn place(book: &Codebook, wanted: &str) -> Result<PlaceOfService, WebError> {
    let code = wanted.trim();
    if !(1..=2).contains(&code.len()) || !code.bytes().all(|b| b.is_ascii_digit()) {
        let what = format!("`{}` is no place of service: they have two digits.", cut(code));
        return Err(WebError::NoCode(what));
    }
    book.place_of_service(code)?.ok_or_else(|| {
        WebError::NoCode(format!(
            "The loaded list of places of service does not have {code:0>2}: it is unassigned."
        ))
    })
}

pub(crate) async fn page(
    State(pages): State<Pages>,
    reader: CodeReader,
    Path(wanted): Path<String>,
) -> Result<Html<String>, WebError> {
    let view = look(&pages, move |book| {
        let found = place(book, &wanted)?;
        Ok(PlaceView {
            facility: found.setting == PaymentSetting::Facility,
            payment: payment(found.setting),
            release: dates(book)?,
            cite: citation(&found.evidence),
            notices: notices(book, &[], false, false)?,
            code: found.code,
            name: found.name,
            text: found.description,
        })
    })
    .await?;
    let frame = reader.frame(&pages, &format!("Place of service {}", view.code)).await?;
    frame::render(&pages, "codes_place", &frame, &view)
}
