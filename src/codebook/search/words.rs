//! A text as the search sees it: words in lower case without accents, hyphens and British spelling, with their
//! stems. Names, vocabulary and queries go through the same door.

/// The words of a text, in their order.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for piece in text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')' | '[' | ']')) {
        let folded: String = piece.chars().flat_map(fold).collect();
        // A comma inside a number is no separator, but split above: 1,000 stands as 1 and 000 in names and queries.
        let folded = folded.trim_matches(|c: char| !c.is_ascii_alphanumeric() && c != '/');
        match folded {
            "" => {}
            "w/o" | "w/out" => all.push("without".to_owned()),
            "w/" => all.push("with".to_owned()),
            _ => split(folded, &mut all),
        }
    }
    numerals(&mut all);
    all
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
    if piece.split_once('/').is_some_and(|s| short(s, 2)) || piece.split_once('&').is_some_and(|s| short(s, 1)) {
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
        "pre", "post", "anti", "sub", "inter", "intra", "peri", "para", "hyper", "hypo", "re", "un", "bi", "tri",
        "multi", "poly", "semi", "trans", "extra", "supra", "infra", "mid", "over", "under", "co", "de", "epi", "endo",
    ];
    let combining = part.len() >= 5 && part.ends_with('o');
    (part.len() == 1 && part.bytes().all(|b| b.is_ascii_alphabetic())) || combining || FORMS.contains(&part)
}

/// `250mg` is a number and a unit; `3b`, `c5` and `t2dm` are words.
fn units(word: &str, all: &mut Vec<String>) {
    const UNITS: &[&str] = &[
        "mg", "ml", "mcg", "g", "gm", "cc", "iu", "mm", "cm", "kg", "lb", "lbs", "yo", "y", "wk", "wks", "weeks", "hr",
        "hrs", "units", "unit", "u", "meq", "mci", "sq", "in", "oz", "fr", "french", "inch", "percent",
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
            "type" | "stage" | "grade" | "class" | "level" | "factor" | "bipolar" | "group" | "degree" | "diabetes"
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
    if out.len() > 5 {
        let body = out.len() - 2;
        if let Some(at) = out.get(..body).and_then(|b| b.find("oe")) {
            out.replace_range(at..at + 2, "e");
        }
    }
    for (british, us) in [("our", "or"), ("ours", "ors"), ("oured", "ored"), ("tre", "ter"), ("bre", "ber"), ("yse", "yze")] {
        if let Some(start) = out.strip_suffix(british)
            && start.len() >= 3
        {
            return format!("{start}{us}");
        }
    }
    out
}

/// Words whose forms no rule brings together.
const IRREGULAR: &[(&str, &str)] = &[
    ("fell", "fall"), ("fallen", "fall"), ("broke", "break"), ("broken", "break"), ("bitten", "bit"), ("bite", "bit"),
    ("bites", "bit"), ("burnt", "burn"), ("stung", "sting"), ("teeth", "tooth"), ("feet", "foot"), ("swollen", "swell"),
    ("torn", "tear"), ("tore", "tear"), ("frozen", "freez"), ("bled", "bleed"), ("stuck", "stick"), ("struck", "strik"),
    ("children", "child"), ("women", "woman"), ("men", "man"), ("diabetes", "diabet"), ("diabetic", "diabet"),
    ("diabetics", "diabet"), ("epilepsy", "epileps"), ("epileptic", "epileps"), ("smoker", "smok"), ("smokers", "smok"),
    ("drinker", "drink"), ("vertebral", "vertebr"), ("paralysis", "paraly"), ("paralytic", "paraly"),
    ("paralyzed", "paraly"), ("herpetic", "herp"), ("herpes", "herp"), ("septic", "seps"), ("sepsis", "seps"),
    ("schizophrenic", "schizophren"), ("autism", "autis"), ("autistic", "autis"), ("caries", "cari"),
    ("pregnant", "pregn"), ("pregnancy", "pregn"), ("pregnancies", "pregn"), ("lice", "lous"), ("mice", "mous"),
    ("shoes", "shoe"), ("toes", "toe"), ("metastases", "metast"), ("metastasis", "metast"), ("metastatic", "metast"),
    ("metastasized", "metast"), ("diagnoses", "diagnos"), ("biopsies", "biops"), ("prostheses", "prosthes"),
    ("prosthesis", "prosthes"), ("prosthetic", "prosthes"), ("dialysis", "dialys"), ("dialyzed", "dialys"),
    ("organism", "organism"), ("species", "species"), ("series", "series"), ("pelvis", "pelv"), ("pelvic", "pelv"),
    ("iris", "iris"), ("penis", "pen"), ("penile", "pen"), ("testis", "test"), ("testes", "test"), ("testicle", "testicl"),
    ("testicular", "testicl"), ("ovarian", "ovar"), ("ovary", "ovar"), ("ovaries", "ovar"), ("immune", "immun"),
    ("generalized", "generaliz"), ("general", "general"), ("generic", "generic"), ("mental", "mental"),
    ("mention", "mention"), ("ration", "ration"), ("station", "station"), ("stationary", "station"),
    ("universal", "universal"), ("organic", "organic"), ("cystic", "cystic"), ("gastric", "gastric"),
    ("loosening", "loos"), ("loosened", "loos"), ("thickening", "thick"), ("thickened", "thick"),
    ("hardening", "hard"), ("hardened", "hard"), ("exam", "examin"), ("exams", "examin"),
    ("urine", "urin"), ("urinary", "urin"), ("capsule", "capsul"), ("tablet", "tablet"),
];

/// Suffixes, the longest first, with what stands in their place and how much must stay before them.
const SUFFIXES: &[(&str, &str, usize)] = &[
    ("ization", "", 4), ("isation", "", 4), ("ational", "", 4), ("atory", "", 4), ("ation", "", 4), ("ating", "", 4),
    ("ative", "", 4), ("atous", "", 4), ("atic", "", 4), ("ated", "", 4), ("ate", "", 5), ("ectomy", "ectom", 3),
    ("istic", "", 4), ("ically", "", 4), ("itis", "it", 3), ("osis", "", 4), ("otic", "", 4), ("ement", "", 4),
    ("ment", "", 5), ("ness", "", 4), ("ized", "", 4), ("izing", "", 4), ("ize", "", 4), ("ious", "", 4),
    ("ance", "", 4), ("ancy", "", 4), ("ence", "", 4), ("ency", "", 4), ("ical", "", 4), ("ism", "", 4),
    ("ity", "", 4), ("ive", "", 4), ("ion", "", 4), ("ous", "", 4), ("ing", "", 3), ("ant", "", 5), ("ent", "", 5),
    ("ine", "in", 4), ("ied", "y", 3), ("al", "", 4), ("ic", "", 4), ("ia", "", 4), ("ly", "", 4), ("ed", "", 3),
    ("um", "", 4), ("us", "", 4), ("is", "", 4), ("ae", "", 4), ("y", "", 3), ("a", "", 4), ("e", "", 3),
];

/// What the forms of a word have in common.
pub(crate) fn stem(word: &str) -> String {
    if let Some(rest) = word.strip_prefix('-') {
        return format!("-{}", stem(rest));
    }
    if word.len() <= 3 || !word.bytes().all(|b| b.is_ascii_lowercase()) {
        return word.to_owned();
    }
    if let Some((_, stem)) = IRREGULAR.iter().find(|(form, _)| *form == word) {
        return (*stem).to_owned();
    }
    let singular = singular(word);
    let word = singular.as_str();
    if let Some((_, stem)) = IRREGULAR.iter().find(|(form, _)| *form == word) {
        return (*stem).to_owned();
    }
    let mut base = word.to_owned();
    for (suffix, instead, least) in SUFFIXES {
        if let Some(start) = word.strip_suffix(suffix)
            && start.len() >= *least
        {
            base = format!("{start}{instead}");
            break;
        }
    }
    // hernia, herniated; inflamed, inflammation; dizzy, dizziness.
    while base.len() > 3 && base.ends_with(['i', 'e']) {
        base.pop();
    }
    let mut ends = base.bytes().rev();
    if base.len() > 4 && ends.next() == ends.next() && !base.ends_with('s') {
        base.pop();
    }
    base
}

pub(crate) fn singular(word: &str) -> String {
    let long = word.len() > 4;
    if long && let Some(start) = word.strip_suffix("ies") {
        return format!("{start}y");
    }
    for (many, one) in [("oses", "osis"), ("yses", "ysis"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("shes", "sh"), ("zes", "ze")] {
        if long && let Some(start) = word.strip_suffix(many) {
            return format!("{start}{one}");
        }
    }
    let kept = ["ss", "us", "is"].iter().any(|end| word.ends_with(end));
    match word.strip_suffix('s') {
        // A word of four letters without a vowel is an abbreviation.
        Some(start) if word.len() > 3 && !kept && start.contains(['a', 'e', 'i', 'o', 'u', 'y']) => start.to_owned(),
        _ => word.to_owned(),
    }
}

/// How a word sounds, roughly: what people confuse when they write it by ear falls together.
pub(crate) fn sound(word: &str) -> String {
    let mut s = word.to_owned();
    for (written, heard) in [
        ("ph", "f"), ("rrh", "r"), ("rh", "r"), ("th", "t"), ("ch", "k"), ("ck", "k"), ("sch", "sk"), ("qu", "k"), ("x", "ks"),
        ("ou", "u"), ("eau", "o"), ("ei", "e"), ("ie", "e"), ("ea", "e"), ("ee", "e"), ("ai", "e"), ("ey", "e"),
        ("io", "o"), ("eo", "o"), ("ao", "o"), ("ui", "i"), ("tio", "so"), ("sce", "se"), ("sci", "si"),
        ("ce", "se"), ("ci", "si"), ("cy", "si"), ("c", "k"), ("z", "s"), ("y", "i"), ("gh", "g"), ("kn", "n"),
    ] {
        if s.contains(written) {
            s = s.replace(written, heard);
        }
    }
    for (start, heard) in [("pn", "n"), ("ps", "s"), ("pt", "t"), ("gn", "n"), ("wr", "r"), ("mn", "n")] {
        if let Some(rest) = s.strip_prefix(start) {
            s = format!("{heard}{rest}");
        }
    }
    let mut out = String::with_capacity(s.len());
    for c in s.chars() {
        // Vowels in the middle of a word are told apart least of all.
        let c = if matches!(c, 'a' | 'e' | 'i' | 'o' | 'u') && !out.is_empty() { 'a' } else { c };
        if out.chars().last() != Some(c) {
            out.push(c);
        }
    }
    out
}

/// Words that tell nothing of a topic.
pub(crate) fn is_empty_word(word: &str) -> bool {
    const EMPTY: &[&str] = &[
        "a", "an", "and", "the", "of", "in", "on", "for", "with", "to", "by", "or", "at", "due", "from", "is", "has",
        "have", "had", "was", "are", "be", "been", "as", "that", "this", "it", "its", "who", "my", "her", "his", "into",
        "patient", "pt", "pts", "code", "codes", "coding", "diagnosis", "dx", "icd", "icd10", "icd10cm", "cm", "hcpcs", "what",
        "which", "than", "per", "each", "any", "w", "mention", "s", "nos", "nec", "when", "while",
    ];
    EMPTY.contains(&word)
}

/// Words that stand for the absence of a detail.
pub(crate) fn is_neutral(word: &str) -> bool {
    const NEUTRAL: &[&str] = &[
        "unspecified", "specified", "other", "elsewhere", "classified", "not", "type", "disease", "diseases", "disorder",
        "disorders", "condition", "conditions", "encounter", "syndrome", "site", "sites", "part", "parts", "uncomplicated",
        "status", "without", "essential", "primary", "simple", "organism", "otherwise", "includes", "including", "used",
        "intractable", "accidental", "unintentional", "unknown", "identified", "side", "sided",
    ];
    NEUTRAL.contains(&word)
}
