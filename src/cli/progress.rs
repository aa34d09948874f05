//! A progress bar on standard error, where that is a terminal; elsewhere nothing is drawn.

use std::cell::RefCell;
use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::codebook::sync;

/// A bar over bytes, with what is at work.
pub(super) struct Bar {
    bar: ProgressBar,
    /// What is at work.
    shown: RefCell<String>,
}

impl Bar {
    pub(super) fn new() -> Self {
        let bar = if std::io::stderr().is_terminal() {
            let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
            if let Ok(style) = ProgressStyle::with_template("{bar:30} {bytes}/{total_bytes} {elapsed} {msg}")
            {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        } else {
            ProgressBar::hidden()
        };
        Self { bar, shown: RefCell::default() }
    }

    /// `done` bytes of `total` lie behind, if that is known.
    pub(super) fn at(&self, what: &str, done: u64, total: Option<u64>) {
        self.bar.set_length(total.unwrap_or(done));
        self.bar.set_position(done);
        let mut shown = self.shown.borrow_mut();
        if *shown != what {
            what.clone_into(&mut shown);
            self.bar.set_message(what.to_owned());
        }
    }

    /// All bytes lie behind, and this is at work.
    pub(super) fn last(&self, what: &str) {
        let all = self.bar.length().unwrap_or(0);
        self.at(what, all, Some(all));
    }

    /// Takes it off the terminal.
    pub(super) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

impl sync::Progress for Bar {
    fn at(&self, source: &str, bytes: u64, of: Option<u64>) {
        Self::at(self, source, bytes, of);
    }
}
