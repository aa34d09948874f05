//! Where the signature begins. Only what a program marks as one: `-- `, or a mobile program's own line.

use super::marks::is_separator;

/// A signature longer than this is not one.
const MAX_LINES: usize = 20;

/// What mobile programs add (lower case).
const MOBILE: &[&str] = &[
    "sent from my",
    "sent from mail for",
    "sent from outlook",
    "get outlook for",
    "sent from yahoo",
    "sent with",
    "sent using",
    "sent via",
    "sent by",
    "sent from",
    "sent on the go",
    "von meinem",
    "gesendet von",
    "gesendet mit",
    "envoyé de mon",
    "envoyé depuis",
    "enviado desde mi",
    "enviado desde",
    "enviado do meu",
    "enviado de mi",
    "inviato da",
    "inviato dal",
    "verzonden vanaf",
    "verstuurd vanaf",
    "verzonden met",
    "skickat från",
    "sendt fra",
    "lähetetty",
    "wysłane z",
    "odesláno z",
    "отправлено с",
    "отправлено из",
    "από το",
    "iphone'umdan",
    "發自我的",
    "发自我的",
    "iphoneから送信",
    "나의 iphone",
    "nokia",
    "envoyé avec",
    "provided by",
    "télécharger outlook",
];

/// The line where the signature begins; the number of lines if there is none.
pub(super) fn start(lines: &[&str]) -> usize {
    let none = lines.len();
    let mut start = none;
    // The last delimiter counts, and only near the end.
    let delimiter = lines.iter().rposition(|l| matches!(l.trim(), "--" | "—" | "––" | "- --"));
    if let Some(at) = delimiter {
        let below = lines.get(at + 1..).unwrap_or_default();
        let written = below.iter().filter(|l| !l.is_empty()).count();
        let asks = below.iter().any(|l| l.trim_end().ends_with('?') && !l.contains("http"));
        if written <= MAX_LINES && !asks {
            start = at;
        }
    }
    while let Some(earlier) = lines.get(..start).and_then(mobile) {
        start = earlier;
    }
    start
}

/// A mobile program's line as the last line of the text; several programs may each have added one.
fn mobile(lines: &[&str]) -> Option<usize> {
    let last = lines.iter().rposition(|l| !l.is_empty() && !is_separator(l))?;
    let line = lines.get(last)?.trim().trim_start_matches(['*', '_', '[', '-', ' ', '—']).to_lowercase();
    let known = MOBILE.iter().any(|m| line.starts_with(m));
    // A sentence of the writer's may begin with the same words, but is longer or asks something.
    let short = line.chars().count() <= 90 && !line.ends_with('?');
    (known && short).then_some(last)
}
