//! The module table of ARCHITECTURE.md: which module may use which.

use std::collections::BTreeMap;
use std::path::Path;

const TABLE: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("clock", &["domain"]),
    ("telemetry", &["domain"]),
    ("privacy", &["domain", "clock"]),
    ("mail", &["domain", "clock"]),
    ("codebook", &["domain", "clock"]),
    ("render", &["domain", "clock"]),
    ("store", &["domain", "clock"]),
    ("consult", &["domain", "codebook"]),
    ("config", &["domain", "mail", "telemetry"]),
    ("desk", &["domain", "clock", "privacy", "mail", "codebook", "render", "store", "consult"]),
    (
        "work",
        &["domain", "clock", "privacy", "mail", "codebook", "render", "store", "consult", "config", "desk"],
    ),
    (
        "web",
        &["domain", "clock", "privacy", "mail", "codebook", "render", "store", "consult", "config", "desk"],
    ),
];

#[test]
fn every_path_keeps_to_the_table() {
    let table: BTreeMap<&str, &[&str]> = TABLE.iter().copied().collect();
    let mut wrong = Vec::new();
    let mut files = Vec::new();
    gather(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &mut files);
    assert!(files.len() > 80, "{} files", files.len());
    for file in files {
        let shown = file.strip_prefix(concat!(env!("CARGO_MANIFEST_DIR"), "/src/")).unwrap().to_owned();
        let module = shown.split('/').next().unwrap().trim_end_matches(".rs").to_owned();
        let text = std::fs::read_to_string(&file).unwrap();
        if text.contains("super::super") {
            wrong.push(format!("{shown}: super::super"));
        }
        let Some(allowed) = table.get(module.as_str()) else {
            assert!(
                matches!(module.as_str(), "app" | "cli" | "main" | "lib"),
                "{module} is not in the table"
            );
            continue;
        };
        for (at, _) in text.match_indices("crate::") {
            let rest = &text[at + "crate::".len()..];
            let used: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            let fine = used == module || allowed.contains(&used.as_str()) || used.is_empty();
            // Inside a test module, anything of the crate may be used.
            let in_tests = text[..at].contains("#[cfg(test)]") || shown.ends_with("tests.rs");
            if !fine && !in_tests {
                wrong.push(format!("{shown}: crate::{used}"));
            }
        }
    }
    wrong.sort();
    wrong.dedup();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn gather(folder: &Path, into: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(&path, into);
        } else if path.extension().is_some_and(|e| e == "rs") {
            into.push(path.to_str().unwrap().to_owned());
        }
    }
}
