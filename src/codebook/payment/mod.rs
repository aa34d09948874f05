//! What Medicare's physician fee schedule allows for a service (not: pays; deductible, coinsurance and sequestration
//! come after): `[(work × work GPCI) + (PE × PE GPCI) + (MP × MP GPCI)] × conversion factor` (42 CFR 414.20), with
//! the arithmetic as steps. [`Codebook::payment`] for a line, [`Codebook::claim_payment`] for a whole claim.
//!
//! Where: [`Codebook::locality`] finds the localities that a person may mean; exactly one is to be passed, or `None` for
//! the national amount. Facility or non-facility: ask for both, or take it of [`Codebook::place_of_service`]. Both calls
//! answer for every code: without an amount, `notes` say why, and never that the service is not covered.

mod anesthesia;
mod claim;
mod modifiers;
mod money;

pub use claim::{ClaimPayment, PaymentLine};
pub use money::Cents;

use rusqlite::OptionalExtension;
use serde::Serialize;

use crate::codebook::error::SqlContext;
use crate::codebook::{Codebook, CodebookError, Coverage, FeeRow, Locality};
use crate::domain::{CivilDate, Evidence};

/// Which practice expense applies, by place of service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentSetting {
    /// A hospital, ambulatory surgical center, skilled nursing facility, …: it is paid for its costs itself.
    Facility,
    /// An office, a home, …
    NonFacility,
}

impl PaymentSetting {
    /// Both, in the order in which they are shown.
    pub const ALL: [Self; 2] = [Self::NonFacility, Self::Facility];

    /// As it is written: `non-facility`.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Facility => "facility",
            Self::NonFacility => "non-facility",
        }
    }
}

/// What is to be paid, and where.
#[derive(Debug, Clone, Copy)]
pub struct PaymentQuery<'a> {
    /// The code.
    pub code: &'a str,
    /// Its modifiers.
    pub modifiers: &'a [&'a str],
    /// Where; `None`: the national amount (all GPCI 1).
    pub locality: Option<&'a Locality>,
    /// Which practice expense.
    pub setting: PaymentSetting,
    /// Minutes of anesthesia.
    pub minutes: Option<u32>,
    /// Date of service.
    pub on: CivilDate,
}

/// What the fee schedule allows for a unit of a line, with the arithmetic.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Payment {
    /// The code.
    pub code: String,
    /// The modifier of the row used: empty, `26`, `TC`, `53`.
    pub row: String,
    /// The allowed amount; `None`: none can be given, see `notes`.
    pub amount: Option<Cents>,
    /// The amount before modifiers other than those that choose the row.
    pub base: Option<Cents>,
    /// 95 % of the amount: for a physician who does not participate.
    pub non_participating: Option<Cents>,
    /// 115 % of that: the most which such a physician may charge.
    pub limiting_charge: Option<Cents>,
    /// The arithmetic, one step a line.
    pub steps: Vec<String>,
    /// Why there is no amount, what was assumed, and what is missing.
    pub notes: Vec<String>,
    /// The release used; `None`: no data.
    pub coverage: Option<Coverage>,
    /// The rows it rests on.
    pub evidence: Vec<Evidence>,
}

/// Values in whole numbers: RVU in hundredths, GPCI in thousandths, conversion factor in ten-thousandths.
#[derive(Debug, Clone, Copy)]
struct Parts {
    work: i64,
    pe: i64,
    mp: i64,
    gpci: [i64; 3],
    factor: i64,
}

impl Parts {
    fn nano(self) -> i128 {
        let part =
            |rvu: i64, at: usize| i128::from(rvu) * i128::from(self.gpci.get(at).copied().unwrap_or(1000));
        (part(self.work, 0) + part(self.pe, 1) + part(self.mp, 2)) * i128::from(self.factor)
    }

    fn shown(self, total: Cents) -> String {
        let [work, pe, mp] = self.gpci.map(|g| format!("{}.{:03}", g / 1000, g % 1000));
        let rvu = |r: i64| format!("{}.{:02}", r / 100, r % 100);
        format!(
            "({} × {work} + {} × {pe} + {} × {mp}) × {}.{:04} = {total}",
            rvu(self.work),
            rvu(self.pe),
            rvu(self.mp),
            self.factor / 10_000,
            self.factor % 10_000
        )
    }
}

/// A value of a file, with a known number of decimals, as a whole number.
fn whole(value: Option<f64>, scale: f64) -> i64 {
    let scaled = (value.unwrap_or(0.0) * scale).round();
    // Beyond 2^53 nothing is exact, and no file has it (the importers refuse).
    #[allow(clippy::cast_possible_truncation)]
    if scaled.abs() < 9.0e15 { scaled as i64 } else { 0 }
}

/// The conversion factor on a day. The January file of 2024 states 32.7442; the Consolidated Appropriations Act,
/// 2024, raised it to 33.2875 for services from 9 March.
fn factor(fee: &FeeRow, on: CivilDate, notes: &mut Vec<String>) -> i64 {
    let stated = whole(fee.conversion_factor, 10_000.0);
    let changed = CivilDate::new(2024, 3, 9).zip(CivilDate::new(2024, 12, 31));
    if stated == 327_442 && changed.is_some_and(|(from, to)| from <= on && on <= to) {
        notes.push(
            "the file states 32.7442; from 2024-03-09 the factor is 33.2875 (Consolidated Appropriations Act, 2024)".to_owned(),
        );
        return 332_875;
    }
    stated
}

impl Codebook {
    /// What the fee schedule allows for one unit of a line by itself (multiple-procedure rules:
    /// [`Codebook::claim_payment`]). Whoever is not known to be a qualifying participant (QP) in an advanced
    /// payment model is paid by the other schedule; where the book has both, `notes` say so.
    ///
    /// # Errors
    /// If the book cannot be read.
    pub fn payment(&self, query: &PaymentQuery<'_>) -> Result<Payment, CodebookError> {
        Ok(self.price(query)?.0)
    }

    /// One unit of a line, and the row that its price was read from.
    fn price(&self, query: &PaymentQuery<'_>) -> Result<(Payment, Option<FeeRow>), CodebookError> {
        let code = query.code.trim().to_ascii_uppercase();
        let modifiers: Vec<String> = query.modifiers.iter().map(|m| m.trim().to_ascii_uppercase()).collect();
        let row_of = ["26", "TC", "53"].into_iter().find(|m| modifiers.iter().any(|x| x == m));
        let mut found = self.fee(&code, row_of.unwrap_or(""), query.on)?;
        let mut row = row_of.unwrap_or("");
        if found.value.is_none() && row == "53" {
            found = self.fee(&code, "", query.on)?;
            row = "";
        }
        let mut payment = Payment {
            code: code.clone(),
            row: row.to_owned(),
            amount: None,
            base: None,
            non_participating: None,
            limiting_charge: None,
            steps: Vec::new(),
            notes: Vec::new(),
            coverage: found.coverage,
            evidence: found.evidence.into_iter().collect(),
        };
        let Some(fee) = found.value else {
            payment.notes.push(match (&payment.coverage, row) {
                (None, _) => {
                    format!("no fee schedule is loaded that says something about {code} on {}", query.on)
                }
                (Some(c), "") => format!("{code} is not in {}", c.release),
                (Some(c), row) => {
                    format!(
                        "{code} has no row with modifier {row} in {}: it has no such component",
                        c.release
                    )
                }
            });
            return Ok((payment, None));
        };
        if let Some(c) = payment.coverage.as_ref().filter(|c| !c.covers) {
            payment.notes.push(format!(
                "not verified for {}: the last fee schedule before it is {}",
                query.on, c.release
            ));
        }
        if self.releases("pprrvu_qp", None).any(|r| r.holds_on(query.on.days())) {
            payment
                .notes
                .push("by the schedule for those who are no qualifying participants (QP)".to_owned());
        }
        if fee.status == 'J' {
            self.anesthesia_payment(query, &code, &modifiers, &mut payment)?;
        } else {
            self.fee_schedule_payment(query, &fee, &modifiers, &mut payment)?;
        }
        payment.non_participating = payment.amount.map(|a| a.share(950));
        payment.limiting_charge = payment.non_participating.map(|a| a.share(1150));
        Ok((payment, Some(fee)))
    }

    fn fee_schedule_payment(
        &self,
        query: &PaymentQuery<'_>,
        fee: &FeeRow,
        modifiers: &[String],
        payment: &mut Payment,
    ) -> Result<(), CodebookError> {
        if let Some(why) = no_amount(fee, query.setting) {
            payment.notes.push(why);
            return Ok(());
        }
        let facility = query.setting == PaymentSetting::Facility;
        let parts = Parts {
            work: whole(fee.work_rvu, 100.0),
            pe: whole(if facility { fee.pe_facility } else { fee.pe_nonfacility }, 100.0),
            mp: whole(fee.mp_rvu, 100.0),
            gpci: query.locality.map_or([1000; 3], |l| l.gpci),
            factor: factor(fee, query.on, &mut payment.notes),
        };
        let mut amount = Cents::from_nano(parts.nano());
        payment.steps.push(parts.shown(amount));
        payment.evidence.extend(query.locality.map(|l| l.evidence.clone()));
        // The cap is for the technical component and the global service of imaging.
        let cap_pe = whole(fee.cap.get(usize::from(facility)).copied().flatten(), 100.0);
        if payment.row != "26" && cap_pe > 0 {
            let cap = match self.cap(fee, query)? {
                Some((cents, evidence)) => {
                    payment.evidence.push(evidence);
                    cents
                }
                None => {
                    let mp = whole(fee.cap.get(2).copied().flatten(), 100.0);
                    Cents::from_nano(Parts { pe: cap_pe, mp, ..parts }.nano())
                }
            };
            if cap < amount {
                payment.steps.push(format!("OPPS cap: the lower of {amount} and {cap}"));
                amount = cap;
            }
        }
        payment.base = Some(amount);
        payment.amount = Some(modifiers::apply(fee, amount, modifiers, payment));
        Ok(())
    }

    /// The OPPS cap of a locality, as its file states it.
    fn cap(
        &self,
        fee: &FeeRow,
        query: &PaymentQuery<'_>,
    ) -> Result<Option<(Cents, Evidence)>, CodebookError> {
        let (Some(place), day) = (query.locality, query.on.days()) else { return Ok(None) };
        let Some(release) = self.releases("opps_cap", None).rfind(|r| r.holds_on(day)) else {
            return Ok(None);
        };
        let doing = "looking the OPPS cap up";
        let connection = self.connection()?;
        let mut statement = connection
            .prepare_cached(
                "SELECT facility, nonfacility, line FROM opps_cap
                 WHERE code=?1 AND modifier=?2 AND mac=?3 AND locality=?4 AND release=?5",
            )
            .doing(doing)?;
        statement
            .query_row(
                rusqlite::params![fee.code, fee.modifier, place.mac, place.locality, release.id],
                |r| {
                    let cents = if query.setting == PaymentSetting::Facility { r.get(0)? } else { r.get(1)? };
                    let evidence = Evidence {
                        source: "Medicare OPPS cap".to_owned(),
                        release: release.name.clone(),
                        locator: format!("line {}, {} {}", r.get::<_, u32>(2)?, fee.code, place.number()),
                    };
                    Ok((Cents(cents), evidence))
                },
            )
            .optional()
            .doing(doing)
    }
}

/// Why a row gives no amount, if it does not.
fn no_amount(fee: &FeeRow, setting: PaymentSetting) -> Option<String> {
    if !matches!(fee.status, 'A' | 'R' | 'T') {
        let words = match fee.status_words() {
            "" => "its status gives no amount",
            words => words,
        };
        return Some(format!("status {}: {words}", fee.status));
    }
    let na = match setting {
        PaymentSetting::Facility => fee.na_facility,
        PaymentSetting::NonFacility => fee.na_nonfacility,
    };
    let place = setting.words();
    na.then(|| format!("NA: rarely or never performed in a {place} setting; the file gives no amount there"))
}

#[cfg(test)]
mod tests;
