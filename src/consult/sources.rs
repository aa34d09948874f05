//! The sources of a draft: rows of one table are one entry, each section of a manual is its own.

use crate::domain::Evidence;

/// The sources of a draft, numbered in the order in which they are first cited.
#[derive(Default)]
pub(crate) struct Sources {
    entries: Vec<Entry>,
    cited: Vec<Evidence>,
}

struct Entry {
    name: String,
    locators: Vec<String>,
    /// Rows of a table may share an entry.
    table: bool,
}

impl Sources {
    /// ` [1][2]`, or nothing without evidence.
    pub(crate) fn anchors(&mut self, evidence: &[Evidence]) -> String {
        let mut out = String::new();
        for e in evidence {
            let anchor = format!("[{}]", self.number(e));
            if !out.contains(&anchor) {
                out.push_str(&anchor);
            }
        }
        if out.is_empty() { out } else { format!(" {out}") }
    }

    fn number(&mut self, e: &Evidence) -> usize {
        if !self.cited.contains(e) {
            self.cited.push(e.clone());
        }
        let (name, locator, table) = (name(e), row(&e.locator), is_row(e));
        let same = |known: &Entry| {
            known.name == name && (known.locators.contains(&locator) || (table && known.table))
        };
        if let Some(i) = self.entries.iter().position(same) {
            if let Some(known) = self.entries.get_mut(i) {
                // "G35.A" of a note and "G35.A (line 107)" of its row are one place.
                let within = |a: &str, b: &str| a == b || a.starts_with(&format!("{b} ("));
                if !known.locators.iter().any(|l| within(l, &locator)) {
                    known.locators.retain(|l| !within(&locator, l));
                    known.locators.push(locator);
                }
            }
            return i + 1;
        }
        self.entries.push(Entry { name, locators: vec![locator], table });
        self.entries.len()
    }

    /// What the anchors point to, in order: citations that can be pasted.
    pub(crate) fn citations(&self) -> Vec<String> {
        self.entries.iter().map(|e| format!("{}: {}", e.name, e.locators.join("; "))).collect()
    }

    /// All evidence that was cited.
    pub(crate) fn cited(&self) -> &[Evidence] {
        &self.cited
    }
}

/// One citation, as it stands alone.
#[must_use]
pub fn citation(e: &Evidence) -> String {
    format!("{}: {}", name(e), row(&e.locator))
}

/// Source and release, the release once: releases of code tables are named with their table.
fn name(e: &Evidence) -> String {
    let first = |text: &str| text.split_whitespace().next().map(str::to_owned);
    if e.release.is_empty() || e.source.contains(&e.release) {
        e.source.clone()
    } else if first(&e.source) == first(&e.release) {
        let order = if e.source.ends_with("order file") { " order file" } else { "" };
        format!("{}{order}", e.release)
    } else {
        format!("{}, {}", e.source, e.release)
    }
}

fn is_row(e: &Evidence) -> bool {
    e.source.ends_with("order file")
        || ["line ", "no row", "no entry", "excerpt"].iter().any(|start| e.locator.starts_with(start))
}

/// `line 7, 63020` reads better as `63020 (line 7)`.
fn row(locator: &str) -> String {
    match locator.split_once(", ") {
        Some((line, code)) if line.starts_with("line ") => format!("{code} ({line})"),
        _ => locator.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn e(source: &str, release: &str, locator: &str) -> Evidence {
        Evidence { source: source.into(), release: release.into(), locator: locator.into() }
    }

    #[test]
    fn rows_of_a_table_share_an_entry_and_every_anchor_resolves() {
        let mut sources = Sources::default();
        let (ptp, release) = ("NCCI PTP practitioner", "NCCI PTP practitioner 2024Q3");
        assert_eq!(sources.anchors(&[e(ptp, release, "line 7, 20610/99213")]), " [1]");
        assert_eq!(sources.anchors(&[e("NCCI Policy Manual for Medicare", "2026", "ch. I §D")]), " [2]");
        assert_eq!(sources.anchors(&[e(ptp, release, "no row 20610/J3301 in either direction")]), " [1]");
        assert_eq!(sources.anchors(&[e("NCCI Policy Manual for Medicare", "2026", "ch. I §V")]), " [3]");
        assert_eq!(
            sources.citations(),
            [
                "NCCI PTP practitioner 2024Q3: 20610/99213 (line 7); no row 20610/J3301 in either direction",
                "NCCI Policy Manual for Medicare, 2026: ch. I §D",
                "NCCI Policy Manual for Medicare, 2026: ch. I §V",
            ]
        );
    }

    #[test]
    fn a_release_is_named_once() {
        for (source, release, want) in [
            (
                "NCCI PTP hospital",
                "NCCI PTP outpatient hospital 2024Q3",
                "NCCI PTP outpatient hospital 2024Q3: x",
            ),
            ("ICD-10-CM order file", "ICD-10-CM FY2026", "ICD-10-CM FY2026 order file: x"),
            (
                "Medicare fee schedule (PPRRVU)",
                "RVU25D (October 2025)",
                "Medicare fee schedule (PPRRVU), RVU25D (October 2025): x",
            ),
            ("HCPCS Level II", "HCPCS Level II October 2025", "HCPCS Level II October 2025: x"),
        ] {
            assert_eq!(citation(&e(source, release, "x")), want);
        }
    }
}
