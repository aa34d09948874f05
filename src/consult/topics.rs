//! What a question touches: beside the one intent that decides the form of its answer, all topics that an answer should
//! speak of.

use std::sync::LazyLock;

use regex::Regex;

use crate::consult::extract::Side;
use crate::consult::facts::Facts;
use crate::consult::guidance::is_evaluation;
use crate::consult::intent::{self, Intent};

/// A topic of the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Topic {
    /// Is this claim right?
    ClaimCheck,
    /// Why was it denied, what now?
    Denial,
    /// May these be reported together?
    Edits,
    /// Which modifier, or does this one fit?
    Modifier,
    /// How many units?
    Units,
    /// What is paid, RVUs, conversion factor.
    Fee,
    /// Is a code valid, since when, what replaced it?
    CodeHistory,
    /// From one system or code to another.
    Crosswalk,
    /// What is this code?
    WhatIs,
    /// Which code for a description?
    WhichCode,
    /// New or established patient.
    NewEstablished,
    /// The level of a visit, by time or medical decision making.
    EmLevel,
    /// Both sides.
    Bilateral,
    /// Several procedures and their order.
    Multiple,
    /// Assistant at surgery.
    Assistant,
    /// Two surgeons.
    CoSurgeon,
    /// A surgical team.
    Team,
    /// Anesthesia.
    Anesthesia,
    /// Infusions and injections.
    Infusion,
    /// Drugs: wastage, JW/JZ, doses.
    Drug,
    /// Minutes of timed therapy.
    Therapy,
    /// Global period.
    GlobalPeriod,
    /// Split/shared, incident-to, teaching physician: who bills.
    WhoBills,
    /// Telehealth.
    Telehealth,
    /// Preventive and screening services.
    Preventive,
    /// Medicare coverage, NCD and LCD, frequency.
    Coverage,
    /// Advance beneficiary notice.
    Abn,
    /// Official guidelines: sequencing, seventh character, laterality, uncertain diagnoses.
    Guideline,
    /// Compliance.
    Compliance,
}

impl Topic {
    /// A word for it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::ClaimCheck => "claim_check",
            Self::Denial => "denial",
            Self::Edits => "edits",
            Self::Modifier => "modifier",
            Self::Units => "units",
            Self::Fee => "fee",
            Self::CodeHistory => "code_history",
            Self::Crosswalk => "crosswalk",
            Self::WhatIs => "what_is",
            Self::WhichCode => "which_code",
            Self::NewEstablished => "new_established",
            Self::EmLevel => "em_level",
            Self::Bilateral => "bilateral",
            Self::Multiple => "multiple",
            Self::Assistant => "assistant",
            Self::CoSurgeon => "co_surgeon",
            Self::Team => "team",
            Self::Anesthesia => "anesthesia",
            Self::Infusion => "infusion",
            Self::Drug => "drug",
            Self::Therapy => "therapy",
            Self::GlobalPeriod => "global_period",
            Self::WhoBills => "who_bills",
            Self::Telehealth => "telehealth",
            Self::Preventive => "preventive",
            Self::Coverage => "coverage",
            Self::Abn => "abn",
            Self::Guideline => "guideline",
            Self::Compliance => "compliance",
        }
    }
}

/// One of the seven fields that a question is filed under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Area {
    /// CPT and HCPCS level II codes.
    CptCodes,
    /// ICD-10 guidelines and diagnosis codes.
    Guidelines,
    /// Modifiers.
    Modifiers,
    /// Crosswalks and code history.
    Crosswalks,
    /// NCCI edits.
    NcciEdits,
    /// Compliance.
    Compliance,
    /// Medicare coverage.
    Coverage,
    /// Not for this desk.
    OutOfScope,
}

impl Area {
    /// A word for it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::CptCodes => "cpt_codes",
            Self::Guidelines => "guidelines",
            Self::Modifiers => "modifiers",
            Self::Crosswalks => "crosswalks",
            Self::NcciEdits => "ncci_edits",
            Self::Compliance => "compliance",
            Self::Coverage => "medicare_coverage",
            Self::OutOfScope => "out_of_scope",
        }
    }
}

/// The words of each topic, lower case.
const WORDS: &[(Topic, &str)] = &[
    (
        Topic::ClaimCheck,
        r"\b(?:is this (?:claim |coding )?(?:right|correct|ok|okay)|look(?:s)? (?:right|ok|good|correct)|(?:check|review|verify) (?:this|my|our|the) (?:claim|coding|codes)|did we (?:code|bill) (?:this )?(?:right|correctly)|correct\?|overkill|anything wrong|what did we (?:do|miss)|billed correctly|coded correctly|ok to submit|before (?:we|i) (?:submit|drop|send))",
    ),
    (
        Topic::Edits,
        r"\b(?:together|bundl\w*|unbundl\w*|ncci|cci|ptp|edit|edits|column [12]|same (?:day|session|visit|encounter|date|dos|claim)|in addition to|along with|separately (?:report|bill|pay|code)\w*|both (?:be )?(?:billed|paid|reported|get)|get both|bill both|code both|can(?:'t| ?not)? (?:we |i )?(?:bill|report|code) .{0,40} with)\b",
    ),
    (
        Topic::Modifier,
        r"\b(?:modifiers?|mods?|append|-?(?:25|59|57|24|78|79|58|76|77|91|50|51|52|53|26|62|80|82|22|x[espu])\?)\b|\bwhat do (?:we|i) append|\b(?:58|78|79|25|59|52|53|76|77|24|57) or (?:58|78|79|25|59|52|53|76|77|24|57|x[espu])\b",
    ),
    (Topic::Units, r"\b(?:units?|how many (?:can|per|are allowed|times|j)|mue|mues|qty|quantity)\b"),
    (
        Topic::Fee,
        r"\b(?:rvus?|conversion factor|fee schedule|mpfs|reimburse\w*|allowable|allowed amount|national (?:amount|rate|payment)|how much (?:does|will|would|is|do they|should) .{0,40}(?:pay|paid|allow|reimburs)|how much (?:does|will) (?:medicare|it) pay|payment (?:rate|amount)|what (?:does|will|would) medicare pay|what(?:'s| is) the (?:rate|fee|payment|amount|price)|gpci|limiting charge|expected \d+%|(?:paid|pays|got) (?:at )?\d{2,3}%|pay(?:s|ment)? for (?:just )?the|paid at)",
    ),
    (
        Topic::CodeHistory,
        r"\b(?:valid|invalid|deleted|expired|retired|discontinued|terminated|replaced|still (?:active|billable|good|valid|in use)|new codes? (?:for|in|effective)|new code/|effective (?:date|on|until)|when (?:was|did|does) .{0,30}(?:deleted|end|start|effective|expire|change)|went away|no longer (?:valid|active|exists)|code update|sunset|(?:still|all) billable)\b",
    ),
    (
        Topic::Crosswalk,
        r"\b(?:crosswalk\w*|cross-walk|icd-?\s?9|gems?|mapp?(?:s|ed|ing)? to|convert\w*|equivalent|successor|replacement code|what replaced|new code(?:/units| for| and|\?)|which (?:g|j|q) code|g-?code|j-?code (?:and|for|replaced)|old code|instead of|came back invalid|superbill icd)\b",
    ),
    (
        Topic::WhatIs,
        r"\b(?:what is|what's|what does|meaning of|describe|description of|define|definition|tell me about|explain|look up|info on|what are)\b",
    ),
    (
        Topic::WhichCode,
        r"\b(?:which|what|need(?:ed|s)?|correct|right|best|find|looking for|proper|appropriate)\b[^.?!]{0,40}\b(?:codes?|icd|cpt|hcpcs|dx|diagnos[ie]s)\b|\b(?:how (?:do|would|should|to) (?:we |i |you )?(?:code|bill|report)|codes? (?:for|please|pls)|icd-?10 for|dx\?|cpt\?|code\?|code pls|admin code|shot code|unspecified side code)",
    ),
    (
        Topic::NewEstablished,
        r"\b(?:new (?:or|vs\.?|versus) est\w*|est\w* (?:or|vs\.?|versus) new|(?:is|are|was|count\w*|considered|bill\w*|qualif\w+) .{0,40}\b(?:new|established)(?: patient| pt)?\b|3[- ]year rule|three[- ]year rule|within (?:3|three) years|new patient (?:visit|code|or)|last seen .{0,20}years? ago)",
    ),
    (
        Topic::EmLevel,
        r"\b(?:level (?:of )?(?:[1-5]|visit|service)|e/?m level|what level|which level|mdm|medical decision making|by time|time[- ]based|total time|data points|(?:low|moderate|high) (?:complexity|mdm)|level of (?:service|care|visit)|upcod\w+ to 9921|downcode\w*|supports? (?:a )?(?:99|level)|prolonged|99417|g2212|g2211|time spent|time in|minutes spent)\b",
    ),
    (
        Topic::Bilateral,
        r"\b(?:bilateral\w*|both (?:sides|knees|eyes|hips|shoulders|feet|hands|ears|breasts|legs|arms|wrists|ankles|elbows|kidneys)|each (?:knee|eye|side|hip|ear|shoulder)|150%|rt and lt|rt/lt|rt & lt|modifier 50)\b",
    ),
    (
        Topic::Multiple,
        r"\b(?:multiple (?:procedures?|surger\w+|endoscop\w+)|mppr|modifier 51|rank\w*|which (?:one )?(?:goes |is listed )?first|highest rvu|order of (?:the )?(?:codes|procedures)|(?:how|what) .{0,30}order|50% reduction|endoscopic (?:base|family)|several procedures)\b",
    ),
    (
        Topic::Assistant,
        r"\b(?:assistant(?: at)? surg\w+|assist(?:ed|ing|ant)? (?:at|in|with|on) (?:the )?surg\w+|surgical assist\w*|first assist\w*|modifier 8[012]|modifier as\b|80 or as|as modifier|pa assisted|np assisted|assistant surgeon)",
    ),
    (
        Topic::CoSurgeon,
        r"\b(?:co-?\s?surge\w+|two surgeons|2 surgeons|both surgeons|modifier 62|does the exposure|exposure surgeon|approach surgeon|-62\b)",
    ),
    (Topic::Team, r"\b(?:team surgery|surgical team|modifier 66|-66\b)"),
    (
        Topic::Anesthesia,
        r"\b(?:anesthe\w+|anaesthe\w+|crnas?|base units|time units|medically direct\w+|medical direction|monitored anesthesia|mac anesthesia|\bqz\b|\bqk\b|\bqx\b|\bqy\b|asa (?:code|physical)|epidural (?:for )?labor|labor epidural|moderate sedation|conscious sedation)\b",
    ),
    (
        Topic::Infusion,
        r"\b(?:infus\w+|iv push|iv pushes|ivp\b|hydration|chemo\w*|piggyback|ivpb|injection admin\w*|administration code|admin code|shot code|push and|concurrent infusion|sequential infusion|im injection|therapeutic injection)",
    ),
    (
        Topic::Drug,
        r"\b(?:jw|jz|wast(?:e|ed|age)|discard\w*|single[- ]dose|single[- ]use|multi[- ]?dose|vial|vials|sdv|mdv|ndc|drug code|j-?code|biosimilar\w*|\d+(?:\.\d+)? ?(?:mg|mcg|gram|g|gm) (?:of|im|iv|vial|given|sq|sc)|units for [jq]\d{4})\b",
    ),
    (
        Topic::Therapy,
        r"\b(?:8[- ]minute rule|eight[- ]minute rule|timed (?:codes?|units?|minutes)|therapy (?:units?|minutes|cap|threshold|eval\w*)|total timed|kx modifier|plan of care|pt eval\w*|physical therapy|occupational therapy|speech therapy|outpatient therapy|therapist|cq modifier|pta\b|modifier (?:gp|go|gn|kx|cq|co))\b",
    ),
    (
        Topic::GlobalPeriod,
        r"\b(?:global|post-?\s?op\w*|pod ?#?\d|return to (?:the )?or|back to (?:the )?or|taken back|staged|unrelated (?:procedure|visit|e/?m)|days after (?:surgery|lap|the)|weeks after (?:surgery|the)|90[- ]day|10[- ]day|same surgeon|transfer of care|modifier (?:24|54|55|56|58|78|79))\b",
    ),
    (
        Topic::WhoBills,
        r"\b(?:incident[- ]to|split[ /-]?shared|shared visit|teaching physician|primary care exception|locum\w*|reciprocal billing|under the (?:md|doctor|physician|supervising)(?:'s)?(?: npi| name)?|supervising physician|supervision|credentialed|billing provider|bill under|nps?'? (?:saw|see|sees|bill)|modifier (?:fs|gc|ge|q5|q6)|midlevel|mid-level|resident (?:saw|did|performed|and))\b",
    ),
    (
        Topic::Telehealth,
        r"\b(?:telehealth|telemedicine|video visit|audio[- ]only|virtual (?:visit|check)|phone visit|telephone visit|modifier (?:95|93|gt|gq)|pos (?:02|10|2)\b|e-?visit|by video|zoom)\b",
    ),
    (
        Topic::Preventive,
        r"\b(?:awv|annual wellness|wellness visit|ippe|welcome to medicare|physical exam|annual (?:physical|exam)|well (?:child|woman|visit)|preventive|screening|mammogra\w+|pap\b|colonoscop\w+|immuniz\w+|vaccin\w+|flu shot|depression screen\w*|dexa|dxa|tobacco cessation|advance care planning|physical\b)\b",
    ),
    (
        Topic::Coverage,
        r"\b(?:cover(?:ed|s|age)?|lcds?|ncds?|medical(?:ly)? necess\w+|how often|frequency|does medicare pay|will (?:medicare|they) (?:pay|cover)|medicare pay for|part b\?|qualif(?:y|ies|ying)|does she owe|cost sharing|coinsurance|who certifies|prior auth\w*|non-?covered|statutor\w+|payable dx|supporting diagnos\w+|limitation|noncovered|how many (?:visits|pairs|times)|too soon)\b",
    ),
    (
        Topic::Abn,
        r"\b(?:abn|abns|advance beneficiary|waiver of liability|modifier (?:ga|gx|gy|gz)|g[axyz] modifier|-g[axyz]\b|signed waiver)\b",
    ),
    (
        Topic::Guideline,
        r"\b(?:sequenc\w+|principal (?:dx|diagnosis)|first[- ]listed|code first|code also|use additional|excludes ?[12]|7th char\w*|seventh char\w*|initial encounter|subsequent encounter|sequela\w*|laterality|unspecified|poa\b|present on admission|probable|suspected|rule[d]? out|guideline\w*|ocg|combination code|manifestation|history of|status z|aftercare|due to|with diabetes|on insulin|hypertensive|uncertain diagnos\w+|goes first|order\?|code first\?|underdosing|bmi|trimester|z79|severity|stage \d|type 2|in remission|specificity|inpatient)\b",
    ),
];

static PATTERNS: LazyLock<Vec<(Topic, Option<Regex>)>> =
    LazyLock::new(|| WORDS.iter().map(|(t, p)| (*t, Regex::new(p).ok())).collect());

/// All topics of a question, in the order of [`Topic`].
pub(crate) fn topics(facts: &Facts) -> Vec<Topic> {
    let text = facts.text.as_str();
    let mut out: Vec<Topic> = PATTERNS
        .iter()
        .filter(|(_, pattern)| pattern.as_ref().is_some_and(|r| r.is_match(text)))
        .map(|(topic, _)| *topic)
        .collect();
    let mut add = |on: bool, topic: Topic| {
        if on && !out.contains(&topic) {
            out.push(topic);
        }
    };
    let said = &facts.said;
    let services = facts.service_codes();
    let number = |c: &str| c.parse::<u32>().ok();
    let some =
        |low: u32, high: u32| services.iter().any(|c| number(c).is_some_and(|n| (low..=high).contains(&n)));
    add(said.denial.denied, Topic::Denial);
    add(!facts.modifiers.is_empty(), Topic::Modifier);
    add(services.len() >= 2 && facts.alternatives.is_empty(), Topic::Edits);
    add(facts.lines.iter().any(|l| l.units.is_some()), Topic::Units);
    add(!facts.icd9.is_empty(), Topic::Crosswalk);
    add(said.sides.contains(&Side::Bilateral), Topic::Bilateral);
    add(facts.modifiers.iter().any(|m| m == "50"), Topic::Bilateral);
    add(facts.modifiers.iter().any(|m| m == "51"), Topic::Multiple);
    add(facts.modifiers.iter().any(|m| matches!(m.as_str(), "80" | "81" | "82" | "AS")), Topic::Assistant);
    add(facts.modifiers.iter().any(|m| m == "62"), Topic::CoSurgeon);
    add(facts.modifiers.iter().any(|m| m == "66"), Topic::Team);
    add(
        facts
            .modifiers
            .iter()
            .any(|m| matches!(m.as_str(), "24" | "54" | "55" | "56" | "57" | "58" | "78" | "79")),
        Topic::GlobalPeriod,
    );
    add(facts.modifiers.iter().any(|m| matches!(m.as_str(), "GA" | "GX" | "GY" | "GZ")), Topic::Abn);
    add(facts.modifiers.iter().any(|m| matches!(m.as_str(), "JW" | "JZ")), Topic::Drug);
    add(some(100, 1999), Topic::Anesthesia);
    add(some(96360, 96549), Topic::Infusion);
    add(some(97010, 97799), Topic::Therapy);
    add(services.iter().any(|c| c.starts_with('J')), Topic::Drug);
    let visit = services.iter().any(|c| is_evaluation(c));
    add(visit && !said.minutes.is_empty(), Topic::EmLevel);
    add(said.global.days_after.is_some(), Topic::GlobalPeriod);
    add(said.encounter.sequencing || said.encounter.phase.is_some(), Topic::Guideline);
    add(intent::is_compliance(text), Topic::Compliance);
    out.sort_unstable();
    out
}

/// The field that the question is filed under.
pub(crate) fn area(facts: &Facts, intent: Intent, topics: &[Topic]) -> Area {
    let has = |t: Topic| topics.contains(&t);
    let services = facts.service_codes().len();
    let of_diagnoses =
        || ["dx", "icd", "diagnos"].iter().any(|w| facts.text.contains(w)) || has(Topic::Guideline);
    let diagnoses_only =
        services == 0 && (!facts.diagnoses.is_empty() || (facts.entries.is_empty() && of_diagnoses()));
    match () {
        () if matches!(intent, Intent::OutOfScope(_)) => Area::OutOfScope,
        () if has(Topic::Compliance) || intent == Intent::Compliance => Area::Compliance,
        () if has(Topic::Crosswalk) || (has(Topic::CodeHistory) && !has(Topic::Coverage)) => Area::Crosswalks,
        () if has(Topic::Abn) && !has(Topic::Edits) => Area::Coverage,
        () if has(Topic::Coverage) && !has(Topic::Fee) => Area::Coverage,
        () if services >= 2 && has(Topic::Edits) && !has(Topic::GlobalPeriod) && !has(Topic::CoSurgeon) => {
            Area::NcciEdits
        }
        () if diagnoses_only && facts.modifiers.is_empty() => Area::Guidelines,
        () if has(Topic::Modifier)
            || has(Topic::GlobalPeriod)
            || has(Topic::CoSurgeon)
            || has(Topic::Assistant)
            || has(Topic::Bilateral) =>
        {
            Area::Modifiers
        }
        () if diagnoses_only => Area::Guidelines,
        () => Area::CptCodes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_can_be_read() {
        for (topic, pattern) in PATTERNS.iter() {
            assert!(pattern.is_some(), "{}", topic.as_str());
        }
    }
}
