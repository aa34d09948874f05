//! Doses, what was thrown away, what the vial held, strengths, and the patient's weight.

use std::sync::LazyLock;

use regex::Regex;

use super::around::before;

/// More amounts of one text are not read.
const MOST: usize = 60;

/// What an amount is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DoseKind {
    /// Given to the patient.
    Given,
    /// Left over and thrown away.
    Wasted,
    /// What a vial, syringe or package holds.
    Container,
    /// The amount in a volume ("10 mg/mL"): a strength.
    Strength,
    /// By the patient's weight ("5 mg/kg").
    ByWeight,
}

impl DoseKind {
    /// In a word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Wasted => "wasted",
            Self::Container => "container",
            Self::Strength => "strength",
            Self::ByWeight => "per kg",
        }
    }
}

/// An amount of a drug.
#[derive(Debug, Clone, PartialEq)]
pub struct Dose {
    /// The number.
    pub amount: f64,
    /// Its unit: mcg, mg, g, mL, units, mEq, mCi, mmol.
    pub unit: &'static str,
    /// What it is of.
    pub kind: DoseKind,
    /// The route, as abbreviated in the field: IM, IV, SC, IA, PO …
    pub route: Option<&'static str>,
}

/// What a text says of drugs' amounts.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Doses {
    /// Each amount, in the order of the text.
    pub amounts: Vec<Dose>,
    /// A single-dose vial is named (true), or a multi-dose one (false).
    pub single_dose: Option<bool>,
    /// The patient's weight in kilograms.
    pub weight_kg: Option<f64>,
}

impl Doses {
    /// The milligrams that a volume of a stated strength holds: 0.5 mL of 10 mg/mL is 5 mg.
    #[must_use]
    pub fn milligrams_of_volume(&self) -> Option<f64> {
        let one = |kind: DoseKind, unit: &str| {
            let mut all = self.amounts.iter().filter(|d| d.kind == kind && d.unit == unit);
            all.next().filter(|_| all.next().is_none()).map(|d| d.amount)
        };
        Some(one(DoseKind::Given, "mL")? * one(DoseKind::Strength, "mg")?)
    }
}

fn regex(pattern: &str) -> Option<Regex> {
    Regex::new(&format!("(?i){pattern}")).ok()
}

static AMOUNT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"(?:^|[^0-9a-z.$/])(\d{1,3}(?:,\d{3})+|\d{1,6}(?:\.\d{1,4})?|\.\d{1,4}|half a|one)\s?-?(mcg|ug|µg|micrograms?|mgs?|milligrams?|grams?|gms?|gm|g|mls?|cc|milliliters?|meq|mci|millicuries?|mmol|iu|international units|million units|usp units|units?)\b(\s*/\s*(?:\d{0,3}(?:\.\d)?\s*)?(?:ml|cc|kg|m2|hr|h|day|d|dose)\b|\s+per\s+(?:ml|cc|kg|milliliter|kilo(?:gram)?)\b)?",
    )
});
static ROUTE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"^[^.;?!\n]{0,40}?\b(im|iv|ivp|ivpb|iv push|iv infusion|subq|sub-?q|sq|sc|subcut(?:aneous(?:ly)?)?|subcutaneous|intramuscular(?:ly)?|intravenous(?:ly)?|intra-?articular(?:ly)?|ia|po|oral(?:ly)?|by mouth|intravitreal(?:ly)?|intrathecal(?:ly)?|topical(?:ly)?|inhal(?:ed|ation)|nebuli[sz]ed|neb|epidural|intralesional(?:ly)?|intradermal(?:ly)?)\b",
    )
});
static WASTE_AFTER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"^\s*(?:of (?:it|drug|waste|wastage)\s*|was\s+|were\s+|are\s+|left over|leftover|remaining|\()?\s*(?:was |were |had to be |and )?(?:discard|wast|thrown|toss|dump|unused|disposed|left over|leftover|left in)",
    )
});
static WASTE_BEFORE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"\b(?:discard(?:ed|ing)?|wast(?:ed|age|e|ing)|threw (?:out|away)|tossed|throw(?:ing)? away|discarded amount|unused)\s*(?:of|was|is|:|=|the (?:other|remaining|rest))?\s*$",
    )
});
static HELD_AFTER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"^\s*(?:/\s*\d+(?:\.\d+)?\s*ml\s*)?(?:single[- ]?(?:dose|use)\s+|multi(?:ple)?[- ]?(?:dose|use)\s+|sd\s+|md\s+|sdv|mdv|prefilled\s+|pre-filled\s+)?(?:vials?|syringes?|ampules?|amps?|pens?|bags?|kits?|cartridges?|sdvs?|mdvs?|pkg|packages?)\b",
    )
});
static HELD_BEFORE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"\b(?:vials?|syringes?|ampules?|sdv|mdv|bags?)\s*(?:of|is|was|has|had|holds|contains|with|size|\(|=|:)\s*$",
    )
});
static SINGLE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(r"\b(?:single[- ]?(?:dose|use)|one[- ]time use|sdv|sd vials?|preservative[- ]free vial)\b")
});
static MULTI: LazyLock<Option<Regex>> =
    LazyLock::new(|| regex(r"\b(?:multi(?:ple)?[- ]?(?:dose|use)|mdv|md vials?)\b"));
static WEIGHT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(r"(?:^|[^0-9a-z./])(\d{1,3}(?:\.\d{1,2})?)\s?-?(kg|kgs|kilos?|kilograms?|lbs?|pounds?)\b")
});
/// "155 units of Botox" is a dose; "3 units of 97110" are units of service.
static DRUG_AFTER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"^\s*(?:of\s+)?(?:botox|dysport|xeomin|insulin|heparin|lantus|humalog|novolog|pitocin|oxytocin|onabotulinum|incobotulinum|toxin|hyaluronidase|epoetin|epogen|procrit|penicillin|bicillin|sq\b|subq\b|im\b|iv\b)",
    )
});
static DRUG_BEFORE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"\b(?:botox|dysport|xeomin|insulin|heparin|lantus|humalog|novolog|toxin|bicillin(?: l-?a)?|epoetin|epogen|procrit|hyaluronidase|inject(?:ed|ing)?|gave|given|administered)\s*:?\s*$",
    )
});

fn unit(written: &str) -> Option<(&'static str, f64)> {
    Some(match written.to_lowercase().as_str() {
        "mcg" | "ug" | "µg" | "microgram" | "micrograms" => ("mcg", 1.0),
        "mg" | "mgs" | "milligram" | "milligrams" => ("mg", 1.0),
        "g" | "gm" | "gms" | "gram" | "grams" => ("g", 1.0),
        "ml" | "mls" | "cc" | "milliliter" | "milliliters" => ("mL", 1.0),
        "meq" => ("mEq", 1.0),
        "mci" | "millicurie" | "millicuries" => ("mCi", 1.0),
        "mmol" => ("mmol", 1.0),
        "million units" => ("units", 1_000_000.0),
        "iu" | "international units" | "usp units" => ("units", 1.0),
        _ => return None,
    })
}

fn route(written: &str) -> &'static str {
    let w = written.to_lowercase().replace('-', "");
    match w.as_str() {
        "im" => "IM",
        w if w.starts_with("intramus") => "IM",
        w if w.starts_with("ivp") && w != "ivpb" || w == "iv push" => "IV push",
        "ivpb" | "iv infusion" => "IV infusion",
        w if w.starts_with("iv") || w.starts_with("intraven") => "IV",
        w if w.starts_with("sub") || w == "sq" || w == "sc" => "SC",
        w if w.starts_with("intraart") || w == "ia" => "IA",
        w if w == "po" || w.starts_with("oral") || w == "by mouth" => "PO",
        w if w.starts_with("intravit") => "intravitreal",
        w if w.starts_with("intrathec") => "intrathecal",
        w if w.starts_with("topic") => "topical",
        w if w.starts_with("intrales") => "intralesional",
        w if w.starts_with("intrader") => "intradermal",
        "epidural" => "epidural",
        _ => "inhaled",
    }
}

/// The amounts that a text states.
pub(super) fn find(text: &str) -> Doses {
    let says = |r: &LazyLock<Option<Regex>>, t: &str| r.as_ref().is_some_and(|r| r.is_match(t));
    let mut doses = Doses::default();
    for c in AMOUNT.iter().flat_map(|r| r.captures_iter(text).take(MOST)) {
        let (Some(whole), Some(number), Some(written)) = (c.get(0), c.get(1), c.get(2)) else { continue };
        let head = before(text, number.start(), 32);
        let tail = text.get(whole.end()..).unwrap_or_default();
        let counted = written.as_str().to_lowercase().starts_with("unit");
        let Some((unit, factor)) = unit(written.as_str()).or_else(|| {
            (counted && (says(&DRUG_AFTER, tail) || says(&DRUG_BEFORE, head))).then_some(("units", 1.0))
        }) else {
            continue;
        };
        let amount = match number.as_str().to_lowercase().as_str() {
            "half a" => 0.5,
            "one" => 1.0,
            n => match n.replace(',', "").parse::<f64>() {
                Ok(n) => n,
                Err(_) => continue,
            },
        };
        let per = c.get(3).map_or("", |m| m.as_str()).to_lowercase();
        let kind = match () {
            () if per.contains("kg") || per.contains("kilo") || per.contains("m2") => DoseKind::ByWeight,
            () if !per.is_empty() && (per.contains("ml") || per.contains("cc") || per.contains("milli")) => {
                DoseKind::Strength
            }
            () if says(&WASTE_AFTER, tail) || says(&WASTE_BEFORE, head) => DoseKind::Wasted,
            () if says(&HELD_AFTER, tail) || says(&HELD_BEFORE, head) => DoseKind::Container,
            () => DoseKind::Given,
        };
        let route = ROUTE
            .as_ref()
            .filter(|_| kind == DoseKind::Given)
            .and_then(|r| r.captures(tail))
            .and_then(|c| c.get(1).map(|m| route(m.as_str())));
        doses.amounts.push(Dose { amount: amount * factor, unit, kind, route });
    }
    doses.single_dose = match (says(&SINGLE, text), says(&MULTI, text)) {
        (true, false) => Some(true),
        (false, true) => Some(false),
        _ => None,
    };
    doses.weight_kg = WEIGHT.as_ref().and_then(|r| r.captures(text)).and_then(|c| {
        let n: f64 = c.get(1)?.as_str().parse().ok()?;
        let pounds = c.get(2)?.as_str().to_lowercase().starts_with(['l', 'p']);
        let kg = if pounds { n * 0.453_592_37 } else { n };
        (0.3..=400.0).contains(&kg).then(|| (kg * 10.0).round() / 10.0)
    });
    doses
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> Vec<String> {
        find(text)
            .amounts
            .iter()
            .map(|d| format!("{} {} {} {}", d.amount, d.unit, d.kind.as_str(), d.route.unwrap_or("-")))
            .collect()
    }

    #[test]
    fn amounts() {
        for (text, want) in [
            ("toradol 60 mg IM", &["60 mg given IM"][..]),
            ("ceftriaxone 1 g IM", &["1 g given IM"]),
            ("1gm IV over 30 min", &["1 g given IV"]),
            ("0.5 mL of 10 mg/mL", &["0.5 mL given -", "10 mg strength -"]),
            ("80 mg given, 20 mg discarded", &["80 mg given -", "20 mg wasted -"]),
            ("gave 80 of a 100 mg vial, wasted 20 mg", &["100 mg container -", "20 mg wasted -"]),
            ("155 units of Botox", &["155 units given -"]),
            ("1.2 million units bicillin IM", &["1200000 units given IM"]),
            ("3 units of 97110", &[]),
            ("5 mg/kg infliximab", &["5 mg per kg -"]),
            ("$25 mg", &[]),
            ("99213", &[]),
        ] {
            assert_eq!(written(text), want, "{text}");
        }
        assert_eq!(find("0.5 mL of 10 mg/mL").milligrams_of_volume(), Some(5.0));
        assert_eq!(find("pt is 80 kg").weight_kg, Some(80.0));
        assert_eq!(find("176 lbs").weight_kg, Some(79.8));
        assert_eq!(find("SDV").single_dose, Some(true));
        assert_eq!(find("multi-dose vial").single_dose, Some(false));
    }
}
