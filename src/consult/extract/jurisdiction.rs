//! Where in the United States: the state, and the A/B Medicare Administrative Contractor with its jurisdiction (CMS,
//! "Who are the MACs", as of 2025).

use std::sync::LazyLock;

use super::words::{Phrases, Words};

/// A state and the contractor for its Part A and B claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Jurisdiction {
    /// The state's two letters.
    pub state: Option<&'static str>,
    /// The contractor: named, or the state's.
    pub mac: Option<&'static str>,
    /// Its jurisdiction: `JH`, `J15`; none if the contractor has two and the state is not said.
    pub code: Option<&'static str>,
}

/// Name, letters, jurisdiction.
static STATES: &[(&str, (&str, &str))] = &[
    ("alabama", ("AL", "JJ")),
    ("alaska", ("AK", "JF")),
    ("arizona", ("AZ", "JF")),
    ("arkansas", ("AR", "JH")),
    ("california", ("CA", "JE")),
    ("colorado", ("CO", "JH")),
    ("connecticut", ("CT", "JK")),
    ("delaware", ("DE", "JL")),
    ("district of columbia|washington dc", ("DC", "JL")),
    ("florida", ("FL", "JN")),
    ("georgia", ("GA", "JJ")),
    ("hawaii", ("HI", "JE")),
    ("idaho", ("ID", "JF")),
    ("illinois", ("IL", "J6")),
    ("indiana", ("IN", "J8")),
    ("iowa", ("IA", "J5")),
    ("kansas", ("KS", "J5")),
    ("kentucky", ("KY", "J15")),
    ("louisiana", ("LA", "JH")),
    ("maine", ("ME", "JK")),
    ("maryland", ("MD", "JL")),
    ("massachusetts", ("MA", "JK")),
    ("michigan", ("MI", "J8")),
    ("minnesota", ("MN", "J6")),
    ("mississippi", ("MS", "JH")),
    ("missouri", ("MO", "J5")),
    ("montana", ("MT", "JF")),
    ("nebraska", ("NE", "J5")),
    ("nevada", ("NV", "JE")),
    ("new hampshire", ("NH", "JK")),
    ("new jersey", ("NJ", "JL")),
    ("new mexico", ("NM", "JH")),
    ("new york|upstate ny|manhattan", ("NY", "JK")),
    ("north carolina", ("NC", "JM")),
    ("north dakota", ("ND", "JF")),
    ("ohio", ("OH", "J15")),
    ("oklahoma", ("OK", "JH")),
    ("oregon", ("OR", "JF")),
    ("pennsylvania", ("PA", "JL")),
    ("puerto rico", ("PR", "JN")),
    ("rhode island", ("RI", "JK")),
    ("south carolina", ("SC", "JM")),
    ("south dakota", ("SD", "JF")),
    ("tennessee", ("TN", "JJ")),
    ("texas", ("TX", "JH")),
    ("utah", ("UT", "JF")),
    ("vermont", ("VT", "JK")),
    ("virginia", ("VA", "JM")),
    ("washington state|washington", ("WA", "JF")),
    ("west virginia", ("WV", "JM")),
    ("wisconsin", ("WI", "J6")),
    ("wyoming", ("WY", "JF")),
];

/// Jurisdiction and its contractor.
const MACS: &[(&str, &str)] = &[
    ("J5", "WPS"),
    ("J6", "NGS"),
    ("J8", "WPS"),
    ("J15", "CGS"),
    ("JE", "Noridian"),
    ("JF", "Noridian"),
    ("JH", "Novitas"),
    ("JJ", "Palmetto GBA"),
    ("JK", "NGS"),
    ("JL", "Novitas"),
    ("JM", "Palmetto GBA"),
    ("JN", "First Coast"),
];

static CONTRACTORS: &[(&str, &str)] = &[
    ("novitas|novitas solutions", "Novitas"),
    ("noridian", "Noridian"),
    ("ngs|national government services", "NGS"),
    ("wps|wisconsin physicians service|wps gha", "WPS"),
    ("cgs|cgs administrators", "CGS"),
    ("palmetto|palmetto gba", "Palmetto GBA"),
    ("first coast|fcso|first coast service options", "First Coast"),
];

static STATE_TABLE: LazyLock<Phrases<(&str, &str)>> = LazyLock::new(|| Phrases::of(STATES));
static MAC_TABLE: LazyLock<Phrases<&str>> = LazyLock::new(|| Phrases::of(CONTRACTORS));

/// Letters that are also words of the field: they count as a state only where nothing else is meant.
const AMBIGUOUS: &[&str] = &[
    "OR", "CT", "PA", "MA", "MD", "MS", "ME", "HI", "OK", "IN", "CO", "AL", "LA", "DE", "ID", "PR", "GA",
    "VA", "SC", "NC", "ND", "MO",
];
/// Words before letters that make them a state.
const LEADS: &[&str] =
    &["in", "of", "from", "medicaid", "bcbs", "state", "mac", "locality", "practice", "clinic"];
/// Words behind letters that make them a state.
const FOLLOWS: &[&str] = &["medicaid", "bcbs", "mac", "state", "law", "blue", "workers"];

/// Where a text says that it is.
pub(super) fn find(words: &Words<'_>) -> Jurisdiction {
    let named = STATE_TABLE.find(words).into_iter().find(|h| {
        // "Washington University", "Virginia Mason", "Kansas City": names, but those of the state serve.
        let next = words.lower(h.at + h.len);
        !matches!(next, "university" | "mason" | "dc" | "st" | "street" | "ave" | "avenue" | "protocol")
    });
    let state = named.map(|h| *h.means).or_else(|| (0..words.list.len()).find_map(|at| letters(words, at)));
    let contractor = MAC_TABLE.find(words).first().map(|h| *h.means);
    let code = (0..words.list.len()).find_map(|at| coded(words, at, contractor.is_some()));
    let code = code.or_else(|| {
        let of_state = state.map(|(_, code)| code)?;
        let agrees = contractor.is_none_or(|c| MACS.iter().any(|(j, m)| *j == of_state && *m == c));
        agrees.then_some(of_state)
    });
    let code = code.or_else(|| {
        let mut all = MACS.iter().filter(|(_, m)| Some(*m) == contractor);
        all.next().filter(|_| all.next().is_none()).map(|(j, _)| *j)
    });
    let mac = contractor.or_else(|| MACS.iter().find(|(j, _)| Some(*j) == code).map(|(_, m)| *m));
    Jurisdiction { state: state.map(|(letters, _)| letters), mac, code }
}

fn letters(words: &Words<'_>, at: usize) -> Option<(&'static str, &'static str)> {
    let written = words.written(at);
    let row = STATES.iter().find(|(_, (letters, _))| *letters == written)?.1;
    let before = at.checked_sub(1).map_or("", |i| words.lower(i));
    let (before_written, after) = (at.checked_sub(1).map_or("", |i| words.written(i)), words.lower(at + 1));
    let start = words.list.get(at)?.start;
    let comma = words.text.get(..start)?.trim_end().ends_with(',');
    let capital = before_written.starts_with(char::is_uppercase) && before_written.len() > 2;
    let led = LEADS.contains(&before) || FOLLOWS.contains(&after);
    let city = comma && capital;
    let title = matches!(row.0, "MD" | "PA" | "MA" | "MS" | "ND");
    let paid = FOLLOWS.contains(&after) || matches!(before, "medicaid" | "bcbs" | "state");
    let sure = if AMBIGUOUS.contains(&row.0) { paid || (city && !title) } else { led || city };
    sure.then_some(row)
}

/// `JH`, `J15`, `jurisdiction K`.
fn coded(words: &Words<'_>, at: usize, contractor: bool) -> Option<&'static str> {
    let written = words.written(at).to_ascii_uppercase();
    let before = at.checked_sub(1).map_or("", |i| words.lower(i));
    let after = words.lower(at + 1);
    if before == "jurisdiction" {
        return MACS.iter().map(|(j, _)| *j).find(|j| *j == written || j.strip_prefix('J') == Some(&written));
    }
    let near = contractor || before == "mac" || after == "mac" || after == "jurisdiction";
    MACS.iter().map(|(j, _)| *j).find(|j| near && *j == words.written(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_and_contractors() {
        let read = |text: &str| {
            let j = find(&Words::of(text));
            (j.state.unwrap_or("-"), j.mac.unwrap_or("-"), j.code.unwrap_or("-"))
        };
        assert_eq!(read("we are in Texas"), ("TX", "Novitas", "JH"));
        assert_eq!(read("Noridian JE"), ("-", "Noridian", "JE"));
        assert_eq!(read("Novitas"), ("-", "Novitas", "-"));
        assert_eq!(read("MAC is CGS"), ("-", "CGS", "J15"));
        assert_eq!(read("practice in FL"), ("FL", "First Coast", "JN"));
        assert_eq!(read("PA Medicaid"), ("PA", "Novitas", "JL"));
        assert_eq!(read("Tampa, FL"), ("FL", "First Coast", "JN"));
        assert_eq!(read("West Virginia"), ("WV", "Palmetto GBA", "JM"));
        for text in [
            "seen in OR by PA",
            "J1885 IM",
            "John Smith, MD",
            "CT 70450",
            "99213 or 99214",
            "hi, is it ok in me",
        ] {
            assert_eq!(read(text), ("-", "-", "-"), "{text}");
        }
    }
}
