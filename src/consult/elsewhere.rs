//! Mail that is no coding question: thanks, jobs, legal and medical advice, a patient's own bill, portal trouble,
//! exams, sales. A mail that names a code is always a question for this desk.

use std::sync::LazyLock;

use regex::Regex;

use crate::consult::facts::Facts;

/// Questions that belong elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Elsewhere {
    /// Thanks, without a question.
    Thanks,
    /// A job enquiry.
    Job,
    /// Legal advice.
    Legal,
    /// Medical advice.
    Clinical,
    /// A patient who asks about the own bill or benefits.
    PatientBill,
    /// Passwords, portals, invoices of this desk.
    Support,
    /// Certification exams, courses.
    Training,
    /// Sales and spam.
    Sales,
}

macro_rules! patterns {
    ($($name:ident = $pattern:literal;)+) => {
        $(static $name: LazyLock<Option<Regex>> =
            LazyLock::new(|| Regex::new(&format!("(?i)(?:{})", $pattern)).ok());)+
        #[cfg(test)]
        fn all_patterns() -> Vec<(&'static str, bool)> {
            vec![$((stringify!($name), $name.is_some())),+]
        }
    };
}

patterns! {
    JOB = r"\b(?:do you hire|(?:are|is) (?:you|your company|your team) (?:currently )?hiring|now hiring|(?:my|our) (?:resume|résumé|cv)\b|(?:resume|résumé|cv) (?:is )?attached|attached (?:is |please find )?(?:my |the )?(?:resume|résumé|cv)|curriculum vitae|job (?:opening|openings|opportunit|application|posting|inquiry|enquiry|vacanc)|(?:coder|coding|biller|remote|auditor) (?:opening|position|positions|job|jobs|vacanc\w*)\b|any (?:job |remote )?(?:openings|vacanc)|vacanc(?:y|ies)|internship|externship|apply(?:ing)? for (?:a|an|the|your|any) (?:[a-z]+ ){0,2}(?:position|job|role|opening)|looking for (?:a |an )?(?:[a-z]+ )?(?:job|work\b|employment|position)|salary|positions? available|open positions?)";
    LEGAL = r"\b(?:qui tam|whistle-?\s?blow\w*|lawsuit|(?:be|get|getting|being|can|could|should|will|to) sue[d]?|suing|legal advice|legal counsel|subpoena|malpractice (?:suit|claim|case|attorney|lawyer)|(?:need|hire|find|talk to|get) (?:a|an|my) (?:attorney|lawyer)|are we liable|legally liable|is it illegal|go to jail|criminal charges|settlement offer|non-?compete)\b";
    CLINICAL = r"\b(?:what dose|what dosage|how many ml|how many mg (?:should|can|do)|how much .{0,30} (?:should|can) (?:i|he|she|my|we give)|should (?:i|he|she|my \w+) (?:take|stop taking|see a doctor|go to the (?:er|hospital))|my (?:child|mom|mother|dad|son|daughter|husband|wife|baby|kid) (?:is|has|was)\b.{0,80}\?|mom here|is it safe to|safe (?:during|in) pregnancy\?|side effects? of|can i take|what (?:medication|medicine) (?:should|is best)|how (?:do|should) (?:i|we) treat)";
    PATIENT = r"\b(?:i (?:got|received|was sent) (?:a|this|your|another) (?:\$?[\d,.]+ )?(?:bill|statement|invoice|collection)|my (?:bill|eob|copay|deductible|insurance) (?:says|is|was|shows|denied|didn'?t|won'?t)|why (?:do|am) i (?:owe|being (?:billed|charged))|why was i (?:billed|charged)|do i (?:really )?(?:have to pay|owe)|set up a payment plan|pay my bill|charged me|billed me|my insurance (?:denied|won'?t|said|company))\b";
    SUPPORT = r"\b(?:(?:reset|forgot|change) (?:my |the )?(?:password|login|log-in)|password reset|can(?:no|')?t (?:log ?in|sign ?in|access) |unable to (?:log ?in|sign ?in|access the)|locked out|log ?in (?:is )?not working|portal (?:is )?(?:down|not working|access|login)|two[- ]factor|add (?:a|another|new) user|cancel (?:my|our) (?:subscription|account|membership)|your invoice|our subscription|upgrade (?:my|our) (?:plan|account)|remove me from|unsubscribe me|software (?:is )?(?:crash|down|frozen))";
    TRAINING = r"\b(?:(?:cpc|ccs|coc|cic|cpb|cpma|crc|rhit|rhia)(?:-[ap])? (?:exam|test|certification|course|prep|study)|(?:pass|study for|studying for|take|taking|prepare for|sit for) (?:the|my) (?:cpc|ccs|coc|cic|cpb|cpma|crc|rhit|rhia|certification)|become a (?:certified )?(?:medical )?(?:coder|biller)|(?:how (?:do|can) i|want to) (?:get certified|become certified)|ceus? (?:credit|credits|for)|continuing education (?:credit|unit)s?|which (?:coding )?(?:school|course|book) (?:do you|should))";
    SALES = r"\b(?:seo\b|search engine|boost your|grow your (?:practice|business|revenue)|increase your (?:revenue|collections|traffic|sales)|schedule a (?:quick )?(?:demo|call with|15)|book a demo|free (?:trial|demo|consultation|quote)|limited[- ]time|special offer|% off|act now|click (?:here|below|the link)|our (?:rcm|billing|coding|outsourc\w+|offshore|ai) (?:services?|solution|company|platform|team) (?:can|will|helps?|offers?|is|has)|we (?:offer|provide|specialize in) (?:[a-z-]+ ){0,4}(?:services|solutions|outsourcing|staffing)|outsourc(?:e|ing) your|crypto|bitcoin|casino|lottery|inheritance|wire transfer|viagra|attendees? list|email list|contact list|guest post|backlinks?|web ?design|unsubscribe|opt[- ]out)";
    THANKS = r"\b(?:thank you|thanks|thx|ty|that helps|that helped|much appreciated|merci|appreciate (?:it|your|the)|perfect|awesome|got it|great,? (?:thank|that))\b";
    CODING = r"\b(?:cpt|hcpcs|icd|modifiers?|mod \d\d|dx|diagnos[ie]s codes?|ncci|mue|lcd|ncd|carc|rarc|e/?m level|how (?:do|would|should) (?:we|i|you) (?:code|bill)|which code|what code|correct code|code for|global period|bill(?:ed|able|ing)? (?:with|for|a|the|under|as|separately|medicare)|medicare cover|is .{0,40} covered|claim (?:was |got |is )?denied|incident[- ]to|split/shared|abn\b|prolonged services|units)\b";
    ASKS = r"(?m)(?:^|[.!;:]\s)\s*(?:what|whats|wat|which|how|can|could|should|does|do|is|are|who|when|why|may|need|advi[sz]e)\b";
    TRADE = r"\b(?:cpt|hcpcs|icd|modifiers?|mod \d\d|dx|ncci|mue|carc|rarc|our (?:doctor|doc|provider|claim|patient|practice|biller|group|coder)s?)\b";
    FIELD = r"\b(?:surgeons?|anesthe\w+|crnas?|lesions?|medicaid|tricare|appeal|timely|crosswalk\w*|exposure|tumou?r|replaced|deleted|invalid|valid|global|doctor|doc|codes?|modifier|rvus?|icd|vaccin\w+|therapy|ultrasound|x-?ray|mri|ct|scope|biops\w+|repair|excision|office|inpatient|outpatient|asc|snf|telehealth|lcd|ncd)\b";
    CLINICAL_WORDS = r"\b(?:patient|pt|disease|syndrome|pain|fracture|diabet|cancer|injur|infection|procedure|surgery|injection|visit|coding|code|claim|medicare|payer|modifier|billing|bill|dx|icd|cpt|hcpcs|cover(?:ed|age)|denied|units?)\b";
}

fn says(pattern: &LazyLock<Option<Regex>>, text: &str) -> bool {
    pattern.as_ref().is_some_and(|r| r.is_match(text))
}

/// Whether a text speaks of coding and billing at all.
pub(crate) fn speaks_of_coding(text: &str) -> bool {
    says(&CODING, text) || says(&CLINICAL_WORDS, text) || says(&FIELD, text)
}

/// Where a mail belongs, if not here.
pub(crate) fn elsewhere(facts: &Facts) -> Option<Elsewhere> {
    let text = facts.text.as_str();
    if facts.entries.is_empty() && facts.icd9.is_empty() {
        let coding = says(&CODING, text);
        let kinds: [(Elsewhere, &LazyLock<Option<Regex>>, bool); 7] = [
            (Elsewhere::Legal, &LEGAL, true),
            (Elsewhere::Job, &JOB, !coding),
            (Elsewhere::Clinical, &CLINICAL, !coding),
            (Elsewhere::Training, &TRAINING, !coding),
            (Elsewhere::PatientBill, &PATIENT, !says(&TRADE, text)),
            (Elsewhere::Support, &SUPPORT, !coding),
            (Elsewhere::Sales, &SALES, !coding),
        ];
        if let Some((kind, ..)) = kinds.into_iter().find(|(_, pattern, free)| *free && says(pattern, text)) {
            return Some(kind);
        }
    }
    let body = text.split_once('\n').map_or("", |(_, b)| b);
    let short = body.split_whitespace().count() <= 40;
    let thanks = says(&THANKS, body)
        && short
        && !body.contains('?')
        && !says(&CLINICAL_WORDS, body)
        && !says(&CODING, body)
        && facts.modifiers.is_empty()
        && !says(&ASKS, body)
        && facts.said.minutes.is_empty()
        && facts.said.doses.amounts.is_empty()
        && !facts.entries.iter().any(|e| body.contains(&e.code.to_lowercase()));
    thanks.then_some(Elsewhere::Thanks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_can_be_read() {
        for (name, fine) in all_patterns() {
            assert!(fine, "{name}");
        }
    }
}
