//! Paste a note: it is masked first, as mails are, and neither stored nor logged; what is found are candidates, each with
//! the phrase that it rests on. A coder decides.

use axum::extract::State;
use axum::response::Html;
use serde::Serialize;

use crate::codebook::Codebook;
use crate::consult::note::{Phrase, Said, read_note};
use crate::domain::CivilDate;
use crate::privacy::mask;
use crate::web::codes::asked::{code_address, date};
use crate::web::codes::{look, notices};
use crate::web::form::Posted;
use crate::web::frame::{self, Frame};
use crate::web::session::SignedIn;
use crate::web::{Pages, WebError};

/// The longest note that is read, in bytes.
const LONGEST: usize = 60_000;

#[derive(Default, Serialize)]
struct NoteView {
    on: String,
    text: String,
    read: bool,
    masked: Vec<String>,
    phrases: Vec<PhraseView>,
    /// What the note denies: none of it is coded.
    denied: Vec<String>,
    notices: Vec<String>,
}

#[derive(Serialize)]
struct PhraseView {
    text: String,
    said: &'static str,
    kind: &'static str,
    named: bool,
    codes: Vec<CodeView>,
}

#[derive(Serialize)]
struct CodeView {
    code: String,
    href: String,
    system: &'static str,
    text: String,
    billable: bool,
}

pub(crate) async fn page(State(pages): State<Pages>, signed_in: SignedIn) -> Result<Html<String>, WebError> {
    let today = pages.desk.clock.today(&pages.desk.zone);
    let view = NoteView { on: today.to_string(), ..NoteView::default() };
    let frame = Frame::of(&pages, &signed_in, "Paste a note", "codes").await?;
    frame::render(&pages, "codes_note", &frame, &view)
}

pub(crate) async fn read(State(pages): State<Pages>, posted: Posted) -> Result<Html<String>, WebError> {
    let text = posted.fields.text("note");
    if text.len() > LONGEST {
        return Err(WebError::Input(
            "The note is longer than is read at once: paste it in parts.".to_owned(),
        ));
    }
    let on = date(posted.fields.line("on"), &pages.desk)?;
    let view = look(&pages, move |book| view(book, &text, on)).await?;
    let frame = Frame::of(&pages, &posted.signed_in, "Paste a note", "codes").await?;
    frame::render(&pages, "codes_note", &frame, &view)
}

fn view(book: &Codebook, text: &str, on: CivilDate) -> Result<NoteView, WebError> {
    let masked = mask(text);
    let phrases = read_note(&masked.text, on, book)?;
    let mut kinds: Vec<String> = Vec::new();
    for found in &masked.found {
        let kind = found.kind.to_string();
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    let cpt = phrases.iter().flat_map(|p| &p.codes).any(|c| c.system == crate::domain::CodeSystem::Cpt);
    Ok(NoteView {
        on: on.to_string(),
        // Only what is masked comes back to the page.
        text: masked.text,
        read: true,
        masked: kinds,
        phrases: phrases.iter().filter(|p| p.said != Said::Denied).map(|p| phrase(p, on)).collect(),
        denied: phrases.iter().filter(|p| p.said == Said::Denied).map(|p| p.text.clone()).collect(),
        notices: notices(book, &[], cpt, cpt)?,
    })
}

fn phrase(p: &Phrase, on: CivilDate) -> PhraseView {
    let kind = match p.said {
        Said::Present => "present",
        Said::Past => "past",
        Said::Family => "family",
        Said::Uncertain => "uncertain",
        Said::Denied => "denied",
    };
    let code = |c: &crate::codebook::SearchHit| CodeView {
        href: code_address(&c.code, Some(c.system), on),
        code: c.code.clone(),
        system: c.system.name(),
        text: c.description.clone(),
        billable: c.billable,
    };
    PhraseView {
        text: p.text.clone(),
        said: p.said.words(),
        kind,
        named: p.named,
        codes: p.codes.iter().map(code).collect(),
    }
}
