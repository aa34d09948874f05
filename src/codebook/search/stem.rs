//! What the forms of a word have in common: fracture, fractured, fractures.

use std::collections::HashMap;
use std::sync::LazyLock;

/// `config/vocabulary/forms.tsv`: by form, what stands for it.
static FORMS: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    let lines = include_str!("../../../config/vocabulary/forms.tsv").lines().filter(|l| !l.starts_with('#'));
    let rows = lines.filter_map(|l| l.split_once('\t'));
    rows.flat_map(|(stem, forms)| forms.split_whitespace().map(move |form| (form, stem))).collect()
});

/// Suffixes, the longest first, with what stands in their place and how much must stay before them.
#[rustfmt::skip]
const SUFFIXES: &[(&str, &str, usize)] = &[
    ("ization", "", 4), ("isation", "", 4), ("ational", "", 4), ("atory", "", 4), ("ation", "", 4), ("ating", "", 4),
    ("ative", "", 4), ("atous", "", 4), ("atic", "", 4), ("ated", "", 4), ("ate", "", 5), ("ectomy", "ectom", 3),
    ("istic", "", 4), ("ically", "", 4), ("itis", "it", 3), ("osis", "", 4), ("otic", "", 4), ("ement", "", 4),
    ("ment", "", 5), ("ness", "", 4), ("ized", "", 4), ("izing", "", 4), ("ize", "", 4), ("ious", "", 4),
    ("ance", "", 4), ("ancy", "", 4), ("ence", "", 4), ("ency", "", 4), ("ical", "", 4), ("ism", "", 4),
    ("ity", "", 4), ("ive", "", 4), ("ion", "", 4), ("ous", "", 4), ("ing", "", 3), ("ant", "", 5),
    ("ent", "", 5), ("ine", "in", 4), ("ied", "y", 3), ("al", "", 4), ("ic", "", 4), ("ia", "", 4),
    ("ly", "", 4), ("ed", "", 3), ("um", "", 4), ("us", "", 4), ("is", "", 4), ("ae", "", 4),
    ("y", "", 3), ("a", "", 4), ("e", "", 3),
];

/// What the forms of a word have in common.
pub(crate) fn stem(word: &str) -> String {
    if let Some(rest) = word.strip_prefix('-') {
        return format!("-{}", stem(rest));
    }
    if word.len() <= 3 || !word.bytes().all(|b| b.is_ascii_lowercase()) {
        return word.to_owned();
    }
    if let Some(stem) = FORMS.get(word) {
        return (*stem).to_owned();
    }
    let singular = singular(word);
    let word = singular.as_str();
    if let Some(stem) = FORMS.get(word) {
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
    for (many, one) in [
        ("oses", "osis"),
        ("yses", "ysis"),
        ("sses", "ss"),
        ("xes", "x"),
        ("ches", "ch"),
        ("shes", "sh"),
        ("zes", "ze"),
    ] {
        if long && let Some(start) = word.strip_suffix(many) {
            return format!("{start}{one}");
        }
    }
    let kept = ["ss", "us", "is"].iter().any(|end| word.ends_with(end));
    match word.strip_suffix('s') {
        // A word of four letters without a vowel is an abbreviation.
        Some(start) if word.len() > 3 && !kept && start.contains(['a', 'e', 'i', 'o', 'u', 'y']) => {
            start.to_owned()
        }
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_word_have_one_stem() {
        for forms in [
            ["fracture", "fractured", "fractures"],
            ["infection", "infected", "infectious"],
            ["allergy", "allergic", "allergies"],
            ["diabetes", "diabetic", "diabetics"],
            ["hernia", "herniated", "hernias"],
            ["stenosis", "stenotic", "stenoses"],
            ["anemia", "anemic", "anemias"],
        ] {
            let stems: Vec<String> = forms.iter().map(|f| stem(f)).collect();
            assert!(stems.iter().all(|s| *s == stems[0]), "{forms:?} {stems:?}");
        }
        assert_ne!(stem("renal"), stem("rental"));
        assert_eq!(stem("ppms"), "ppms");
    }
}
