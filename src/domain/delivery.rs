//! The states of a delivery: one mail of ours to one envelope recipient.

use super::{IllegalTransition, words};

words! {
    /// What a mail of ours is. Only an acknowledgement goes out without a person's approval.
    "kind of delivery" DeliveryKind {
        /// An approved answer.
        Answer = "answer",
        /// An approved question back.
        AskBack = "ask_back",
        /// An approved refusal.
        Decline = "decline",
        /// "We have your question": a fixed text, nothing of the question in it.
        Acknowledgement = "acknowledgement",
        /// A notice to the desk's own people.
        Notice = "notice",
    }
}

words! {
    /// Where a delivery stands.
    "delivery state" DeliveryState {
        /// Waits to be taken up.
        Queued = "queued",
        /// A worker holds its lease and talks to the server; nothing of the mail has been sent.
        Claimed = "claimed",
        /// DATA has begun: from here a crash or a lost connection leaves it open whether the mail arrived.
        Transmitting = "transmitting",
        /// It is not known whether the server took it.
        Uncertain = "uncertain",
        /// The server took it.
        Sent = "sent",
        /// Refused for good.
        Failed = "failed",
        /// It came back after it had been accepted.
        Bounced = "bounced",
        /// Taken back before it was claimed.
        Cancelled = "cancelled",
    }
}

words! {
    /// What happens to a delivery.
    "delivery event" DeliveryEvent {
        /// A worker takes it (T5).
        Claim = "claim",
        /// Taken back.
        Cancel = "cancel",
        /// DATA is about to be sent (T5b).
        BeginData = "begin_data",
        /// A definite "not now" (4xx), or no connection at all.
        Deferred = "deferred",
        /// A definite "no" (5xx).
        Refused = "refused",
        /// A definite "yes" (2xx to the final dot), now or found later.
        Accepted = "accepted",
        /// The connection ended after DATA had begun, without an answer.
        Lost = "lost",
        /// The worker that held it did not come back in time.
        LeaseExpired = "lease_expired",
        /// A person says: it arrived.
        WasSent = "was_sent",
        /// A person says: send it (again).
        Resend = "resend",
        /// A bounce came back for it.
        Bounced = "bounced",
    }
}

impl DeliveryState {
    /// The state after `event`, or the reason why that cannot be.
    ///
    /// # Errors
    /// What is not in the table is illegal.
    pub fn next(self, event: DeliveryEvent) -> Result<Self, IllegalTransition> {
        use DeliveryEvent as E;
        use DeliveryState as S;
        Ok(match (self, event) {
            (S::Queued, E::Claim) => S::Claimed,
            (S::Queued, E::Cancel) => S::Cancelled,
            (S::Claimed, E::BeginData) => S::Transmitting,
            (S::Claimed, E::Deferred | E::LeaseExpired) => S::Queued,
            (S::Claimed | S::Transmitting, E::Refused) => S::Failed,
            (S::Transmitting | S::Uncertain, E::Accepted) => S::Sent,
            (S::Transmitting, E::Deferred) => S::Queued,
            (S::Transmitting, E::Lost | E::LeaseExpired) => S::Uncertain,
            (S::Uncertain, E::WasSent) => S::Sent,
            (S::Uncertain | S::Failed, E::Resend) => S::Queued,
            (S::Sent, E::Bounced) => S::Bounced,
            _ => {
                return Err(IllegalTransition {
                    what: "delivery",
                    state: self.as_str(),
                    event: event.as_str(),
                });
            }
        })
    }

    /// Whether the mail may still go out (or may just have gone out) without anybody's doing.
    #[must_use]
    pub fn is_live(self) -> bool {
        matches!(self, Self::Queued | Self::Claimed | Self::Transmitting | Self::Uncertain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "
        claim queued>claimed, cancel queued>cancelled
        begin_data claimed>transmitting, deferred claimed>queued, lease_expired claimed>queued
        refused claimed>failed
        accepted transmitting>sent, refused transmitting>failed, deferred transmitting>queued
        lost transmitting>uncertain, lease_expired transmitting>uncertain
        accepted uncertain>sent, was_sent uncertain>sent, resend uncertain>queued
        resend failed>queued
        bounced sent>bounced
    ";

    #[test]
    fn the_table_is_exactly_the_design() {
        let mut legal = 0;
        for state in DeliveryState::ALL {
            for event in DeliveryEvent::ALL {
                let row = format!("{event} {state}>");
                let want = TABLE
                    .split(['\n', ','])
                    .find_map(|cell| cell.trim().strip_prefix(&row))
                    .map(|w| w.parse::<DeliveryState>().unwrap());
                assert_eq!(state.next(*event).ok(), want, "{state} + {event}");
                legal += usize::from(want.is_some());
            }
        }
        assert_eq!(legal, 16);
    }

    #[test]
    fn what_was_sent_is_never_queued_again() {
        for event in DeliveryEvent::ALL {
            assert_ne!(DeliveryState::Sent.next(*event), Ok(DeliveryState::Queued));
        }
    }
}
