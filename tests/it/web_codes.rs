//! Case2Code over HTTP, as a browser without JavaScript and a program see it, on the starter codebook.

use std::collections::BTreeSet;

use caseconsultant::domain::Role;
use serde_json::Value;

use crate::web_desk::{Answered, Browser, WebDesk};

async fn signed_in() -> (WebDesk, Browser) {
    let desk = WebDesk::start().await;
    let browser = desk.signed_in(Role::Reader).await;
    (desk, browser)
}

pub(crate) fn json(answer: &Answered) -> Value {
    serde_json::from_str(&answer.body).unwrap_or_else(|e| panic!("{e}: {}", answer.body))
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[tokio::test]
async fn nobody_reads_codes_without_signing_in_unless_the_site_says_so() {
    let closed = WebDesk::start().await;
    let away = closed.browser().get("/codes/M54.50?on=2025-11-01").await;
    assert_eq!(
        (away.status, away.location.as_str()),
        (303, "/sign-in?next=%2Fcodes%2FM54.50%3Fon%3D2025-11-01")
    );
    let api = closed.browser().get("/api/v1/search?q=back").await;
    assert_eq!(api.status, 401);
    assert_eq!(json(&api)["error"]["status"], 401);

    // Open, but without a licence for CPT: no page shows a CPT number.
    let open = WebDesk::start_open(true, false).await;
    let public = open.browser();
    let icd = public.get("/codes/M54.50?on=2025-11-01").await;
    assert!(icd.status == 200 && icd.body.contains("Low back pain"), "{}", icd.body);
    for path in [
        "/codes/63020?on=2024-08-15",
        "/codes/63020/edits?with=63030",
        "/codes/check?lines=63020",
        "/codes/modifiers/25",
        "/api/v1/codes/63020",
        "/api/v1/codes/63020/edits",
        "/api/v1/pair?a=63020&b=63030",
        "/api/v1/modifiers/25",
    ] {
        assert_eq!(public.get(path).await.status, 403, "{path}");
    }
    let found = public.get("/codes?q=knee+injection&on=2025-11-01").await;
    assert!(found.status == 200 && !found.body.contains(">20610<"), "{}", found.body);
    let found = json(&public.get("/api/v1/search?q=knee+injection&on=2025-11-01").await);
    assert!(found["hits"].as_array().unwrap().iter().all(|h| h["system"] != "cpt"), "{found}");
    let hcpcs = public.get("/codes/G0463?on=2025-11-01").await;
    assert_eq!(hcpcs.status, 200);
    assert!(!hcpcs.body.contains("id=\"edits\"") && !hcpcs.body.contains("id=\"add-ons\""), "{}", hcpcs.body);
    let hcpcs = json(&public.get("/api/v1/codes/G0463?on=2025-11-01").await);
    assert!(hcpcs.get("edits").is_none() && hcpcs.get("add_ons").is_none(), "{hcpcs}");
    // A note and our own texts are never the public's.
    for path in ["/codes/note", "/codes/texts", "/codes/texts/export", "/queue"] {
        assert_eq!(public.get(path).await.status, 303, "{path}");
    }

    let licensed = WebDesk::start_open(true, true).await;
    let page = licensed.browser().get("/codes/63020?on=2024-08-15").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("American Medical Association"), "{}", page.body);
}

#[tokio::test]
async fn the_public_is_answered_only_so_often_and_people_always() {
    let desk = WebDesk::start_open(true, false).await;
    let public = desk.browser();
    let mut statuses = BTreeSet::new();
    for _ in 0..260 {
        statuses.insert(public.get("/api/v1/releases").await.status);
    }
    assert_eq!(statuses, BTreeSet::from([200, 429]));
    let refused = public.get("/api/v1/releases").await;
    assert_eq!(json(&refused)["error"]["status"], 429);
    assert_eq!(desk.signed_in(Role::Reader).await.get("/codes/releases").await.status, 200);
}

#[tokio::test]
async fn a_search_tells_codes_and_headings_apart_and_a_code_goes_to_its_page() {
    let (_desk, browser) = signed_in().await;
    let page = browser.get("/codes?q=low+back+pain&on=2025-11-01").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("/codes/M54.50?on=2025-11-01&amp;system=icd10cm"), "{}", page.body);
    for (query, leads) in [
        ("m5450", "/codes/M54.50?on=2025-11-01"),
        ("63020", "/codes/63020?on=2025-11-01"),
        (" m54.5 ", "/codes/M54.5?on=2025-11-01"),
    ] {
        let answer = browser.get(&format!("/codes?q={}&on=2025-11-01", encoded(query))).await;
        assert_eq!((answer.status, answer.location.as_str()), (303, leads), "{query}");
    }
    let piece = browser.get("/codes/suggest?q=low+back&on=2025-11-01").await;
    assert!(piece.body.contains("role=\"option\"") && !piece.body.contains("<html"), "{}", piece.body);
    let none = browser.get("/codes?q=zzqqxx&on=2025-11-01").await;
    assert!(none.status == 200 && none.body.contains("Nothing was found"), "{}", none.body);
    let heading = json(&browser.get("/api/v1/search?q=M54&on=2025-11-01").await);
    let hits = heading["hits"].as_array().unwrap();
    assert!(
        hits.iter().any(|h| h["billable"] == false) && hits.iter().any(|h| h["billable"] == true),
        "{heading}"
    );
}

#[tokio::test]
async fn a_code_has_a_page_for_each_date_with_an_honest_status() {
    let (_desk, browser) = signed_in().await;
    for (path, status, says) in [
        ("/codes/M54.50?on=2025-11-01", 200, "Valid on 2025-11-01"),
        ("/codes/m5450?on=2025-11-01&system=icd10cm", 200, "Valid on 2025-11-01"),
        ("/codes/M54.5?on=2025-11-01", 200, "A heading on 2025-11-01"),
        ("/codes/G35?on=2025-11-01", 200, "A heading"),
        ("/codes/G35?on=2025-08-01", 200, "Valid on 2025-08-01"),
        ("/codes/G35.A?on=2025-08-01", 200, "Not yet valid on 2025-08-01: it begins on 2025-10-01"),
        ("/codes/M54.50?on=1999-01-01", 200, "No data"),
        ("/codes/63020?on=2024-08-15", 200, "Valid on 2024-08-15"),
        ("/codes/Q99Z9?on=2025-11-01", 404, "whether the code exists is not known here"),
        ("/codes/99999?on=2025-11-01", 404, "Not in the loaded excerpt"),
    ] {
        let page = browser.get(path).await;
        assert_eq!(page.status, status, "{path}: {}", page.body);
        assert!(page.body.contains(says), "{path} does not say {says}: {}", page.body);
    }
    // Outside of the releases' days nothing is said to be verified.
    let late = browser.get("/codes/M54.50?on=2031-01-01").await;
    assert!(
        late.body.contains("Not verified for this date") && late.body.contains("does not cover this date")
    );
}

#[tokio::test]
async fn a_service_code_has_its_sections_and_no_empty_ones() {
    let (_desk, browser) = signed_in().await;
    let page = browser.get("/codes/63030?on=2024-08-15").await.body;
    for id in ["indicators", "modifiers", "fees", "mue", "edits", "add-ons"] {
        assert!(page.contains(&format!("id=\"{id}\"")), "{id}: {page}");
    }
    for id in ["notes", "seventh", "below", "crosswalks", "successors", "add-on"] {
        assert!(!page.contains(&format!("id=\"{id}\"")), "{id}");
    }
    assert!(page.contains("CPT text is the AMA") && page.contains("Our own plain-language text"));
    assert!(page.contains("the 90 days after") || page.contains("90"), "{page}");
    assert!(page.contains("/codes/63035?on=2024-08-15"), "{page}");
    assert!(page.contains("CPT only copyright 2023"), "{page}");
    let diagnosis = browser.get("/codes/M54.5?on=2025-11-01").await.body;
    assert!(
        diagnosis.contains("id=\"below\"") && diagnosis.contains("/codes/M54.50?on=2025-11-01"),
        "{diagnosis}"
    );
    assert!(!diagnosis.contains("American Medical Association"), "{diagnosis}");
    let add_on = browser.get("/codes/63035?on=2024-08-15").await.body;
    assert!(add_on.contains("id=\"add-on\"") && add_on.contains("/codes/63020?on=2024-08-15"), "{add_on}");
    // A0100 is an ambulance and typhoid fever: each page leads to the other.
    let both = browser.get("/codes/A0100?on=2025-11-01").await;
    assert_ne!(both.status, 500);
}

#[tokio::test]
async fn edits_are_looked_up_in_both_directions_and_listed() {
    let (_desk, browser) = signed_in().await;
    for (code, with) in [("29826", "23412"), ("23412", "29826")] {
        let page = browser.get(&format!("/codes/{code}/edits?with={with}&on=2024-08-15")).await;
        assert!(page.status == 200 && page.body.contains("is denied beside it"), "{}", page.body);
    }
    let free = browser.get("/codes/63020/edits?with=63030&on=2024-08-15").await;
    assert!(free.body.contains("has no edit between 63020 and 63030"), "{}", free.body);
    let lists = browser.get("/codes/63020/edits?on=2024-08-15").await;
    assert!(
        lists.body.contains("id=\"column1\"") && lists.body.contains("rel=\"next\"")
            || lists.body.contains(" of ")
    );
    for bad in ["/codes/63020/edits?with=x", "/codes/6302/edits", "/codes/63020/edits?setting=moon"] {
        assert_eq!(browser.get(bad).await.status, 422, "{bad}");
    }
}

#[tokio::test]
async fn modifiers_and_releases_are_shown() {
    let (_desk, browser) = signed_in().await;
    let all = browser.get("/codes/modifiers?on=2025-11-01").await;
    assert!(all.status == 200 && all.body.contains("/codes/modifiers/25?on=2025-11-01"), "{}", all.body);
    let one = browser.get("/codes/modifiers/59").await;
    assert!(one.status == 200 && one.body.contains("NCCI-associated"), "{}", one.body);
    assert!(browser.get("/codes/modifiers/51").await.body.contains("Not an NCCI-associated"));
    assert_eq!(browser.get("/codes/modifiers/%C3%A9").await.status, 404);
    let releases = browser.get("/codes/releases?on=2026-11-22").await;
    assert!(
        releases.body.contains("ICD-10-CM FY2026") && releases.body.contains("Not covered on 2026-11-22")
    );
}

#[tokio::test]
async fn places_of_service_say_how_they_are_paid() {
    let (desk, browser) = signed_in().await;
    let all = browser.get("/codes/places").await;
    assert!(all.status == 200 && all.body.contains("href=\"/codes/places/11\""), "{}", all.body);
    assert!(all.body.contains("without a date"), "{}", all.body);
    let office = browser.get("/codes/places/11").await.body;
    assert!(office.contains("Office") && office.contains("<strong>non-facility</strong>"), "{office}");
    assert!(office.contains("CMS place of service code set"), "{office}");
    let hospital = browser.get("/codes/places/22").await.body;
    assert!(hospital.contains("<strong>facility</strong>"), "{hospital}");
    assert!(browser.get("/codes/places/3").await.body.contains("School"));
    for none in ["28", "111", "x", "%3Cscript%3E"] {
        let page = browser.get(&format!("/codes/places/{none}")).await;
        assert!(page.status == 404 && !page.body.contains("<script>"), "{none}: {}", page.body);
    }
    let json = json(&browser.get("/api/v1/places/22").await);
    assert_eq!(
        (json["name"].as_str(), json["setting"].as_str()),
        (Some("On Campus-Outpatient Hospital"), Some("facility"))
    );
    // Where amounts depend on the place, the code's page leads here, and every code page does in its navigation.
    let visit = browser.get("/codes/99213?on=2025-11-01").await.body;
    assert!(visit.contains("<a href=\"/codes/places\">Which places"), "{visit}");
    assert!(visit.contains("<a href=\"/codes/modifiers?on=2025-11-01\">All modifiers"), "{visit}");
    drop(desk);
}

#[tokio::test]
async fn a_code_of_icd9_leads_to_the_mappings_which_the_starter_has_not() {
    let (_desk, browser) = signed_in().await;
    let away = browser.get("/codes/401.9?on=2026-01-05").await;
    assert_eq!((away.status, away.location.as_str()), (303, "/codes/icd9/401.9?on=2026-01-05"));
    let page = browser.get(&away.location).await;
    assert!(
        page.status == 200 && page.body.contains("No data: no general equivalence mappings"),
        "{}",
        page.body
    );
    let json = json(&browser.get("/api/v1/icd9/4019").await);
    assert_eq!((json[0]["code"].as_str(), json[0]["status"].as_str()), (Some("401.9"), Some("no_data")));
    for none in ["E11.22", "%3Cscript%3E", "1234567"] {
        let page = browser.get(&format!("/codes/icd9/{none}")).await;
        assert!(page.status == 404 && !page.body.contains("<script>"), "{none}: {}", page.body);
    }
    // A CPT number is one, though five digits could be an undotted diagnosis.
    assert_eq!(browser.get("/codes/63020?on=2024-08-15").await.status, 200);
}

#[tokio::test]
async fn a_claim_is_checked_worst_first_at_an_address_that_can_be_shared() {
    let (_desk, browser) = signed_in().await;
    let empty = browser.get("/codes/check").await;
    assert!(empty.status == 200 && !empty.body.contains("role=\"alert\""));
    let lines = encoded("23412-RT\r\n29826-RT");
    let path = format!("/codes/check?lines={lines}&dx=M75.121&on=2024-08-20&setting=practitioner");
    let page = browser.get(&path).await;
    assert_eq!(page.status, 200);
    let at = |word: &str| page.body.find(&format!("class=\"wide group-{word}\"")).unwrap_or(usize::MAX);
    assert!(at("deny") < at("info") && at("deny") < at("pass"), "{}", page.body);
    let api = browser
        .client
        .post(format!("{}/api/v1/check", browser.url))
        .body(r#"{"lines":["23412-RT","29826-RT"],"diagnoses":["M75.121"],"on":"2024-08-20"}"#);
    let api: Value = serde_json::from_str(&api.send().await.unwrap().text().await.unwrap()).unwrap();
    assert!(api["findings"].as_array().unwrap().iter().any(|f| f["outcome"] == "deny"), "{api}");

    for bad in
        ["lines=6302", "lines=63020&on=yesterday", "lines=63020&setting=moon", "lines=63020&dx=%3Cscript%3E"]
    {
        let page = browser.get(&format!("/codes/check?{bad}")).await;
        assert!(page.status == 422 && page.body.contains("role=\"alert\""), "{bad}: {}", page.body);
        assert!(!page.body.contains("<script>"), "{bad}");
    }
    // What the schedule allows, by the golden amounts of October 2025.
    let visit = browser.get("/codes/99213?on=2025-11-01").await;
    assert!(visit.body.contains("88.95") && visit.body.contains("Arithmetic"), "{}", visit.body);
    let two = encoded("63020\n63030");
    let claim = browser.get(&format!("/codes/check?lines={two}&on=2025-11-01")).await;
    assert!(claim.body.contains("1,545.19"), "{}", claim.body);

    // The API gives the amounts where it is asked for a locality, as the command line does.
    let post = async |body: &str| -> (u16, Value) {
        let sent = browser.client.post(format!("{}/api/v1/check", browser.url)).body(body.to_owned());
        let answer = sent.send().await.unwrap();
        (answer.status().as_u16(), serde_json::from_str(&answer.text().await.unwrap()).unwrap())
    };
    let paid = |api: &Value| -> String {
        let all = api["findings"].as_array().unwrap().iter().filter(|f| f["rule"] == "payment");
        all.map(|f| f["statement"].as_str().unwrap().to_owned()).collect()
    };
    let (status, api) = post(r#"{"lines":["99213"],"on":"2025-11-01","locality":"national"}"#).await;
    assert!(status == 200 && paid(&api).contains("88.95"), "{api}");
    let (_, api) = post(r#"{"lines":["99213"],"on":"2025-11-01"}"#).await;
    assert_eq!(paid(&api), "");
    let (status, api) = post(r#"{"lines":["99213"],"on":"2025-11-01","locality":"nowhere"}"#).await;
    assert!(status == 422 && api["error"]["what"].as_str().unwrap().contains("nowhere"), "{api}");
    let form = browser.get("/codes/check?lines=99213&on=2025-11-01&locality=nowhere").await;
    assert!(form.status == 422 && form.body.contains("role=\"alert\"") && form.body.contains("nowhere"));
    assert!(form.body.contains(">99213</textarea>"), "what was typed is kept: {}", form.body);

    // Ten thousand lines: refused, whichever way they come.
    let many = "99213 ".repeat(5_000);
    let page = browser.get(&format!("/codes/check?lines={}", encoded(&many))).await;
    assert!(matches!(page.status, 414 | 422 | 431), "{}", page.status);
    let body = serde_json::json!({ "lines": vec!["99213"; 10_000] }).to_string();
    let answer =
        browser.client.post(format!("{}/api/v1/check", browser.url)).body(body).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 422);
    let huge = browser.client.post(format!("{}/api/v1/check", browser.url)).body("x".repeat(2_000_000));
    assert_eq!(huge.send().await.unwrap().status().as_u16(), 413);
}

#[tokio::test]
async fn a_note_is_masked_before_it_is_read_and_kept_nowhere() {
    let (desk, browser) = signed_in().await;
    let page = browser.get("/codes/note").await;
    let note = "Patient: Jane Roe, DOB 01/02/1950, MRN 1234567.\nAssessment: low back pain. Denies fever. \
                <script>alert(1)</script>";
    let read = browser.submit(&page, "/codes/note", &[("note", note), ("on", "2025-11-01")]).await;
    assert_eq!(read.status, 200);
    for secret in ["Jane Roe", "01/02/1950", "1234567", "<script>alert"] {
        assert!(!read.body.contains(secret), "{secret}: {}", read.body);
    }
    assert!(read.body.contains("low back pain") && read.body.contains("M54.50"), "{}", read.body);
    assert!(read.body.contains("Masked before it was read"), "{}", read.body);
    let trail = desk.store.audit_of("").await.unwrap();
    assert!(!format!("{trail:?}").contains("back pain"));
    // Without the token of the session nothing is read; by its address neither.
    let foreign = browser.post_raw("/codes/note", &[("note", note.to_owned())]).await;
    assert_eq!(foreign.status, 403);
    let huge = browser.submit(&page, "/codes/note", &[("note", &"pain ".repeat(40_000))]).await;
    assert_eq!(huge.status, 422);
}

#[tokio::test]
async fn own_texts_are_proposed_approved_shown_and_exported() {
    let desk = WebDesk::start().await;
    let senior = desk.signed_in(Role::Senior).await;
    assert_eq!(desk.signed_in(Role::Reviewer).await.get("/codes/texts").await.status, 403);
    let page = senior.get("/codes/texts?code=63030").await;
    let words = "Our very own sentence about the lower back.";
    let typed = [("do", "propose"), ("code", "63030"), ("text", words), ("words", "disc")];
    assert_eq!(senior.submit(&page, "/codes/texts", &typed).await.status, 422);
    let owned = [typed.as_slice(), &[("own", "yes")]].concat();
    assert_eq!(senior.submit(&page, "/codes/texts", &owned).await.status, 303);
    let shown = |body: &str| body.contains(words);
    assert!(!shown(&senior.get("/codes/63030?on=2024-08-15").await.body), "it waits for approval");

    let page = senior.get("/codes/texts").await;
    assert!(shown(&page.body), "{}", page.body);
    let decide = |what: &'static str, version: &'static str| {
        vec![("do", what), ("code", "63030"), ("version", version)]
    };
    let stale: Vec<(&str, String)> =
        decide("approve", "77").into_iter().map(|(n, v)| (n, v.to_owned())).collect();
    let csrf = page.field("/codes/texts", "csrf");
    let stale = [stale, vec![("csrf", csrf.clone())]].concat();
    assert_eq!(senior.post_raw("/codes/texts", &stale).await.status, 409);
    let fresh: Vec<(&str, String)> =
        [("do", "approve"), ("code", "63030"), ("version", "1")].map(|(n, v)| (n, v.to_owned())).to_vec();
    let fresh = [fresh, vec![("csrf", csrf)]].concat();
    assert_eq!(senior.post_raw("/codes/texts", &fresh).await.status, 303);
    assert!(shown(&senior.get("/codes/63030?on=2024-08-15").await.body));
    let file = senior.get("/codes/texts/export").await;
    assert!(file.body.starts_with("# Plain-language texts"), "{}", file.body);
    assert!(file.body.contains(&format!("63030\t{words}\tdisc\n")), "{}", file.body);
}

#[tokio::test]
async fn hostile_input_is_shown_as_text_or_refused() {
    let (_desk, browser) = signed_in().await;
    let hostile = [
        "<script>alert(1)</script>".to_owned(),
        "\"><img src=x onerror=alert(1)>".to_owned(),
        "' OR 1=1 --".to_owned(),
        "a* NEAR(b) \"c\" AND OR NOT ^ : - ( {".to_owned(),
        "\u{202e}\u{feff}\u{0}\u{1f600}\u{300}\u{fb03}ﬃ İ ß".to_owned(),
        "%".repeat(300),
        "back ".repeat(2_000),
        "é".repeat(5_000),
    ];
    for text in &hostile {
        for path in ["/codes?q=", "/codes/suggest?q=", "/api/v1/search?q=", "/api/v1/suggest?q="] {
            let answer = browser.get(&format!("{path}{}", encoded(text))).await;
            assert!(matches!(answer.status, 200 | 414 | 431), "{path}{text}: {}", answer.status);
            // Text in JSON is no markup, and no browser is let take it for some.
            let is_json = answer.headers.get("content-type").is_some_and(|t| t == "application/json");
            assert_eq!(answer.headers.get("x-content-type-options").unwrap(), "nosniff");
            let markup = answer.body.contains("<script>alert") || answer.body.contains("<img src=x");
            assert!(is_json || !markup, "{path}{text}");
        }
        for path in ["/codes/", "/api/v1/codes/", "/codes/modifiers/", "/codes/places/"] {
            let name: String =
                percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).collect();
            let answer = browser.get(&format!("{path}{name}")).await;
            assert!((400..500).contains(&answer.status), "{path}{text}: {}", answer.status);
            assert!(!answer.body.contains("<script>alert"), "{path}{text}");
        }
        for path in ["/codes/M54.50?on=", "/codes/M54.50?system=", "/codes?q=x&on=", "/api/v1/releases?on="] {
            let answer = browser.get(&format!("{path}{}", encoded(text))).await;
            assert!((400..500).contains(&answer.status), "{path}{text}: {}", answer.status);
        }
    }
    for date in ["0001-01-01", "9999-12-31", "-9999-01-01", "2025-02-30", "2025-13-01"] {
        assert_eq!(browser.get(&format!("/codes/M54.50?on={date}")).await.status, 422, "{date}");
    }
}

/// The description and the API tell the same, and answers are as it says.
#[tokio::test]
async fn the_api_is_as_it_is_described() {
    let (_desk, browser) = signed_in().await;
    let described = json(&browser.get("/api/v1/openapi.json").await);
    assert_eq!(described["openapi"], "3.1.0");
    let source = include_str!("../../src/web/codes/api/mod.rs");
    let routes: BTreeSet<String> =
        source.split(".route(\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect();
    let paths: BTreeSet<String> = described["paths"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(routes, paths);

    let examples = [
        ("/api/v1/search", "/api/v1/search?q=low+back+pain&on=2025-11-01"),
        ("/api/v1/search", "/api/v1/search?q="),
        ("/api/v1/search", "/api/v1/search?q=back&limit=0"),
        ("/api/v1/suggest", "/api/v1/suggest?q=diab&on=2025-11-01"),
        ("/api/v1/codes/{code}", "/api/v1/codes/63030?on=2024-08-15"),
        ("/api/v1/codes/{code}", "/api/v1/codes/63035?on=2024-08-15"),
        ("/api/v1/codes/{code}", "/api/v1/codes/71046?on=2025-11-01"),
        ("/api/v1/codes/{code}", "/api/v1/codes/m545?on=2025-11-01"),
        ("/api/v1/codes/{code}", "/api/v1/codes/G35?on=2025-11-01"),
        ("/api/v1/codes/{code}", "/api/v1/codes/J3301?on=2025-11-01"),
        ("/api/v1/codes/{code}", "/api/v1/codes/Q99Z9?on=2025-11-01"),
        ("/api/v1/codes/{code}", "/api/v1/codes/63030?on=1999-01-01"),
        ("/api/v1/codes/{code}", "/api/v1/codes/63030?on=soon"),
        ("/api/v1/codes/{code}/edits", "/api/v1/codes/63030/edits?on=2024-08-15&limit=3"),
        ("/api/v1/codes/{code}/edits", "/api/v1/codes/63030/edits?on=2024-08-15&side=column2&offset=1"),
        ("/api/v1/codes/{code}/payment", "/api/v1/codes/99213/payment?on=2025-11-01"),
        ("/api/v1/codes/{code}/payment", "/api/v1/codes/99213/payment?on=2025-11-01&locality=nowhere"),
        ("/api/v1/codes/{code}/payment", "/api/v1/codes/80053/payment?on=2025-11-01&setting=facility"),
        ("/api/v1/codes/{code}/coverage", "/api/v1/codes/93306/coverage?on=2025-11-01&area=WI&dx=I08.0"),
        ("/api/v1/codes/{code}/coverage", "/api/v1/codes/93306/coverage?area=nowhere"),
        ("/api/v1/localities", "/api/v1/localities?on=2025-11-01"),
        ("/api/v1/pair", "/api/v1/pair?a=29826&b=23412&on=2024-08-15"),
        ("/api/v1/pair", "/api/v1/pair?a=63020&b=63030&on=2024-08-15"),
        ("/api/v1/releases", "/api/v1/releases?on=2026-11-22"),
        ("/api/v1/manuals", "/api/v1/manuals?on=2025-11-01"),
        ("/api/v1/manuals/{manual}", "/api/v1/manuals/guidelines?on=2025-11-01"),
        ("/api/v1/manuals/{manual}", "/api/v1/manuals/no-manual"),
        ("/api/v1/manuals/{manual}/{section}", "/api/v1/manuals/ncci/IV.H.6"),
        ("/api/v1/passages", "/api/v1/passages?q=diabetes"),
        ("/api/v1/passages", "/api/v1/passages?q=diabetes&limit=0"),
        ("/api/v1/modifiers", "/api/v1/modifiers?on=2025-11-01"),
        ("/api/v1/modifiers/{modifier}", "/api/v1/modifiers/25"),
        ("/api/v1/modifiers/{modifier}", "/api/v1/modifiers/zz"),
        ("/api/v1/icd9/{code}", "/api/v1/icd9/401.9?on=2026-01-05"),
        ("/api/v1/icd9/{code}", "/api/v1/icd9/E11.22"),
        ("/api/v1/places", "/api/v1/places"),
        ("/api/v1/places/{pos}", "/api/v1/places/11"),
        ("/api/v1/places/{pos}", "/api/v1/places/28"),
        ("/api/v1/places/{pos}", "/api/v1/places/office"),
        ("/api/v1/openapi.json", "/api/v1/openapi.json"),
    ];
    let mut tried = BTreeSet::from(["/api/v1/check".to_owned()]);
    for (path, address) in examples {
        tried.insert(path.to_owned());
        let answer = browser.get(address).await;
        assert_eq!(answer.headers["content-type"], "application/json", "{address}");
        fits(&described, &described["paths"][path]["get"], &answer, address);
    }
    for body in [
        r#"{"lines":["63020-50x1","63030-51"],"diagnoses":["M50.121"],"on":"2024-08-15","setting":"hospital"}"#,
        r#"{"lines":["99213"],"on":"2025-11-01","locality":"national"}"#,
        r#"{"lines":["99213"],"on":"2025-11-01","locality":"nowhere"}"#,
        r#"{"lines":[]}"#,
        r#"{"line":["63020"]}"#,
        "no JSON",
    ] {
        let sent =
            browser.client.post(format!("{}/api/v1/check", browser.url)).body(body).send().await.unwrap();
        let (status, headers) = (sent.status().as_u16(), sent.headers().clone());
        let answer = Answered { status, location: String::new(), headers, body: sent.text().await.unwrap() };
        fits(&described, &described["paths"]["/api/v1/check"]["post"], &answer, body);
    }
    assert_eq!(tried, paths, "each has an example");
}

pub(crate) fn fits(described: &Value, operation: &Value, answer: &Answered, what: &str) {
    let schema = &operation["responses"][answer.status.to_string()]["content"]["application/json"]["schema"];
    assert!(schema.is_object(), "{what}: {} is not described: {}", answer.status, answer.body);
    if let Err(why) = validate(described, schema, &json(answer), "$") {
        panic!("{what}: {why} in {}", answer.body);
    }
}

/// As much of JSON Schema as the description uses.
fn validate(all: &Value, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    if let Some(name) = schema["$ref"].as_str() {
        let schema = all.pointer(name.trim_start_matches('#')).ok_or_else(|| format!("{name} is missing"))?;
        return validate(all, schema, value, at);
    }
    if let Some(options) = schema["anyOf"].as_array() {
        let fits = options.iter().any(|o| validate(all, o, value, at).is_ok());
        return if fits { Ok(()) } else { Err(format!("{at} fits none of anyOf: {value}")) };
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(n) if n.is_i64() || n.is_u64() => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let is = |t: &Value| t == kind || (t == "number" && kind == "integer");
    let right = match &schema["type"] {
        Value::Null => true,
        Value::Array(types) => types.iter().any(is),
        one => is(one),
    };
    if !right {
        return Err(format!("{at} is {kind}, not {}", schema["type"]));
    }
    if schema["enum"].as_array().is_some_and(|e| !e.contains(value)) {
        return Err(format!("{at} is {value}, none of {}", schema["enum"]));
    }
    for (i, item) in value.as_array().into_iter().flatten().enumerate() {
        validate(all, &schema["items"], item, &format!("{at}[{i}]"))?;
    }
    if let Some(object) = value.as_object() {
        for name in schema["required"].as_array().into_iter().flatten() {
            if !object.contains_key(name.as_str().unwrap()) {
                return Err(format!("{at} lacks {name}"));
            }
        }
        for (name, inner) in object {
            match schema["properties"].get(name) {
                Some(schema) => validate(all, schema, inner, &format!("{at}.{name}"))?,
                None if schema["additionalProperties"] == false => {
                    return Err(format!("{at}.{name} is not described"));
                }
                None => {}
            }
        }
    }
    Ok(())
}
