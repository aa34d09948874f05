//! The forms and labels, as a table. Each pattern's first group is what is masked. `[ \t]` rather than `\s`:
//! a label and its value stand on one line.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::PhiKind;

/// One form of patient data.
pub(super) struct Rule {
    kind: PhiKind,
    pattern: Regex,
    /// Whether a match is what it looks like.
    fits: fn(&Captures<'_>) -> bool,
}

impl Rule {
    /// The text with every match masked; `None` if there is none.
    pub(super) fn apply(&self, text: &str) -> Option<String> {
        let mut out = String::new();
        let mut done = 0;
        for found in self.pattern.captures_iter(text) {
            let Some(value) = found.get(1) else { continue };
            if !(self.fits)(&found) {
                continue;
            }
            out.push_str(text.get(done..value.start()).unwrap_or_default());
            out.push_str(self.kind.placeholder());
            done = value.end();
        }
        if done == 0 {
            return None;
        }
        out.push_str(text.get(done..).unwrap_or_default());
        Some(out)
    }
}

/// All rules, the specific before the general.
pub(super) fn all() -> &'static [Rule] {
    &RULES
}

const DATE: &str = r"[0-9]{1,2}[/.\-][0-9]{1,2}[/.\-](?:[0-9]{4}|[0-9]{2})|[0-9]{4}[/\-][0-9]{1,2}[/\-][0-9]{1,2}|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?[ \t]+[0-9]{1,2}(?:st|nd|rd|th)?,?[ \t]+[0-9]{4}|[0-9]{1,2}(?:st|nd|rd|th)?[ \t\-](?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?,?[ \t\-][0-9]{4}|(?:0[1-9]|1[0-2])[0-3][0-9](?:19|20)[0-9]{2}";
/// Between a label and its value.
const LINK: &str = r"[ \t]*(?:is|was|of|ends in|ending in|ending)?[ \t]*[:#=.\-–]{0,3}[ \t]*#?[ \t]*";
/// A labelled number: letters, digits and dashes.
const NUMBER: &str = r"([A-Za-z0-9][A-Za-z0-9\-/]{2,29})\b";
/// Capitalised words.
const NAME: &str = r"[A-Z][A-Za-z'’\-]+(?:,?[ \t]+[A-Z](?:[A-Za-z'’\-]+|\.)?){0,3}";
const STREET: &str = r"(?i:street|st|avenue|ave|road|rd|boulevard|blvd|lane|ln|drive|dr|court|ct|way|place|pl|highway|hwy|parkway|pkwy|circle|cir|terrace|ter|trail|trl|loop)\b\.?(?:,?[ \t]+(?i:apt|unit|suite|ste|#)\.?[ \t]*[A-Za-z0-9\-]{1,6}\b)?(?:,?[ \t]+[A-Z][A-Za-z. ]{1,30},?[ \t]+[A-Z]{2}[ \t]+[0-9]{5}(?:-[0-9]{4})?\b)?";

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let any = |_: &Captures<'_>| true;
    vec![
        rule(
            PhiKind::Email,
            r"\b([A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9\-]{1,63}(?:\.[A-Za-z0-9\-]{1,63})+)",
            any,
        ),
        // Medicare Beneficiary Identifier: CMS, "Understanding the MBI format": no S, L, O, I, B, Z.
        rule(
            PhiKind::MedicareId,
            r"\b((?i:[1-9][AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y][0-9]-?[AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y][0-9]-?[AC-HJKMNP-RT-Y]{2}[0-9]{2}))\b",
            any,
        ),
        // Health Insurance Claim Number, until 2019: a Social Security number and a code of one or two characters.
        rule(PhiKind::MedicareId, r"\b([0-9]{3}-?[0-9]{2}-?[0-9]{4}-?[A-DFHJKMTW][0-9A-Z]?)\b", any),
        rule(
            PhiKind::MedicareId,
            &format!(r"(?i)\b(?:medicare|mbi|hicn?|medicaid)[ \t]*(?:id|number|no\.?|num|#)?{LINK}{NUMBER}"),
            long_number,
        ),
        rule(PhiKind::Ssn, r"\b([0-9]{3}-[0-9]{2}-[0-9]{4})\b", any),
        rule(
            PhiKind::Ssn,
            &format!(
                r"(?i)\b(?:ssn|ss#|s\.s\.n\.|social security(?:[ \t]+(?:number|no\.?|#))?)(?:[ \t]*\(?last (?:4|four)(?: digits)?\)?)?{LINK}([0-9]{{3}}[ \-]?[0-9]{{2}}[ \-]?[0-9]{{4}}|[0-9]{{4}})\b"
            ),
            any,
        ),
        rule(
            PhiKind::DateOfBirth,
            &format!(
                r"(?i)\b(?:dob|d\.o\.b\.?|date[ \t]+of[ \t]+birth|birth[ \t]?date|birthday|born(?:[ \t]+on)?){LINK}\(?({DATE})\b"
            ),
            any,
        ),
        rule(PhiKind::DateOfBirth, &format!(r"(?i)\b({DATE})[ \t]*\((?:dob|date of birth)\)"), any),
        rule(
            PhiKind::RecordNumber,
            &format!(
                r"(?i)\b(?:mrn|m\.r\.n\.|emrn|medical[ \t]+record(?:[ \t]+(?:number|no\.?|num|#))?|(?:record|chart|patient|pt)[ \t]*(?:number|no\.|num|#|id)|patient[ \t]+identifier){LINK}{NUMBER}"
            ),
            number,
        ),
        rule(
            PhiKind::MemberId,
            &format!(
                r"(?i)\b(?:member|subscriber|policy|insured|insurance|beneficiary|certificate|group|plan)[ \t]*(?:number|no\.|num|#|id)(?:[ \t]*(?:number|no\.|#))?{LINK}{NUMBER}"
            ),
            number,
        ),
        rule(
            PhiKind::AccountNumber,
            &format!(
                r"(?i)\b(?:(?:account|acct\.?|claim|encounter|visit|case|authorization|auth|referral|invoice)[ \t]*(?:number|no\.|num|#|id|control number)|acct|icn|dcn|tcn|csn|driver'?s?[ \t]+licen[cs]e(?:[ \t]*(?:number|no\.|#))?){LINK}{NUMBER}"
            ),
            number,
        ),
        rule(
            PhiKind::Phone,
            r"((?:\+?1[\-. ]?)?(?:\([0-9]{3}\)[ \-]?|\b[0-9]{3}[\-.])[0-9]{3}[\-.][0-9]{4}(?:[ \t]*(?i:x|ext\.?)[ \t]*[0-9]{1,5})?)\b",
            any,
        ),
        rule(
            PhiKind::Phone,
            r"(?i)\b(?:phone|tel|telephone|cell|mobile|fax|call)\.?[ \t]*(?:number|no\.?|#)?(?:[ \t]+(?:is|me at|at))?[ \t]*[:#=\-]?[ \t]*(\+?[0-9][0-9 .()\-]{7,17}[0-9])\b",
            any,
        ),
        rule(PhiKind::Phone, r"(\+[1-9][0-9 .()\-]{7,17}[0-9])\b", any),
        rule(
            PhiKind::Address,
            &format!(
                r"(?:(?i:address)[ \t]*[:\-–]|(?i:lives|living|resides|residing)[ \t]+at)[ \t]*([0-9]{{1,6}}[ \t]+[A-Za-z0-9.' ]{{2,40}}?[ \t]{STREET})"
            ),
            any,
        ),
        rule(
            PhiKind::Age,
            r"(?i)\b(9[0-9]|1[0-4][0-9])(?:[ \t\-]?(?:years?|yrs?)[ \t\-]?old\b|[ \t\-]?(?:y/o|yo|y\.o\.)|[ \t]+years[ \t]+of[ \t]+age\b)",
            any,
        ),
        rule(
            PhiKind::Age,
            r"(?i)\bage[d]?[ \t]*[:=]?[ \t]*(9[0-9]|1[0-4][0-9])\b([ \t]*[\-–%/.,]?[ \t]*[A-Za-z0-9]+)?",
            in_years,
        ),
        rule(
            PhiKind::Name,
            &format!(
                r"\b(?i:patient(?:['’]?s)?(?:[ \t]+name)?|pt\.?(?:['’]s)?(?:[ \t]+name)?|name[ \t]+of[ \t]+(?:the[ \t]+)?patient|(?:beneficiary|member|insured|subscriber|guarantor|spouse|mother|father|guardian)(?:['’]?s)?(?:[ \t]+name)?|(?:last|first|full|legal)[ \t]+name)[ \t]*(?:[:=–]|[ \t]-[ \t])[ \t]*({NAME})"
            ),
            name,
        ),
        rule(PhiKind::Name, &format!(r"(?m)^[ \t]*(?i:name)[ \t]*[:=][ \t]*({NAME})"), name),
        rule(
            PhiKind::Name,
            &format!(r"\b(?i:patient|pt\.?)(?i:['’]s name is|[ \t]+(?:named|called))[ \t]+({NAME})"),
            name,
        ),
        rule(
            PhiKind::Name,
            r"\b(?:[Pp]atient|PATIENT|[Pp]t\.?)(?:,[ \t]*|[ \t]+)([A-Z][a-z'’\-]+[ \t]+(?:[A-Z]\.?[ \t]+)?[A-Z][a-z'’\-]+)\b",
            name,
        ),
        rule(PhiKind::Name, r"\b(?:Mr|Mrs|Ms|Miss|Mx)\.?[ \t]+([A-Z][A-Za-z'’\-]+)", any),
        rule(PhiKind::Name, r"\b(?:Mr|Mrs|Ms|Miss|Mx)\.?[ \t]+\[name\][ \t]+([A-Z][a-z'’\-]+)\b", name),
    ]
});

#[allow(clippy::unwrap_used, reason = "fixed patterns; every test of masking compiles them all")]
fn rule(kind: PhiKind, pattern: &str, fits: fn(&Captures<'_>) -> bool) -> Rule {
    Rule { kind, pattern: Regex::new(pattern).unwrap(), fits }
}

fn digits(found: &Captures<'_>) -> usize {
    found.get(1).map_or(0, |m| m.as_str().bytes().filter(u8::is_ascii_digit).count())
}

/// A labelled number has at least three digits: `claim number unknown` is none.
fn number(found: &Captures<'_>) -> bool {
    digits(found) >= 3
}

/// `Medicare 99213` is a question about a code; a Medicare number is longer.
fn long_number(found: &Captures<'_>) -> bool {
    digits(found) >= 6
}

/// `age 90 days` and `age 99213` are no ages over 89; `age 92.` is one.
fn in_years(found: &Captures<'_>) -> bool {
    let after =
        found.get(2).map(|m| m.as_str().trim_start_matches([' ', '\t', '-', '–']).to_ascii_lowercase());
    after.is_none_or(|a| {
        !["day", "week", "month", "hour", "minute", "min", "%", ".", "/"].iter().any(|u| a.starts_with(u))
            || a.starts_with(". ")
    })
}

/// Words that follow `Patient:` and begin no name: what coders write about patients, and eponyms.
static NO_NAMES: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("no_names.txt").split_whitespace().collect());
/// Words that end the name of a programme or an institution.
const INSTITUTIONS: &[&str] = &["medicare", "hospital", "clinic", "organization", "act", "program"];

/// A name: its first word is none of [`NO_NAMES`].
fn name(found: &Captures<'_>) -> bool {
    let value = found.get(1).map(|m| m.as_str()).unwrap_or_default();
    let first = value.split([' ', '\t', ',']).next().unwrap_or_default().to_lowercase();
    let last = value.rsplit([' ', '\t', ',']).next().unwrap_or_default().to_lowercase();
    let institution = first != last && INSTITUTIONS.contains(&last.as_str());
    !NO_NAMES.contains(first.as_str()) && !institution
}
