//! Reading: which mails there are, how large they are, their headers, their bytes. Nothing in here marks a mail.

use async_imap::imap_proto::{AttributeValue, MailboxDatum, MessageSection, Response, SectionPath};
use jiff::fmt::strtime;

use super::ImapError;
use super::session::ImapSession;
use super::uid_set::uid_set;
use super::wire::{Limits, quoted};
use crate::domain::Timestamp;

/// At most so many mails are fetched at once …
const BATCH_MAILS: usize = 64;
/// … and at most so many bytes, unless a single mail is larger.
const BATCH_BYTES: u64 = 8 * 1024 * 1024;
/// So many mails are listed by one command.
const LIST_MAILS: usize = 500;
/// The most that is read of a mail's header.
const HEADER_BYTES: u64 = 256 * 1024;

/// A mail as the server lists it, before it is fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its UID in the selected folder.
    pub uid: u32,
    /// Its size in bytes as the server gives it.
    pub size: u64,
    /// When it reached the mailbox; `None` if the server gives no date that can be read.
    pub internal_date: Option<Timestamp>,
    /// Its flags: `\Seen`, `\Deleted`, `$Junk` …
    pub flags: Vec<String>,
}

/// A mail's bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Fetched {
    /// Its UID in the selected folder.
    pub uid: u32,
    /// The whole mail.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Fetched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Fetched({}, {} bytes)", self.uid, self.bytes.len())
    }
}

/// Splits mails into batches, each of at most 64 mails and 8 MB (or a single larger mail), in the same order.
#[must_use]
pub fn batches(mails: &[Listed]) -> Vec<Vec<Listed>> {
    let mut batches: Vec<Vec<Listed>> = Vec::new();
    let mut bytes = 0u64;
    for mail in mails {
        let fits = bytes.saturating_add(mail.size) <= BATCH_BYTES;
        match batches.last_mut() {
            Some(batch) if fits && batch.len() < BATCH_MAILS => batch.push(mail.clone()),
            _ => {
                batches.push(vec![mail.clone()]);
                bytes = 0;
            }
        }
        bytes = bytes.saturating_add(mail.size);
    }
    batches
}

impl ImapSession {
    /// The UIDs of all mails in the selected folder, ascending.
    ///
    /// # Errors
    /// See [`ImapError`]; never an empty list in place of an error.
    pub async fn uids(&mut self) -> Result<Vec<u32>, ImapError> {
        // Mail that arrives while the search runs is told of again.
        self.wire.new_mail = false;
        let mut uids = self.search("ALL").await?;
        uids.sort_unstable();
        uids.dedup();
        Ok(uids)
    }

    /// Size, arrival and flags of the given mails. Those that are gone are missing from the list.
    ///
    /// # Errors
    /// See [`ImapError`].
    pub async fn sizes(&mut self, uids: &[u32]) -> Result<Vec<Listed>, ImapError> {
        let mut list = Vec::with_capacity(uids.len());
        for batch in uids.chunks(LIST_MAILS) {
            let line = format!("UID FETCH {} (UID RFC822.SIZE INTERNALDATE FLAGS)", uid_set(batch));
            let limits = Limits::small(self.timeouts.command);
            self.wire.run("FETCH", &line, limits, |answer| list.extend(listed(answer))).await?;
        }
        list.retain(|mail: &Listed| uids.contains(&mail.uid));
        list.sort_by_key(|mail| mail.uid);
        list.dedup_by_key(|mail| mail.uid);
        Ok(list)
    }

    /// The bytes of a batch of mails, without marking them as read. Those that are gone are missing.
    ///
    /// Pass what [`batches`] gave, without the mails over the mailbox's `max_size`: the whole answer is held in
    /// memory.
    ///
    /// # Errors
    /// See [`ImapError`]; [`ImapError::Protocol`] if the server sends far more than the listed sizes.
    pub async fn fetch(&mut self, batch: &[Listed]) -> Result<Vec<Fetched>, ImapError> {
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        let uids: Vec<u32> = batch.iter().map(|mail| mail.uid).collect();
        let size = batch.iter().fold(0u64, |sum, mail| sum.saturating_add(mail.size));
        let line = format!("UID FETCH {} (UID BODY.PEEK[])", uid_set(&uids));
        let mut mails = Vec::with_capacity(batch.len());
        let limits = Limits::sized(self.timeouts.command, size);
        self.wire
            .run("FETCH", &line, limits, |answer| {
                if let Some((uid, bytes)) = section(answer, None)
                    && uids.contains(&uid)
                {
                    mails.push(Fetched { uid, bytes });
                }
            })
            .await?;
        mails.sort_by_key(|mail| mail.uid);
        mails.dedup_by_key(|mail| mail.uid);
        Ok(mails)
    }

    /// The header of a mail (for one over `max_size`), at most its first 256 KB; `None` if it is gone.
    ///
    /// # Errors
    /// See [`ImapError`].
    pub async fn fetch_header(&mut self, uid: u32) -> Result<Option<Vec<u8>>, ImapError> {
        let line = format!("UID FETCH {uid} (UID BODY.PEEK[HEADER]<0.{HEADER_BYTES}>)");
        let mut header = None;
        let limits = Limits::sized(self.timeouts.command, HEADER_BYTES);
        self.wire
            .run("FETCH", &line, limits, |answer| {
                if let Some((found, bytes)) =
                    section(answer, Some(&SectionPath::Full(MessageSection::Header)))
                    && found == uid
                {
                    header = Some(bytes);
                }
            })
            .await?;
        Ok(header)
    }

    /// Whether `folder` holds a copy of a delivery: by its Message-ID, or by its `X-CaseConsultant-Delivery` header
    /// (some providers replace the Message-ID). No folder means no copy. Another folder is open afterwards: select
    /// the inbox again.
    ///
    /// # Errors
    /// See [`ImapError`].
    pub async fn find_in_folder(
        &mut self,
        folder: &str,
        message_id: &str,
        delivery: &str,
    ) -> Result<bool, ImapError> {
        match self.examine(folder).await {
            Err(ImapError::Refused { .. }) => return Ok(false),
            other => other?,
        };
        let message_id = message_id.trim_matches(['<', '>', ' ']);
        let query = format!(
            "OR HEADER Message-ID {} HEADER X-CaseConsultant-Delivery {}",
            quoted(message_id),
            quoted(delivery)
        );
        Ok(!self.search(&query).await?.is_empty())
    }

    async fn search(&mut self, query: &str) -> Result<Vec<u32>, ImapError> {
        let mut uids = Vec::new();
        let limits = Limits::small(self.timeouts.command);
        self.wire
            .run("SEARCH", &format!("UID SEARCH {query}"), limits, |answer| {
                if let Response::MailboxData(MailboxDatum::Search(found)) = answer {
                    uids.extend_from_slice(found);
                }
            })
            .await?;
        Ok(uids)
    }
}

/// The list entry in an answer; `None` for anything else, such as a change of flags that came unasked.
fn listed(answer: &Response<'_>) -> Option<Listed> {
    let Response::Fetch(_, attributes) = answer else { return None };
    let (mut uid, mut size, mut internal_date, mut flags) = (None, None, None, Vec::new());
    for attribute in attributes {
        match attribute {
            AttributeValue::Uid(n) => uid = Some(*n),
            AttributeValue::Rfc822Size(n) => size = Some(u64::from(*n)),
            AttributeValue::InternalDate(text) => internal_date = arrival(text),
            AttributeValue::Flags(list) => flags = list.iter().map(|flag| flag.to_string()).collect(),
            _ => {}
        }
    }
    Some(Listed { uid: uid?, size: size?, internal_date, flags })
}

fn section(answer: &Response<'_>, wanted: Option<&SectionPath>) -> Option<(u32, Vec<u8>)> {
    let Response::Fetch(_, attributes) = answer else { return None };
    let (mut uid, mut bytes) = (None, None);
    for attribute in attributes {
        match attribute {
            AttributeValue::Uid(n) => uid = Some(*n),
            AttributeValue::BodySection { section, data: Some(data), .. } if section.as_ref() == wanted => {
                bytes = Some(data.to_vec());
            }
            _ => {}
        }
    }
    Some((uid?, bytes?))
}

/// `17-Jul-1996 02:44:25 -0700`; the day may be padded with a space.
fn arrival(text: &str) -> Option<Timestamp> {
    let time = strtime::parse("%d-%b-%Y %H:%M:%S %z", text.trim()).ok()?.to_timestamp().ok()?;
    Some(Timestamp::from_micros(time.as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(uid: u32, size: u64) -> Listed {
        Listed { uid, size, internal_date: None, flags: Vec::new() }
    }

    fn shape(mails: &[Listed]) -> Vec<usize> {
        batches(mails).iter().map(Vec::len).collect()
    }

    #[test]
    fn batches_are_bounded_in_mails_and_bytes() {
        let many: Vec<Listed> = (1..=150).map(|uid| mail(uid, 1000)).collect();
        assert_eq!(shape(&many), [64, 64, 22]);
        let mb = 1024 * 1024;
        assert_eq!(shape(&[mail(1, 30 * mb), mail(2, mb), mail(3, 7 * mb), mail(4, 1)]), [1, 2, 1]);
        assert_eq!(shape(&[]), [0; 0]);
    }

    #[test]
    fn reads_arrival_dates() {
        let want = Some(Timestamp::from_micros(837_596_665_000_000));
        assert_eq!(arrival("17-Jul-1996 02:44:25 -0700"), want);
        assert_eq!(arrival(" 7-Jul-1996 02:44:25 -0700").map(|t| t.micros()), Some(836_732_665_000_000));
        assert_eq!(arrival("yesterday"), None);
    }
}
