//! The lists of places of service and of modifiers, and the details of HCPCS codes in words.

use std::path::Path;

use crate::codebook::import::hcpcs_tests::{Official, hcpcs};
use crate::codebook::import::import;
use crate::codebook::import::tests::{d, none, official};
use crate::codebook::{Codebook, PaymentSetting};
use crate::domain::CodeSystem;

fn starter() -> Codebook {
    Codebook::starter().unwrap()
}

#[test]
fn the_starter_knows_places_of_service() {
    let book = starter();
    let office = book.place_of_service("11").unwrap().unwrap();
    assert_eq!((office.name.as_str(), office.setting), ("Office", PaymentSetting::NonFacility));
    let hospital = book.place_of_service("22").unwrap().unwrap();
    assert_eq!(hospital.setting, PaymentSetting::Facility);
    assert_eq!(book.place_of_service("3").unwrap().unwrap().name, "School");
    for unknown in ["28", "", "111", "X"] {
        assert!(book.place_of_service(unknown).unwrap().is_none(), "{unknown}");
    }
    let all = book.places_of_service().unwrap();
    assert_eq!((all.len(), all.iter().filter(|p| p.setting == PaymentSetting::Facility).count()), (52, 18));
}

#[test]
fn the_official_list_of_places_takes_the_place_of_ours() {
    let Some(path) = official("place-of-service-codes.zip") else { return };
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("p.sqlite");
    let report = import(&file, &[path], &none()).unwrap();
    let [one] = report.files.as_slice() else { panic!("{:?}", report.files) };
    assert_eq!((one.rows, one.kind.as_str(), one.skipped.len()), (52, "full", 0));
    let book = Codebook::open(&file).unwrap();
    let (ours, all) = (starter().places_of_service().unwrap(), book.places_of_service().unwrap());
    let short = |p: &crate::codebook::PlaceOfService| (p.code.clone(), p.name.clone(), p.setting);
    assert_eq!(all.iter().map(short).collect::<Vec<_>>(), ours.iter().map(short).collect::<Vec<_>>());
    assert!(all.iter().all(|p| !p.description.is_empty()));
    assert_eq!(book.place_of_service("11").unwrap().unwrap(), all[10]);
}

#[test]
fn a_list_of_modifiers_says_which_exist_and_keeps_no_text() {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/codes/modifiers.csv");
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("m.sqlite");
    let options = crate::codebook::import::ImportOptions { excerpt: true, ..none() };
    import(&file, &[fixture], &options).unwrap();
    let book = Codebook::open(&file).unwrap();
    let on = d("2025-11-03");
    let all = book.modifiers(on).unwrap();
    let of = |code: &str| all.iter().find(|m| m.modifier.code == code).unwrap();
    // Our own words for CPT's, and the category of the list; of the others that they are there.
    assert!(of("25").modifier.plain_language && of("25").category == "General");
    assert_eq!((of("FA").modifier.system, of("FA").category.as_str()), (CodeSystem::Hcpcs, "Anatomic Hand"));
    assert_eq!((of("P1").modifier.system, of("P1").modifier.text.as_str()), (CodeSystem::Hcpcs, ""));
    assert!(all.iter().all(|m| !m.modifier.text.contains("invented")));
    assert!(
        book.modifier("fa", on).unwrap().value.is_some() && book.modifier("FB", on).unwrap().value.is_none()
    );
}

#[test]
fn the_official_list_of_modifiers_beside_the_hcpcs_file() {
    let Some(Official { report, book, .. }) = hcpcs() else { return };
    let list = report.files.iter().find(|f| f.release.starts_with("modifier_list")).unwrap();
    assert_eq!((list.rows, list.kind.as_str(), list.skipped.len()), (432, "full", 0));
    let all = book.modifiers(d("2025-11-03")).unwrap();
    let (hcpcs, cpt): (Vec<_>, Vec<_>) = all.iter().partition(|m| m.modifier.system == CodeSystem::Hcpcs);
    // 383, of which 20 have ended.
    assert_eq!((hcpcs.len(), cpt.len()), (363, 43));
    assert!(hcpcs.iter().all(|m| !m.modifier.text.is_empty() && !m.modifier.plain_language));
    assert!(cpt.iter().all(|m| m.modifier.text.is_empty() || m.modifier.plain_language));
    assert!(all.iter().any(|m| m.modifier.code == "LT" && m.category == "Anatomic Side of Body"));
    assert!(book.modifier("1P", d("2025-11-03")).unwrap().value.is_some());
    assert!(book.modifier("JG", d("2025-11-03")).unwrap().value.is_none(), "it ended with 2024");

    let details = book.hcpcs_details("J3301", d("2025-11-03")).unwrap();
    assert!(details.coverage.unwrap().covers && details.evidence.is_some());
    let said = |title: &str| -> Vec<(String, String)> {
        let of = details.value.iter().filter(|d| d.title == title);
        of.map(|d| (d.value.clone(), d.words.clone())).collect()
    };
    assert_eq!(said("Pricing"), [("51".to_owned(), "drugs".to_owned())]);
    assert_eq!(said("Coverage")[0].1, "special coverage instructions apply");
    assert_eq!(said("BETOS"), [("O1E".to_owned(), "other drugs".to_owned())]);
    assert_eq!(said("Type of service").len(), 2);
    assert_eq!(said("Action")[0].1, "unchanged in this release (last change effective 2009-01-01)");
    // Every value that the file uses has words.
    let connection = book.connection().unwrap();
    let sql =
        "SELECT min(code) FROM hcpcs_detail GROUP BY coverage, pricing, multiple_pricing, lab_certification,
               asc_group, mog_group, mog_policy, betos, service_types, action";
    let mut statement = connection.prepare(sql).unwrap();
    let codes: Vec<String> = statement.query_map([], |r| r.get(0)).unwrap().map(Result::unwrap).collect();
    drop(statement);
    drop(connection);
    for code in codes {
        for detail in book.hcpcs_details(&code, d("2025-11-03")).unwrap().value {
            assert!(
                !detail.words.is_empty() || detail.title == "Anesthesia base units",
                "{code}: {detail:?}"
            );
        }
    }
}
