//! The manuals over HTTP, on a codebook with two small manuals of our own.

use std::path::{Path, PathBuf};

use caseconsultant::codebook::import::{ImportOptions, import};
use caseconsultant::desk::BookInUse;
use caseconsultant::domain::Role;

use crate::web_codes::{fits, json};
use crate::web_desk::{Browser, WebDesk};

/// A desk whose book has the manuals of the fixtures and a few diagnoses.
async fn desk(public: bool) -> (WebDesk, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("book.sqlite");
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/codes");
    let names = [
        "ICD-10-CM-October-2025-Guidelines.txt",
        "2026_ncci_medicare_policy_manual_all-chapters.txt",
        "HCPC2025_OCT_ANWEB.csv",
        "icd10cm_order_2025.txt",
    ];
    let files: Vec<PathBuf> = names.iter().map(|n| fixtures.join(n)).collect();
    import(&path, &files, &ImportOptions::default()).unwrap();
    (WebDesk::start_on(&BookInUse::open(Some(&path)).unwrap(), public, false).await, folder)
}

async fn signed_in() -> (WebDesk, Browser, tempfile::TempDir) {
    let (desk, folder) = desk(false).await;
    let browser = desk.signed_in(Role::Reader).await;
    (desk, browser, folder)
}

#[tokio::test]
async fn manuals_are_listed_searched_and_read() {
    let (_desk, browser, _folder) = signed_in().await;
    let list = browser.get("/codes/manuals?on=2026-02-01").await;
    assert_eq!(list.status, 200);
    for says in ["ICD-10-CM Official Guidelines", "NCCI Policy Manual", "FY2026", "2025-10-01 to 2026-09-30"]
    {
        assert!(list.body.contains(says), "{says}");
    }
    let found = browser.get("/codes/manuals?q=early+fever&on=2026-02-01").await;
    assert!(
        found.body.contains("Section I.C.1.a.2.b.i")
            && found.body.contains("An early second fever is coded like the first.")
    );
    let contents = browser.get("/codes/manuals/ncci?on=2026-02-01").await;
    assert!(
        contents.body.contains("Packages of invented work")
            && contents.body.contains("/codes/manuals/ncci/I.B?on=2026-02-01")
    );
    let passage = browser.get("/codes/manuals/guidelines/I.C.4.a.1?on=2026-02-01").await;
    assert_eq!(passage.status, 200);
    assert!(
        passage.body.contains("<a href=\"/codes/E11.9?on=2026-02-01&amp;system=icd10cm\">E11.9</a>"),
        "{}",
        passage.body
    );
    assert!(passage.body.contains("ICD-10-CM Official Guidelines, FY2026: Section I.C.4.a.1, page 3"));
    assert!(passage.body.contains("rel=\"next\"") && passage.body.contains("I.C.4.a.2"));
    // Numbered paragraphs without a title stand on the page of their section; the notice of the file stands below.
    let section = browser.get("/codes/manuals/ncci/I.B?on=2026-02-01").await;
    assert!(
        section.body.contains("/codes/A4321?on=2026-02-01&amp;system=hcpcs")
            && section.body.contains("copyright 2025 American Medical Association")
    );
    // A date that the edition does not cover, and sections that are not there.
    assert!(
        browser
            .get("/codes/manuals/guidelines/II?on=2027-02-01")
            .await
            .body
            .contains("does not cover this date")
    );
    assert_eq!(browser.get("/codes/manuals/guidelines/II?on=2020-02-01").await.status, 404);
    assert_eq!(browser.get("/codes/manuals/guidelines/I.Z.9?on=2026-02-01").await.status, 404);
    assert_eq!(browser.get("/codes/manuals/nothing").await.status, 422);
    let appendix =
        browser.get("/codes/manuals/guidelines/Appendix%20I%3A%20Reporting%20Options?on=2026-02-01").await;
    assert!(appendix.status == 200 && appendix.body.contains("Y - Yes"));
}

#[tokio::test]
async fn a_codes_page_lists_the_sections_that_name_it() {
    let (_desk, browser, _folder) = signed_in().await;
    let page = browser.get("/codes/A4321?on=2026-02-01").await;
    assert!(
        page.body.contains("id=\"guidelines\"")
            && page.body.contains("/codes/manuals/ncci/I.B.1?on=2026-02-01"),
        "{}",
        page.body
    );
    assert!(page.body.contains("HCPCS code A4321 is not reported with code A4322"));
}

#[tokio::test]
async fn the_public_reads_no_manual_that_names_cpt_numbers() {
    let (desk, _folder) = desk(true).await;
    let browser = desk.browser();
    assert_eq!(browser.get("/codes/manuals/guidelines/II?on=2026-02-01").await.status, 200);
    for closed in [
        "/codes/manuals/ncci",
        "/codes/manuals/ncci/I.B",
        "/codes/manuals?manual=ncci",
        "/api/v1/manuals/ncci/I.B",
    ] {
        assert_eq!(browser.get(closed).await.status, 403, "{closed}");
    }
    for (address, allowed) in
        [("/codes/manuals?q=units&on=2026-02-01", 200), ("/codes/A4321?on=2026-02-01", 200)]
    {
        let page = browser.get(address).await;
        assert_eq!(page.status, allowed, "{address}");
        assert!(!page.body.contains("manuals/ncci"), "{address}");
    }
}

#[tokio::test]
async fn the_api_answers_as_described() {
    let (_desk, browser, _folder) = signed_in().await;
    let described = json(&browser.get("/api/v1/openapi.json").await);
    for (path, address) in [
        ("/api/v1/manuals", "/api/v1/manuals?on=2026-02-01"),
        ("/api/v1/manuals/{manual}", "/api/v1/manuals/ncci?on=2026-02-01"),
        ("/api/v1/manuals/{manual}/{section}", "/api/v1/manuals/ncci/ch.%20I%20%C2%A7B.2?on=2026-02-01"),
        ("/api/v1/manuals/{manual}/{section}", "/api/v1/manuals/guidelines/I.C.4.a?on=2026-02-01"),
        ("/api/v1/passages", "/api/v1/passages?q=insulin&on=2026-02-01&manual=guidelines"),
        ("/api/v1/codes/{code}", "/api/v1/codes/A4321?on=2026-02-01"),
    ] {
        let answer = browser.get(address).await;
        assert_eq!(answer.status, 200, "{address}");
        fits(&described, &described["paths"][path]["get"], &answer, address);
    }
    let found = json(&browser.get("/api/v1/passages?q=insulin&on=2026-02-01").await);
    assert_eq!(
        found["passages"][0]["value"]["sentence"],
        "When insulin is taken as well, add code Z79.4, too."
    );
    assert_eq!(found["passages"][0]["evidence"]["locator"], "Section I.C.4.a.2, page 3");
}
