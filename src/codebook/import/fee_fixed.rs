//! PPRRVU txt, fixed columns, the twin of the csv: `HDR` lines, then 1–5 code, 6–7 modifier, 58 status, 60–65 work,
//! 67–72 and 76–81 practice expense, 73–74 and 82–83 NA, 85–89 malpractice, 103–120 indicators, 128–132 endoscopic base,
//! 133–140 conversion factor, 142–143 supervision, 146–147 imaging family, 148– the OPPS cap. Columns 8–57 are CPT text:
//! of it only hashes of word groups are kept.

use crate::codebook::CodebookError;
use crate::codebook::descriptors::GroupHasher;
use crate::codebook::import::fee::{fee_row, schedule};
use crate::codebook::import::format::{FileRows, Format, Input};
use crate::codebook::import::heading;
use crate::codebook::import::lines::{Faults, field};

pub(crate) const FORMAT: Format = Format {
    name: "Medicare fee schedule (PPRRVU, fixed columns)",
    whole_lines: true,
    matches: |head| {
        head.text.starts_with("HDR ")
            && head.text.lines().find(|l| !l.starts_with("HDR")).is_some_and(|l| {
                l.len() >= 140 && field(l, 133, 140).parse::<f64>().is_ok() && field(l, 1, 5).len() == 5
            })
    },
    read,
};

/// First and last column of each cell, in the order of [`fee_row`].
const COLUMNS: [(usize, usize); 27] = [
    (1, 5),
    (6, 7),
    (58, 58),
    (60, 65),
    (67, 72),
    (73, 74),
    (76, 81),
    (82, 83),
    (85, 89),
    (103, 103),
    (104, 106),
    (116, 116),
    (117, 117),
    (118, 118),
    (119, 119),
    (120, 120),
    (128, 132),
    (133, 140),
    (107, 109),
    (110, 112),
    (113, 115),
    (142, 143),
    (146, 147),
    (148, 157),
    (158, 164),
    (165, 171),
    (8, 57),
];

fn read(input: &Input<'_>, faults: &mut Faults) -> Result<FileRows, CodebookError> {
    let (mut rows, mut notices) = (Vec::new(), Vec::new());
    let hasher = GroupHasher::new();
    for (index, line) in input.text().lines().enumerate() {
        if let Some(notice) = line.strip_prefix("HDR") {
            notices.push(notice.trim().to_owned());
            continue;
        }
        if line.trim_matches(|c: char| c.is_whitespace() || c == '\u{1a}').is_empty() {
            continue;
        }
        let cells = COLUMNS.map(|(from, to)| field(line, from, to));
        fee_row(&cells, index + 1, &hasher, faults, &mut rows)?;
    }
    Ok(schedule(rows, heading::fee_name(input.name), heading::is_qp(input.name), notices))
}
