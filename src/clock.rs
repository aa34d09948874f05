//! Time, ids and randomness: the only place that asks the operating system for them.
//!
//! Everything else takes a [`Clock`], so that a test can stand still, go forward by a day, or repeat the
//! same ids. `clippy.toml` forbids the other ways.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use jiff::tz::TimeZone;

use crate::domain::{CivilDate, Timestamp};

/// Gives the time, fresh ids and random bytes. Cheap to clone.
#[derive(Clone)]
pub struct Clock(Arc<Source>);

enum Source {
    System,
    /// Stands still until told otherwise; ids and bytes follow from a counter.
    Fixed {
        micros: AtomicI64,
        counter: AtomicU64,
    },
}

impl Clock {
    /// The machine's clock and the operating system's random numbers.
    #[must_use]
    pub fn system() -> Self {
        Self(Arc::new(Source::System))
    }

    /// For tests: stands at `at` until [`Clock::advance`]; ids and random bytes are repeatable and unique.
    #[must_use]
    pub fn fixed(at: Timestamp) -> Self {
        Self(Arc::new(Source::Fixed { micros: AtomicI64::new(at.micros()), counter: AtomicU64::new(1) }))
    }

    /// Now, in microseconds UTC.
    #[must_use]
    #[allow(clippy::disallowed_methods)]
    pub fn now(&self) -> Timestamp {
        match &*self.0 {
            Source::System => Timestamp::from_micros(jiff::Timestamp::now().as_microsecond()),
            Source::Fixed { micros, .. } => Timestamp::from_micros(micros.load(Ordering::SeqCst)),
        }
    }

    /// Moves a fixed clock forward; the system's clock cannot be moved and is left alone.
    pub fn advance(&self, seconds: i64) {
        if let Source::Fixed { micros, .. } = &*self.0 {
            micros.fetch_add(seconds.saturating_mul(1_000_000), Ordering::SeqCst);
        }
    }

    /// The civil date at the desk (`[desk] timezone`).
    #[must_use]
    pub fn today(&self, zone: &TimeZone) -> CivilDate {
        self.now().date_in(zone)
    }

    /// Fills `bytes` with random bytes (from the operating system, unless the clock is fixed).
    ///
    /// # Panics
    /// If the operating system has no random numbers: nothing that needs secrets may go on then.
    #[allow(clippy::disallowed_methods, clippy::panic)]
    pub fn random(&self, bytes: &mut [u8]) {
        match &*self.0 {
            Source::System => {
                if let Err(e) = getrandom::fill(bytes) {
                    panic!("the operating system gives no random numbers: {e}");
                }
            }
            Source::Fixed { counter, .. } => {
                use sha2::Digest;
                let n = counter.fetch_add(1, Ordering::SeqCst);
                for (i, chunk) in bytes.chunks_mut(32).enumerate() {
                    let block = sha2::Sha256::digest(format!("fixed {n} {i}").as_bytes());
                    for (to, from) in chunk.iter_mut().zip(block.iter()) {
                        *to = *from;
                    }
                }
            }
        }
    }

    /// A fresh id (UUIDv7: sorts by the time it was made), as its 36 characters.
    #[must_use]
    pub fn new_id(&self) -> String {
        let mut random = [0u8; 10];
        self.random(&mut random);
        let millis = u64::try_from(self.now().micros() / 1000).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_clock_stands_still_and_its_ids_are_unique() {
        let clock = Clock::fixed(Timestamp::from_micros(1_700_000_000_000_000));
        assert_eq!(clock.now(), clock.now());
        assert_ne!(clock.new_id(), clock.new_id());
        let before = clock.now();
        clock.advance(60);
        assert_eq!(clock.now().micros() - before.micros(), 60_000_000);
    }
}
