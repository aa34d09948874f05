//! The search's own vocabulary: well-formed, and about codes that exist.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn names_files() -> Vec<(String, String)> {
    let folder = root().join("config/vocabulary/names");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    let read = |p: &PathBuf| {
        (p.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(p).unwrap())
    };
    files.iter().map(read).collect()
}

fn entries(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let lines = text.lines().filter(|l| !l.starts_with('#'));
    lines.map(|line| line.split_once('\t').unwrap_or_else(|| panic!("no tab: {line}")))
}

#[test]
fn names_are_in_one_form_one_line_a_code() {
    let mut seen = BTreeSet::new();
    let files = names_files();
    assert!(files.len() > 20);
    for (file, text) in &files {
        assert!(text.starts_with("# ") && text.ends_with('\n'), "{file}");
        let mut last = "";
        for (code, names) in entries(text) {
            assert!(code > last && seen.insert(code), "{file}: {code} out of order, or twice");
            last = code;
            for name in names.split(" | ") {
                let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || " -/".contains(c);
                assert!(
                    !name.is_empty() && name.trim() == name && name.chars().all(fits),
                    "{file}: {code}: {name}"
                );
            }
        }
    }
}

/// The codes of the official ICD-10-CM order file, dotted; none where it is not at hand.
fn official() -> Option<BTreeSet<String>> {
    let path = root().join("../shared/cms/2026-code-descriptions-tabular-order.zip");
    let mut zip = zip::ZipArchive::new(std::fs::File::open(Path::new(&path)).ok()?).ok()?;
    let mut text = String::new();
    zip.by_name("icd10cm_order_2026.txt").ok()?.read_to_string(&mut text).ok()?;
    let dotted = |code: &str| match code.split_at_checked(3) {
        Some((category, rest)) if !rest.is_empty() => format!("{category}.{rest}"),
        _ => code.to_owned(),
    };
    Some(text.lines().filter_map(|l| l.get(6..13)).map(|c| dotted(c.trim())).collect())
}

#[test]
fn diagnosis_names_are_of_codes_in_the_official_list() {
    let Some(codes) = official() else {
        println!("skipped: the official list is not at hand");
        return;
    };
    assert!(codes.len() > 90_000);
    for (file, text) in names_files().iter().filter(|(f, _)| f.starts_with("icd10cm")) {
        for (code, _) in entries(text) {
            assert!(codes.contains(code), "{file}: {code}");
        }
    }
}
