//! The codes that a note's text names: `(E08-E13)`, `O24.-`, `T36-T50 with fifth or sixth character 5`.
//!
//! Codes in parentheses are what a note points to; those in its running text only say what it is about (`any
//! condition in I51.4-I51.9 due to hypertension (I11.-)`), unless no parenthesis names any.

use std::sync::LazyLock;

use regex::Regex;

use crate::codebook::code_range::{CodeRange, Only};

/// The most ranges that are kept of one note. The longest official list has 18.
const MOST: usize = 200;
/// The 7th characters of an open fracture (the tabular list at S52, S72, S82: B, C, E, F, H, J, M, N, Q, R).
const OPEN_FRACTURE: &str = "BCEFHJMNQR";

/// A code in a text, with what stands right behind it.
struct Found {
    code: String,
    start: usize,
    end: usize,
    in_parentheses: bool,
}

/// Reads the ranges that a note names, in the order of its text.
pub(crate) fn codes_in(text: &str) -> Vec<CodeRange> {
    let found = find(text);
    let pointing = found.iter().any(|f| f.in_parentheses);
    let mut ranges: Vec<CodeRange> = Vec::new();
    // Where the list begins to which a condition behind it belongs.
    let mut list = 0;
    let mut codes = found.iter().filter(|f| f.in_parentheses || !pointing).peekable();
    let mut before: Option<&Found> = None;
    while let Some(first) = codes.next() {
        let mut last = first;
        if let Some(next) = codes.peek()
            && joins(between(text, first.end, next.start))
        {
            last = codes.next().unwrap_or(first);
        }
        let passed =
            before.map_or_else(|| text.get(..first.start), |b| text.get(b.end..first.start)).unwrap_or("");
        if !goes_on(passed) {
            list = ranges.len();
        }
        let except = excepted(passed, ranges.last());
        before = Some(last);
        // A range that ends before it begins is a slip of the text: its first code alone is certain.
        let end = if last.code.as_str() < first.code.as_str() { &first.code } else { &last.code };
        ranges.push(CodeRange { first: first.code.clone(), last: end.clone(), only: None, except });
        let behind = text.get(last.end..).unwrap_or("");
        if let Some(only) = condition(behind, first.code.len(), last.in_parentheses) {
            for range in ranges.iter_mut().skip(list) {
                range.only = Some(only.clone());
            }
            list = ranges.len();
        }
        if ranges.len() >= MOST {
            break;
        }
    }
    ranges
}

/// Finds what has the form of a code and stands alone. `vitamin B12` is none.
fn find(text: &str) -> Vec<Found> {
    let bytes = text.as_bytes();
    let at = |i: usize| bytes.get(i).copied().unwrap_or(b' ');
    let part = |b: u8| b.is_ascii_digit() || b.is_ascii_uppercase();
    let (mut found, mut depth, mut i) = (Vec::new(), 0usize, 0usize);
    while i < bytes.len() {
        match at(i) {
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        let alone = i == 0 || !(at(i - 1).is_ascii_alphanumeric() || at(i - 1) >= 0x80 || at(i - 1) == b'.');
        if !(alone && at(i).is_ascii_uppercase() && at(i + 1).is_ascii_digit() && part(at(i + 2))) {
            i += 1;
            continue;
        }
        let mut end = i + 3;
        if at(end) == b'.' && part(at(end + 1)) {
            end += 1;
            while part(at(end)) && end < i + 9 {
                end += 1;
            }
        }
        let vitamin = text.get(..i).is_some_and(|t| t.to_ascii_lowercase().ends_with("vitamin "));
        if !at(end).is_ascii_alphanumeric() && at(end) < 0x80 && !vitamin {
            let code = text.get(i..end).unwrap_or("").replace('.', "");
            found.push(Found { code, start: i, end, in_parentheses: depth > 0 });
        }
        i = end;
    }
    found
}

fn between(text: &str, from: usize, to: usize) -> &str {
    text.get(from..to).unwrap_or(", ")
}

/// Whether what stands between two codes makes a range of them: `-`, `.-`, `--`, `- -`, ` -`, `- to `. A dash that
/// belongs to the first code (`I82.4- I82.5-`) does not.
fn joins(glue: &str) -> bool {
    let spaced = glue.ends_with(' ');
    let tight: String = glue.chars().filter(|c| *c != ' ').map(|c| if c == '–' { '-' } else { c }).collect();
    match tight.as_str() {
        "to" | "-to" | ".-to" => spaced,
        "--" | ".--" => true,
        "-" => !spaced || glue.starts_with(' '),
        ".-" => !spaced,
        _ => false,
    }
}

/// Whether a list goes on between two codes.
fn goes_on(passed: &str) -> bool {
    passed.len() < 16
        && !passed.contains(')')
        && passed
            .split(|c: char| !c.is_ascii_alphabetic())
            .all(|word| word.is_empty() || matches!(word, "and" | "or" | "to"))
}

/// Whether the words before a code take it out: `except T74`, `not included in P00.0`, and the rest of such a list.
fn excepted(passed: &str, before: Option<&CodeRange>) -> bool {
    static OUT: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(except( for)?|excluding|other than|not (included in|classifiable (to|under)|in|elsewhere in))( (codes?|conditions?|those|categor(y|ies)|subcategor(y|ies)|in|from|classifiable to))*[ (]*$").ok()
    });
    OUT.as_ref().is_some_and(|out| out.is_match(passed))
        || (before.is_some_and(|b| b.except) && goes_on(passed))
}

/// What is said behind a code about later characters. `length`: of the first code of the list.
fn condition(behind: &str, length: usize, in_parentheses: bool) -> Option<Only> {
    static SHAPES: LazyLock<Option<[Regex; 5]>> = LazyLock::new(|| {
        Some([
            Regex::new(r"^[.,\- ]*with ((?:\.[0-9A-Z]+[-,. ]*)+)(?:\)|$)").ok()?,
            Regex::new(r"^[).,\- ]*with (fourth|fifth|sixth|4th|5th|6th|7th|seventh)(?: (or|to) (?:six(?:th)?|6th|seventh|7th))?[ -]characters? ([.0-9A-Z][-0-9A-Z, ]*(?:(?:or|to) [0-9A-Z]+)*)").ok()?,
            Regex::new(r"^[.,\- ]*with final characters? -([0-9A-Z]+)").ok()?,
            Regex::new(r"^[.,\- ]*with ([0-9])\)").ok()?,
            Regex::new(r"^[.,\- ]*with open fracture 7th character").ok()?,
        ])
    });
    let [suffix, character, final_, plain, open] = SHAPES.as_ref()?;
    let after_dot = u8::try_from(length.max(3)).unwrap_or(3) + 1;
    if let Some(found) = suffix.captures(behind) {
        let wanted = values(found.get(1)?.as_str());
        return (!wanted.is_empty()).then_some(Only::At(after_dot, wanted));
    }
    if let Some(found) = character.captures(behind) {
        let wanted = values(found.get(3)?.as_str());
        if wanted.is_empty() {
            return None;
        }
        let position = match found.get(1)?.as_str() {
            "fourth" | "4th" => 4,
            "fifth" | "5th" => 5,
            "sixth" | "6th" => 6,
            _ => 7,
        };
        return Some(match found.get(2).map(|m| m.as_str()) {
            Some("or") => Only::Intent(wanted),
            _ => Only::At(position, wanted),
        });
    }
    if let Some(found) = final_.captures(behind) {
        return Some(Only::Final(vec![found.get(1)?.as_str().to_owned()]));
    }
    if in_parentheses && let Some(found) = plain.captures(behind) {
        return Some(Only::At(after_dot, vec![found.get(1)?.as_str().to_owned()]));
    }
    open.is_match(behind).then(|| Only::At(7, OPEN_FRACTURE.chars().map(String::from).collect()))
}

/// The values of a condition: `.51-.52`, `1-4 or 6`, `B or C`, `.61-`.
fn values(text: &str) -> Vec<String> {
    let mut wanted: Vec<String> = Vec::new();
    let (mut word, mut dash) = (String::new(), false);
    for c in text.chars().chain([' ']) {
        if c.is_ascii_digit() || c.is_ascii_uppercase() {
            word.push(c);
            continue;
        }
        if !word.is_empty() {
            let value = std::mem::take(&mut word);
            let numbers = wanted.last().and_then(|w| w.parse::<u16>().ok()).zip(value.parse::<u16>().ok());
            match numbers.filter(|(from, to)| dash && from < to && to - from < 20) {
                Some((from, to)) => {
                    let width = value.len();
                    wanted.extend((from + 1..=to).map(|n| format!("{n:0width$}")));
                }
                None => wanted.push(value),
            }
            dash = false;
        }
        dash = c == '-' || (dash && matches!(c, '.' | ' '));
    }
    wanted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::codebook::code_range::{Named, named};

    fn shown(text: &str) -> String {
        let of = |r: &CodeRange| {
            let mut s = if r.first == r.last { r.first.clone() } else { format!("{}~{}", r.first, r.last) };
            if let Some(only) = &r.only {
                s = format!("{s}[{}]", only.kept());
            }
            if r.except { format!("!{s}") } else { s }
        };
        codes_in(text).iter().map(of).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn codes_are_read_in_all_the_forms_of_the_tabular_list() {
        let cases = [
            ("diabetes (E08-E13)", "E08~E13"),
            ("x (O24.-)", "O24"),
            ("x (H40.-, H42)", "H40 H42"),
            ("x (E11.21, N18.-)", "E1121 N18"),
            ("x (I70.2--I70.7-)", "I702~I707"),
            ("x (Q70.0- -Q70.3-)", "Q700~Q703"),
            ("x (I01.0 -I01.9)", "I010~I019"),
            ("x (F98.2.-F98.3)", "F982~F983"),
            ("x (F10.--F19.-)", "F10~F19"),
            ("x (S00.- to S09.-)", "S00~S09"),
            ("x (I82.4-, I82.62-. I82.72-)", "I824 I8262 I8272"),
            ("x (C43.2-,C44.2-)", "C432 C442"),
            ("x (K50.014, K50.914,)", "K50014 K50914"),
            ("x (T36-T50 with fifth or sixth character 5)", "T36~T50[intent:5]"),
            ("x (T36-T65 with fifth or sixth character 1-4 or 6)", "T36~T65[intent:1|2|3|4|6]"),
            ("x (T36-T50 with fifth or six character 5)", "T36~T50[intent:5]"),
            ("underdosing (T36-T50) with fifth or sixth character 6", "T36~T50[intent:6]"),
            ("x (T39.0-, with sixth character 1-4)", "T390[6:1|2|3|4]"),
            ("x (T51-T65 with fifth or sixth character to indicate intent), for y", "T51~T65"),
            ("x (E08-E13 with .51-.52)", "E08~E13[4:51|52]"),
            ("x (E08-E13 with .61-)", "E08~E13[4:61]"),
            ("x (F10-F19, with .17, .27, .97)", "F10~F19[4:17|27|97]"),
            ("x (F11-F19 with .15. .25, .95)", "F11~F19[4:15|25|95]"),
            ("x (F10, F13, F19 with .26, .96)", "F10[4:26|96] F13[4:26|96] F19[4:26|96]"),
            ("x (F10-F19 with 5th character .6)", "F10~F19[5:6]"),
            ("x (F11-F19 with fifth to sixth characters 51)", "F11~F19[5:51]"),
            ("x (B27.0-B27.9 with 1)", "B270~B279[5:1]"),
            ("x (B27.0-B27.9 with .9)", "B270~B279[5:9]"),
            ("x (A37 with fifth-character 1)", "A37[5:1]"),
            ("x (I69. with final characters -23)", "I69[final:23]"),
            ("x (S92.-with 7th character B)", "S92[7:B]"),
            ("x (S42.- with 7th character B or C)", "S42[7:B|C]"),
            ("x (S52.- with open fracture 7th character)", "S52[7:B|C|E|F|H|J|M|N|Q|R]"),
            ("x (T63.81-R63.83)", "T6381"),
            ("congenital (sternomastoid) torticollis Q68.0", "Q680"),
            ("any condition in I51.4-I51.9 due to hypertension (I11.-)", "I11"),
            ("x (A00-R94 and T80-T88.6, T88.8)", "A00~R94 T80~T886 T888"),
            ("Conditions in S00-T88, except T74 and T76", "S00~T88 !T74 !T76"),
            ("y classifiable to I00-I99 and not included in P00.0, P00.2", "I00~I99 !P000 !P002"),
            ("y classifiable to O62.-, except O62.3", "O62 !O623"),
            ("stomach, not classifiable to C16.1-C16.4", "!C161~C164"),
            ("see categories E08-E10, E13 with ketoacidosis", "E08~E10 E13"),
            ("conditions classifiable to S06.0- to S06.8-code to specified injury", "S060~S068"),
            ("vitamin B12 deficiency (E53.8)", "E538"),
            ("Vitamin B12 deficiency", ""),
            ("glucose-6-phosphate dehydrogenase (G6PD) deficiency without anemia (D75.A)", "D75A"),
            ("weeks (Z3A.-)", "Z3A"),
            ("heat (initial) (T78.00X-)", "T7800X"),
            ("Gene mutation at T790M", ""),
            ("", ""),
        ];
        for (text, says) in cases {
            assert_eq!(shown(text), says, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_harm(text in "\\PC{0,200}") {
            codes_in(&text);
        }

        #[test]
        fn pieces_of_the_field_in_any_order_are_read_without_harm(
            pieces in proptest::collection::vec(
                prop::sample::select(vec![
                    "(", ")", "-", ".-", " to ", " with ", ".5", "E11.21", "T36", "T50", ", ", "except ", " and ",
                    "fifth or sixth character ", "5", "final characters -23", "é", "–", "H40.-",
                ]), 0..14)
        ) {
            for range in codes_in(&pieces.concat()) {
                prop_assert!(range.first <= range.last && range.first.len() >= 3);
            }
        }

        #[test]
        fn a_list_of_codes_names_each_of_them_and_nothing_before(
            codes in proptest::collection::vec("[A-TV-Z][0-9][0-9](\\.[0-9]{1,3})?", 1..6)
        ) {
            let ranges = codes_in(&format!("anything ({})", codes.join(", ")));
            prop_assert_eq!(ranges.len(), codes.len());
            for code in &codes {
                prop_assert_eq!(named(&ranges, &code.replace('.', "")), Named::Whole);
            }
            prop_assert_eq!(named(&ranges, "U99"), Named::No);
        }

        #[test]
        fn a_range_names_what_lies_between(a in 0u8..100, b in 0u8..100, c in 0u8..100) {
            let (from, to) = (a.min(b), a.max(b));
            for text in [format!("x (M{from:02}-M{to:02})"), format!("x (M{from:02}.- to M{to:02}.-)")] {
                let within = (from..=to).contains(&c);
                prop_assert_eq!(named(&codes_in(&text), &format!("M{c:02}5")) == Named::Whole, within);
            }
        }
    }
}
