//! A whole claim: multiple procedures by one physician for one patient and day (Medicare Claims Processing Manual,
//! ch. 12 § 40.6; ch. 13 § 10 for imaging; ch. 5 § 10.7 for therapy).

use std::collections::BTreeMap;

use serde::Serialize;

use crate::codebook::payment::{Cents, Payment, PaymentQuery, PaymentSetting};
use crate::codebook::{Codebook, CodebookError, FeeRow, Locality};
use crate::domain::CivilDate;

/// A line to be paid.
#[derive(Debug, Clone)]
pub struct PaymentLine {
    /// The code.
    pub code: String,
    /// Its modifiers.
    pub modifiers: Vec<String>,
    /// Units of service.
    pub units: u32,
    /// Minutes of anesthesia.
    pub minutes: Option<u32>,
}

/// What the fee schedule allows for a claim.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClaimPayment {
    /// The lines, in the order given; amounts are for all units, after the multiple-procedure rules.
    pub lines: Vec<Payment>,
    /// The sum of the lines that have an amount.
    pub total: Cents,
    /// Lines without an amount.
    pub unpriced: usize,
}

/// The ranks' shares in thousandths; from the sixth on the contractor decides by report.
const RANKS: [i64; 5] = [1000, 500, 500, 500, 500];

impl Codebook {
    /// What the fee schedule allows for a claim of one physician, patient and day.
    ///
    /// # Errors
    /// If the book cannot be read.
    pub fn claim_payment(
        &self,
        lines: &[PaymentLine],
        locality: Option<&Locality>,
        setting: PaymentSetting,
        on: CivilDate,
    ) -> Result<ClaimPayment, CodebookError> {
        let (mut paid, mut rows) = (Vec::new(), Vec::new());
        for line in lines {
            let modifiers: Vec<&str> = line.modifiers.iter().map(String::as_str).collect();
            let query = PaymentQuery {
                code: &line.code,
                modifiers: &modifiers,
                locality,
                setting,
                minutes: line.minutes,
                on,
            };
            let mut one = self.payment(&query)?;
            rows.push(self.fee(&one.code, &one.row, on)?.value);
            if let Some(amount) = one.amount.filter(|_| line.units > 1) {
                let all = amount.share(i64::from(line.units).saturating_mul(1000));
                one.steps.push(format!("{amount} × {} units = {all}", line.units));
                one.amount = Some(all);
            }
            paid.push(one);
        }
        let families = self.endoscopies(&mut paid, &rows, locality, setting, on)?;
        rank(&mut paid, &rows, &families);
        reduce_components(&mut paid, &rows);
        for line in &mut paid {
            line.non_participating = line.amount.map(|a| a.share(950));
            line.limiting_charge = line.non_participating.map(|a| a.share(1150));
        }
        let total = paid.iter().filter_map(|p| p.amount).sum();
        let unpriced = paid.iter().filter(|p| p.amount.is_none()).count();
        Ok(ClaimPayment { lines: paid, total, unpriced })
    }

    /// Indicator 3: with another of the same base, the highest in full, of each other what exceeds the base; the
    /// base itself adds nothing. Returns the families of more than one line.
    fn endoscopies(
        &self,
        paid: &mut [Payment],
        rows: &[Option<FeeRow>],
        locality: Option<&Locality>,
        setting: PaymentSetting,
        on: CivilDate,
    ) -> Result<BTreeMap<String, Vec<usize>>, CodebookError> {
        let mut families: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (index, row) in rows.iter().enumerate() {
            if let Some(row) = row.as_ref().filter(|r| r.multiple == "3") {
                families.entry(row.endoscopic_base.clone()).or_default().push(index);
            }
        }
        for (base, members) in &mut families {
            let is_base = |i: &usize| paid.get(*i).is_some_and(|p| p.code == *base);
            // A base code's own indicator is 2: it belongs to the family only beside a member.
            let own = (0..paid.len()).filter(|i| is_base(i) && !members.contains(i)).collect::<Vec<_>>();
            members.extend(own);
            members.sort_by_key(|&i| std::cmp::Reverse(paid.get(i).and_then(|p| p.amount)));
            if members.len() < 2 {
                continue;
            }
            let query = PaymentQuery { code: base, modifiers: &[], locality, setting, minutes: None, on };
            let value = self.payment(&query)?.amount;
            let first = members.iter().copied().find(|&i| paid.get(i).is_some_and(|p| p.code != *base));
            for &index in members.iter() {
                let Some(line) = paid.get_mut(index).filter(|_| Some(index) != first) else { continue };
                let (Some(amount), Some(value)) = (line.amount, value) else {
                    line.notes.push(format!(
                        "endoscopy: the amount of the base {base} is not known, so none is taken off"
                    ));
                    continue;
                };
                let rest = if line.code == *base { Cents(0) } else { (amount - value).max(Cents(0)) };
                line.steps
                    .push(format!("endoscopy of the family {base}: {amount} less the base {value} = {rest}"));
                line.amount = Some(rest);
            }
        }
        families.retain(|_, members| members.len() > 1);
        Ok(families)
    }
}

/// Indicator 2 (and endoscopies): ranked by amount, 100/50/50/50/50; an endoscopic family ranks as one.
fn rank(paid: &mut [Payment], rows: &[Option<FeeRow>], families: &BTreeMap<String, Vec<usize>>) {
    let mut units: Vec<Vec<usize>> = families.values().cloned().collect();
    for (index, row) in rows.iter().enumerate() {
        let ranked = row.as_ref().is_some_and(|r| matches!(r.multiple.as_str(), "2" | "3"));
        if ranked && !units.iter().any(|u| u.contains(&index)) {
            units.push(vec![index]);
        }
    }
    let sum = |u: &[usize], paid: &[Payment]| -> Cents {
        u.iter().filter_map(|&i| paid.get(i).and_then(|p| p.amount)).sum()
    };
    units.retain(|u| sum(u, paid) > Cents(0));
    if units.len() < 2 {
        return;
    }
    units.sort_by_key(|u| (std::cmp::Reverse(sum(u, paid)), u.first().copied()));
    for (place, unit) in units.iter().enumerate() {
        for &index in unit {
            let Some(line) = paid.get_mut(index) else { continue };
            match (RANKS.get(place), line.amount) {
                (Some(1000), _) | (_, None) => {}
                (Some(&share), Some(amount)) => cut(line, amount, share, "multiple procedures"),
                (None, Some(_)) => {
                    line.amount = None;
                    line.notes.push("the sixth and further procedures are paid by report".to_owned());
                }
            }
        }
    }
}

fn cut(line: &mut Payment, amount: Cents, share: i64, why: &str) {
    let after = amount.share(share);
    line.steps.push(format!("{amount} × {}.{} % ({why}) = {after}", share / 10, share % 10));
    line.amount = Some(after);
}

/// Imaging (4), therapy (5), cardiovascular (6) and ophthalmology (7): a component of all but the highest is reduced.
fn reduce_components(paid: &mut [Payment], rows: &[Option<FeeRow>]) {
    for (indicator, technical, professional, why) in [
        ("4", 500, 950, "multiple imaging"),
        ("6", 750, 1000, "multiple cardiovascular diagnostics"),
        ("7", 800, 1000, "multiple ophthalmology diagnostics"),
    ] {
        for (component, share) in [("TC", technical), ("26", professional)] {
            let mut lines: Vec<usize> = (0..paid.len())
                .filter(|&i| {
                    let fits = rows.get(i).and_then(Option::as_ref).is_some_and(|r| r.multiple == indicator);
                    fits && paid.get(i).is_some_and(|p| p.row == component && p.amount.is_some())
                })
                .collect();
            lines.sort_by_key(|&i| (std::cmp::Reverse(paid.get(i).and_then(|p| p.amount)), i));
            for index in lines.into_iter().skip(1).filter(|_| share < 1000) {
                if let Some((line, amount)) = paid.get_mut(index).and_then(|l| l.amount.map(|a| (l, a))) {
                    cut(line, amount, share, why);
                }
            }
        }
        note_open(paid, rows, indicator, why, |p| p.row.is_empty());
    }
    note_open(
        paid,
        rows,
        "5",
        "multiple therapy (half of the practice expense of all units but one)",
        |_| true,
    );
}

/// What is not computed is said where it matters: the amount is then the highest possible one.
fn note_open(
    paid: &mut [Payment],
    rows: &[Option<FeeRow>],
    indicator: &str,
    why: &str,
    open: impl Fn(&Payment) -> bool,
) {
    let fits = |i: usize| rows.get(i).and_then(Option::as_ref).is_some_and(|r| r.multiple == indicator);
    if (0..paid.len()).filter(|&i| fits(i)).count() < 2 {
        return;
    }
    for (index, line) in paid.iter_mut().enumerate() {
        if fits(index) && line.amount.is_some() && open(line) {
            line.notes
                .push(format!("{why}: the reduction is not computed here; this is the amount before it"));
        }
    }
}
