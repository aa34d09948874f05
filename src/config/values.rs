//! Values that stand in the configuration as text: sizes, durations, zones, and the choices of a mailbox.

use std::time::Duration;

use jiff::tz::TimeZone;

use crate::domain::CivilDate;

/// What happens on the server to a mail once it is filed (`on_filed`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OnFiled {
    /// It is marked as read.
    Seen,
    /// It is moved to this folder.
    Move(String),
    /// Nothing.
    Nothing,
}

/// Where the copy of a sent mail goes (`sent`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SentCopy {
    /// We append it to this folder of the inbox's account.
    Append(String),
    /// The provider files it by itself.
    Server,
    /// No copy is kept on the server.
    None,
}

/// Which mail of a new mailbox is taken up (`import_from`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportFrom {
    /// What arrives from the first start on.
    Now,
    /// Everything.
    All,
    /// What arrived on or after this date (at the desk).
    Since(CivilDate),
}

/// What to do with a mail of which it is not known whether the server took it (`on_uncertain`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnUncertain {
    /// A person decides.
    Hold,
    /// The same bytes go out again, with the same Message-ID.
    Resend,
}

/// How to sign in to a mail server (`auth`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auth {
    /// With a password.
    Password,
    /// With an access token (XOAUTH2), read anew for each connection.
    OAuth2,
}

pub(super) fn on_filed(text: &str) -> Result<OnFiled, String> {
    match text.split_once(':') {
        None if text == "seen" => Ok(OnFiled::Seen),
        None if text == "nothing" => Ok(OnFiled::Nothing),
        Some(("move", name)) => folder(name).map(OnFiled::Move),
        _ => Err(format!("`{text}` is not known: write \"seen\", \"move:FOLDER\" or \"nothing\"")),
    }
}

pub(super) fn sent(text: &str) -> Result<SentCopy, String> {
    match text.split_once(':') {
        None if text == "server" => Ok(SentCopy::Server),
        None if text == "none" => Ok(SentCopy::None),
        Some(("append", name)) => folder(name).map(SentCopy::Append),
        _ => Err(format!("`{text}` is not known: write \"append:FOLDER\", \"server\" or \"none\"")),
    }
}

fn folder(name: &str) -> Result<String, String> {
    if name.trim().is_empty() || name.chars().any(char::is_control) {
        return Err("name the folder behind the colon, for example \"append:Sent\"".to_owned());
    }
    Ok(name.trim().to_owned())
}

pub(super) fn import_from(text: &str) -> Result<ImportFrom, String> {
    match text {
        "now" => Ok(ImportFrom::Now),
        "all" => Ok(ImportFrom::All),
        _ => text.parse().map(ImportFrom::Since).map_err(|_| {
            format!("`{text}` is not known: write \"now\", \"all\" or a date such as \"2026-01-31\"")
        }),
    }
}

pub(super) fn on_uncertain(text: &str) -> Result<OnUncertain, String> {
    match text {
        "hold" => Ok(OnUncertain::Hold),
        "resend" => Ok(OnUncertain::Resend),
        _ => Err(format!("`{text}` is not known: write \"hold\" or \"resend\"")),
    }
}

pub(super) fn auth(text: &str) -> Result<Auth, String> {
    match text {
        "password" => Ok(Auth::Password),
        "oauth2" => Ok(Auth::OAuth2),
        _ => Err(format!("`{text}` is not known: write \"password\" or \"oauth2\"")),
    }
}

pub(super) fn timezone(text: &str) -> Result<TimeZone, String> {
    TimeZone::get(text).map_err(|_| {
        format!(
            "`{text}` is not a time zone of this machine: write it as in \"America/New_York\" (if every \
             name is refused, install the package tzdata)"
        )
    })
}

/// A mailbox's name: it stands in the database, on the command line and in environment variables.
pub(super) fn mailbox_name(text: &str) -> Result<String, String> {
    let fine = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if !fine || text.is_empty() || text.len() > 40 {
        return Err(format!("`{text}` cannot be a name: use a-z, 0-9 and _ only, at most 40 of them"));
    }
    Ok(text.to_owned())
}

/// `35 MB`: decimal (KB, MB, GB) or binary (KiB, MiB, GiB) units; a bare number is bytes.
pub(super) fn size(text: &str) -> Result<u64, String> {
    let wrong = || format!("`{text}` is not a size: write it as \"35 MB\"");
    let (number, unit) = split_unit(text).ok_or_else(wrong)?;
    let factor: u64 = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        _ => return Err(wrong()),
    };
    let bytes = number.checked_mul(factor).ok_or_else(wrong)?;
    if !(100_000..=500_000_000).contains(&bytes) {
        return Err(format!("`{text}` is out of bounds: from \"100 KB\" to \"500 MB\""));
    }
    Ok(bytes)
}

/// `90 s`, `10 min`, `2 h`, `4 d`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let wrong =
        || format!("`{text}` is not a duration: write it as \"90 s\", \"10 min\", \"2 h\" or \"4 d\"");
    let (number, unit) = split_unit(text).ok_or_else(wrong)?;
    let factor: u64 = match unit.to_ascii_lowercase().as_str() {
        "s" | "sec" => 1,
        "m" | "min" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return Err(wrong()),
    };
    let seconds = number.checked_mul(factor).filter(|s| (1..=30 * 86_400).contains(s));
    let seconds = seconds.ok_or_else(|| format!("`{text}` is out of bounds: from \"1 s\" to \"30 d\""))?;
    Ok(Duration::from_secs(seconds))
}

fn split_unit(text: &str) -> Option<(u64, &str)> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(digits)?;
    Some((number.parse().ok()?, unit.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_durations_are_read_with_their_units() {
        assert_eq!(size("35 MB"), Ok(35_000_000));
        assert_eq!(size("1MiB"), Ok(1_048_576));
        assert_eq!(duration("90 s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("4 d"), Ok(Duration::from_secs(345_600)));
        for wrong in [
            "",
            "MB",
            "35 parsec",
            "-1 MB",
            "99999999999999999999 MB",
            "18446744073709551615 GB",
            "1 B",
            "1é",
        ] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
        for wrong in ["", "5", "0 s", "31 d", "5 weeks", "1é"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn choices_are_read_and_wrong_ones_name_the_right_ones() {
        assert_eq!(on_filed("move:Done"), Ok(OnFiled::Move("Done".to_owned())));
        assert_eq!(sent("append:Sent Items"), Ok(SentCopy::Append("Sent Items".to_owned())));
        assert_eq!(import_from("2026-01-31"), Ok(ImportFrom::Since(CivilDate::new(2026, 1, 31).unwrap())));
        assert!(on_filed("move:").unwrap_err().contains("name the folder"));
        assert!(sent("Sent").unwrap_err().contains("append:FOLDER"));
        assert!(import_from("yesterday").unwrap_err().contains("2026-01-31"));
        assert!(timezone("Mars/Olympus").unwrap_err().contains("America/New_York"));
        for wrong in ["", "Consult", "con sult", "büro", &"x".repeat(41)] {
            assert!(mailbox_name(wrong).is_err(), "{wrong}");
        }
    }
}
