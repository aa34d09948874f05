//! Our own plain-language texts: proposed one by one or as a file, approved by senior reviewers, exported for
//! `codes import`, which makes the search find them. Approved texts stand on the codes' pages at once.

use axum::extract::{Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::{Deserialize, Serialize};

use crate::codebook::CodeSheet;
use crate::codebook::import::is_service_code;
use crate::domain::CodeSystem;
use crate::store::{OwnText, ProposedText, TextDecision};
use crate::web::codes::asked::{code_address, cut, encoded};
use crate::web::form::Posted;
use crate::web::frame::{self, Frame};
use crate::web::session::SignedIn;
use crate::web::{Pages, WebError};

/// The longest text, and the longest search words.
const LONGEST: usize = 600;
/// The most lines of a file at once.
const MOST_LINES: usize = 5_000;

/// What the page shows first, and what was done before.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct TextsFor {
    #[serde(default)]
    code: String,
    #[serde(default)]
    done: String,
}

#[derive(Serialize)]
struct TextsView {
    done: String,
    code: String,
    text: String,
    words: String,
    waiting: Vec<TextView>,
    approved: Vec<TextView>,
    copyright: String,
}

#[derive(Serialize)]
struct TextView {
    code: String,
    href: String,
    version: i64,
    text: String,
    words: String,
    /// What stands on the page now, beside a proposal.
    before: String,
    by: String,
    when: String,
}

fn copyright(pages: &Pages) -> String {
    format!("© {}. Our own words; not CPT descriptors.", pages.desk.name)
}

pub(crate) async fn page(
    State(pages): State<Pages>,
    signed_in: SignedIn,
    Query(wanted): Query<TextsFor>,
) -> Result<Html<String>, WebError> {
    signed_in.require_senior()?;
    let all = pages.desk.store.own_texts().await?;
    let code = wanted.code.trim().to_ascii_uppercase();
    let chosen = all.iter().find(|t| t.code == code);
    let editable = |t: &OwnText| match t.proposed_text.is_empty() {
        true => (t.text.clone(), t.words.clone()),
        false => (t.proposed_text.clone(), t.proposed_words.clone()),
    };
    let (text, words) = chosen.map(editable).unwrap_or_default();
    let today = pages.desk.clock.today(&pages.desk.zone);
    let view = |t: &OwnText, proposed: bool| TextView {
        href: code_address(&t.code, None, today),
        code: t.code.clone(),
        version: t.version,
        text: if proposed { t.proposed_text.clone() } else { t.text.clone() },
        words: if proposed { t.proposed_words.clone() } else { t.words.clone() },
        before: if proposed { t.text.clone() } else { String::new() },
        by: if proposed { t.proposed_by.clone() } else { t.approved_by.clone() },
        when: (if proposed { t.proposed_at } else { t.approved_at }).minute_in(&pages.desk.zone),
    };
    let view = TextsView {
        done: match wanted.done.as_str() {
            "proposed" => "Proposed: approve it below.".to_owned(),
            "approved" => "Approved: it stands on the code's page.".to_owned(),
            "rejected" => "Dropped.".to_owned(),
            "withdrawn" => "Taken off the code's page.".to_owned(),
            _ => String::new(),
        },
        code: cut(&code),
        text,
        words,
        waiting: all.iter().filter(|t| !t.proposed_text.is_empty()).map(|t| view(t, true)).collect(),
        approved: all.iter().filter(|t| !t.text.is_empty()).map(|t| view(t, false)).collect(),
        copyright: copyright(&pages),
    };
    let frame = Frame::of(&pages, &signed_in, "Plain-language texts", "codes").await?;
    frame::render(&pages, "codes_texts", &frame, &view)
}

/// The approved text of a code, if there is one. Only service codes have some.
pub(crate) async fn approved(pages: &Pages, code: &str) -> Result<Option<String>, WebError> {
    if code.len() != 5 {
        return Ok(None);
    }
    let found = pages.desk.store.own_text(code).await?;
    Ok(found.map(|t| t.text).filter(|text| !text.is_empty()))
}

/// Puts an approved text where there is no official one.
pub(crate) fn put(sheet: &mut CodeSheet, own: Option<String>) {
    let entry = &mut sheet.entry;
    let service = matches!(entry.system, CodeSystem::Cpt | CodeSystem::Hcpcs) && entry.is_known();
    if let Some(text) = own.filter(|_| service && (entry.plain_language || entry.description.is_empty())) {
        entry.description = text;
        entry.plain_language = true;
    }
}

/// One text in its parts; what cannot be taken says why.
fn proposed(code: &str, text: &str, words: &str) -> Result<ProposedText, String> {
    let code = code.trim().to_ascii_uppercase();
    let line = |t: &str| t.split_whitespace().collect::<Vec<_>>().join(" ");
    let (text, words) = (line(text), line(words));
    if !is_service_code(&code) {
        return Err(format!("`{}` is no CPT or HCPCS code.", cut(&code)));
    }
    if text.is_empty() {
        return Err(format!("{code} has no text: write one plain sentence."));
    }
    if text.chars().count() > LONGEST || words.chars().count() > LONGEST {
        return Err(format!("The text of {code} is too long: one or two plain sentences are enough."));
    }
    Ok(ProposedText { code, text, words })
}

/// The lines of a file in the form of `codes import`: code, text, search words, separated by tabs.
fn lines(file: &str) -> Result<Vec<ProposedText>, String> {
    let mut all: Vec<ProposedText> = Vec::new();
    for (index, line) in file.lines().enumerate() {
        if line.starts_with('#') || line.trim().is_empty() {
            continue;
        }
        if all.len() >= MOST_LINES {
            return Err(format!("The file has more than {MOST_LINES} lines: import it in parts."));
        }
        let mut columns = line.split('\t');
        let mut next = || columns.next().unwrap_or("");
        let one = proposed(next(), next(), next()).map_err(|e| format!("Line {}: {e}", index + 1))?;
        if all.iter().any(|t| t.code == one.code) {
            return Err(format!("Line {}: {} stands in the file twice.", index + 1, one.code));
        }
        all.push(one);
    }
    if all.is_empty() {
        Err("There is no line of code, text and words, separated by tabs.".to_owned())
    } else {
        Ok(all)
    }
}

pub(crate) async fn act(State(pages): State<Pages>, posted: Posted) -> Result<Response, WebError> {
    posted.signed_in.require_senior()?;
    let (store, fields) = (&pages.desk.store, &posted.fields);
    let actor = posted.signed_in.user.address.to_string();
    let code = fields.line("code").to_ascii_uppercase();
    let decide = async |decision| {
        let version = fields.parsed::<i64>("version")?;
        store.decide_text(&code, version, decision, &actor).await.map_err(WebError::from)
    };
    let own = |given: bool| match given {
        true => Ok(()),
        false => Err(WebError::Input(
            "Confirm that the words are our own: CPT's descriptors must not be kept here.".to_owned(),
        )),
    };
    let done = match fields.line("do") {
        "propose" => {
            own(fields.line("own") == "yes")?;
            let one =
                proposed(&code, &fields.text("text"), &fields.text("words")).map_err(WebError::Input)?;
            store.propose_texts(&[one], &actor).await?;
            "proposed"
        }
        "import" => {
            own(fields.line("own") == "yes")?;
            let all = lines(&fields.text("file")).map_err(WebError::Input)?;
            store.propose_texts(&all, &actor).await?;
            "proposed"
        }
        "approve" => decide(TextDecision::Approve).await.map(|()| "approved")?,
        "reject" => decide(TextDecision::Reject).await.map(|()| "rejected")?,
        "withdraw" => decide(TextDecision::Withdraw).await.map(|()| "withdrawn")?,
        other => return Err(WebError::Input(format!("`{}` is nothing that can be done here.", cut(other)))),
    };
    Ok(Redirect::to(&format!("/codes/texts?done={}", encoded(done))).into_response())
}

/// The approved texts as a file that `codes import` reads.
pub(crate) async fn export(State(pages): State<Pages>, signed_in: SignedIn) -> Result<Response, WebError> {
    signed_in.require_senior()?;
    let mut file = format!(
        "# Plain-language texts {}\n# code\ttext\tsearch words\n",
        copyright(&pages).replace(['\n', '\t'], " ")
    );
    for t in pages.desk.store.own_texts().await?.iter().filter(|t| !t.text.is_empty()) {
        file.push_str(&format!("{}\t{}\t{}\n", t.code, t.text, t.words));
    }
    let headers = [
        (CONTENT_TYPE, "text/tab-separated-values; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"plain_language.tsv\""),
    ];
    Ok((headers, file).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_texts_is_read_whole_or_not_at_all() {
        let good = "# Plain-language texts\n63020\tTakes pressure off a nerve in the neck.\tneck disc\nj3301\tA shot.\n";
        let all = lines(good).unwrap();
        assert_eq!((all[0].words.as_str(), all[1].code.as_str()), ("neck disc", "J3301"));
        for (bad, says) in [
            ("", "no line"),
            ("63020\t\n", "Line 1"),
            ("63020\tA\n63020\tB\n", "twice"),
            ("<script>\tA\n", "no CPT or HCPCS"),
            // `codes import` would refuse the export with it.
            ("1A234\tA\n", "no CPT or HCPCS"),
        ] {
            let why = lines(bad).unwrap_err();
            assert!(why.contains(says), "{bad}: {why}");
        }
    }
}
