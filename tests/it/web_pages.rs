//! The review pages over HTTP, as a browser without JavaScript sees them.

use caseconsultant::domain::{CaseState, DeliveryKind, DeliveryState, Role, Verdict};
use caseconsultant::store::Settlement;

use crate::web_desk::{Question, WebDesk, sample_answer, sample_question};

#[tokio::test]
async fn signing_in_needs_the_right_password_and_leads_back_to_the_page() {
    let desk = WebDesk::start().await;
    let browser = desk.browser();
    let away = browser.get("/cases/CC-2026-00001").await;
    assert_eq!((away.status, away.location.as_str()), (303, "/sign-in?next=%2Fcases%2FCC-2026-00001"));

    let page = browser.get(&away.location).await;
    assert!(page.body.contains("CC-2026-00001"), "{}", page.body);
    let fields = |password: &str| {
        vec![
            ("address", "Reviewer@desk.example".to_owned()),
            ("password", password.to_owned()),
            ("next", "/queue?show=all".to_owned()),
        ]
    };
    let wrong = browser.post_raw("/sign-in", &fields("wrong")).await;
    assert_eq!(wrong.status, 401);
    assert!(wrong.body.contains("do not fit together") && !wrong.headers.contains_key("set-cookie"));

    let right = browser.post_raw("/sign-in", &fields(crate::web_desk::PASSWORD)).await;
    assert_eq!((right.status, right.location.as_str()), (303, "/queue?show=all"));
    let cookie = right.headers.get("set-cookie").unwrap().to_str().unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    assert_eq!(browser.get("/queue").await.status, 200);

    let evil =
        [("address", "reviewer@desk.example"), ("password", crate::web_desk::PASSWORD), ("next", "//evil")];
    let evil: Vec<(&str, String)> = evil.iter().map(|(n, v)| (*n, (*v).to_owned())).collect();
    assert_eq!(desk.browser().post_raw("/sign-in", &evil).await.location, "/queue");
}

#[tokio::test]
async fn each_sign_in_has_a_session_of_its_own_and_signing_out_ends_it() {
    let desk = WebDesk::start().await;
    let browser = desk.signed_in(Role::Reviewer).await;
    let page = browser.get("/queue").await;
    let first = page.field("/sign-out", "csrf");
    // Signing in again from the same browser ends the session before.
    let fields =
        [("address", "reviewer@desk.example".to_owned()), ("password", crate::web_desk::PASSWORD.to_owned())];
    browser.post_raw("/sign-in", &fields).await;
    let page = browser.get("/queue").await;
    assert_ne!(first, page.field("/sign-out", "csrf"));
    assert_eq!(browser.submit(&page, "/sign-out", &[]).await.location, "/sign-in");
    assert_eq!(browser.get("/queue").await.status, 303);
}

#[tokio::test]
async fn too_many_failures_rest_even_with_the_right_password() {
    let desk = WebDesk::start().await;
    let browser = desk.browser();
    let try_it = |password: &str| {
        let fields = [("address", "senior@desk.example".to_owned()), ("password", password.to_owned())];
        let browser = &browser;
        async move { browser.post_raw("/sign-in", &fields).await.status }
    };
    for _ in 0..10 {
        assert_eq!(try_it("wrong").await, 401);
    }
    assert_eq!(try_it(crate::web_desk::PASSWORD).await, 429);
    desk.signed_in(Role::Reviewer).await;
}

#[tokio::test]
async fn a_form_without_this_sessions_token_or_from_another_site_changes_nothing() {
    let desk = WebDesk::start().await;
    let number = desk.ask(&sample_question(sample_answer())).await;
    let browser = desk.signed_in(Role::Reviewer).await;
    let page = browser.get(&format!("/cases/{number}")).await;
    let action = format!("/cases/{number}/close");
    let version = page.field(&action, "version");
    let other = desk.signed_in(Role::Reviewer).await.get("/queue").await.field("/sign-out", "csrf");
    for csrf in [String::new(), "x".to_owned(), other] {
        let refused = browser.post_raw(&action, &[("csrf", csrf), ("version", version.clone())]).await;
        assert_eq!(refused.status, 403);
        assert!(refused.body.contains("The form is out of date"), "{}", refused.body);
    }
    let foreign = browser
        .client
        .post(format!("{}{action}", desk.url))
        .header("origin", "https://evil.example")
        .body(format!("csrf={}&version={version}", page.field(&action, "csrf")))
        .send()
        .await
        .unwrap();
    assert_eq!(foreign.status(), 403);
    assert_eq!(desk.case(&number).await.state, CaseState::InReview);
    assert_eq!(browser.submit(&page, &action, &[]).await.status, 303);
    assert_eq!(desk.case(&number).await.state, CaseState::Closed);
}

#[tokio::test]
async fn roles_decide_what_is_shown_and_what_may_be_done() {
    let desk = WebDesk::start().await;
    let number = desk.ask(&sample_question(sample_answer())).await;
    let path = format!("/cases/{number}");
    let reader = desk.signed_in(Role::Reader).await;
    let page = reader.get(&path).await;
    assert!(
        page.body.contains("63020")
            && !page.body.contains("Approve and send")
            && !page.body.contains("/original/")
    );
    let csrf = page.field("/sign-out", "csrf");
    for act in ["approve", "close", "redo", "void", "reopen", "decline", "edit", "asker", "preview"] {
        let refused = reader.post_raw(&format!("{path}/{act}"), &[("csrf", csrf.clone())]).await;
        assert_eq!(refused.status, 403, "{act}");
    }
    for page in ["edit", "decline", "preview"] {
        assert_eq!(reader.get(&format!("{path}/{page}")).await.status, 403, "{page}");
    }
    for (role, wanted) in
        [(Role::Reader, 403), (Role::Reviewer, 403), (Role::Senior, 403), (Role::Admin, 200)]
    {
        let browser = desk.signed_in(role).await;
        for page in ["/overview", "/users"] {
            assert_eq!(browser.get(page).await.status, wanted, "{role} {page}");
        }
    }
    // Whoever is disabled is out at once.
    desk.store.disable_user(&"reader@desk.example".parse().unwrap(), true, "test").await.unwrap();
    assert_eq!(reader.get("/queue").await.status, 303);
}

#[tokio::test]
async fn approving_queues_the_very_mail_that_was_shown_and_can_be_taken_back() {
    let desk = WebDesk::start().await;
    let number = desk.ask(&sample_question(sample_answer())).await;
    let path = format!("/cases/{number}");
    let browser = desk.signed_in(Role::Reviewer).await;
    let queue = browser.get("/queue").await;
    assert!(queue.body.contains(&number) && queue.body.contains("only if"), "{}", queue.body);

    let page = browser.get(&path).await;
    for shown in
        ["dana.coder@clinic.example", "deny unless modifier", "no source", "Masked: name, date of birth"]
    {
        assert!(page.body.contains(shown), "{shown}");
    }
    let done = browser.submit(&page, &format!("{path}/approve"), &[]).await;
    assert_eq!((done.status, done.location), (303, format!("/queue?done={number}")));
    let case = desk.case(&number).await;
    assert_eq!(case.state, CaseState::Approved);
    let deliveries = desk.store.deliveries_of(&case.id).await.unwrap();
    assert_eq!(deliveries.len(), 1);
    assert_eq!((deliveries[0].kind, deliveries[0].state), (DeliveryKind::Answer, DeliveryState::Queued));
    assert_eq!(deliveries[0].approved_by, "reviewer@desk.example");

    // The same form once more approves nothing.
    assert_eq!(browser.submit(&page, &format!("{path}/approve"), &[]).await.status, 409);

    let queue = browser.get(&format!("/queue?done={number}")).await;
    assert!(queue.body.contains("Take back"));
    let back = browser.submit(&queue, &format!("{path}/void"), &[]).await;
    assert_eq!((back.status, back.location), (303, path.clone()));
    assert_eq!(desk.case(&number).await.state, CaseState::InReview);
    let trail: Vec<String> =
        desk.store.audit_of(case.id.as_str()).await.unwrap().into_iter().map(|e| e.event).collect();
    assert!(trail.contains(&"approve".to_owned()) && trail.contains(&"void".to_owned()), "{trail:?}");
}

#[tokio::test]
async fn an_approval_of_something_else_than_what_was_shown_is_refused() {
    let desk = WebDesk::start().await;
    let number = desk.ask(&sample_question(sample_answer())).await;
    let path = format!("/cases/{number}");
    let (rita, sam) = (desk.signed_in(Role::Reviewer).await, desk.signed_in(Role::Senior).await);
    let seen = rita.get(&path).await;
    let editor = sam.get(&format!("{path}/edit")).await;
    let saved =
        sam.submit(&editor, &format!("{path}/edit"), &[("text", "Another answer."), ("do", "save")]).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    let late = rita.submit(&seen, &format!("{path}/approve"), &[]).await;
    assert_eq!(late.status, 409);
    assert!(
        late.body.contains("Changed meanwhile") && late.body.contains("Nothing was sent"),
        "{}",
        late.body
    );
    assert_eq!(desk.case(&number).await.state, CaseState::InReview);

    // A copy that was not shown changes the mail, and so the digest.
    let page = rita.get(&path).await;
    let action = format!("{path}/approve");
    let mut fields: Vec<(&str, String)> =
        ["csrf", "version", "draft", "delivery", "digest"].map(|n| (n, page.field(&action, n))).to_vec();
    fields.push(("cc", "boss@clinic.example".to_owned()));
    assert_eq!(rita.post_raw(&action, &fields).await.status, 409);
    // Shown with the copy, it is approved with the copy.
    let page = rita.get(&format!("{path}?cc=boss@clinic.example")).await;
    assert_eq!(rita.submit(&page, &action, &[]).await.status, 303);
    let case = desk.case(&number).await;
    assert_eq!(desk.store.deliveries_of(&case.id).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_conflict_while_editing_keeps_what_was_typed() {
    let desk = WebDesk::start().await;
    let number = desk.ask(&sample_question(sample_answer())).await;
    let path = format!("/cases/{number}/edit");
    let (rita, sam) = (desk.signed_in(Role::Reviewer).await, desk.signed_in(Role::Senior).await);
    let (hers, his) = (rita.get(&path).await, sam.get(&path).await);
    assert_eq!(sam.submit(&his, &path, &[("text", "His words."), ("do", "save")]).await.status, 303);
    let typed = "Her words, with <b>angles</b> & a \"quote\"\nand a second line.";
    let conflict = rita.submit(&hers, &path, &[("text", typed), ("do", "save")]).await;
    assert_eq!(conflict.status, 409);
    assert!(conflict.body.contains("Changed meanwhile") && conflict.body.contains("senior@desk.example"));
    assert!(conflict.body.contains("Her words, with &lt;b&gt;angles&lt;"), "{}", conflict.body);
    // The page that keeps her text also knows the case as it is now: saving again works.
    assert_eq!(rita.submit(&conflict, &path, &[("text", typed), ("do", "save")]).await.status, 303);
    let case = desk.case(&number).await;
    let drafts = desk.store.drafts_of(&case.id).await.unwrap();
    let texts: Vec<&str> = drafts.iter().skip(1).map(|d| d.text.as_str()).collect();
    assert_eq!(texts, ["His words.", typed]);
    let empty = rita.get(&path).await;
    assert_eq!(rita.submit(&empty, &path, &[("text", "  ")]).await.status, 422);
}

#[tokio::test]
async fn asking_back_and_declining_are_approved_like_answers() {
    let desk = WebDesk::start().await;
    let browser = desk.signed_in(Role::Reviewer).await;
    for (kind, state, button) in [
        ("ask_back", CaseState::AwaitingAsker, "Approve and ask back"),
        ("decline", CaseState::Declined, "Approve and decline"),
    ] {
        let number = desk.ask(&sample_question(sample_answer())).await;
        let (path, edit) = (format!("/cases/{number}"), format!("/cases/{number}/edit"));
        let editor = browser.get(&format!("{edit}?kind={kind}")).await;
        if kind == "ask_back" {
            assert!(editor.body.contains("- The levels (interspaces)"), "{}", editor.body);
        }
        assert_eq!(browser.submit(&editor, &edit, &[("text", "Which levels?")]).await.status, 303);
        let page = browser.get(&path).await;
        assert!(page.body.contains(button), "{}", page.body);
        assert_eq!(browser.submit(&page, &format!("{path}/approve"), &[]).await.status, 303);
        assert_eq!(desk.case(&number).await.state, state);
    }
    let number = desk.ask(&sample_question(sample_answer())).await;
    let (page, action) = (format!("/cases/{number}/decline"), format!("/cases/{number}/decline"));
    let form = browser.get(&page).await;
    let nothing = browser.submit(&form, &action, &[("reason", " ")]).await;
    assert_eq!(nothing.status, 422);
    assert!(nothing.body.contains("A reason is needed"), "{}", nothing.body);
    assert_eq!(browser.submit(&form, &action, &[("reason", "Spam")]).await.status, 303);
    let case = desk.case(&number).await;
    assert_eq!(case.state, CaseState::Declined);
    assert!(desk.store.deliveries_of(&case.id).await.unwrap().is_empty());
    let page = browser.get(&format!("/cases/{number}")).await;
    assert!(page.body.contains("Spam") && !page.body.contains("Approve and"));
    assert_eq!(browser.submit(&page, &format!("/cases/{number}/close"), &[]).await.status, 303);
    let page = browser.get(&format!("/cases/{number}")).await;
    assert_eq!(browser.submit(&page, &format!("/cases/{number}/reopen"), &[]).await.status, 303);
    let page = browser.get(&format!("/cases/{number}")).await;
    assert_eq!(browser.submit(&page, &format!("/cases/{number}/redo"), &[]).await.status, 303);
    assert_eq!(desk.case(&number).await.state, CaseState::Drafting);
}

#[tokio::test]
async fn nothing_foreign_becomes_markup() {
    let desk = WebDesk::start().await;
    let evil = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'><svg/onload=alert(3)>";
    let mut answer = sample_answer();
    answer.text =
        format!("{evil}\n\n[x](javascript:alert(4)) ![y](https://evil.example/z)\n\n<iframe src=x>");
    answer.summary = evil.to_owned();
    answer.missing = vec![evil.to_owned()];
    answer.flags = vec![evil.to_owned()];
    answer.sources = vec![evil.to_owned()];
    answer.verdict = Verdict::NeedInfo;
    for finding in &mut answer.findings {
        finding.statement = evil.to_owned();
        finding.rule = evil.to_owned();
        finding.codes = vec![evil.to_owned()];
        finding.evidence.iter_mut().for_each(|e| e.locator = evil.to_owned());
    }
    answer.codes.iter_mut().for_each(|c| c.description = evil.to_owned());
    let question = Question { from: "a@b.example", subject: evil, text: evil, answer };
    let number = desk.ask(&question).await;
    desk.quarantine(&question, evil).await;
    let path = format!("/cases/{number}");
    let browser = desk.signed_in(Role::Admin).await;
    let case = browser.get(&path).await;
    let mail = case.body.split("/original/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let original = browser.submit(&case, &format!("{path}/original/{mail}"), &[]).await;
    assert_eq!(original.status, 200, "{}", original.body);
    assert!(original.body.contains("Jane Roe"));
    let editor = browser.get(&format!("{path}/edit")).await;
    let mut pages = vec![original, browser.submit(&editor, &format!("{path}/edit"), &[("text", evil)]).await];
    let decline = browser.get(&format!("{path}/decline")).await;
    pages.push(browser.submit(&decline, &format!("{path}/decline"), &[("reason", "")]).await);
    let paths = [
        "/queue",
        "/quarantine",
        "/deliveries",
        "/overview",
        "/users",
        "/sign-in?next=%3Cscript%3E",
        "/nowhere%3Cscript%3E",
    ];
    for page in paths.map(str::to_owned).into_iter().chain([
        path.clone(),
        format!("{path}/edit"),
        format!("{path}/preview"),
        format!("{path}/decline"),
        "/cases/%3Cscript%3Ealert(1)".to_owned(),
    ]) {
        pages.push(browser.get(&page).await);
    }
    pages.extend([case, editor, decline]);
    for page in pages {
        // Our own page has one script, by its file; everything else must have been escaped.
        let body = page.body.replace("<script src=\"/static/desk.js", "");
        for bad in ["<script", "<img", "<svg", "<iframe src=x", "href=\"javascript:", "src=x onerror=\""] {
            assert!(!body.contains(bad), "{bad} in {body}");
        }
    }
}

#[tokio::test]
async fn an_original_is_shown_to_reviewers_by_its_own_case_and_each_look_is_recorded() {
    let desk = WebDesk::start().await;
    let number = desk.ask(&sample_question(sample_answer())).await;
    let other = desk.ask(&sample_question(sample_answer())).await;
    let browser = desk.signed_in(Role::Reviewer).await;
    let page = browser.get(&format!("/cases/{number}")).await;
    assert!(!page.body.contains("Jane Roe"));
    let mail = page.body.split("/original/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let action = format!("/cases/{number}/original/{mail}");
    let original = browser.submit(&page, &action, &[]).await;
    assert!(original.body.contains("Jane Roe") && original.body.contains("is recorded"), "{}", original.body);
    let case = desk.case(&number).await;
    let trail = desk.store.audit_of(case.id.as_str()).await.unwrap();
    let look = trail.iter().find(|e| e.event == "original_viewed").expect("the look is recorded");
    assert_eq!(look.actor, "reviewer@desk.example");
    // By another case's page it is not found; by a link it is not shown.
    let csrf = page.field(&action, "csrf");
    let wrong = browser.post_raw(&format!("/cases/{other}/original/{mail}"), &[("csrf", csrf)]).await;
    assert_eq!(wrong.status, 404);
    assert_eq!(browser.get(&action).await.status, 405);
    let reader = desk.signed_in(Role::Reader).await;
    let csrf = reader.get("/queue").await.field("/sign-out", "csrf");
    assert_eq!(reader.post_raw(&action, &[("csrf", csrf)]).await.status, 403);
}

#[tokio::test]
async fn an_uncertain_delivery_is_settled_by_a_senior() {
    let desk = WebDesk::start().await;
    let number = desk.ask(&sample_question(sample_answer())).await;
    let path = format!("/cases/{number}");
    let rita = desk.signed_in(Role::Reviewer).await;
    // Approved without an undo window left: claim it as the worker does.
    let page = rita.get(&path).await;
    rita.submit(&page, &format!("{path}/approve"), &[]).await;
    let case = desk.case(&number).await;
    let id = desk.store.deliveries_of(&case.id).await.unwrap()[0].id.clone();
    let claimed = loop {
        if let Some(claimed) = desk.store.claim_delivery("consult").await.unwrap() {
            break claimed;
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    };
    assert!(desk.store.begin_data(&claimed.delivery).await.unwrap());
    desk.store
        .settle(&id, claimed.delivery.attempt, &Settlement::Lost, "connection lost after the dot")
        .await
        .unwrap();

    let seen = rita.get("/deliveries").await;
    assert!(seen.body.contains("connection lost after the dot") && !seen.body.contains("It was sent"));
    let action = format!("/deliveries/{id}/settle");
    let csrf = seen.field("/sign-out", "csrf");
    let fields = [("csrf", csrf), ("attempt", "1".to_owned()), ("event", "was_sent".to_owned())];
    assert_eq!(rita.post_raw(&action, &fields).await.status, 403);

    let sam = desk.signed_in(Role::Senior).await;
    let page = sam.get("/deliveries").await;
    let csrf = page.field("/sign-out", "csrf");
    let old = [("csrf", csrf), ("attempt", "7".to_owned()), ("event", "was_sent".to_owned())];
    assert_eq!(sam.post_raw(&action, &old).await.status, 409);
    assert_eq!(sam.submit(&page, &action, &[("event", "was_sent")]).await.status, 303);
    assert_eq!(desk.case(&number).await.state, CaseState::Answered);
    assert!(sam.get("/deliveries").await.body.contains("Every mail was either sent"));
}

#[tokio::test]
async fn quarantined_mail_is_listed_with_its_reason_and_filed_again() {
    let desk = WebDesk::start().await;
    let mail = desk.quarantine(&sample_question(sample_answer()), "It has several From addresses.").await;
    let action = format!("/quarantine/{mail}/retry");
    let rita = desk.signed_in(Role::Reviewer).await;
    let page = rita.get("/quarantine").await;
    assert!(page.body.contains("several From addresses") && !page.body.contains("File again"));
    let sam = desk.signed_in(Role::Senior).await;
    let page = sam.get("/quarantine").await;
    assert_eq!(sam.submit(&page, &action, &[("case", "CC-2026-99999")]).await.status, 404);
    assert_eq!(sam.submit(&page, &action, &[("case", "")]).await.status, 303);
    assert!(sam.get("/quarantine?retried=1").await.body.contains("filed anew"));
    assert!(desk.store.quarantined().await.unwrap().is_empty());
}

#[tokio::test]
async fn every_answer_carries_the_security_headers_and_errors_say_what_to_do() {
    let desk = WebDesk::start().await;
    let number = desk.ask(&sample_question(sample_answer())).await;
    let browser = desk.signed_in(Role::Reviewer).await;
    let case = format!("/cases/{number}");
    for path in ["/queue", "/sign-in", "/nowhere", "/cases/nonsense", &case, "/static/desk.css"] {
        let answer = browser.get(path).await;
        let header = |name: &str| answer.headers.get(name).map_or("", |v| v.to_str().unwrap()).to_owned();
        let policy = header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("x-frame-options"), "DENY");
        // No inline script or style would run anyway; there must be none.
        assert!(!answer.body.contains(" style=") && !answer.body.contains(" onclick="), "{path}");
    }
    let missing = browser.get("/nowhere").await;
    assert_eq!(missing.status, 404);
    assert!(missing.body.contains("Begin with the queue"), "{}", missing.body);
    assert!(browser.get("/cases/CC-2026-09999").await.body.contains("There is no case"));
    assert_eq!(browser.get("/cases/CC-2026-00001/approve").await.status, 405);
    let huge = browser.post_raw("/sign-in", &[("address", "x".repeat(2_000_000))]).await;
    assert_eq!(huge.status, 413);
    assert!(huge.body.contains("too much at once"), "{}", huge.body);

    let preview = browser.get(&format!("{case}/preview")).await;
    let policy = preview.headers.get("content-security-policy").unwrap().to_str().unwrap();
    assert!(policy.contains("sandbox") && policy.contains("frame-ancestors 'self'"), "{policy}");
    let health = desk.browser().get("/health").await;
    assert_eq!((health.status, health.body.as_str()), (200, "ok\n"));
}

/// Every page with plausible data. With CASECONSULTANT_TEST_PAGES=FOLDER they are kept there, to be looked at.
#[tokio::test]
async fn every_page_is_shown_with_sample_data() {
    let desk = WebDesk::start().await;
    let subjects = [
        ("Can 63020 and 63030 be billed together?", Verdict::Conditional),
        ("20610 both knees same day, RT/LT or 50?", Verdict::Answer),
        ("Re: 99214 with 20610: is modifier 25 enough when the visit was for the same knee?", Verdict::Yes),
        ("11721 and G0127 on the same date of service for one patient, routine foot care", Verdict::No),
        ("dx for chronic low back pain w/ sciatica, left", Verdict::NeedInfo),
        ("36415", Verdict::Answer),
        ("How do we get this paid?", Verdict::OutOfScope),
    ];
    let mut numbers = Vec::new();
    for (subject, verdict) in subjects {
        let mut answer = sample_answer();
        answer.verdict = verdict;
        if verdict != Verdict::Conditional {
            answer.flags = Vec::new();
        }
        numbers.push(desk.ask(&Question { subject, ..sample_question(answer) }).await);
    }
    let question = sample_question(sample_answer());
    desk.quarantine(&question, "It has several From addresses: choose the case it belongs to.").await;
    desk.store.sign_of_life("intake:consult", "").await.unwrap();
    desk.store.sign_of_life("deliver:consult", "mail.example.org: connection refused").await.unwrap();
    let browser = desk.signed_in(Role::Admin).await;
    let approved = format!("/cases/{}", numbers[1]);
    let page = browser.get(&approved).await;
    browser.submit(&page, &format!("{approved}/approve"), &[]).await;
    let case = format!("/cases/{}", numbers[0]);
    let folder = std::env::var_os("CASECONSULTANT_TEST_PAGES").map(std::path::PathBuf::from);
    let sign_in = desk.browser().get("/sign-in").await;
    let mut pages = vec![("sign_in", sign_in)];
    let done = format!("/queue?done={}", numbers[1]);
    for (name, path) in [
        ("queue", done.as_str()),
        ("case", case.as_str()),
        ("approved", approved.as_str()),
        ("edit", &format!("{case}/edit")),
        ("preview", &format!("{case}/preview")),
        ("decline", &format!("{case}/decline")),
        ("deliveries", "/deliveries"),
        ("quarantine", "/quarantine"),
        ("overview", "/overview"),
        ("users", "/users"),
    ] {
        let page = browser.get(path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.body);
        assert!(page.body.contains("</html>"), "{path}");
        pages.push((name, page));
    }
    pages.push(("error", browser.get("/nowhere").await));
    for (name, page) in pages {
        if let Some(folder) = &folder {
            std::fs::write(folder.join(format!("{name}.html")), page.body).unwrap();
        }
    }
}
