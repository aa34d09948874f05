//! Where the signature begins. Only what a program marks as one: `-- `, or a mobile program's own line.

use super::marks::is_separator;

/// A signature longer than this is not one.
const MAX_LINES: usize = 20;

/// How the line of a mobile program begins (lower case).
const SENT_FROM: &[&str] = &[
    "sent from",
    "sent with",
    "sent using",
    "sent via",
    "sent by",
    "sent on the go",
    "get outlook for",
    "from my",
    "von meinem",
    "gesendet von",
    "gesendet mit",
    "diese nachricht wurde von",
    "envoyé de",
    "envoyé depuis",
    "envoyé avec",
    "télécharger outlook",
    "enviado desde",
    "enviado do",
    "enviado de",
    "inviato da",
    "verzonden vanaf",
    "verzonden met",
    "verstuurd vanaf",
    "skickat från",
    "sendt fra",
    "lähetetty",
    "wysłane z",
    "odesláno z",
    "отправлено с",
    "отправлено из",
    "發自我的",
    "发自我的",
    "iphoneから",
    "나의 iphone",
    "obtenir outlook",
    "holen sie sich outlook",
];
/// What it names, so that `Sent by fax, please advise` stays.
const DEVICES: &[&str] = &[
    "iphone",
    "ipad",
    "ios",
    "android",
    "mobil",
    "phone",
    "blackberry",
    "outlook",
    "samsung",
    "galaxy",
    "proton",
    "airmail",
    "spark",
    "superhuman",
    "k-9",
    "yahoo",
    "mailbox",
    "tablet",
    "pixel",
    "windows mail",
    "mail for windows",
    "thunderbird",
    "handy",
    "telefon",
    "téléphone",
    "móvil",
    "celular",
    "huawei",
    "xiaomi",
    "nokia",
    "on the go",
    "aquamail",
    "my ti-",
];

/// The line where the signature begins; the number of lines if there is none.
pub(super) fn start(lines: &[&str]) -> usize {
    let mut start = lines.len();
    // The last delimiter counts, and only near the end.
    if let Some(at) = lines.iter().rposition(|l| matches!(l.trim(), "--" | "—" | "––" | "- --")) {
        let below = lines.get(at + 1..).unwrap_or_default();
        let written = below.iter().filter(|l| !l.is_empty()).count();
        // `-- ` with its blank is the standard (RFC 3676, 4.3); two dashes may also part two paragraphs.
        let standard = lines.get(at) == Some(&"-- ");
        let text = below.iter().any(|l| asks(l) || (!standard && is_sentence(l)));
        if written <= MAX_LINES && !text {
            start = at;
        }
    }
    while let Some(earlier) = lines.get(..start).and_then(mobile) {
        start = earlier;
    }
    start
}

fn asks(line: &str) -> bool {
    line.trim_end().ends_with('?') && !line.contains("http")
}

fn is_sentence(line: &str) -> bool {
    line.split_whitespace().count() >= 5 && line.trim_end().ends_with(['.', '!', ':', '。'])
}

/// A mobile program's line as the last line of the text; several programs may each have added one.
fn mobile(lines: &[&str]) -> Option<usize> {
    let last = lines.iter().rposition(|l| !l.is_empty() && !is_separator(l))?;
    let line = lines.get(last)?.trim().trim_start_matches(['*', '_', '[', '-', ' ', '—']).to_lowercase();
    let begins = SENT_FROM.iter().any(|m| line.starts_with(m));
    let names = DEVICES.iter().any(|d| line.contains(d));
    // A sentence of the writer's may begin with the same words, but is longer, asks something or names a code.
    let short = line.chars().count() <= 90 && !line.ends_with('?');
    let digits = line.chars().filter(char::is_ascii_digit).count();
    (begins && names && short && digits < 4).then_some(last)
}
