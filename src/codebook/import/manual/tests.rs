//! The manuals of CMS and NCHS where they are at hand, small ones of our own in their layouts, and what is no manual.

use std::io::Read;
use std::path::{Path, PathBuf};

use crate::codebook::import::ImportOptions;
use crate::codebook::import::import;
use crate::codebook::import::manual::cut::Section;
use crate::codebook::import::manual::{guidelines, policy};
use crate::codebook::import::pdf::tests::pdf_of;
use crate::codebook::import::tests::{d, none, official};
use crate::codebook::{Codebook, Manual};
use crate::domain::CodeSystem;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/codes").join(name)
}

const SMALL_GUIDELINES: &str = "ICD-10-CM-October-2025-Guidelines.txt";
const SMALL_POLICY: &str = "2026_ncci_medicare_policy_manual_all-chapters.txt";

/// The text of an official archive.
fn official_text(archive: &str) -> Option<String> {
    let mut zip = zip::ZipArchive::new(std::fs::File::open(official(archive)?).unwrap()).unwrap();
    for at in 0..zip.len() {
        let mut text = String::new();
        let mut file = zip.by_index(at).unwrap();
        if String::from_utf8_lossy(file.name_raw()).ends_with(".txt") {
            file.read_to_string(&mut text).unwrap();
            return Some(text);
        }
    }
    panic!("{archive} holds no text")
}

fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// The letters and figures of the sections in their order, with their marks.
fn letters_out(sections: &[Section]) -> String {
    let mut all = String::new();
    for s in sections {
        if s.parent.is_none() {
            all.push_str(match s.section.as_str() {
                "I" | "II" | "III" | "IV" => "Section",
                _ => "",
            });
            all.push_str(&letters(s.section.trim_start_matches("Introduction")));
        } else if !s.section.contains(": ")
            || s.section.ends_with(|c: char| c.is_ascii_digit())
            || s.title.is_empty()
        {
            all.push_str(s.section.rsplit('.').next().unwrap());
        }
        all.push_str(&letters(&s.title));
        s.paragraphs.iter().for_each(|p| all.push_str(&letters(&p.text)));
    }
    all
}

/// Where two texts part, for a message.
fn parting(a: &str, b: &str) -> String {
    let same = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
    let near = |t: &str| {
        String::from_utf8_lossy(&t.as_bytes()[same.saturating_sub(60)..(same + 60).min(t.len())]).into_owned()
    };
    format!("at {same} of {} and {}:\n{}\n{}", a.len(), b.len(), near(a), near(b))
}

#[test]
fn no_letter_of_the_real_guidelines_is_lost() {
    let Some(text) = official_text("icd10cm-official-guidelines-fy2026.zip") else { return };
    let cut = guidelines::cut(&text);
    let title = "ICD-10-CM Official Guidelines for Coding and Reporting";
    let mut wanted = String::new();
    for (n, page) in text.split('\u{c}').enumerate() {
        for line in page.lines().map(str::trim) {
            // The table of contents: pages 1 to 6, after the introduction.
            if n == 0 && line.contains("....") {
                break;
            }
            let foot = line == "FY 2026"
                || (line.starts_with("Page ") && line.ends_with(" of 121"))
                || (line == title && n > 0);
            if !(foot || (1..6).contains(&n)) {
                wanted.push_str(&letters(line));
            }
        }
    }
    let found = letters_out(&cut.sections);
    assert!(found == wanted, "{}", parting(&found, &wanted));
    assert_eq!((cut.missing, cut.last_page), (Vec::new(), Some((121, 121))));
    let under = |top: &str| {
        cut.sections.iter().filter(|s| s.section == top || s.section.starts_with(&format!("{top}."))).count()
    };
    let counts = ["I", "I.A", "I.B", "I.C", "II", "III", "IV"].map(under);
    println!("guidelines: {} sections, {counts:?}", cut.sections.len());
    assert_eq!(cut.sections.len(), 505);
}

#[test]
fn no_letter_of_the_real_policy_manual_is_lost() {
    let Some(text) = official_text("ncci-policy-manual-2026.zip") else { return };
    let cut = policy::cut(&text);
    let mut wanted = String::new();
    for page in text.split('\u{c}') {
        let lines: Vec<&str> = page.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
        let is_front =
            lines.iter().any(|l| l.starts_with("MEDICARE NATIONAL CORRECT CODING INITIATIVE POLICY"));
        let is_contents = lines.iter().any(|l| *l == "Table of Contents" || l.starts_with("January 1, 2026"))
            || lines.iter().any(|l| l.contains("......"));
        if is_front || is_contents {
            continue;
        }
        for line in lines {
            let number = line.split_once('-').is_some_and(|(chapter, n)| {
                n.parse::<u32>().is_ok()
                    && (chapter == "Intro" || chapter.bytes().all(|b| b"IVX".contains(&b)))
            });
            let head = matches!(line, "LIST OF ACRONYMS") || (line == "Introduction" && wanted.is_empty());
            if !(number || head || line.starts_with("Revision Date (Medicare)")) {
                wanted.push_str(&letters(line));
            }
        }
    }
    let mut found = String::new();
    for s in &cut.sections {
        // Chapters' titles stand on their first pages, which are left out above.
        if let Some((_, mark)) = s.section.rsplit_once('.') {
            found.push_str(mark);
        }
        if s.parent.is_some() {
            found.push_str(&letters(&s.title));
        }
        s.paragraphs.iter().for_each(|p| found.push_str(&letters(&p.text)));
    }
    assert!(found == wanted, "{}", parting(&found, &wanted));
    assert_eq!((cut.missing, cut.revised, cut.notices.len()), (Vec::new(), Some((2026, 1, 1)), 4));
    let chapters: Vec<String> =
        cut.sections.iter().filter(|s| s.parent.is_none()).map(|s| s.section.clone()).collect();
    for chapter in &chapters {
        let own = cut.sections.iter().filter(|s| s.section.starts_with(&format!("{chapter}.")));
        let lettered =
            own.clone().filter(|s| s.section.split('.').count() == 2 && !s.title.is_empty()).count();
        println!("chapter {chapter}: {lettered} sections, {} numbered", own.count() - lettered);
    }
    assert_eq!((chapters.len(), cut.sections.len()), (15, 1175));
}

#[test]
fn the_real_archives_are_imported_once_though_they_hold_pdf_and_text() {
    let names = ["icd10cm-official-guidelines-fy2026.zip", "ncci-policy-manual-2026.zip"];
    let Some(paths) = names.iter().map(|n| official(n)).collect::<Option<Vec<_>>>() else { return };
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("manuals.sqlite");
    let begun = std::time::Instant::now();
    let report = import(&path, &paths, &none()).unwrap();
    println!("import {:?}", begun.elapsed());
    let met: Vec<_> = report.files.iter().map(|f| (f.kind.as_str(), f.rows, f.new)).collect();
    assert_eq!(
        met,
        [("full", 505, true), ("full", 505, false), ("full", 1175, true), ("full", 1175, false)],
        "{report:?}"
    );
    let book = Codebook::open(&path).unwrap();
    let on = d("2026-02-01");
    let found = book.passage(Manual::OfficialGuidelines, "Section I.C.4.a.3)", on).unwrap();
    let evidence = found.evidence.unwrap();
    assert_eq!(
        (evidence.release.as_str(), evidence.locator.as_str()),
        ("FY2026", "Section I.C.4.a.3, page 40")
    );
    assert!(found.coverage.unwrap().covers);
    let found = book.passage(Manual::NcciPolicy, "ch. XI §P.2", on).unwrap();
    assert_eq!(found.evidence.unwrap().locator, "chapter XI §P.2, page XI-26");
    // Each guidance note names sections that are there.
    let (mut named, mut there, mut lacking) = (0, 0, Vec::new());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/guidance");
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let table: toml::Table = toml::from_str(&text).unwrap();
        for note in table.values().filter_map(|v| v.as_array()).flatten() {
            let field = |name: &str| note.get(name).and_then(|v| v.as_str()).unwrap_or("");
            let Some(manual) = Manual::from_key(field("source")) else { continue };
            for section in manual.sections_in(field("section")) {
                named += 1;
                match book.passage(manual, &section, on).unwrap().value {
                    Some(_) => there += 1,
                    None => lacking.push(format!("{} {section}", manual.key())),
                }
            }
        }
    }
    println!("sections named by guidance notes: {named}, there: {there}, lacking: {lacking:?}");
    let mut times: Vec<_> = [
        "insulin and metformin",
        "modifier 59 same site",
        "sepsis",
        "excisional biopsy of a breast lesion",
        "CKD with hypertension",
    ]
    .iter()
    .cycle()
    .take(50)
    .map(|query| {
        let begun = std::time::Instant::now();
        assert!(!book.passages(query, on, None, 10).unwrap().is_empty(), "{query}");
        begun.elapsed()
    })
    .collect();
    times.sort();
    let begun = std::time::Instant::now();
    for code in ["E11.9", "T38.0X5A", "I10", "Z79.4", "S72.141D"].iter().cycle().take(50) {
        assert!(!book.passages_for_code(CodeSystem::Icd10cm, code, on, 8).unwrap().is_empty(), "{code}");
    }
    println!("passages of a code {:?}", begun.elapsed() / 50);
    println!("search p50 {:?}, p90 {:?}", times[25], times[45]);
}

#[test]
fn a_pdf_says_the_same_as_its_text() {
    let dir = tempfile::tempdir().unwrap();
    let (pdf, both) = (dir.path().join("a.pdf"), dir.path().join("both.sqlite"));
    for name in [SMALL_GUIDELINES, SMALL_POLICY] {
        std::fs::write(&pdf, pdf_of(&std::fs::read_to_string(fixture(name)).unwrap())).unwrap();
        let report = import(&both, &[fixture(name), pdf.clone()], &none()).unwrap();
        let new: Vec<bool> = report.files.iter().map(|f| f.new).collect();
        assert_eq!(new, [true, false], "{report:?}");
    }
    // The editions are told by the text, whatever the file's name.
    let book = Codebook::open(&both).unwrap();
    let manuals = book.manuals(d("2026-03-01"));
    let said: Vec<_> = manuals.iter().map(|m| (m.coverage.clone().unwrap().release, m.sections)).collect();
    assert_eq!(said, [("FY2026".to_owned(), 25), ("2026".to_owned(), 20)]);
    assert!(
        book.notices()
            .iter()
            .any(|n| n.lines.iter().any(|l| l.contains("copyright 2025 American Medical Association")))
    );
}

#[test]
fn a_cut_manual_is_refused_and_says_what_is_missing() {
    let dir = tempfile::tempdir().unwrap();
    let book = dir.path().join("b.sqlite");
    let path = dir.path().join(SMALL_GUIDELINES);
    let text = std::fs::read_to_string(fixture(SMALL_GUIDELINES)).unwrap();
    let said = |text: &str, options: &ImportOptions| {
        std::fs::write(&path, text).unwrap();
        import(&book, std::slice::from_ref(&path), options).unwrap_err().to_string()
    };
    let cut = text.find("Section II. Choosing the first code\nThe").unwrap();
    assert!(said(&text[..cut], &none()).contains("page 3 of 4"));
    let lacks = text.replace("       A. Signs without a cause\n", "\n");
    let error = said(&lacks, &none());
    assert!(error.contains("section II.A") && error.contains("table of contents"), "{error}");
    let undated = text.replace("(October 1, 2025 - September 30, 2026)", "");
    assert!(said(&undated, &none()).contains("--release"));
    assert!(!book.exists());
}

#[test]
fn an_update_within_the_year_is_an_edition_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(fixture(SMALL_GUIDELINES)).unwrap();
    let path = dir.path().join("april.txt");
    std::fs::write(
        &path,
        text.replace("UPDATED October 1, 2025", "UPDATED April 1, 2026")
            .replace("brown or white", "brown or black"),
    )
    .unwrap();
    let book = dir.path().join("b.sqlite");
    import(&book, &[fixture(SMALL_GUIDELINES), path], &none()).unwrap();
    let book = Codebook::open(&book).unwrap();
    let said = |on: &str| {
        let found = book.passage(Manual::OfficialGuidelines, "I.C.4.a.1", d(on)).unwrap();
        (
            found.value.map(|p| p.paragraphs[0].text.chars().take(27).collect::<String>()),
            found.coverage.map(|c| c.covers),
        )
    };
    assert_eq!(said("2026-03-31"), (Some("Sugar is brown or white. Wh".to_owned()), Some(true)));
    assert_eq!(said("2026-04-01"), (Some("Sugar is brown or black. Wh".to_owned()), Some(true)));
    // After the last edition the newest one, not verified; before the first one nothing.
    assert_eq!(said("2027-01-01"), (Some("Sugar is brown or black. Wh".to_owned()), Some(false)));
    assert_eq!(said("2025-09-30"), (None, None));
}
