//! The states of a case: one table, one pure function. Nothing else changes a case's state.

use super::{IllegalTransition, words};

words! {
    /// Where a case stands.
    "case state" CaseState {
        /// Opened; its draft has not been begun.
        Received = "received",
        /// A draft is being written (or waits to be).
        Drafting = "drafting",
        /// A reviewer's turn.
        InReview = "in_review",
        /// An answer is approved and on its way.
        Approved = "approved",
        /// The asker was asked for something that is missing.
        AwaitingAsker = "awaiting_asker",
        /// The answer went out.
        Answered = "answered",
        /// The answer could not be delivered.
        Undeliverable = "undeliverable",
        /// Declined, with or without a reply.
        Declined = "declined",
        /// Over.
        Closed = "closed",
    }
}

words! {
    /// What happens to a case.
    "case event" CaseEvent {
        /// The worker takes the case up.
        StartDraft = "start_draft",
        /// A draft is stored, or "no draft, because …".
        Drafted = "drafted",
        /// A reviewer approved an answer.
        Approve = "approve",
        /// The draft is to be written anew.
        Redo = "redo",
        /// A reviewer approved a question back.
        AskBack = "ask_back",
        /// A reviewer declined.
        Decline = "decline",
        /// An approval is taken back; the queued mail is cancelled.
        Void = "void",
        /// The approved mail went out.
        Sent = "sent",
        /// The approved mail was refused for good.
        Failed = "failed",
        /// The asker wrote again.
        AskerMail = "asker_mail",
        /// A mail of ours came back.
        Bounced = "bounced",
        /// Nothing came for long enough.
        Timeout = "timeout",
        /// A person closed it.
        Close = "close",
        /// A person opened it again.
        Reopen = "reopen",
    }
}

impl CaseState {
    /// The state after `event`, or the reason why that cannot be.
    ///
    /// `approved` + `asker_mail` is `drafting` here: callers give this event only once the queued mail has been
    /// cancelled; while it cannot be, the mail is kept and taken up after `sent` (see `store::outbox`).
    ///
    /// # Errors
    /// What is not in the table is illegal.
    pub fn next(self, event: CaseEvent) -> Result<Self, IllegalTransition> {
        use CaseEvent as E;
        use CaseState as S;
        Ok(match (self, event) {
            (S::Received, E::StartDraft) => S::Drafting,
            (S::Received, E::AskerMail) => S::Received,
            (S::Drafting, E::Drafted) => S::InReview,
            (S::Drafting, E::AskerMail) => S::Drafting,
            (S::InReview, E::Approve) => S::Approved,
            (S::InReview, E::Redo | E::AskerMail) => S::Drafting,
            (S::InReview, E::AskBack) => S::AwaitingAsker,
            (S::InReview, E::Decline) => S::Declined,
            (S::Approved, E::Void) => S::InReview,
            (S::Approved, E::Sent) => S::Answered,
            (S::Approved, E::Failed) => S::Undeliverable,
            (
                S::Approved | S::AwaitingAsker | S::Answered | S::Undeliverable | S::Declined | S::Closed,
                E::AskerMail,
            ) => S::Drafting,
            (S::AwaitingAsker | S::Answered, E::Bounced) => S::Undeliverable,
            (S::AwaitingAsker | S::Answered, E::Timeout) => S::Closed,
            (S::Undeliverable, E::Redo) => S::InReview,
            (S::Closed, E::Reopen) => S::InReview,
            (
                S::Received
                | S::Drafting
                | S::InReview
                | S::AwaitingAsker
                | S::Answered
                | S::Undeliverable
                | S::Declined,
                E::Close,
            ) => S::Closed,
            _ => return Err(IllegalTransition { what: "case", state: self.as_str(), event: event.as_str() }),
        })
    }

    /// Whether nothing more is expected to happen by itself.
    #[must_use]
    pub fn is_at_rest(self) -> bool {
        matches!(self, Self::Answered | Self::Undeliverable | Self::Declined | Self::Closed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The design's table, as text: `state: event → next, …`. Everything not written here is illegal.
    const TABLE: &str = "
        received: start_draft received>drafting, asker_mail received>received, close received>closed
        drafting: drafted drafting>in_review, asker_mail drafting>drafting, close drafting>closed
        in_review: approve in_review>approved, redo in_review>drafting, ask_back in_review>awaiting_asker
        in_review: decline in_review>declined, asker_mail in_review>drafting, close in_review>closed
        approved: void approved>in_review, sent approved>answered, failed approved>undeliverable
        approved: asker_mail approved>drafting
        awaiting_asker: asker_mail awaiting_asker>drafting, bounced awaiting_asker>undeliverable
        awaiting_asker: timeout awaiting_asker>closed, close awaiting_asker>closed
        answered: asker_mail answered>drafting, bounced answered>undeliverable
        answered: timeout answered>closed, close answered>closed
        undeliverable: redo undeliverable>in_review, asker_mail undeliverable>drafting, close undeliverable>closed
        declined: asker_mail declined>drafting, close declined>closed
        closed: asker_mail closed>drafting, reopen closed>in_review
    ";

    #[test]
    fn the_table_is_exactly_the_design() {
        let mut legal = 0;
        for state in CaseState::ALL {
            for event in CaseEvent::ALL {
                let row = format!("{event} {state}>");
                let want = TABLE
                    .split(['\n', ',', ':'])
                    .find_map(|cell| cell.trim().strip_prefix(&row))
                    .map(|w| w.parse::<CaseState>().unwrap());
                assert_eq!(state.next(*event).ok(), want, "{state} + {event}");
                legal += usize::from(want.is_some());
            }
        }
        assert_eq!(legal, 31);
    }

    proptest! {
        #[test]
        fn any_walk_ends_in_a_state_from_which_the_asker_is_heard(events in proptest::collection::vec(0usize..14, 0..40)) {
            let mut state = CaseState::Received;
            for e in events {
                if let Ok(next) = state.next(CaseEvent::ALL[e]) { state = next; }
            }
            prop_assert!(state.next(CaseEvent::AskerMail).is_ok());
        }
    }
}
