//! The main flow in a real browser: the demo, from its first question to the reply on its page.

use std::sync::Arc;
use std::time::{Duration, Instant};

use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use tempfile::TempDir;

use crate::support::real_desk::{PATIENCE, Serving, program};
use crate::support::servers::variable;

const ADDED: &str = "Call me on any weekday morning.";

#[derive(Clone)]
struct Browser {
    client: Client,
    url: String,
    _profile: Arc<TempDir>,
}

#[tokio::test]
async fn a_reviewer_signs_in_edits_approves_and_declines() {
    in_a_browser(|browser, said| async move { review(&browser, &said).await }).await;
}

#[tokio::test]
async fn codes_are_suggested_while_one_types_and_taken_by_keys() {
    in_a_browser(|browser, said| async move { suggest(&browser, &said).await }).await;
}

/// Runs a flow in a browser at a demo of its own, given what the demo said; both end with it, whatever fails.
async fn in_a_browser<F: Future<Output = ()> + Send + 'static>(flow: impl FnOnce(Browser, String) -> F) {
    if variable("CC_TEST_WEBDRIVER_URL").is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut command = program();
    command.current_dir(folder.path()).args(["demo", "--dir", "desk", "--port", "0"]);
    let demo = Serving::start(command, &folder.path().join("demo.log"));
    let browser = Browser::open(demo.url()).await;
    let outcome = tokio::spawn(flow(browser.clone(), demo.said.clone())).await;
    browser.client.close().await.unwrap();
    outcome.unwrap();
    assert_eq!(demo.terminate().0.code(), Some(0));
}

async fn suggest(browser: &Browser, said: &str) {
    use fantoccini::key::Key;
    let word = |after: &str| said.split(after).nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    browser.goto("/codes").await;
    browser.fill("#address", &word("sign in as")).await;
    browser.fill("#password", &word("with password")).await;
    browser.press("form[action='/sign-in'] button").await;
    let field = browser.wait_for("the search field", "#q[role=combobox]").await;
    field.send_keys("low back pa").await.unwrap();
    browser.wait_for("a suggestion", "#suggestions:not([hidden]) [role=option]").await;
    assert_eq!(field.attr("aria-expanded").await.unwrap().as_deref(), Some("true"));

    // Escape closes the list and keeps the words; typing on opens it again.
    let key = |key: Key| char::from(key).to_string();
    field.send_keys(&key(Key::Escape)).await.unwrap();
    assert_eq!(field.attr("aria-expanded").await.unwrap().as_deref(), Some("false"));
    field.send_keys("in").await.unwrap();
    browser.wait_for("a suggestion again", "#suggestions:not([hidden]) [role=option]").await;
    field.send_keys(&key(Key::Down)).await.unwrap();
    let chosen = browser.wait_for("the chosen one", "[role=option][aria-selected=true]").await;
    let (id, text) = (chosen.attr("id").await.unwrap(), chosen.text().await.unwrap());
    assert_eq!(field.attr("aria-activedescendant").await.unwrap(), id);
    field.send_keys(&key(Key::Enter)).await.unwrap();
    let code = text.split_whitespace().next().unwrap().to_owned();
    browser.wait_for("the code's page", ".code-head h1").await;
    assert_eq!(browser.text(".code-head h1 code").await, code);

    // Enter without a choice is the form's own search.
    browser.goto("/codes").await;
    let field = browser.wait_for("the search field", "#q[role=combobox]").await;
    field.send_keys(&format!("knee injection{}", key(Key::Enter))).await.unwrap();
    browser.wait_for("the hits", ".hits li").await;
}

async fn review(browser: &Browser, said: &str) {
    let word = |after: &str| said.split(after).nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    browser.goto("/").await;
    browser.fill("#address", &word("sign in as")).await;
    browser.fill("#password", &word("with password")).await;
    browser.press("form[action='/sign-in'] button").await;
    browser.wait_for("the list of what waits", ".filters").await;
    browser
        .wait_until("the queue", || async {
            // The drafts of the demo may still be being written.
            browser.goto("/queue").await;
            browser.source().await.contains("id=\"queue\"")
        })
        .await;

    // The first case: question, draft and evidence beside one another.
    let number = browser.text("#queue a").await;
    browser.press("#queue a").await;
    browser.wait_for("the case", ".column.question").await;
    assert!(!browser.text(".column.question .text").await.trim().is_empty());
    assert!(!browser.text(".column.draft .prose").await.trim().is_empty());
    assert!(!browser.text(".column.evidence .finding").await.trim().is_empty());

    // Edit: the preview shows the mail with the added line before it is saved.
    browser.press("a[data-key=e]").await;
    let editor = browser.wait_for("the editor", "#text").await;
    editor.send_keys(&format!("\n\n{ADDED}\n")).await.unwrap();
    browser.press("button[data-key=p]").await;
    browser.wait_until("the preview", || async { browser.preview().await.contains(ADDED) }).await;
    browser.press("button[data-key=s]").await;
    browser.wait_for("the case", ".column.draft").await;
    assert!(browser.text(".column.draft .prose").await.contains(ADDED));

    // Approve: the case leaves the list of what waits, and the reply arrives at the asker's.
    browser.press("button[data-key=a]").await;
    browser.wait_for("the notice", ".notice.good").await;
    browser
        .wait_until("the reply", || async {
            browser.goto("/demo").await;
            browser.source().await.contains(ADDED)
        })
        .await;
    let replies = browser.client.find_all(Locator::Css("article.letter")).await.unwrap();
    let mut ours = Vec::new();
    for reply in replies {
        let text = reply.text().await.unwrap();
        if text.contains(ADDED) {
            ours.push(text);
        }
    }
    assert_eq!(ours.len(), 1, "{ours:?}");
    assert!(ours[0].contains(&format!("[{number}]")), "{ours:?}");

    // A question of one's own is drafted at once.
    browser.fill("#from", "coder@browser.example").await;
    browser.fill("#subject", "A knee injection in the browser").await;
    browser.fill("#text", "Can we bill 20610 twice on one day? Medicare, 2024-08-15.").await;
    browser.press("form[action='/demo'] button.primary").await;
    browser.wait_for("the confirmation", ".notice.good").await;
    let sent = Instant::now();
    browser
        .wait_until("its draft", || async {
            browser.goto("/queue").await;
            browser.row("A knee injection in the browser").await.is_some_and(|row| row.contains("to review"))
        })
        .await;
    println!("the draft of the demo's question was in the queue after {:?}", sent.elapsed());

    // Decline without a reply: it is gone, and nobody is written to.
    browser
        .client
        .find(Locator::LinkText("A knee injection in the browser"))
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    browser.wait_for("the case", ".column.draft").await;
    browser.press("a[data-key=d]").await;
    browser.wait_for("the choices", "#reason").await;
    browser.fill("#reason", "Asked by telephone.").await;
    browser.press("form[action$='/decline'] button").await;
    browser
        .wait_until("the queue without it", || async {
            browser.goto("/queue").await;
            browser.row("A knee injection in the browser").await.is_none()
        })
        .await;
    browser.goto("/demo").await;
    assert!(!browser.source().await.contains("Re: A knee injection in the browser"));
}

impl Browser {
    async fn open(url: String) -> Self {
        let profile = tempfile::tempdir().unwrap();
        let mut args: Vec<String> =
            variable("CC_TEST_CHROMIUM_ARGS").unwrap().split_whitespace().map(str::to_owned).collect();
        args.push(format!("--user-data-dir={}", profile.path().display()));
        let options = json!({ "binary": variable("CC_TEST_CHROMIUM").unwrap(), "args": args });
        let capabilities = json!({ "browserName": "chrome", "goog:chromeOptions": options });
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities.as_object().unwrap().clone())
            .connect(&variable("CC_TEST_WEBDRIVER_URL").unwrap())
            .await
            .unwrap();
        Self { client, url, _profile: Arc::new(profile) }
    }

    async fn goto(&self, path: &str) {
        self.client.goto(&format!("{}{path}", self.url)).await.unwrap();
    }

    async fn wait_for(&self, what: &str, css: &str) -> fantoccini::elements::Element {
        match self.client.wait().at_most(PATIENCE).for_element(Locator::Css(css)).await {
            Ok(element) => element,
            Err(error) => panic!("waited in vain for {what} ({error}): {}", self.source().await),
        }
    }

    async fn wait_until<F: Future<Output = bool>>(&self, what: &str, is: impl Fn() -> F) {
        let began = Instant::now();
        while !is().await {
            assert!(began.elapsed() < PATIENCE, "waited in vain for {what}: {}", self.source().await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn fill(&self, css: &str, value: &str) {
        let field = self.wait_for(css, css).await;
        field.clear().await.unwrap();
        field.send_keys(value).await.unwrap();
    }

    async fn press(&self, css: &str) {
        self.wait_for(css, css).await.click().await.unwrap();
    }

    async fn text(&self, css: &str) -> String {
        self.wait_for(css, css).await.text().await.unwrap()
    }

    async fn source(&self) -> String {
        self.client.source().await.unwrap()
    }

    /// What the preview's frame shows; empty while it loads.
    async fn preview(&self) -> String {
        let frame = self.wait_for("the preview", "#preview").await;
        if frame.enter_frame().await.is_err() {
            return String::new();
        }
        let text = self.client.source().await.unwrap_or_default();
        self.client.enter_parent_frame().await.unwrap();
        text
    }

    /// The text of the queue's row that holds these words.
    async fn row(&self, words: &str) -> Option<String> {
        for row in self.client.find_all(Locator::Css("#queue tr[data-row]")).await.unwrap() {
            let text = row.text().await.unwrap();
            if text.contains(words) {
                return Some(text.to_lowercase());
            }
        }
        None
    }
}
