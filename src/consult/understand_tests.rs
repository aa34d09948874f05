//! Understanding, held against the expectations of invented mails.
