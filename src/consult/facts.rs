//! What the question is about: code-shaped words resolved against the codebook, the claim they make up, and the
//! date, place and payer with what had to be assumed.

use crate::codebook::{CodeEntry, Codebook, CodebookError};
use crate::consult::Question;
use crate::consult::claim::{Claim, Line};
use crate::consult::elsewhere::speaks_of_coding;
use crate::consult::extract::{
    self, AskedPart, CodeMention, DateOfService, MentionKind, Payer, Place, Reading,
};
use crate::consult::guidance::is_evaluation;
use crate::consult::rules::validity::missing;
use crate::domain::{CivilDate, CodeStatus, CodeSystem, Setting};

/// At most so many codes of a mail are looked at pair by pair; more are listed with their status only.
pub(crate) const PAIR_LIMIT: usize = 40;
/// At most so many codes of a range are listed.
const RANGE_LIMIT: u32 = 60;

/// How the date of service is known.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum DateBasis {
    /// The mail gives it.
    Given(DateOfService),
    /// An earlier mail of the case gives it.
    Earlier(DateOfService),
    /// Set by the caller.
    Set,
    /// Not given: the mail's date is used.
    MailDate,
}

/// The facts of a question.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Facts {
    /// Subject and text, lower case.
    pub text: String,
    /// Every code, resolved, in the order of the text.
    pub entries: Vec<CodeEntry>,
    /// Service lines.
    pub lines: Vec<Line>,
    /// Diagnoses.
    pub diagnoses: Vec<String>,
    /// Codes that exist in two systems and whose system the text does not tell.
    pub two_systems: Vec<String>,
    /// Codes that are alternatives of one another.
    pub alternatives: Vec<(String, String)>,
    /// Modifiers asked about or on a line.
    pub modifiers: Vec<String>,
    /// Date used for every look-up.
    pub on: CivilDate,
    /// How it is known.
    pub basis: DateBasis,
    /// Place, if said.
    pub place: Option<Place>,
    /// Payer, if said.
    pub payer: Option<Payer>,
    /// Codes were taken from an earlier message.
    pub codes_from_earlier: bool,
    /// Codes were taken from an attachment or from what the mail says beside this question.
    pub codes_from_context: bool,
    /// ICD-9-CM codes with their dots: they are only ever mapped.
    pub icd9: Vec<String>,
    /// All that was read: patient, times, doses, denial, roles, global period, place of service, jurisdiction. What the
    /// question does not say of the patient, the place and the payer's region is taken from its context.
    pub said: Reading,
}

impl Facts {
    /// The settings to answer for: the one that is said, or both.
    pub(crate) fn settings(&self) -> Vec<Setting> {
        match self.place {
            Some(place) => place.setting().into_iter().collect(),
            None => vec![Setting::Practitioner, Setting::Hospital],
        }
    }

    /// The codes of the service lines, each once, in order.
    pub(crate) fn service_codes(&self) -> Vec<String> {
        let mut codes: Vec<String> = Vec::new();
        for line in &self.lines {
            if !codes.contains(&line.code) {
                codes.push(line.code.clone());
            }
        }
        codes
    }

    /// All codes of the question.
    pub(crate) fn all_codes(&self) -> Vec<String> {
        let mut codes = self.service_codes();
        codes.extend(self.diagnoses.iter().cloned());
        codes
    }

    /// Whether the message names further dates: the same code on two lines may then be of two days.
    fn names_several_days(&self) -> bool {
        matches!(&self.basis, DateBasis::Given(d) | DateBasis::Earlier(d) if !d.others.is_empty())
    }

    /// The claim that the rules look at.
    pub(crate) fn claim(&self, complete: bool) -> Claim {
        let kept: Vec<String> = self.service_codes().into_iter().take(PAIR_LIMIT).collect();
        Claim {
            lines: self.lines.iter().filter(|l| kept.contains(&l.code)).cloned().collect(),
            diagnoses: self.diagnoses.clone(),
            setting: self.settings().first().copied().unwrap_or(Setting::Practitioner),
            on: self.on,
            complete,
            one_day: !self.names_several_days(),
            alternatives: self.alternatives.clone(),
            dx_in_order: false,
            area: None,
        }
    }
}

/// Reads the question and resolves what it names.
pub(crate) fn gather(question: &Question, book: &Codebook) -> Result<Facts, CodebookError> {
    let own = extract::own_words(&question.text);
    let mut reading = extract::read_mail(&question.subject, &question.text, question.date);
    let context: Vec<Reading> = question.context.iter().map(|t| extract::read(t, question.date)).collect();
    let earlier: Vec<Reading> =
        question.earlier.iter().rev().map(|t| extract::read(t, question.date)).collect();
    for other in context.iter().chain(&earlier) {
        fill(&mut reading, other);
    }
    let said_before = || context.iter().find_map(|r| r.date.clone());
    let basis = match (
        question.dos_override,
        reading.date.clone().or_else(said_before),
        earlier.iter().find_map(|r| r.date.clone()),
    ) {
        (Some(_), _, _) => DateBasis::Set,
        (None, Some(d), _) => DateBasis::Given(d),
        (None, None, Some(d)) => DateBasis::Earlier(d),
        (None, None, None) => DateBasis::MailDate,
    };
    let on = match (&basis, question.dos_override) {
        (DateBasis::Set, Some(day)) => day,
        (DateBasis::Given(d) | DateBasis::Earlier(d), _) => d.day,
        _ => question.date,
    };
    let mut facts = Facts {
        text: format!("{}\n{own}", question.subject).to_lowercase(),
        entries: Vec::new(),
        lines: Vec::new(),
        diagnoses: Vec::new(),
        two_systems: Vec::new(),
        alternatives: Vec::new(),
        modifiers: reading.modifiers.clone(),
        on,
        basis,
        place: reading.place,
        payer: reading.payer.clone(),
        codes_from_earlier: false,
        codes_from_context: false,
        icd9: Vec::new(),
        said: reading.clone(),
    };
    resolve_all(&reading.codes, &mut facts, book)?;
    let adds = ["also", "what about", "how about", "and with", "add ", "together with"];
    let continues = facts.lines.len() == 1 && adds.iter().any(|a| facts.text.contains(a));
    if facts.entries.is_empty() && facts.icd9.is_empty() {
        for r in &context {
            resolve_all(&r.codes, &mut facts, book)?;
            if !facts.entries.is_empty() {
                facts.codes_from_context = true;
                break;
            }
        }
    }
    if facts.entries.is_empty() || continues {
        let before = facts.entries.len();
        for r in &earlier {
            resolve_all(&r.codes, &mut facts, book)?;
            if facts.entries.len() > before {
                facts.codes_from_earlier = true;
                break;
            }
        }
    }
    for line in &facts.lines {
        for m in &line.modifiers {
            if !facts.modifiers.contains(m) {
                facts.modifiers.push(m.clone());
            }
        }
    }
    Ok(facts)
}

/// What a text leaves open is taken from another of the same case.
fn fill(reading: &mut Reading, other: &Reading) {
    reading.place = reading.place.or(other.place);
    reading.pos = reading.pos.take().or_else(|| other.pos.clone());
    reading.payer = reading.payer.take().or_else(|| other.payer.clone());
    if reading.jurisdiction.code.is_none()
        && reading.jurisdiction.state.is_none()
        && reading.jurisdiction.mac.is_none()
    {
        reading.jurisdiction = other.jurisdiction;
    }
    let (patient, known) = (&mut reading.patient, &other.patient);
    patient.age = patient.age.or(known.age);
    patient.sex = patient.sex.or(known.sex);
    patient.is_new = patient.is_new.or(known.is_new);
    patient.pregnancy = patient.pregnancy.or(known.pregnancy);
    reading.encounter.class = reading.encounter.class.or(other.encounter.class);
}

/// One question of a mail with several, as a question of its own: what the mail says beside it is its context.
pub(crate) fn part_question(question: &Question, part: &AskedPart) -> Question {
    let own = extract::own_words(&question.text);
    let coded = !extract::read(&question.subject, question.date).codes.is_empty();
    let mut context: Vec<String> = vec![part.shared.clone()];
    if coded {
        context.push(question.subject.clone());
    }
    context.push(own.into_owned());
    context.extend(question.context.iter().cloned());
    context.retain(|t| !t.trim().is_empty());
    Question {
        subject: if coded { String::new() } else { question.subject.clone() },
        text: part.text.clone(),
        context,
        ..question.clone()
    }
}

fn resolve_all(mentions: &[CodeMention], facts: &mut Facts, book: &Codebook) -> Result<(), CodebookError> {
    let mut last: Option<(String, bool)> = None;
    let mut pairs = Vec::new();
    for mention in mentions {
        let was = facts.lines.len();
        resolve(mention, facts, book)?;
        let line = (facts.lines.len() > was).then(|| mention.code.clone());
        if let (Some((a, _)), Some(b)) = (&last, &line)
            && mention.alternative
            && is_evaluation(a)
            && is_evaluation(b)
        {
            pairs.push((a.clone(), b.clone()));
        }
        last = line.map(|c| (c, mention.alternative));
    }
    // "29880/29881" alone asks about the pair; "99213/99214 with 20610" names one visit or the other.
    if facts.service_codes().len() > 2 {
        facts.alternatives.extend(pairs);
    }
    Ok(())
}

fn look_up(
    book: &Codebook,
    system: CodeSystem,
    code: &str,
    on: CivilDate,
) -> Result<CodeEntry, CodebookError> {
    let found = book.show(Some(system), code, on)?.into_iter().find(|e| e.system == system);
    Ok(found.unwrap_or_else(|| missing(code, system)))
}

fn known(entry: &CodeEntry) -> bool {
    !matches!(entry.status, CodeStatus::Unknown | CodeStatus::NoData)
}

/// One code-shaped word: a code only if the codebook knows it, or if what stands around it says that one is meant.
fn resolve(mention: &CodeMention, facts: &mut Facts, book: &Codebook) -> Result<(), CodebookError> {
    let on = facts.on;
    if let Some(end) = &mention.range_end {
        return range(&mention.code, end, mention, facts, book);
    }
    match mention.kind {
        MentionKind::Cpt => {
            let entry = look_up(book, CodeSystem::Cpt, &mention.code, on)?;
            // A number that no table has is a code only among words of coding.
            let likely = || is_cpt_number(&mention.code) && speaks_of_coding(&facts.text);
            if known(&entry) || mention.service || likely() {
                service(mention, entry, facts);
            }
        }
        MentionKind::HcpcsOrDiagnosis => {
            let service_entry = look_up(book, CodeSystem::Hcpcs, &mention.code, on)?;
            let dx = look_up(book, CodeSystem::Icd10cm, &mention.code, on)?;
            let on_a_line = !mention.modifiers.is_empty() || mention.units.is_some();
            match (known(&service_entry), known(&dx)) {
                (true, true) if mention.diagnosis => diagnosis(dx, facts),
                (true, true) if on_a_line => service(mention, service_entry, facts),
                (true, true) => {
                    facts.two_systems.push(mention.code.clone());
                    facts.entries.push(service_entry);
                    facts.entries.push(dx);
                }
                (false, true) if !on_a_line => diagnosis(dx, facts),
                (true, false) => service(mention, service_entry, facts),
                _ if mention.diagnosis => diagnosis(dx, facts),
                // In no table: a code only if the text says that one is meant.
                _ if mention.service || is_hcpcs_letter(&mention.code) => {
                    service(mention, service_entry, facts)
                }
                _ => {}
            }
        }
        MentionKind::Diagnosis => diagnosis(look_up(book, CodeSystem::Icd10cm, &mention.code, on)?, facts),
        MentionKind::MaybeDiagnosis => {
            let entry = look_up(book, CodeSystem::Icd10cm, &mention.code, on)?;
            let digits = mention.code.bytes().filter(u8::is_ascii_digit).count();
            if known(&entry) || (mention.diagnosis && digits >= 2 && mention.code.len() >= 4) {
                diagnosis(entry, facts);
            } else if mention.code.len() == 7 {
                // ICD-10-PCS has sections that begin with a letter: XW033E5.
                let inpatient = look_up(book, CodeSystem::Icd10pcs, &mention.code, on)?;
                if known(&inpatient) {
                    facts.entries.push(inpatient);
                }
            }
        }
        MentionKind::Icd9 => {
            if !facts.icd9.contains(&mention.code) {
                facts.icd9.push(mention.code.clone());
            }
        }
        MentionKind::InpatientProcedure => {
            let entry = look_up(book, CodeSystem::Icd10pcs, &mention.code, on)?;
            let inpatient = ["pcs", "inpatient", "drg"].iter().any(|w| facts.text.contains(w));
            if known(&entry) || mention.service || inpatient {
                facts.entries.push(entry);
            }
        }
    }
    Ok(())
}

/// The numbers that the sections of CPT span.
fn is_cpt_number(code: &str) -> bool {
    let spans = [(100, 1999), (10004, 69990), (70010, 79999), (80047, 89398), (90281, 99607)];
    code.parse::<u32>().is_ok_and(|n| spans.iter().any(|(a, b)| (*a..=*b).contains(&n)))
}

/// The sections of HCPCS level II begin with these letters.
fn is_hcpcs_letter(code: &str) -> bool {
    code.starts_with(['A', 'B', 'C', 'D', 'E', 'G', 'J', 'K', 'L', 'M', 'P', 'Q', 'S', 'T', 'U', 'V'])
}

fn service(mention: &CodeMention, entry: CodeEntry, facts: &mut Facts) {
    facts.lines.push(Line {
        code: mention.code.clone(),
        modifiers: mention.modifiers.clone(),
        units: mention.units,
    });
    if !facts.entries.iter().any(|e| e.code == entry.code && e.system == entry.system) {
        facts.entries.push(entry);
    }
}

fn diagnosis(entry: CodeEntry, facts: &mut Facts) {
    if !facts.diagnoses.contains(&entry.code) {
        facts.diagnoses.push(entry.code.clone());
        facts.entries.push(entry);
    }
}

/// The codes of a range that the codebook has, as entries; they make up no claim.
fn range(
    first: &str,
    last: &str,
    mention: &CodeMention,
    facts: &mut Facts,
    book: &Codebook,
) -> Result<(), CodebookError> {
    let split = first.len().saturating_sub(first.bytes().rev().take_while(u8::is_ascii_digit).count());
    let (prefix, low) = (first.get(..split).unwrap_or_default(), first.get(split..).unwrap_or_default());
    let high = last.get(split..).unwrap_or_default();
    let numbers = low.parse::<u32>().ok().zip(high.parse::<u32>().ok()).filter(|(a, b)| a < b);
    let same = last.get(..split) == Some(prefix)
        && matches!(mention.kind, MentionKind::Cpt | MentionKind::HcpcsOrDiagnosis);
    let Some((low_number, high_number)) = numbers.filter(|_| same) else {
        for end in [first, last] {
            let single = CodeMention { code: end.to_owned(), range_end: None, ..mention.clone() };
            resolve(&single, facts, book)?;
        }
        return Ok(());
    };
    let system = if mention.kind == MentionKind::Cpt { CodeSystem::Cpt } else { CodeSystem::Hcpcs };
    for n in low_number..=high_number.min(low_number.saturating_add(RANGE_LIMIT)) {
        let code = format!("{prefix}{n:0width$}", width = low.len());
        let entry = look_up(book, system, &code, facts.on)?;
        if known(&entry) && !facts.entries.iter().any(|e| e.code == code) {
            facts.entries.push(entry);
        }
    }
    Ok(())
}
