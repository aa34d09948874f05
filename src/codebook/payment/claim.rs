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

impl ClaimPayment {
    /// What the claim comes to. `None`: a line has no amount, and a sum from which a line is missing is no total.
    #[must_use]
    pub fn sum(&self) -> Option<Cents> {
        (self.unpriced == 0).then_some(self.total)
    }
}

/// The shares of procedures in the order of their rank, in thousandths.
struct Ladder {
    first: &'static [i64],
    /// All further ones; `None`: by report.
    further: Option<i64>,
    why: &'static str,
}

/// Indicators 2 and 3: from the sixth on the contractor decides by report.
const PROCEDURES: Ladder =
    Ladder { first: &[1000, 500, 500, 500, 500], further: None, why: "multiple procedures" };

/// A line with its price.
struct Priced<'a> {
    line: &'a PaymentLine,
    /// The amount is for one unit until `settled`, then for all.
    paid: Payment,
    row: Option<FeeRow>,
    settled: bool,
}

impl Priced<'_> {
    /// Its units; a line has one at least.
    fn units(&self) -> u32 {
        self.line.units.max(1)
    }

    /// Its multiple-procedure indicator is this.
    fn is(&self, indicator: &str) -> bool {
        self.row.as_ref().is_some_and(|r| r.multiple == indicator)
    }

    /// The amount for all units, of which the first is the `place`-th procedure of the claim (from 0). Units are
    /// procedures of their own.
    fn rank(&mut self, place: usize, units: u32, ladder: &Ladder) {
        let Some(amount) = self.paid.amount else { return };
        let mut left = units;
        let mut shares: Vec<(u32, i64)> = Vec::new();
        for &share in ladder.first.iter().skip(place).take(usize::try_from(units).unwrap_or(usize::MAX)) {
            left -= 1;
            match shares.last_mut().filter(|(_, last)| *last == share) {
                Some((count, _)) => *count += 1,
                None => shares.push((1, share)),
            }
        }
        self.settled = true;
        match (left, ladder.further) {
            (0, _) => {}
            (_, Some(share)) => shares.push((left, share)),
            (_, None) => {
                self.paid.amount = None;
                self.paid.notes.push("the sixth and further procedures are paid by report".to_owned());
                return;
            }
        }
        let after: Cents = shares.iter().map(|(count, share)| amount.share(*share).times(*count)).sum();
        let part = |(count, share): &(u32, i64)| {
            let times = if *count == 1 { String::new() } else { format!("{count} × ") };
            format!("{times}{amount} × {}.{} %", share / 10, share % 10)
        };
        if shares != [(1, 1000)] {
            let parts: Vec<String> = shares.iter().map(part).collect();
            self.paid.steps.push(format!("{} ({}) = {after}", parts.join(" + "), ladder.why));
        }
        self.paid.amount = Some(after);
    }

    /// The amount for all units of a line to which no such rule applies.
    fn multiply(&mut self) {
        let units = self.units();
        if let Some(amount) = self.paid.amount.filter(|_| !self.settled && units > 1) {
            let all = amount.times(units);
            self.paid.steps.push(format!("{amount} × {units} units = {all}"));
            self.paid.amount = Some(all);
        }
        self.settled = true;
    }
}

/// Where and when a claim is to be paid.
#[derive(Clone, Copy)]
struct At<'a> {
    locality: Option<&'a Locality>,
    setting: PaymentSetting,
    on: CivilDate,
}

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
        let at = At { locality, setting, on };
        let mut priced = Vec::new();
        for line in lines {
            let modifiers: Vec<&str> = line.modifiers.iter().map(String::as_str).collect();
            let (paid, row) = self.price(&at.query(&line.code, &modifiers, line.minutes))?;
            priced.push(Priced { line, paid, row, settled: false });
        }
        let families = self.endoscopies(&mut priced, at)?;
        rank(&mut priced, &families);
        reduce_components(&mut priced);
        for one in &mut priced {
            one.multiply();
            one.paid.non_participating = one.paid.amount.map(|a| a.share(950));
            one.paid.limiting_charge = one.paid.non_participating.map(|a| a.share(1150));
        }
        let paid: Vec<Payment> = priced.into_iter().map(|p| p.paid).collect();
        let total = paid.iter().filter_map(|p| p.amount).sum();
        let unpriced = paid.iter().filter(|p| p.amount.is_none()).count();
        Ok(ClaimPayment { lines: paid, total, unpriced })
    }

    /// Indicator 3: with another of the same base, the highest in full, of each other what exceeds the base; the
    /// base itself adds nothing. Each unit is an endoscopy. Returns the families of more than one.
    fn endoscopies(
        &self,
        priced: &mut [Priced<'_>],
        at: At<'_>,
    ) -> Result<BTreeMap<String, Vec<usize>>, CodebookError> {
        let mut families: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (index, one) in priced.iter().enumerate() {
            if let Some(row) = one.row.as_ref().filter(|r| r.multiple == "3") {
                families.entry(row.endoscopic_base.clone()).or_default().push(index);
            }
        }
        for (base, members) in &mut families {
            // A base code's own indicator is 2: it belongs to the family only beside a member.
            for (index, one) in priced.iter().enumerate() {
                if one.paid.code == *base && !members.contains(&index) {
                    members.push(index);
                }
            }
            members.sort_by_key(|&i| std::cmp::Reverse(priced.get(i).and_then(|p| p.paid.amount)));
        }
        let units = |i: &usize| priced.get(*i).map_or(0, |p| u64::from(p.units()));
        families.retain(|_, members| members.iter().map(units).sum::<u64>() > 1);
        for (base, members) in &families {
            let first =
                members.iter().find(|&&i| priced.get(i).is_some_and(|p| p.paid.code != *base)).copied();
            for &index in members {
                if let Some(one) = priced.get_mut(index) {
                    let value = self.base_beside(base, one, at)?;
                    take_off(one, base, value, Some(index) == first);
                }
            }
        }
        Ok(families)
    }

    /// What the base of a family comes to with the modifiers of a line: of an assistant's share the assistant's share of
    /// the base is taken off, not all of it.
    fn base_beside(&self, base: &str, one: &Priced<'_>, at: At<'_>) -> Result<Option<Cents>, CodebookError> {
        // A discontinued procedure without a row of its own is priced in full, and so is then its base.
        let counts = |m: &&str| one.paid.row == "53" || !m.trim().eq_ignore_ascii_case("53");
        let modifiers: Vec<&str> = one.line.modifiers.iter().map(String::as_str).filter(counts).collect();
        Ok(self.price(&at.query(base, &modifiers, None))?.0.amount)
    }
}

impl<'a> At<'a> {
    fn query<'q>(self, code: &'q str, modifiers: &'q [&'q str], minutes: Option<u32>) -> PaymentQuery<'q>
    where
        'a: 'q,
    {
        PaymentQuery { code, modifiers, locality: self.locality, setting: self.setting, minutes, on: self.on }
    }
}

/// An endoscopy beside others of its family: all units but the `highest` one less the base.
fn take_off(one: &mut Priced<'_>, base: &str, value: Option<Cents>, highest: bool) {
    let units = one.units();
    let less = if highest { units.saturating_sub(1) } else { units };
    if less == 0 {
        one.settled = true;
        return;
    }
    let (Some(amount), Some(value)) = (one.paid.amount, value) else {
        one.paid
            .notes
            .push(format!("endoscopy: the amount of the base {base} is not known, so none is taken off"));
        return one.multiply();
    };
    let rest = if one.paid.code == base { Cents(0) } else { (amount - value).max(Cents(0)) };
    let all = if highest { amount + rest.times(less) } else { rest.times(less) };
    let mut step = format!("endoscopy of the family {base}: {amount} less the base {value} = {rest}");
    if highest {
        step = format!("{step}, for all units but the highest: {amount} + {less} × {rest} = {all}");
    } else if less > 1 {
        step = format!("{step}, × {less} units = {all}");
    }
    one.paid.steps.push(step);
    one.paid.amount = Some(all);
    one.settled = true;
}

/// Indicator 2 (and endoscopies): ranked by amount, 100/50/50/50/50; each unit is a procedure, an endoscopic family
/// ranks as one.
fn rank(priced: &mut [Priced<'_>], families: &BTreeMap<String, Vec<usize>>) {
    let mut ranked: Vec<Vec<usize>> = families.values().cloned().collect();
    for (index, one) in priced.iter().enumerate() {
        if (one.is("2") || one.is("3")) && !ranked.iter().any(|r| r.contains(&index)) {
            ranked.push(vec![index]);
        }
    }
    // A line of a family is settled: its amount is for all units.
    let amount =
        |r: &[usize]| -> Cents { r.iter().filter_map(|&i| priced.get(i).and_then(|p| p.paid.amount)).sum() };
    let mut ranked: Vec<(Cents, Vec<usize>)> = ranked.into_iter().map(|r| (amount(&r), r)).collect();
    ranked.retain(|(amount, _)| *amount > Cents(0));
    ranked.sort_by_key(|(amount, r)| (std::cmp::Reverse(*amount), r.first().copied()));
    let mut place = 0;
    for (_, members) in ranked {
        let mut taken = 1;
        for index in members {
            let Some(one) = priced.get_mut(index) else { continue };
            let units = if one.settled { 1 } else { one.units() };
            taken = taken.max(usize::try_from(units).unwrap_or(usize::MAX));
            one.rank(place, units, &PROCEDURES);
        }
        place = place.saturating_add(taken);
    }
}

/// Imaging (4), therapy (5), cardiovascular (6) and ophthalmology (7): a component of all but the highest is reduced.
fn reduce_components(priced: &mut [Priced<'_>]) {
    for (indicator, technical, professional, why) in [
        ("4", 500, 950, "multiple imaging"),
        ("6", 750, 1000, "multiple cardiovascular diagnostics"),
        ("7", 800, 1000, "multiple ophthalmology diagnostics"),
    ] {
        for (component, share) in [("TC", technical), ("26", professional)] {
            if share == 1000 {
                continue;
            }
            let ladder = Ladder { first: &[1000], further: Some(share), why };
            let mut lines: Vec<&mut Priced<'_>> = priced
                .iter_mut()
                .filter(|p| p.is(indicator) && p.paid.row == component && p.paid.amount.is_some())
                .collect();
            lines.sort_by_key(|p| std::cmp::Reverse(p.paid.amount));
            let mut place = 0;
            for one in lines {
                one.rank(place, one.units(), &ladder);
                place = 1;
            }
        }
        note_open(priced, indicator, why, |p| p.row.is_empty());
    }
    note_open(priced, "5", "multiple therapy (half of the practice expense of all units but one)", |_| true);
}

/// What is not computed is said where it matters: the amount is then the highest possible one.
fn note_open(priced: &mut [Priced<'_>], indicator: &str, why: &str, open: impl Fn(&Payment) -> bool) {
    let units: u64 = priced.iter().filter(|p| p.is(indicator)).map(|p| u64::from(p.units())).sum();
    if units < 2 {
        return;
    }
    for one in priced {
        if one.is(indicator) && one.paid.amount.is_some() && open(&one.paid) {
            one.paid
                .notes
                .push(format!("{why}: the reduction is not computed here; this is the amount before it"));
        }
    }
}
