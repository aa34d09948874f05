//! What was understood of a question, for people and for measuring: intent, field, topics, and everything that was read.

use std::collections::BTreeMap;

use crate::codebook::Codebook;
use crate::consult::extract::{self, Reading};
use crate::consult::facts::{self, Facts};
use crate::consult::intent::{self, Intent};
use crate::consult::{ConsultError, Question, topics};

/// The questions of a mail, each as a question of its own, in order: `consult` answers each in turn. What the mail says
/// beside a question (date, payer, setting) is that question's context. One question stays as it is.
#[must_use]
pub fn parts(question: &Question) -> Vec<Question> {
    let parts = extract::questions(&question.text);
    match parts.as_slice() {
        [] | [_] => vec![question.clone()],
        _ => parts.iter().map(|part| facts::part_question(question, part)).collect(),
    }
}

/// What was understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Understood {
    /// The intent that decides the form of the answer.
    pub intent: String,
    /// The field that the question is filed under.
    pub area: &'static str,
    /// All topics that it touches.
    pub topics: Vec<&'static str>,
    /// Everything that was read.
    pub said: Reading,
    /// What was read and resolved, by field, as short texts; fields of which nothing is said are absent.
    pub fields: BTreeMap<&'static str, Vec<String>>,
}

/// Reads a question without answering it.
///
/// # Errors
/// The codebook cannot be read.
pub fn understand(question: &Question, book: &Codebook) -> Result<Understood, ConsultError> {
    let facts = facts::gather(question, book)?;
    let intent = intent::intent(&facts);
    let topics = topics::topics(&facts);
    let area = topics::area(&facts, intent, &topics);
    let fields = fields(&facts);
    Ok(Understood {
        intent: word(intent),
        area: area.as_str(),
        topics: topics.iter().map(|t| t.as_str()).collect(),
        said: facts.said,
        fields,
    })
}

/// An intent in snake case: `which_code`, `out_of_scope:job`.
fn word(intent: Intent) -> String {
    let mut out = String::new();
    for c in format!("{intent:?}").chars() {
        match c {
            '(' => out.push(':'),
            ')' => {}
            c if c.is_uppercase() => {
                if !out.is_empty() && !out.ends_with(':') {
                    out.push('_');
                }
                out.extend(c.to_lowercase());
            }
            c => out.push(c),
        }
    }
    out
}

fn fields(facts: &Facts) -> BTreeMap<&'static str, Vec<String>> {
    let said = &facts.said;
    let mut out: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    let mut put = |name: &'static str, values: Vec<String>| {
        if !values.is_empty() {
            out.insert(name, values);
        }
    };
    let one = |value: Option<String>| value.into_iter().collect::<Vec<_>>();
    put("lines", facts.lines.iter().map(crate::consult::claim::Line::written).collect());
    put("diagnoses", facts.diagnoses.clone());
    put("two_systems", facts.two_systems.clone());
    put("icd9", facts.icd9.clone());
    let lone = |e: &&crate::codebook::CodeEntry| {
        !facts.lines.iter().any(|l| l.code == e.code)
            && !facts.diagnoses.contains(&e.code)
            && !facts.two_systems.contains(&e.code.replace('.', ""))
    };
    put("others", facts.entries.iter().filter(lone).map(|e| e.code.clone()).collect());
    let ranged = |m: &extract::CodeMention| m.range_end.as_ref().map(|end| format!("{}-{end}", m.code));
    put("ranges", said.codes.iter().filter_map(ranged).collect());
    let sided = |m: &extract::CodeMention| m.side.map(|s| format!("{} {}", m.code, s.as_str()));
    put("code_sides", said.codes.iter().filter_map(sided).collect());
    put("sides", said.sides.iter().map(|s| s.as_str().to_owned()).collect());
    put("modifiers", said.modifiers.clone());
    put("placed", said.placed.iter().map(|p| format!("{} on {}", p.modifier, p.code)).collect());
    put("date", one(said.date.as_ref().map(|d| d.day.to_string())));
    put("place", one(said.place.map(|p| format!("{p:?}"))));
    put("pos", one(said.pos.clone()));
    put(
        "payer",
        one(said.payer.as_ref().map(|p| p.words().split(" (").next().unwrap_or_default().to_owned())),
    );
    put("state", one(said.jurisdiction.state.map(str::to_owned)));
    put("mac", one(said.jurisdiction.code.or(said.jurisdiction.mac).map(str::to_owned)));
    put("age", one(said.patient.age.map(|a| format!("{} {}", a.value, a.unit))));
    put("sex", one(said.patient.sex.map(|s| s.as_str().to_owned())));
    let status = said.patient.is_new.map(|n| if n { "new" } else { "established" }.to_owned());
    put("patient", one(status));
    let pregnancy = said.patient.pregnancy.map(|p| match (p.weeks, p.trimester) {
        _ if p.postpartum => "postpartum".to_owned(),
        (Some(w), Some(t)) => format!("{w} weeks, trimester {t}"),
        (_, Some(t)) => format!("trimester {t}"),
        _ => "yes".to_owned(),
    });
    put("pregnancy", one(pregnancy));
    put(
        "minutes",
        said.minutes
            .iter()
            .map(|m| {
                let most = m.most.map_or(String::new(), |n| format!("-{n}"));
                let code = m.code.as_ref().map_or(String::new(), |c| format!(" {c}"));
                format!("{}{most}{code}", m.minutes)
            })
            .collect(),
    );
    put(
        "doses",
        said.doses
            .amounts
            .iter()
            .map(|d| {
                let route = d.route.map_or(String::new(), |r| format!(" {r}"));
                format!("{} {} {}{route}", d.amount, d.unit, d.kind.as_str())
            })
            .collect(),
    );
    put("vial", one(said.doses.single_dose.map(|s| if s { "single-dose" } else { "multi-dose" }.to_owned())));
    put("weight", one(said.doses.weight_kg.map(|w| format!("{w} kg"))));
    put(
        "sizes",
        said.sizes.iter().map(|s| format!("{} {}", s.value, if s.area { "sq cm" } else { "cm" })).collect(),
    );
    put("counts", said.counts.iter().map(|c| format!("{} {}", c.number, c.of)).collect());
    put("drugs", said.drugs.iter().map(|d| d.generic.to_owned()).collect());
    put("roles", said.roles.iter().map(|r| r.as_str().to_owned()).collect());
    let g = &said.global;
    let mut global: Vec<String> = g.days_after.map(|d| format!("day {d}")).into_iter().collect();
    for (on, name) in [
        (g.in_global, "in global"),
        (g.return_to_or, "return to OR"),
        (g.staged, "staged"),
        (g.unrelated, "unrelated"),
        (g.complication, "complication"),
        (g.same_physician == Some(true), "same physician"),
        (g.same_physician == Some(false), "other physician"),
    ] {
        if on {
            global.push(name.to_owned());
        }
    }
    put("global", global);
    let d = &said.denial;
    let mut denial: Vec<String> = d.reasons.iter().chain(&d.remarks).cloned().collect();
    denial.extend(d.said.iter().map(|s| (*s).to_owned()));
    put("denial", if d.denied && denial.is_empty() { vec!["denied".to_owned()] } else { denial });
    let e = &said.encounter;
    let mut encounter: Vec<String> = e.phase.iter().chain(&e.class).map(|s| (*s).to_owned()).collect();
    if e.sequencing {
        encounter.push("sequencing".to_owned());
    }
    if let Some(poa) = e.poa {
        encounter.push(poa.map_or("POA".to_owned(), |c| format!("POA {c}")));
    }
    put("encounter", encounter);
    out
}
