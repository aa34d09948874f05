//! A text as the search sees it: words in lower case without accents, hyphens and British spelling, with their
//! stems. Names, vocabulary and queries go through the same door.

use std::collections::HashMap;

/// Reads texts, and remembers the pieces that it has met: official texts repeat theirs.
#[derive(Debug, Default)]
pub(crate) struct Lexer {
    known: HashMap<String, Vec<String>>,
}

impl Lexer {
    /// The words of a text, in their order.
    pub(crate) fn words(&mut self, text: &str) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        for piece in text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')' | '[' | ']'))
        {
            if piece.is_empty() {
                continue;
            }
            if let Some(known) = self.known.get(piece) {
                all.extend_from_slice(known);
                continue;
            }
            let mut own = Vec::new();
            pieces(piece, &mut own);
            all.extend_from_slice(&own);
            self.known.insert(piece.to_owned(), own);
        }
        numerals(&mut all);
        all
    }
}

/// The words of a text, in their order.
pub(crate) fn words(text: &str) -> Vec<String> {
    Lexer::default().words(text)
}

/// The words of what stands between two blanks.
fn pieces(piece: &str, all: &mut Vec<String>) {
    let folded: String = piece.chars().flat_map(fold).collect();
    let folded = folded.trim_matches(|c: char| !c.is_ascii_alphanumeric() && c != '/');
    match folded {
        "" => {}
        "w/o" | "w/out" => all.push("without".to_owned()),
        "w/" => all.push("with".to_owned()),
        _ => split(folded, all),
    }
}

/// Lower case, accents off, quotes gone.
fn fold(c: char) -> impl Iterator<Item = char> {
    let lower = c.to_lowercase().next().unwrap_or(c);
    let (plain, second) = match lower {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => (Some('a'), None),
        'è' | 'é' | 'ê' | 'ë' => (Some('e'), None),
        'ì' | 'í' | 'î' | 'ï' => (Some('i'), None),
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' => (Some('o'), None),
        'ù' | 'ú' | 'û' | 'ü' => (Some('u'), None),
        'ñ' => (Some('n'), None),
        'ç' => (Some('c'), None),
        'æ' => (Some('a'), Some('e')),
        'œ' => (Some('o'), Some('e')),
        '\'' | '’' | '‘' | '`' => (None, None),
        '–' | '—' | '‑' => (Some('-'), None),
        other if other.is_ascii() => (Some(other), None),
        _ => (Some(' '), None),
    };
    plain.into_iter().chain(second)
}

/// Splits at hyphens, slashes and the like, but keeps what belongs together: `s/p`, `i&d`, `non-displaced`, `x-ray`,
/// `7.5`.
fn split(piece: &str, all: &mut Vec<String>) {
    let short = |sides: (&str, &str), most: usize| {
        let side = |s: &str| (1..=most).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_alphabetic());
        side(sides.0) && side(sides.1)
    };
    if piece.split_once('/').is_some_and(|s| short(s, 2))
        || piece.split_once('&').is_some_and(|s| short(s, 1))
    {
        all.push(piece.to_owned());
        return;
    }
    let is_break = |c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '-');
    for chunk in piece.split(is_break) {
        let mut held = String::new();
        let mut parts = chunk.split('-').filter(|p| !p.is_empty()).peekable();
        while let Some(part) = parts.next() {
            for sub in dotted(part) {
                held.push_str(&sub);
                if parts.peek().is_some() && joins(&held) {
                    continue;
                }
                units(&held, all);
                held.clear();
            }
        }
        if !held.is_empty() {
            units(&held, all);
        }
    }
}

/// `7.5` stays one; `u.s.` and `dr.smith` do not keep their dots.
fn dotted(part: &str) -> Vec<String> {
    let number = part.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b.is_ascii_lowercase())
        && part.starts_with(|c: char| c.is_ascii_digit());
    if number {
        return vec![part.trim_matches('.').to_owned()];
    }
    let bits: Vec<&str> = part.split('.').filter(|b| !b.is_empty()).collect();
    if bits.iter().all(|b| b.len() == 1) {
        return vec![bits.concat()];
    }
    bits.into_iter().map(str::to_owned).collect()
}

/// Whether the part before a hyphen is only the beginning of a word.
fn joins(part: &str) -> bool {
    const FORMS: &[&str] = &[
        "pre", "post", "anti", "sub", "inter", "intra", "peri", "para", "hyper", "hypo", "re", "un", "bi",
        "tri", "multi", "poly", "semi", "trans", "extra", "supra", "infra", "mid", "over", "under", "co",
        "de", "epi", "endo",
    ];
    let combining = part.len() >= 5 && part.ends_with('o');
    (part.len() == 1 && part.bytes().all(|b| b.is_ascii_alphabetic())) || combining || FORMS.contains(&part)
}

/// `250mg` is a number and a unit; `3b`, `c5` and `t2dm` are words.
fn units(word: &str, all: &mut Vec<String>) {
    const UNITS: &[&str] = &[
        "mg", "ml", "mcg", "g", "gm", "cc", "iu", "mm", "cm", "kg", "lb", "lbs", "yo", "y", "wk", "wks",
        "weeks", "hr", "hrs", "units", "unit", "u", "meq", "mci", "sq", "in", "oz", "fr", "french", "inch",
        "percent",
    ];
    let digits = word.bytes().take_while(|b| b.is_ascii_digit() || *b == b'.').count();
    if digits > 0
        && let Some((number, unit)) = word.split_at_checked(digits)
        && UNITS.contains(&unit)
    {
        all.push(number.trim_matches('.').to_owned());
        all.push(unit.to_owned());
        return;
    }
    let word = match word {
        "1st" => "first",
        "2nd" => "second",
        "3rd" => "third",
        "4th" => "fourth",
        "mgs" => "mg",
        "mls" => "ml",
        other => other,
    };
    if !word.is_empty() {
        all.push(american(word));
    }
}

/// Roman numerals after the words that numbers follow.
fn numerals(all: &mut [String]) {
    let mut before = String::new();
    for word in all.iter_mut() {
        let counted = matches!(
            before.as_str(),
            "type"
                | "stage"
                | "grade"
                | "class"
                | "level"
                | "factor"
                | "bipolar"
                | "group"
                | "degree"
                | "diabetes"
        );
        if counted {
            let number = match word.as_str() {
                "i" => "1",
                "ii" => "2",
                "iii" => "3",
                "iv" => "4",
                "v" => "5",
                "vi" => "6",
                "vii" => "7",
                "viii" => "8",
                "ix" => "9",
                _ => "",
            };
            if !number.is_empty() {
                number.clone_into(word);
            }
        }
        before.clone_from(word);
    }
}

/// The systematic differences of British spelling; what is not systematic is in `spelling.tsv`.
fn american(word: &str) -> String {
    if word.len() < 5 || !word.bytes().all(|b| b.is_ascii_lowercase()) {
        return word.to_owned();
    }
    let mut out = word.replace("ae", "e").replace("sulph", "sulf");
    // Not at the end: shoe, canoe.
    while out.len() > 5
        && let Some(at) = out.get(..out.len() - 2).and_then(|b| b.find("oe"))
    {
        out.replace_range(at..at + 2, "e");
    }
    for (british, us) in
        [("our", "or"), ("ours", "ors"), ("oured", "ored"), ("tre", "ter"), ("bre", "ber"), ("yse", "yze")]
    {
        if let Some(start) = out.strip_suffix(british)
            && start.len() >= 3
        {
            return format!("{start}{us}");
        }
    }
    out
}

/// Words that tell nothing of a topic.
pub(crate) fn is_empty_word(word: &str) -> bool {
    matches!(
        word,
        "a" | "an"
            | "and"
            | "the"
            | "of"
            | "in"
            | "on"
            | "for"
            | "with"
            | "to"
            | "by"
            | "or"
            | "at"
            | "due"
            | "from"
            | "is"
            | "has"
            | "have"
            | "had"
            | "was"
            | "are"
            | "be"
            | "been"
            | "as"
            | "that"
            | "this"
            | "it"
            | "its"
            | "who"
            | "my"
            | "her"
            | "his"
            | "into"
            | "patient"
            | "pt"
            | "pts"
            | "code"
            | "codes"
            | "coding"
            | "diagnosis"
            | "dx"
            | "icd"
            | "icd10"
            | "icd10cm"
            | "cm"
            | "hcpcs"
            | "what"
            | "which"
            | "than"
            | "per"
            | "each"
            | "any"
            | "w"
            | "mention"
            | "s"
            | "nos"
            | "nec"
            | "when"
            | "while"
    )
}

/// Words that stand for the absence of a detail.
pub(crate) fn is_neutral(word: &str) -> bool {
    matches!(
        word,
        "unspecified"
            | "specified"
            | "other"
            | "elsewhere"
            | "classified"
            | "not"
            | "type"
            | "disease"
            | "diseases"
            | "disorder"
            | "disorders"
            | "condition"
            | "conditions"
            | "encounter"
            | "syndrome"
            | "site"
            | "sites"
            | "part"
            | "parts"
            | "uncomplicated"
            | "status"
            | "without"
            | "essential"
            | "primary"
            | "simple"
            | "organism"
            | "otherwise"
            | "includes"
            | "including"
            | "used"
            | "intractable"
            | "accidental"
            | "unintentional"
            | "unknown"
            | "identified"
            | "side"
            | "sided"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_comes_to_one_form_however_it_is_written() {
        assert_eq!(words("Crohn's  disease"), ["crohns", "disease"]);
        assert_eq!(words("W/O LOC, s/p I&D"), ["without", "loc", "s/p", "i&d"]);
        assert_eq!(words("250mg X-ray 7.5 type II"), ["250", "mg", "xray", "7.5", "type", "2"]);
        assert_eq!(words("Gastro-esophageal reflux"), words("gastrooesophageal reflux"));
        assert_eq!(words("haemorrhage, tumour, leukaemia"), ["hemorrhage", "tumor", "leukemia"]);
        assert_eq!(words("Ménière’s"), ["menieres"]);
    }
}
