//! What the consultant says: a verdict, the text, and the findings it rests on. This is the JSON of
//! `ask --json` and what is stored beside a draft; its names are a contract.

use serde::{Deserialize, Serialize};

use super::{CivilDate, words};

words! {
    /// The one-line answer.
    "verdict" Verdict {
        /// Yes, by the tables, within their coverage.
        Yes = "yes",
        /// No, by the tables, within their coverage.
        No = "no",
        /// Only if …
        Conditional = "conditional",
        /// Not a yes/no question: the summary is the answer.
        Answer = "answer",
        /// Something that the answer depends on is missing; see `missing`.
        NeedInfo = "need_info",
        /// Not a coding question, or one we do not answer.
        OutOfScope = "out_of_scope",
    }
}

words! {
    /// What a rule says of a claim.
    "outcome" Outcome {
        /// Nothing against it, within coverage.
        Pass = "pass",
        /// Denied.
        Deny = "deny",
        /// Denied unless a modifier that fits the circumstances is reported.
        Bypassable = "bypassable",
        /// Likely wrong; a person should look.
        Warn = "warn",
        /// A fact that decides nothing by itself, also: not verified for this date.
        Info = "info",
        /// No table for this is loaded.
        NoData = "no_data",
    }
}

words! {
    /// A code system.
    "code system" CodeSystem {
        /// CPT (AMA): numbers only, never descriptors.
        Cpt = "cpt",
        /// HCPCS level II.
        Hcpcs = "hcpcs",
        /// ICD-10-CM diagnoses.
        Icd10cm = "icd10cm",
        /// ICD-10-PCS inpatient procedures.
        Icd10pcs = "icd10pcs",
    }
}

impl CodeSystem {
    /// The system's name as coders write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Cpt => "CPT",
            Self::Hcpcs => "HCPCS Level II",
            Self::Icd10cm => "ICD-10-CM",
            Self::Icd10pcs => "ICD-10-PCS",
        }
    }
}

words! {
    /// Which NCCI tables apply: professional claims and ASC, outpatient facility, or DME suppliers.
    "setting" Setting {
        /// Professional claims, and ambulatory surgical centers.
        Practitioner = "practitioner",
        /// Outpatient facility claims.
        Hospital = "hospital",
        /// Durable medical equipment suppliers (MUE only).
        Dme = "dme",
    }
}

words! {
    /// What a code is on a date.
    "code status" CodeStatus {
        /// Billable on the date.
        Valid = "valid",
        /// A heading: more characters are needed.
        Header = "header",
        /// Begins later.
        NotYetValid = "not_yet_valid",
        /// Ended before.
        Ended = "ended",
        /// In no loaded release of its system.
        Unknown = "unknown",
        /// No release for the date is loaded.
        NoData = "no_data",
    }
}

/// Where a statement can be checked: a row of an official file, or a section of a manual.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Evidence {
    /// The table or manual, for example `NCCI PTP practitioner`.
    pub source: String,
    /// Its release or edition, for example `2024Q3`.
    pub release: String,
    /// The row, line or section.
    pub locator: String,
}

/// One statement of one rule about one or more codes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The rule family: `validity`, `ptp`, `mue`, `add_on`, `modifier`, …
    pub rule: String,
    /// What it says.
    pub outcome: Outcome,
    /// The codes it is about.
    #[serde(default)]
    pub codes: Vec<String>,
    /// The rule's own facts; for PTP `{"column1","column2","indicator","effective","deletion"}`, for MUE
    /// `{"units","mai"}`.
    #[serde(default)]
    pub detail: serde_json::Value,
    /// One plain sentence.
    pub statement: String,
    /// What it rests on; empty only for `no_data`.
    pub evidence: Vec<Evidence>,
}

/// A code that a question names, or that an answer offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MentionedCode {
    /// As it is officially written (ICD-10-CM with its dot).
    pub code: String,
    /// Its system.
    pub system: CodeSystem,
    /// What it is on the date of service.
    pub status: CodeStatus,
    /// Official text where it is public; our plain-language text, marked as ours, for CPT.
    pub description: String,
    /// First day of validity.
    pub valid_from: Option<CivilDate>,
    /// Last day of validity; open if absent.
    pub valid_to: Option<CivilDate>,
}

/// A drafted answer: what `ask --json` prints (with the mail's HTML added) and what a draft version keeps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The one-line answer's kind.
    pub verdict: Verdict,
    /// The one-line answer.
    pub summary: String,
    /// The draft: a Markdown subset with evidence anchors `[1]`.
    pub text: String,
    /// The date of service that it was looked up for; none where nothing was looked up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date_of_service: Option<CivilDate>,
    /// The codes, each once, in the order in which they matter.
    pub codes: Vec<MentionedCode>,
    /// What the rules say.
    pub findings: Vec<Finding>,
    /// What must be asked for.
    pub missing: Vec<String>,
    /// What a reviewer must know: `phi_present`, `compliance`, `not_verified`, `instruction_like_text`, …
    pub flags: Vec<String>,
    /// What the anchors `[1]`, `[2]` … point to, in order: citations that can be pasted.
    pub sources: Vec<String>,
}
