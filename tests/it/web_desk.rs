//! A desk with its pages on a free port, a few cases in its queue, and a person with a browser.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use caseconsultant::clock::Clock;
use caseconsultant::desk::{BookInUse, Desk, DeskMailbox, evidence_digest};
use caseconsultant::domain::*;
use caseconsultant::privacy::Keys;
use caseconsultant::render::Renderer;
use caseconsultant::store::{Filing, MailFacts, NewDraft, NewMail, NewUser, Store, StoreUrl};
use caseconsultant::web::{Pages, WebSettings, hash_password, router};

/// The codebook that the desk and its drafts rest on: the starter, built once.
pub(crate) static BOOK: LazyLock<BookInUse> = LazyLock::new(|| BookInUse::open(None).unwrap());
/// Everybody's password.
pub(crate) const PASSWORD: &str = "a long enough password";

/// A desk that serves its pages.
pub(crate) struct WebDesk {
    /// Its case database.
    pub(crate) store: Store,
    /// Its clock: the system's, since previews are dated by it.
    pub(crate) clock: Clock,
    /// `http://127.0.0.1:PORT`.
    pub(crate) url: String,
    _folder: tempfile::TempDir,
}

/// What a question says, and what its draft.
pub(crate) struct Question<'a> {
    /// The sender; empty for a mail that does not say.
    pub(crate) from: &'a str,
    /// The subject.
    pub(crate) subject: &'a str,
    /// The text.
    pub(crate) text: &'a str,
    /// What the consultant answers.
    pub(crate) answer: Answer,
}

impl WebDesk {
    /// Starts one with the four roles: reader@, reviewer@, senior@ and admin@desk.example.
    pub(crate) async fn start() -> Self {
        Self::start_open(false, false).await
    }

    /// As [`WebDesk::start`], with code pages that are open to the public.
    pub(crate) async fn start_open(public_codes: bool, public_cpt: bool) -> Self {
        Self::start_on(&BOOK, public_codes, public_cpt).await
    }

    /// As [`WebDesk::start_open`], on another codebook.
    pub(crate) async fn start_on(book: &BookInUse, public_codes: bool, public_cpt: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::system();
        let store =
            Store::connect(&StoreUrl::Sqlite(folder.path().join("cases.db")), clock.clone()).await.unwrap();
        store.migrate().await.unwrap();
        store.activate_codebook(&book.id()).await.unwrap();
        let identity = "imap consult@desk.example INBOX";
        store.register_mailbox("consult", identity, Timestamp::from_seconds(0)).await.unwrap();
        let hash = hash_password(PASSWORD, &clock).unwrap();
        for (role, name) in [
            (Role::Reader, ""),
            (Role::Reviewer, "Rita Reviewer"),
            (Role::Senior, "Sam Senior"),
            (Role::Admin, "Ada Admin"),
        ] {
            let new = NewUser {
                id: UserId::fresh(clock.new_id()),
                address: format!("{role}@desk.example").parse().unwrap(),
                name: name.to_owned(),
                credential: "CPC".to_owned(),
                role,
                password_hash: hash.clone(),
            };
            store.add_user(new, "test").await.unwrap();
        }
        let mailbox = DeskMailbox {
            address: "consult@desk.example".parse().unwrap(),
            plus_addressing: false,
            wants_copy: false,
            acknowledge: false,
        };
        let desk = Desk {
            store: store.clone(),
            renderer: Arc::new(Renderer::new(None).unwrap()),
            clock: clock.clone(),
            zone: jiff::tz::TimeZone::UTC,
            name: "Coding desk".to_owned(),
            mailboxes: Arc::new(BTreeMap::from([("consult".to_owned(), mailbox)])),
            book: book.clone(),
            undo_seconds: 10,
        };
        let keys = Keys::load_or_create(&folder.path().join("key"), &clock).unwrap();
        let settings = WebSettings {
            session: Duration::from_secs(3600),
            secure: false,
            behind_proxy: false,
            public_codes,
            public_cpt,
            database: "sqlite:cases.db".to_owned(),
            codebook: "starter codebook".to_owned(),
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let pages = Pages::new(desk, Arc::new(keys), settings);
        let service = router(pages).into_make_service_with_connect_info::<std::net::SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await });
        Self { store, clock, url, _folder: folder }
    }

    /// The key file's keys, as the workers use them.
    fn keys(&self) -> Keys {
        Keys::load(&self._folder.path().join("key")).unwrap()
    }

    /// Takes a mail in and files it as a new case, drafted and ready for review; its number.
    pub(crate) async fn ask(&self, question: &Question<'_>) -> String {
        let id = MailId::fresh(self.clock.new_id());
        let original = format!(
            "From: {}\r\nSubject: {}\r\nMessage-ID: <{id}@example.org>\r\nX-Patient: Jane Roe\r\n\r\n{}\r\n",
            question.from, question.subject, question.text
        );
        let sealed = self.keys().seal(&self.clock, id.as_str().as_bytes(), original.as_bytes()).unwrap();
        self.take_in(&id, sealed).await;
        let claim = self.store.claim_mail().await.unwrap().expect("the mail");
        let facts = self.facts(&id, question);
        let mut token = [0; 10];
        self.clock.random(&mut token);
        let filing = Filing::NewCase {
            year: 2026,
            token: ThreadToken::from_bytes(token),
            case_id: CaseId::fresh(self.clock.new_id()),
            asker: question.from.parse().ok(),
        };
        let case = self.store.file(&claim, &facts, filing).await.unwrap().expect("a case");
        let claim = self.store.claim_case(&BOOK.id()).await.unwrap().expect("the case");
        assert_eq!(claim.case.id, case);
        let draft = NewDraft {
            id: DraftId::fresh(self.clock.new_id()),
            kind: DeliveryKind::Answer,
            author: "consultant".to_owned(),
            text: question.answer.text.clone(),
            evidence_digest: evidence_digest(&question.answer),
            answer: question.answer.clone(),
            no_draft_reason: String::new(),
            codebook_id: BOOK.id(),
            newest_mail: Some(id),
        };
        self.store.store_draft(&claim, draft).await.unwrap();
        claim.case.number.to_string()
    }

    /// Takes a mail in and sets it aside.
    pub(crate) async fn quarantine(&self, question: &Question<'_>, reason: &str) -> MailId {
        let id = MailId::fresh(self.clock.new_id());
        self.take_in(&id, vec![1, 2, 3]).await;
        let claim = self.store.claim_mail().await.unwrap().expect("the mail");
        let filing = Filing::Quarantine { reason: reason.to_owned(), suggested: None };
        self.store.file(&claim, &self.facts(&id, question), filing).await.unwrap();
        id
    }

    async fn take_in(&self, id: &MailId, sealed: Vec<u8>) {
        let mail = NewMail {
            id: id.clone(),
            mailbox: "consult".to_owned(),
            source_key: format!("1:{id}"),
            size: 4321,
            sealed,
            content_digest: id.to_string(),
            arrived_at: self.clock.now(),
            too_large: None,
        };
        assert_eq!(self.store.take_in(vec![mail]).await.unwrap(), 1);
    }

    fn facts(&self, id: &MailId, question: &Question<'_>) -> MailFacts {
        MailFacts {
            references: Vec::new(),
            class: MailClass::Human,
            why: String::new(),
            sender: question.from.to_owned(),
            reply_to: String::new(),
            message_id: MessageId::new(&format!("{id}@example.org")),
            masked_subject: question.subject.to_owned(),
            masked_text: question.text.to_owned(),
            masked_trimmed: "-- \nBest regards".to_owned(),
            phi: vec!["name".to_owned(), "date_of_birth".to_owned()],
            attachments: serde_json::json!([{ "name": "op-note.pdf", "type": "application/pdf", "size": 81920 }]),
            problems: Vec::new(),
            sent_at: Some(self.clock.now()),
        }
    }

    /// A browser without a session.
    pub(crate) fn browser(&self) -> Browser {
        let client = reqwest::Client::builder()
            .cookie_store(true)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Browser { client, url: self.url.clone() }
    }

    /// A browser in which a role is signed in.
    pub(crate) async fn signed_in(&self, role: Role) -> Browser {
        let browser = self.browser();
        let fields = [("address", format!("{role}@desk.example")), ("password", PASSWORD.to_owned())];
        let answer = browser.post_raw("/sign-in", &fields).await;
        assert_eq!((answer.status, answer.location.as_str()), (303, "/queue"));
        browser
    }

    /// The case with this number.
    pub(crate) async fn case(&self, number: &str) -> caseconsultant::store::Case {
        self.store.case_by_number(number.parse().unwrap()).await.unwrap()
    }
}

/// What came back.
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) location: String,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: String,
}

impl Answered {
    /// The value of a hidden field of the form that posts to `action`.
    pub(crate) fn field(&self, action: &str, name: &str) -> String {
        let form = self.body.split(&format!("action=\"{action}\"")).nth(1).unwrap_or_else(|| {
            panic!("no form for {action} in {}", self.body);
        });
        let form = form.split("</form>").next().unwrap();
        let field = form.split(&format!("name=\"{name}\" value=\"")).nth(1);
        field.unwrap_or_else(|| panic!("no {name} in {form}")).split('"').next().unwrap().to_owned()
    }
}

/// A person's browser: keeps cookies, follows no redirect by itself, knows no JavaScript.
pub(crate) struct Browser {
    pub(crate) client: reqwest::Client,
    pub(crate) url: String,
}

impl Browser {
    pub(crate) async fn get(&self, path: &str) -> Answered {
        read(self.client.get(format!("{}{path}", self.url)).send().await.unwrap()).await
    }

    /// Posts fields as they are.
    pub(crate) async fn post_raw(&self, path: &str, fields: &[(&str, String)]) -> Answered {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in fields {
            body.append_pair(name, value);
        }
        let request = self
            .client
            .post(format!("{}{path}", self.url))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.finish());
        read(request.send().await.unwrap()).await
    }

    /// Posts the form of a page: with the hidden fields that it holds, and what the person typed.
    pub(crate) async fn submit(&self, page: &Answered, action: &str, typed: &[(&str, &str)]) -> Answered {
        let mut fields: Vec<(&str, String)> = typed.iter().map(|(n, v)| (*n, (*v).to_owned())).collect();
        let all = ["csrf", "version", "draft", "delivery", "digest", "cc", "kind", "attempt"];
        let form = page.body.split(&format!("action=\"{action}\"")).nth(1).unwrap_or_default();
        let form = form.split("</form>").next().unwrap();
        for name in all {
            if form.contains(&format!("type=\"hidden\" name=\"{name}\"")) {
                fields.push((name, page.field(action, name)));
            }
        }
        self.post_raw(action, &fields).await
    }
}

async fn read(response: reqwest::Response) -> Answered {
    let header = |name: &str| response.headers().get(name).map(|v| v.to_str().unwrap().to_owned());
    Answered {
        status: response.status().as_u16(),
        location: header("location").unwrap_or_default(),
        headers: response.headers().clone(),
        body: response.text().await.unwrap(),
    }
}

/// An answer as the consultant writes it.
pub(crate) fn sample_answer() -> Answer {
    let evidence = |locator: &str| Evidence {
        source: "NCCI PTP practitioner".to_owned(),
        release: "2026Q4".to_owned(),
        locator: locator.to_owned(),
    };
    Answer {
        verdict: Verdict::Conditional,
        summary: "Only for different interspaces, with modifier 59 or XS on 63020.".to_owned(),
        text: "**Only if** the two procedures were done at **different interspaces**.\n\n\
               NCCI bundles 63020 into 63030 with modifier indicator 1 [1]: an edit that a modifier can bypass \
               when the record supports it [2].\n\n\
               | Case | What to report |\n|---|---|\n| same interspace | 63030 alone |\n\
               | different regions | 63030, and 63020-59 (or XS) |\n\n\
               - Name both levels in the operative note.\n- A modifier used only to get paid is a false claim.\n\n\
               Each further interspace of the same region is 63035, an add-on code [3]."
            .to_owned(),
        date_of_service: None,
        codes: vec![
            MentionedCode {
                code: "63030".to_owned(),
                system: CodeSystem::Cpt,
                status: CodeStatus::Valid,
                description: "Lower back: removal of part of a disc to free a nerve, one interspace (our words)"
                    .to_owned(),
                valid_from: CivilDate::new(2001, 1, 1),
                valid_to: None,
            },
            MentionedCode {
                code: "63020".to_owned(),
                system: CodeSystem::Cpt,
                status: CodeStatus::Valid,
                description: "Neck: removal of part of a disc to free a nerve, one interspace (our words)".to_owned(),
                valid_from: CivilDate::new(2001, 1, 1),
                valid_to: None,
            },
        ],
        findings: vec![
            Finding {
                rule: "ptp".to_owned(),
                outcome: Outcome::Bypassable,
                codes: vec!["63030".to_owned(), "63020".to_owned()],
                detail: serde_json::json!({ "indicator": "1" }),
                statement: "63020 is a column 2 code of 63030; a modifier may bypass the edit.".to_owned(),
                evidence: vec![evidence("63030 / 63020, effective 2001-01-01")],
            },
            Finding {
                rule: "mue".to_owned(),
                outcome: Outcome::Pass,
                codes: vec!["63030".to_owned()],
                detail: serde_json::json!({ "units": 1, "mai": "2" }),
                statement: "One unit of 63030 is within the limit of 1 a day.".to_owned(),
                evidence: vec![evidence("63030")],
            },
            Finding {
                rule: "add_on".to_owned(),
                outcome: Outcome::Info,
                codes: vec!["63035".to_owned()],
                detail: serde_json::json!({}),
                statement: "63035 is reported beside its primary code, never alone.".to_owned(),
                evidence: vec![],
            },
        ],
        missing: vec!["The levels (interspaces) of both procedures".to_owned()],
        flags: vec!["phi_present".to_owned(), "not_verified".to_owned()],
        sources: vec![
            "NCCI PTP edits, practitioner, 2026Q4: 63030 / 63020, indicator 1".to_owned(),
            "NCCI Policy Manual 2026, ch. I, section E: modifiers".to_owned(),
            "NCCI add-on code edits, 2026: 63035, type I".to_owned(),
        ],
    }
}

/// A question that a coder asks.
pub(crate) fn sample_question(answer: Answer) -> Question<'static> {
    Question {
        from: "dana.coder@clinic.example",
        subject: "Can 63020 and 63030 be billed together?",
        text: "Hello,\n\nour surgeon did a discectomy on [name], born [date of birth], on 10/12/2026.\n\
               Can we bill 63020 and 63030 together for the same session? Medicare, Florida.\n\nThanks, Dana",
        answer,
    }
}
