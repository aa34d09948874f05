//! The Medicare fee schedule's status and payment policy indicators in words (Medicare Claims Processing Manual,
//! ch. 12; field descriptions of the PPRRVU file).

use serde::Serialize;

use crate::codebook::FeeRow;

/// One column of a fee schedule row, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Indicator {
    /// The column: `status`, `global`, `pctc`, `multiple`, `bilateral`, `assistant`, `co_surgeon`, `team`,
    /// `endoscopic_base`.
    pub column: &'static str,
    /// The column in words.
    pub title: &'static str,
    /// What the file says.
    pub value: String,
    /// What that means; empty for a value that is not known.
    pub words: String,
}

impl FeeRow {
    /// What the status indicator means; empty for a letter that is none. E, I and X never mean "not covered".
    #[must_use]
    pub fn status_words(&self) -> &'static str {
        status_words(self.status)
    }

    /// Status, global period and payment policy indicators in words. Concepts that do not apply to the code
    /// (indicator 9, or an empty column) are left out.
    #[must_use]
    pub fn indicators(&self) -> Vec<Indicator> {
        let status = self.status.to_string();
        let columns: [(&'static str, &'static str, &str, &'static str); 8] = [
            ("status", "Status", &status, status_words(self.status)),
            ("global", "Global period", &self.global_days, global_words(&self.global_days)),
            ("pctc", "Professional and technical component", &self.pctc, pctc_words(&self.pctc)),
            ("multiple", "Multiple procedures", &self.multiple, multiple_words(&self.multiple)),
            ("bilateral", "Bilateral surgery", &self.bilateral, bilateral_words(&self.bilateral)),
            ("assistant", "Assistant at surgery", &self.assistant, assistant_words(&self.assistant)),
            ("co_surgeon", "Co-surgeons", &self.co_surgeon, co_surgeon_words(&self.co_surgeon)),
            ("team", "Team surgery", &self.team, team_words(&self.team)),
        ];
        let mut all = Vec::new();
        for (column, title, value, words) in columns {
            if value.trim().is_empty() || (value == "9" && column != "status") {
                continue;
            }
            all.push(Indicator { column, title, value: value.to_owned(), words: words.to_owned() });
        }
        if !self.endoscopic_base.is_empty() {
            all.push(Indicator {
                column: "endoscopic_base",
                title: "Endoscopic base code",
                value: self.endoscopic_base.clone(),
                words: "the base of its endoscopic family".to_owned(),
            });
        }
        all
    }
}

fn status_words(status: char) -> &'static str {
    match status {
        'A' => "active, paid under the fee schedule if covered; not a coverage decision",
        'B' => "bundled, payment is always part of other services of the day",
        'C' => "the contractor sets the price",
        'D' => "deleted code",
        'E' => "excluded from this schedule by regulation; paid under other rules if at all",
        'F' => "deleted or discontinued code",
        'G' => "not valid for Medicare, which uses another code (with a grace period)",
        'H' => "deleted modifier",
        'I' => "not valid for Medicare, which uses another code",
        'J' => "anesthesia service, paid by base and time units",
        'M' => "measurement code, for reporting only",
        'N' => "not covered by Medicare",
        'P' => "bundled when incident to another service, else paid under other rules",
        'Q' => "therapy functional information code, for reporting only",
        'R' => "restricted coverage, special rules apply",
        'T' => "paid only if no other service of the same physician is paid that day",
        'X' => "outside the physician fee schedule; another schedule may pay it",
        _ => "",
    }
}

fn global_words(days: &str) -> &'static str {
    match days {
        "000" => "the day of the procedure",
        "010" => "the day of the procedure and 10 days after: 11 days",
        "090" => "the day before, the day of the procedure and 90 days after: 92 days",
        "MMM" => "maternity: the usual global period does not apply",
        "XXX" => "the global concept does not apply",
        "YYY" => "the contractor decides on the global period",
        "ZZZ" => "belongs to another service and falls within its global period",
        _ => "",
    }
}

fn pctc_words(indicator: &str) -> &'static str {
    match indicator {
        "0" => "physician service: no split into 26 and TC",
        "1" => "diagnostic test: 26 and TC may be billed apart",
        "2" => "professional component only: neither 26 nor TC",
        "3" => "technical component only: neither 26 nor TC",
        "4" => "global test only: neither 26 nor TC",
        "5" => "incident to: no payment to the physician for patients of a hospital; neither 26 nor TC",
        "6" => "laboratory physician interpretation: 26 may be used, TC not",
        "7" => "physical therapy service: not paid to a therapist for patients of a hospital",
        "8" => "physician interpretation of an abnormal smear: inpatients only, no TC",
        _ => "",
    }
}

fn multiple_words(indicator: &str) -> &'static str {
    match indicator {
        "0" => "no reduction",
        "1" => "the reduction of before 1995: 100, 50 and 25 %",
        "2" => "ranked by fee: 100 %, then 50 % each up to the fifth, further ones by report",
        "3" => "endoscopy: the highest of a family in full, the others by their difference to the base code",
        "4" => "imaging: the technical component of further ones is cut by 50 %, the professional one by 5 %",
        "5" => "therapy: practice expense of further units is cut by 50 %",
        "6" => "cardiovascular: the technical component of further ones is cut by 25 %",
        "7" => "ophthalmology: the technical component of further ones is cut by 20 %",
        _ => "",
    }
}

fn bilateral_words(indicator: &str) -> &'static str {
    match indicator {
        "0" => "no 150 % for both sides: modifier 50 does not apply",
        "1" => "modifier 50 pays 150 %",
        "2" => "the fee is for both sides already: modifier 50 does not apply",
        "3" => "100 % for each side",
        _ => "",
    }
}

fn assistant_words(indicator: &str) -> &'static str {
    match indicator {
        "0" => "paid only with documentation of medical necessity",
        "1" => "never paid, by statute",
        "2" => "may be paid",
        _ => "",
    }
}

fn co_surgeon_words(indicator: &str) -> &'static str {
    match indicator {
        "0" => "not permitted",
        "1" => "may be paid with documentation of the need for two surgeons",
        "2" => "permitted if the two surgeons are of different specialties",
        _ => "",
    }
}

fn team_words(indicator: &str) -> &'static str {
    match indicator {
        "0" => "not permitted",
        "1" => "may be paid with documentation of the need, by report",
        "2" => "permitted, paid by report",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codebook::Codebook;

    /// 63030 (2025): active, 090, multiple 2, bilateral 1, assistant 2.
    #[test]
    fn the_indicators_of_a_disc_operation() {
        let book = Codebook::starter().unwrap();
        let row = book.fee("63030", "", "2025-10-01".parse().unwrap()).unwrap().value.unwrap();
        let said: Vec<(&str, String)> = row.indicators().into_iter().map(|i| (i.column, i.value)).collect();
        for wanted in
            [("status", "A"), ("global", "090"), ("multiple", "2"), ("bilateral", "1"), ("assistant", "2")]
        {
            assert!(said.contains(&(wanted.0, wanted.1.to_owned())), "{wanted:?} in {said:?}");
        }
        assert!(row.indicators().iter().all(|i| !i.words.is_empty()));
    }

    /// E, I and X say nothing of coverage.
    #[test]
    fn outside_the_schedule_is_never_called_not_covered() {
        for status in ['E', 'I', 'X', 'P'] {
            assert!(!status_words(status).contains("not covered"), "{status}");
        }
    }
}
