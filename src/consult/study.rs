//! One question, worked out: what the tables and the notes say of it, what leads, what is lacking.

use crate::codebook::{CodeEntry, Codebook, CodebookError};
use crate::consult::Question;
use crate::consult::candidates::{self, Candidate};
use crate::consult::claim::Claim;
use crate::consult::facts::Facts;
use crate::consult::guidance::{self, Match, Matter, choice};
use crate::consult::intent::Intent;
use crate::consult::missing;
use crate::consult::rules::{self, Tables};
use crate::consult::said;
use crate::consult::topics::{self, Area, Topic};
use crate::consult::verdict::Judgement;
use crate::consult::verdict::lead::{self, Grounds, Said};
use crate::domain::{CodeStatus, Finding, Outcome};

/// So many notes are said where the tables say something, and where they say nothing.
const NOTES: usize = 3;
const NOTES_ALONE: usize = 4;
/// So many further notes are kept for the reviewer.
const NOTES_ALSO: usize = 12;

/// The rule of findings that only the reviewer sees: notes that apply and are not worth saying.
pub(crate) const ALSO: &str = "also";

/// A question with all that is known of it.
#[derive(Debug, Clone)]
pub(crate) struct Study {
    pub(crate) facts: Facts,
    pub(crate) intent: Intent,
    pub(crate) findings: Vec<Finding>,
    pub(crate) offered: Vec<Candidate>,
    pub(crate) judgement: Judgement,
    pub(crate) missing: Vec<String>,
    /// The asker's words, shortened to a line.
    pub(crate) asked: String,
}

/// The longest heading, in characters.
const HEADING: usize = 90;

/// Works a question out.
///
/// # Errors
/// The codebook cannot be read.
pub(crate) fn study(
    question: &Question,
    mut facts: Facts,
    intent: Intent,
    book: &Codebook,
) -> Result<Study, CodebookError> {
    let mut findings = dose_findings(&mut facts);
    let complete = matches!(intent, Intent::Pair | Intent::ClaimCheck)
        || (intent == Intent::Modifier && facts.service_codes().len() > 1);
    let claim = facts.claim(complete);
    let tables = Tables::new(book, claim.on);
    findings.extend(rules::general(&claim, &tables)?);
    findings.extend(other_entries(&facts, &claim, book)?);
    findings.extend(setting_findings(&facts, &claim, &tables)?);
    if on_several_days(&facts, &claim) {
        // The pair edits are those of one day.
        findings.retain(|f| !matches!(f.rule.as_str(), "ptp" | "ptp_advice"));
    }
    findings.extend(modifier_answers(&facts, &findings));
    findings.extend(rules::therapy_time::minutes(&claim));
    findings.extend(said::findings(&facts, &claim, &tables)?);
    let (mapped, mut instead) = rules::crosswalk::from_icd9(&facts.icd9, facts.on, book)?;
    let (followed, successors) = rules::crosswalk::successors(&facts.entries, facts.on, book)?;
    findings.extend(mapped.into_iter().chain(followed));
    instead.extend(successors);
    let (said, also) = notes(&facts, intent, &findings);
    let place = findings.len();
    let payer = guidance::payer_group(facts.payer.as_ref());
    findings.extend(said.iter().map(|m| m.note.finding("guidance", payer)));
    findings.extend(also.iter().take(NOTES_ALSO).map(|m| m.note.finding(ALSO, payer)));
    let said: Vec<Said> =
        said.into_iter().enumerate().map(|(i, matched)| Said { place: place + i, matched }).collect();
    let mut offered = offer(intent, &facts, &said, book)?;
    let known = |e: &CodeEntry| offered.iter().any(|c| c.entry.code == e.code);
    let instead: Vec<Candidate> =
        instead.into_iter().filter(|e| !known(e)).map(|entry| Candidate { entry, by_note: true }).collect();
    offered.splice(0..0, instead);
    if offered.is_empty() {
        for entry in facts.entries.iter().filter(|e| e.status == CodeStatus::Header) {
            let children = rules::validity::children_of(book, entry, facts.on)?;
            let mut entries = Vec::new();
            for code in &children.codes {
                entries.push(book.in_system(entry.system, code, facts.on)?);
            }
            offered.extend(candidates::below(&entries, &facts.text));
        }
    }
    let judgement =
        lead::judge(&Grounds { intent, facts: &facts, findings: &findings, said: &said, offered: &offered });
    let missing = missing::list(&missing::Open {
        intent,
        facts: &facts,
        findings: &findings,
        judgement: &judgement,
        offered: &offered,
        said: &said,
    });
    let asked = heading(&question.text);
    let mut study = Study { facts, intent, findings, offered, judgement, missing, asked };
    study.dedup();
    Ok(study)
}

impl Study {
    /// The same statement is made once; the places of those that decide follow.
    fn dedup(&mut self) {
        let mut kept: Vec<Finding> = Vec::new();
        let mut places = Vec::new();
        for f in self.findings.drain(..) {
            let same = |g: &Finding| g.rule == f.rule && g.statement == f.statement;
            match kept.iter().position(same) {
                Some(at) => places.push(at),
                None => {
                    places.push(kept.len());
                    kept.push(f);
                }
            }
        }
        self.findings = kept;
        let new = |old: &usize| places.get(*old).copied();
        self.judgement.deciding = self.judgement.deciding.iter().filter_map(new).collect();
    }
}

/// Whether the services are of several days: the message names them, and asks for a modifier of a later service.
fn on_several_days(facts: &Facts, claim: &Claim) -> bool {
    !claim.one_day && facts.modifiers.iter().any(|m| matches!(m.as_str(), "24" | "58" | "78" | "79"))
}

/// The notes worth saying, and the rest.
fn notes(facts: &Facts, intent: Intent, findings: &[Finding]) -> (Vec<Match<'static>>, Vec<Match<'static>>) {
    let codes = facts.all_codes();
    let (wanted, averse) = fields(facts, intent, &topics::topics(facts));
    let matter = Matter {
        text: &facts.text,
        codes: &codes,
        modifiers: &facts.modifiers,
        on: facts.on,
        claim: guidance::claim_group(facts.place),
        topics: &wanted,
        averse: &averse,
    };
    let mut all = guidance::matching(matter);
    // What a rule has cited already is not said again.
    let cited = |id: &str| {
        findings.iter().any(|f| f.detail.get("note").and_then(serde_json::Value::as_str) == Some(id))
    };
    all.retain(|m| !cited(&m.note.id));
    let telling = findings.iter().filter(|f| f.rule != "validity" && f.outcome != Outcome::Info).count();
    // What rules have cited is advice as well: beside it only the best further note is worth saying.
    let advice = findings.iter().filter(|f| f.rule.ends_with("_advice")).count();
    choice::chosen(all, if telling > 0 { NOTES.saturating_sub(advice).max(1) } else { NOTES_ALONE })
}

/// The question itself in one line: the sentence that asks, or its beginning.
fn heading(text: &str) -> String {
    let plain = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let asking = plain.split_inclusive(['.', '?', '!']).find(|s| s.ends_with('?')).unwrap_or(&plain);
    let asking =
        asking.trim().trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ')' | ' '));
    if asking.chars().count() <= HEADING {
        return asking.to_owned();
    }
    let cut: String = asking.chars().take(HEADING).collect();
    format!("{}…", cut.rsplit_once(' ').map_or(cut.as_str(), |(head, _)| head))
}

/// The topics of notes that a question wants, and those that hardly answer it: how diseases are coded does not help who
/// asks for a modifier, nor the other way round.
fn fields(facts: &Facts, intent: Intent, topics: &[Topic]) -> (Vec<&'static str>, Vec<&'static str>) {
    let has = |t: Topic| topics.contains(&t);
    let area = topics::area(facts, intent, topics);
    let mut wanted = vec![area.as_str()];
    for (topic, field) in [
        (Topic::Units, "units"),
        (Topic::Therapy, "units"),
        (Topic::Drug, "units"),
        (Topic::Denial, "denials"),
        (Topic::Modifier, "modifiers"),
        (Topic::Coverage, "medicare_coverage"),
        (Topic::Abn, "medicare_coverage"),
        (Topic::Edits, "ncci_edits"),
    ] {
        if has(topic) && !wanted.contains(&field) {
            wanted.push(field);
        }
    }
    let services = !facts.lines.is_empty() || !facts.modifiers.is_empty();
    let diseases = !facts.diagnoses.is_empty()
        || ["dx", "diagnos", "icd"].iter().any(|w| facts.text.contains(w))
        || (has(Topic::Guideline) && !services);
    let averse: &[&str] = match area {
        Area::Compliance => {
            &["guidelines", "ncci_edits", "modifiers", "cpt_codes", "inpatient", "crosswalks"]
        }
        Area::Coverage if !diseases => &["guidelines", "ncci_edits", "inpatient"],
        Area::Guidelines => &["ncci_edits", "modifiers", "units"],
        _ if services && !diseases => &["guidelines", "inpatient"],
        _ => &[],
    };
    (wanted, averse.to_vec())
}

/// The NCCI rules for each setting that may apply; advice that holds for one of two settings says for which.
fn setting_findings(
    facts: &Facts,
    claim: &Claim,
    tables: &Tables<'_>,
) -> Result<Vec<Finding>, CodebookError> {
    let mut each = Vec::new();
    for setting in facts.settings() {
        each.push((setting, rules::for_setting(claim, setting, tables)?));
    }
    let everywhere =
        |f: &Finding| each.iter().all(|(_, list)| list.iter().any(|g| g.statement == f.statement));
    let mut out = Vec::new();
    for (setting, list) in &each {
        for f in list {
            let mut f = f.clone();
            if f.rule == "ptp_advice" && !everywhere(&f) {
                f.statement = format!("For {}: {}", rules::claim_words(*setting), f.statement);
            }
            out.push(f);
        }
    }
    Ok(out)
}

/// Units of drugs from stated doses; a line without units takes them, so that the unit edits see them.
fn dose_findings(facts: &mut Facts) -> Vec<Finding> {
    let mut out = Vec::new();
    let drug = |code: &str| code.starts_with('J') || code.starts_with('Q');
    if facts.lines.iter().filter(|l| drug(&l.code)).count() != 1 {
        return out;
    }
    for line in facts.lines.iter_mut().filter(|l| drug(&l.code)) {
        // An ended code has no units any more: its successor may count otherwise.
        let usable = |e: &&crate::codebook::CodeEntry| e.code == line.code && e.status == CodeStatus::Valid;
        let Some(entry) = facts.entries.iter().find(usable) else { continue };
        if let Some((units, finding)) = rules::drug_units::units(entry, &facts.text) {
            line.units = line.units.or(Some(units));
            out.push(finding);
        }
    }
    out
}

/// Codes that stand on no line: those of ranges, and those that exist in two systems.
fn other_entries(facts: &Facts, claim: &Claim, book: &Codebook) -> Result<Vec<Finding>, CodebookError> {
    let mut out = Vec::new();
    for entry in &facts.entries {
        if !claim.lines.iter().any(|l| l.code == entry.code) && !claim.diagnoses.contains(&entry.code) {
            let children = rules::validity::children_of(book, entry, facts.on)?;
            let mut found = rules::validity::judge(entry, &children, facts.on);
            rules::validity::add_past(book, entry, facts.on, &mut found)?;
            out.push(found);
        }
    }
    Ok(out)
}

/// 59 and X modifiers that are asked about, where no edit stands between the codes.
fn modifier_answers(facts: &Facts, findings: &[Finding]) -> Vec<Finding> {
    let asked = facts.modifiers.iter().any(|m| rules::bypass::is_distinct(m));
    let pairs: Vec<&Finding> = findings.iter().filter(|f| f.rule == "ptp").collect();
    let free = !pairs.is_empty() && pairs.iter().all(|f| f.outcome == Outcome::Pass);
    if asked && free {
        rules::advice("no-edit-no-59", "ptp_advice", &[]).into_iter().collect()
    } else {
        Vec::new()
    }
}

/// Codes to choose from: those of the notes that are said, and those found by words.
fn offer(
    intent: Intent,
    facts: &Facts,
    said: &[Said],
    book: &Codebook,
) -> Result<Vec<Candidate>, CodebookError> {
    let topics = topics::topics(facts);
    let asked = intent == Intent::WhichCode || topics.contains(&Topic::WhichCode);
    let no_search = said.iter().any(|s| s.matched.note.no_search);
    let searching = !no_search && asked && facts.diagnoses.is_empty() && facts.lines.is_empty();
    // Who does not look for a code is shown only those of the note that answers best.
    let asked = asked || intent == Intent::Validity || topics.contains(&Topic::Crosswalk);
    let most = if asked { said.len() } else { 1 };
    let suggesting: Vec<&guidance::Note> = said.iter().take(most).map(|s| s.matched.note).collect();
    let words = if searching { facts.text.as_str() } else { "" };
    let mut found = candidates::find(words, &facts.text, &suggesting, facts.on, book)?;
    let no_drug = !facts.lines.iter().any(|l| l.code.starts_with(['J', 'Q']));
    if asked && (no_drug || topics.contains(&Topic::Crosswalk)) {
        candidates::drugs(&facts.said.drugs, facts.on, book, &mut found)?;
    }
    found.retain(|c| !facts.entries.iter().any(|e| e.code == c.entry.code && e.system == c.entry.system));
    Ok(found)
}
