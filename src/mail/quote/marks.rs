//! The marks that mail programs put before the mail they quote, in the languages of the field.

/// How a line of an attribution says "wrote" (lower case).
const WROTE: &[&str] = &[
    "wrote",
    "writes",
    "schrieb",
    "a écrit",
    "a ecrit",
    "escribió",
    "escribio",
    "ha scritto",
    "scrisse",
    "escreveu",
    "schreef",
    "skrev",
    "kirjoitti",
    "napisał",
    "napisal",
    "napsal",
    "napísal",
    "írta",
    "a scris",
    "je napisao",
    "написал",
    "писал",
    "пишет",
    "пише",
    "έγραψε",
    "yazdı",
    "đã viết",
    "menulis",
    "写道",
    "寫道",
    "のメッセージ",
    "書きました",
    "님이 작성",
    "작성:",
    "написа",
    "kirjutas",
    "rakstīja",
    "rašė",
    "כתב",
    "كتب",
    "เขียน",
    "<span dir=\"ltr\">",
    "va escriure",
    "skrifaði",
    "idatzi zuen",
];

/// How an attribution begins (lower case), if it is not with the writer.
const OPENERS: &[&str] = &[
    "on ",
    "am ",
    "le ",
    "el ",
    "il ",
    "em ",
    "op ",
    "den ",
    "på ",
    "dne ",
    "dňa ",
    "w dniu ",
    "w ",
    "dnia ",
    "в ",
    "στις ",
    "vào ",
    "pada ",
    "a ",
    "ons",
    "tor",
    "fre",
    "lör",
    "sön",
    "mån",
    "tis",
    "man",
    "tir",
    "lun",
    "mar",
    "mer",
    "jeu",
    "ven",
    "sam",
    "dim",
    "mié",
    "jue",
    "vie",
    "sáb",
    "dom",
    "gio",
    "sab",
    "ter",
    "qua",
    "qui",
    "sex",
    "seg",
    "za",
    "zo",
    "ma",
    "di",
    "wo",
    "do",
    "vr",
    "pe",
    "ke",
    "to",
    "ti",
    "la",
    "su",
    "mon",
    "tue",
    "wed",
    "thu",
    "fri",
    "sat",
    "sun",
    "20",
    "19",
    "at ",
];

/// Separators with words, without their dashes (lower case).
const ORIGINAL: &[&str] = &[
    "original message",
    "original appointment",
    "ursprüngliche nachricht",
    "originalnachricht",
    "original-nachricht",
    "ursprungliche nachricht",
    "message d'origine",
    "message original",
    "mensaje original",
    "messaggio originale",
    "mensagem original",
    "oorspronkelijk bericht",
    "ursprungligt meddelande",
    "originalmeddelande",
    "opprinnelig melding",
    "oprindelig meddelelse",
    "alkuperäinen viesti",
    "wiadomość oryginalna",
    "oryginalna wiadomość",
    "původní zpráva",
    "pôvodná správa",
    "eredeti üzenet",
    "mesaj original",
    "исходное сообщение",
    "orijinal ileti",
    "原始邮件",
    "原始郵件",
    "元のメッセージ",
    "original e-mail",
    "reply message",
    "原邮件",
    "원본 메시지",
    "reply to message",
    "antwort weiterleiten",
];

/// The same for a forwarded mail.
const FORWARDED: &[&str] = &[
    "forwarded message",
    "forwarded by",
    "begin forwarded message",
    "weitergeleitete nachricht",
    "anfang der weitergeleiteten",
    "message transféré",
    "début du message réexpédié",
    "mensaje reenviado",
    "inicio del mensaje reenviado",
    "messaggio inoltrato",
    "inizio messaggio inoltrato",
    "mensagem encaminhada",
    "início da mensagem",
    "doorgestuurd bericht",
    "begin doorgestuurd bericht",
    "vidarebefordrat",
    "videresendt",
    "vidarebefordrat mejl",
    "välitetty viesti",
    "przekazana wiadomość",
    "přeposlaná zpráva",
    "пересылаемое сообщение",
    "пересланное сообщение",
    "转发的邮件",
    "轉寄的郵件",
    "転送メッセージ",
    "전달된 메시지",
];

/// Names of header fields in quoted mails (lower case): From, Date, To, Subject, and others.
const FIELDS: &[&[&str]] = &[
    &[
        "from",
        "von",
        "de",
        "da",
        "van",
        "från",
        "fra",
        "od",
        "от",
        "lähettäjä",
        "feladó",
        "kimden",
        "gönderen",
        "发件人",
        "寄件者",
        "差出人",
        "보낸 사람",
        "από",
        "de la",
        "expéditeur",
        "remitente",
        "mittente",
        "відправник",
        "від",
        "from name",
    ],
    &[
        "sent",
        "date",
        "gesendet",
        "datum",
        "envoyé",
        "envoyée",
        "enviado",
        "enviado el",
        "enviada em",
        "enviada",
        "data",
        "inviato",
        "verzonden",
        "skickat",
        "sendt",
        "dato",
        "wysłano",
        "odesláno",
        "отправлено",
        "дата",
        "lähetetty",
        "päivämäärä",
        "fecha",
        "gönderildi",
        "tarih",
        "elküldve",
        "dátum",
        "发送时间",
        "日期",
        "已傳送",
        "送信日時",
        "日付",
        "보낸 날짜",
        "날짜",
        "ημερομηνία",
        "trimis",
        "sent at",
        "надіслано",
    ],
    &[
        "to",
        "an",
        "à",
        "a",
        "para",
        "aan",
        "till",
        "til",
        "do",
        "komu",
        "кому",
        "vastaanottaja",
        "címzett",
        "kime",
        "alıcı",
        "收件人",
        "收件者",
        "宛先",
        "받는 사람",
        "προς",
        "către",
        "pour",
        "destinatario",
    ],
    &[
        "subject",
        "betreff",
        "objet",
        "sujet",
        "asunto",
        "oggetto",
        "assunto",
        "onderwerp",
        "ämne",
        "emne",
        "temat",
        "předmět",
        "predmet",
        "тема",
        "aihe",
        "tárgy",
        "konu",
        "主题",
        "主旨",
        "件名",
        "제목",
        "θέμα",
        "subiect",
    ],
    &[
        "cc",
        "cci",
        "bcc",
        "kopie",
        "kopia",
        "copie à",
        "copia",
        "reply-to",
        "antwort an",
        "importance",
        "wichtigkeit",
        "attachments",
        "organization",
        "message-id",
        "抄送",
        "副本",
        "copy",
        "копия",
    ],
];

/// A line that quotes: `>`, also behind initials (`AB> `).
pub(super) fn is_quoted(line: &str) -> bool {
    let line = line.trim_start();
    if line.starts_with('>') || line.starts_with("&gt;") {
        // `>>>` alone may be a prompt in pasted code, but pasted code is rare below a signature.
        return true;
    }
    let initials = line.chars().take_while(char::is_ascii_uppercase).count();
    (2..=3).contains(&initials) && line.get(initials..).is_some_and(|r| r.starts_with("> "))
}

/// A rule: nothing but dashes, underscores, stars and the like; or the mark Gmail add-ons leave behind.
pub(super) fn is_separator(line: &str) -> bool {
    let line = line.trim();
    let rule = |c: char| {
        matches!(c, '-' | '_' | '=' | '*' | '~' | '#' | '+' | '—' | '–' | '─' | '━' | '\u{1427}' | '\u{200b}')
    };
    !line.is_empty()
        && line.chars().all(|c| rule(c) || c == ' ')
        && (line.chars().count() >= 2 || line == "\u{1427}" || line == "—")
}

fn plain(line: &str) -> String {
    line.trim_matches(|c: char| c.is_whitespace() || "-_=*>|#~—–+".contains(c))
        .trim_end_matches([':', '：'])
        .trim()
        .to_lowercase()
}

/// A forwarded mail begins.
pub(super) fn forward(lines: &[&str]) -> bool {
    let Some(line) = lines.first().filter(|l| l.len() < 200) else { return false };
    let marked = line.trim_start().starts_with(['-', '_', '=', '*']) || line.trim_end().ends_with(':');
    let text = plain(line);
    marked && FORWARDED.iter().any(|f| text.starts_with(f))
}

/// A separator below which all is quoted: `-----Original Message-----`, or a line that asks to write above it.
pub(super) fn cut_here(lines: &[&str]) -> bool {
    let Some(line) = lines.first().filter(|l| l.len() < 200) else { return false };
    let text = plain(line);
    let dashed = line.trim_start().starts_with(['-', '_', '=', '*', '—'])
        && line.trim_end().ends_with(['-', '_', '=', '*', '—']);
    if dashed && ORIGINAL.iter().any(|o| text == *o) {
        return true;
    }
    [
        "reply above this line",
        "write above this line",
        "type your reply above",
        "reply above the line",
        "antworten sie oberhalb dieser",
    ]
    .iter()
    .any(|w| text.contains(w))
        && text.len() < 120
}

/// `On Mon, 5 Jan 2026 at 09:03, Amy <amy@…> wrote:`, in one to four lines; how many.
pub(super) fn attribution(lines: &[&str]) -> Option<usize> {
    let first = lines.first()?.trim_start();
    if first.is_empty() || first.len() > 400 {
        return None;
    }
    // Gmail quotes an attribution within a quoted mail: that is not the outermost one.
    if is_quoted(first) {
        return None;
    }
    let mut joined = String::new();
    for (n, line) in lines.iter().take(4).enumerate() {
        let line = line.trim();
        if line.is_empty() || (n > 0 && is_quoted(line)) {
            return None;
        }
        if n > 0 {
            joined.push(' ');
        }
        joined.push_str(line);
        if joined.len() > 500 {
            return None;
        }
        if is_attribution(&joined) {
            return Some(n + 1);
        }
    }
    None
}

fn is_attribution(line: &str) -> bool {
    let lower = line.to_lowercase();
    let lower = lower.trim_start_matches(['*', '-', '|', ' ']).trim_end_matches(['*', ' ']);
    let ends = lower.ends_with([':', '：']) || lower.ends_with(":>") || lower.ends_with(": >");
    let digits = lower.chars().filter(char::is_ascii_digit).count();
    let address = lower.contains('@') || lower.contains("[mailto:") || lower.contains("<mailto:");
    let tail: String = last_chars(lower, 160);
    let wrote = WROTE.iter().any(|w| contains_word(&tail, w));
    let opener = OPENERS.iter().any(|o| lower.starts_with(o));
    // A date and an address or an opener: what a person writes has rarely all of them and a colon at the end.
    if wrote && ends && digits >= 2 && (opener || address) {
        return true;
    }
    if wrote && ends && address {
        return true;
    }
    // Without the verb (older Gmail, Korean, some web mailers): `2026-01-05 9:03 GMT+01:00 Amy <amy@x.example>:`.
    let dated = digits >= 6 && (lower.contains("20") || lower.contains("19")) && lower.contains(':');
    ends && dated && opener && lower.trim_end_matches([':', '：', ' ']).ends_with('>') && address
}

fn contains_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let before = text.get(..at).and_then(|t| t.chars().next_back());
        before.is_none_or(|c| !c.is_alphabetic() || !c.is_ascii())
    })
}

fn last_chars(text: &str, count: usize) -> String {
    let total = text.chars().count();
    text.chars().skip(total.saturating_sub(count)).collect()
}

/// `From: … Sent: … To: … Subject: …`, as Outlook and many others write before a quoted mail; its length in lines.
pub(super) fn header_block(lines: &[&str]) -> Option<usize> {
    let first = field(lines.first()?)?;
    let mut seen = [false; 5];
    let mut length = 0;
    let mut gaps = 0;
    for (n, line) in lines.iter().take(16).enumerate() {
        if line.trim().is_empty() {
            gaps += 1;
            if gaps > 6 {
                break;
            }
            continue;
        }
        match field(line) {
            Some(kind) => {
                if let Some(slot) = seen.get_mut(kind) {
                    *slot = true;
                }
                length = n + 1;
            }
            // A long list of recipients goes on in the next line.
            None if gaps == 0
                && n > 0
                && length == n
                && (line.starts_with([' ', '\t']) || line.contains('@')) =>
            {
                length = n + 1
            }
            None => break,
        }
    }
    let [from, date, to, subject, _] = seen;
    let main = [from, date, to, subject].iter().filter(|s| **s).count();
    ((from && main >= 3) || (first == 1 && date && to && subject)).then_some(length)
}

/// Which field a line is: 0 From, 1 Date, 2 To, 3 Subject, 4 another.
fn field(line: &str) -> Option<usize> {
    let line = line.trim_start_matches(['>', ' ', '*', '|', '\t']);
    let (name, value) = line.split_once([':', '：'])?;
    let name = name.trim_matches(|c: char| c == '*' || c.is_whitespace()).to_lowercase();
    if name.chars().count() > 20 || value.trim_matches(['*', ' ']).is_empty() {
        return None;
    }
    FIELDS.iter().position(|names| names.contains(&name.as_str()))
}
