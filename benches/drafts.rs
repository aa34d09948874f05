//! How long a draft takes from the starter codebook, measured beside two peers in the same run: a search of the
//! code texts alone, and writing the finished answer as JSON. `cargo bench --bench drafts`.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::disallowed_methods)]

use std::time::{Duration, Instant};

use caseconsultant::codebook::Codebook;
use caseconsultant::consult::{Question, consult};

const ROUNDS: usize = 200;

/// Questions of different kinds, one a line.
const QUESTIONS: &[&str] = &[
    "Can 63020 and 63030 be billed together? DOS 08/15/2024, Medicare, our surgeon. Do we need a 59?",
    "99213 and 20610 with J3301, Kenalog 40 mg, single-dose vial, office 09/10/2024, Medicare. Is 25 needed?",
    "Our claim of 11/04/2025 came back: invalid diagnosis G35. The note says relapsing-remitting MS.",
    "Medicare denied 29826 (CO-107). The claim was 23412-RT and 29826-RT, DOS 8/20/2024, professional claim.",
    "97110 x 8 on 7/23/2024, private practice, denied. How many are allowed in one day?",
    "Type 2 diabetes, chronic kidney disease stage 3b, on insulin, visit 02/03/2026. Which ICD-10 codes?",
    "Can we bill 90834 together with 99213 on the same day for a Medicare patient?",
    "Which code for pain in the left knee, 02/03/2026?",
];

fn main() {
    let book = Codebook::starter().unwrap();
    let question = |text: &str| Question {
        subject: String::new(),
        text: text.to_owned(),
        date: "2026-11-20".parse().unwrap(),
        dos_override: None,
        phi_present: false,
        attachments_unread: Vec::new(),
        earlier: Vec::new(),
        context: Vec::new(),
    };
    let questions: Vec<Question> = QUESTIONS.iter().map(|t| question(t)).collect();
    let answers: Vec<_> = questions.iter().map(|q| consult(q, &book).unwrap()).collect();
    let (mut drafts, mut searches, mut json) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        // Interleaved, so that all three see the same machine.
        for (q, answer) in questions.iter().zip(&answers) {
            drafts.push(timed(|| consult(q, &book).unwrap().text.len()));
            searches.push(timed(|| book.search(&q.text, None, q.date, 5).unwrap().len()));
            json.push(timed(|| serde_json::to_vec(answer).unwrap().len()));
        }
    }
    println!("{} rounds of {} questions", ROUNDS, QUESTIONS.len());
    for (what, times) in [("draft", drafts), ("search alone", searches), ("answer as JSON", json)] {
        let (p50, p99) = (percentile(&times, 50), percentile(&times, 99));
        println!("{what:<16} p50 {:>9.1} µs   p99 {:>9.1} µs", micros(p50), micros(p99));
    }
}

fn timed(work: impl FnOnce() -> usize) -> Duration {
    let start = Instant::now();
    std::hint::black_box(work());
    start.elapsed()
}

fn percentile(times: &[Duration], percent: usize) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    sorted.get((sorted.len() * percent / 100).min(sorted.len() - 1)).copied().unwrap_or_default()
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
