use super::*;

const SET: &str = r#"{"id":"A-1","subject":"ms","body":"Is G35 valid on 11/04/2025?","topic":"crosswalks","codes_expected":["G35","Z99.89"],"facts_expected":["G35 needs more characters"],"difficulty":"easy"}

{"id":"A-2","body":"Thanks, that helps!","topic":"out_of_scope"}
"#;

fn options(text: &str, folder: &std::path::Path) -> Eval {
    let file = folder.join("set.jsonl");
    std::fs::write(&file, text).unwrap();
    Eval { file, json: true, on: None, out: Some(folder.join("drafts")) }
}

fn evaluated(text: &str) -> anyhow::Result<(serde_json::Value, tempfile::TempDir)> {
    let folder = tempfile::tempdir().unwrap();
    let book = Codebook::starter().unwrap();
    let mut out = Vec::new();
    let day = "2025-11-10".parse().unwrap();
    run(&options(text, folder.path()), &book, day, &Clock::system(), &mut out)?;
    Ok((serde_json::from_slice(&out).unwrap(), folder))
}

#[test]
fn a_set_is_counted_and_its_drafts_are_written() {
    let (report, folder) = evaluated(SET).unwrap();
    assert_eq!(report["questions"], 2);
    assert_eq!((&report["codes_expected"], &report["codes_found"]), (&2.into(), &1.into()));
    assert_eq!(report["codes_missing"][0]["code"], "Z99.89");
    assert_eq!(report["codes_not_in_book"], serde_json::json!([]));
    assert_eq!(report["misrouted"], serde_json::json!([]));
    let sheet = std::fs::read_to_string(folder.path().join("drafts/A-1.md")).unwrap();
    assert!(sheet.contains("- [ ] G35 needs more characters") && sheet.contains("not a billable code"));
    let grades = std::fs::read_to_string(folder.path().join("drafts/grades.tsv")).unwrap();
    assert_eq!(grades.lines().count(), 2);
}

#[test]
fn a_bad_line_is_named() {
    for (text, says) in [
        ("", "no questions"),
        ("{\"id\":\"x\"}", "line 1"),
        ("{\"id\":\"../x\",\"body\":\"y\"}", "an id is of letters"),
        ("{\"id\":\"x\",\"body\":\"y\"}\n{\"id\":\"x\",\"body\":\"y\"}", "was there before"),
    ] {
        let error = format!("{:#}", evaluated(text).unwrap_err());
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn codes_are_told_by_their_form() {
    let found =
        measure::codes("E11.22, then N18.32; 99213-25 (J3301). 0232T, G35, A1C, MAI 3, 2024Q3, I.C.4, 12.5");
    let found: Vec<&str> = found.iter().map(String::as_str).collect();
    assert_eq!(found, ["0232T", "99213", "E11.22", "G35", "J3301", "N18.32"]);
    assert_eq!(measure::own_text("a\n\n## Sources\n\n- b"), "a\n");
    assert_eq!(measure::percentile([1, 2, 3, 4].into_iter(), 50), 2);
    assert_eq!(measure::percentile([1, 2, 3, 4].into_iter(), 99), 4);
}
