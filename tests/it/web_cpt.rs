//! CPT descriptors of a licensed site on the code pages: who sees them, and who does not. All texts are invented.

use std::path::Path;

use caseconsultant::codebook::import::{ImportOptions, import};
use caseconsultant::desk::BookInUse;
use caseconsultant::domain::Role;

use crate::web_desk::WebDesk;

const PAGE: &str = "/codes/99801?on=2026-02-03";
const SEARCH: &str = "/codes?q=tarnished+lampwright&on=2026-02-03";

/// The starter with an edition of CPT.
fn book(folder: &Path, licensed: bool) -> BookInUse {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = folder.join("book.sqlite");
    let cpt = root.join("tests/fixtures/codes/CPT2026_LONGULT.txt");
    let options = ImportOptions { cpt_licence: true, ..ImportOptions::default() };
    import(&file, &[root.join("config/starter"), cpt], &options).unwrap();
    BookInUse::open(Some(&file), licensed).unwrap()
}

#[tokio::test]
async fn a_licensed_site_shows_descriptors_with_their_notice() {
    let folder = tempfile::tempdir().unwrap();
    let book = book(folder.path(), true);
    let desk = WebDesk::start_on(&book, true, false).await;
    let reader = desk.signed_in(Role::Reader).await;
    let page = reader.get(PAGE).await.body;
    assert!(
        page.contains("Frobnication of the tarnished lampwright") && page.contains("id=\"cpt\""),
        "{page}"
    );
    assert!(page.contains("CPT only copyright 2025 American Medical Association"), "{page}");
    assert!(page.contains("An invented notice for tests"), "{page}");
    let found = reader.get(SEARCH).await.body;
    assert!(found.contains("/codes/99801?on=2026-02-03") && found.contains("Frobnication of the"), "{found}");
    assert!(found.contains("An invented notice for tests"), "{found}");
    let api: serde_json::Value =
        serde_json::from_str(&reader.get(&format!("/api/v1{PAGE}")).await.body).unwrap();
    assert!(api["cpt_texts"]["long"].as_str().unwrap().starts_with("Frobnication"), "{api}");
    assert_eq!(api["cpt_texts"]["coverage"]["release"], "CPT 2026");

    // The public sees neither number nor text, unless the site may distribute them.
    let public = desk.browser();
    assert_eq!(public.get(PAGE).await.status, 403);
    assert!(!public.get(SEARCH).await.body.contains("Frobnication"));
    let open = WebDesk::start_on(&book, true, true).await.browser().get(PAGE).await;
    assert!(open.status == 200 && open.body.contains("Frobnication of the tarnished"), "{}", open.body);
}

#[tokio::test]
async fn a_desk_whose_configuration_has_no_licence_shows_none_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let desk = WebDesk::start_on(&book(folder.path(), false), true, true).await;
    let reader = desk.signed_in(Role::Reader).await;
    for path in [PAGE, SEARCH, "/api/v1/codes/99801?on=2026-02-03", "/api/v1/search?q=tarnished+lampwright"] {
        let body = reader.get(path).await.body.to_lowercase();
        assert!(!body.contains("frobnication"), "{path}: {body}");
    }
    assert!(reader.get(PAGE).await.body.contains("this site shows none"));
}

#[tokio::test]
async fn own_texts_in_the_words_of_a_descriptor_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let desk = WebDesk::start_on(&book(folder.path(), true), false, false).await;
    let senior = desk.signed_in(Role::Senior).await;
    let page = senior.get("/codes/texts").await;
    let propose = async |text: &str| {
        let typed = [("do", "propose"), ("code", "99801"), ("text", text), ("words", ""), ("own", "yes")];
        senior.submit(&page, "/codes/texts", &typed).await
    };
    let copied = propose("Frobnication of tarnished lampwrights, each brindle quandary.").await;
    assert!(
        copied.status == 422 && copied.body.contains("words of a CPT descriptor (99801"),
        "{}",
        copied.body
    );
    assert_eq!(propose("Somebody makes the lamp shine again.").await.status, 303);
}
