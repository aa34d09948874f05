//! The log: lines on stderr. A log line names cases, deliveries and mailboxes by their numbers; bodies,
//! addresses in full and secrets never go into it.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::domain::Address;

/// Checks a level as it stands in `[log] level`: `info`, or `info,caseconsultant::mail=debug`.
///
/// # Errors
/// What to write instead.
pub fn check_level(text: &str) -> Result<String, String> {
    EnvFilter::try_new(text)
        .map(|_| text.to_owned())
        .map_err(|_| format!("`{text}` is not a level: write error, warn, info, debug or trace"))
}

/// Starts the log. What is below `level` is left out; the libraries for mail, web and databases say warnings at
/// most unless `level` names them, since their finer lines may hold what was said on the wire.
pub fn start(level: &str) {
    let filter = EnvFilter::try_new(filter(level)).unwrap_or_else(|_| EnvFilter::new("info"));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .finish();
    // A second start (tests that run a whole program) keeps the first log.
    let _ = tracing::subscriber::set_global_default(subscriber);
}

/// The libraries are held at warnings, then the site's own directives follow and win.
fn filter(level: &str) -> String {
    let bare = level.split(',').find(|part| !part.contains('=')).unwrap_or("info");
    let quiet = if bare == "error" || bare == "off" { bare } else { "warn" };
    let named = level.split(',').filter(|part| part.contains('=')).map(|part| format!(",{part}"));
    format!("{quiet},caseconsultant={bare}{}", named.collect::<String>())
}

/// An address as a log line may show it: the first character and the domain.
#[must_use]
pub fn brief(address: &Address) -> String {
    let first = address.local().chars().next().unwrap_or('?');
    format!("{first}…@{}", address.domain())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_checked_and_libraries_stay_quiet() {
        assert!(check_level("info,caseconsultant::mail=debug").is_ok());
        assert!(check_level("caseconsultant=loud").is_err());
        assert_eq!(filter("debug"), "warn,caseconsultant=debug");
        assert_eq!(filter("info,sqlx=debug"), "warn,caseconsultant=info,sqlx=debug");
        assert_eq!(filter("error"), "error,caseconsultant=error");
    }

    #[test]
    fn a_log_line_does_not_name_a_person() {
        assert_eq!(brief(&"jane.doe@example.org".parse().unwrap()), "j…@example.org");
    }
}
