//! How long to wait before a server is asked again: 2 to 80 seconds, growing, and never in step with others.

use std::time::Duration;

use crate::clock::Clock;

/// Grows with each failure and starts anew after a success.
#[derive(Debug, Clone, Default)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    const SHORTEST: f64 = 2.0;
    const LONGEST: f64 = 80.0;

    /// It worked: the next failure waits shortly again.
    pub fn reset(&mut self) {
        self.failures = 0;
    }

    /// How many failures in a row there were.
    #[must_use]
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// It failed: how long to wait now. The span doubles from 2 to 80 seconds; the wait lies somewhere in its
    /// upper half, so that many desks do not come back at once after an outage.
    pub fn failed(&mut self, clock: &Clock) -> Duration {
        let span = Self::SHORTEST * 2f64.powi(self.failures.min(10).try_into().unwrap_or(10));
        let span = span.min(Self::LONGEST);
        self.failures = self.failures.saturating_add(1);
        let mut random = [0u8; 2];
        clock.random(&mut random);
        let share = f64::from(u16::from_be_bytes(random)) / f64::from(u16::MAX);
        Duration::from_secs_f64((span * (0.5 + 0.5 * share)).max(Self::SHORTEST))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;

    #[test]
    fn grows_from_two_to_eighty_seconds_with_jitter() {
        let clock = Clock::fixed(Timestamp::from_micros(0));
        let mut backoff = Backoff::default();
        let waits: Vec<f64> = (0..200).map(|_| backoff.failed(&clock).as_secs_f64()).collect();
        assert!(waits.iter().all(|w| (2.0..=80.0).contains(w)), "{waits:?}");
        assert!(waits.iter().skip(8).all(|w| *w >= 40.0));
        assert!(waits.iter().skip(8).any(|w| *w > 70.0) && waits.iter().skip(8).any(|w| *w < 50.0));
        backoff.reset();
        assert!(backoff.failed(&clock).as_secs_f64() <= 2.0);
    }
}
