//! Anesthesia: (base units + minutes ÷ 15, to a tenth) × the locality's anesthesia conversion factor (Medicare Claims
//! Processing Manual, ch. 12 § 50).

use rusqlite::OptionalExtension;

use crate::codebook::error::SqlContext;
use crate::codebook::payment::{Cents, Payment, PaymentQuery};
use crate::codebook::{Codebook, CodebookError};
use crate::domain::Evidence;

impl Codebook {
    pub(super) fn anesthesia_payment(
        &self,
        query: &PaymentQuery<'_>,
        code: &str,
        modifiers: &[String],
        payment: &mut Payment,
    ) -> Result<(), CodebookError> {
        let has = |m: &str| modifiers.iter().any(|x| x == m);
        let base = if has("AD") { Some(3) } else { self.base_units(code)? };
        let Some((factor, evidence)) = self.anesthesia_factor(query)? else {
            payment.notes.push(
                "status J, anesthesia: no anesthesia conversion factor is loaded for the date and locality"
                    .to_owned(),
            );
            return Ok(());
        };
        let Some(base) = base else {
            payment.notes.push(format!(
                "status J, anesthesia: the base units of {code} are in no loaded file (CMS's list of anesthesia base units); conversion factor {}.{:04}",
                factor / 10_000,
                factor % 10_000
            ));
            return Ok(());
        };
        let Some(minutes) = query.minutes else {
            payment.notes.push(format!("status J, anesthesia: {base} base units; the minutes are needed"));
            return Ok(());
        };
        // Medical supervision (AD): three units a procedure, no time.
        let time = if has("AD") { 0 } else { (i64::from(minutes) * 20 + 15).div_euclid(30) };
        let units = i64::from(base) * 10 + time;
        let full = Cents::from_nano(i128::from(units) * i128::from(factor) * 10_000);
        payment.steps.push(format!(
            "({base} base + {minutes} min ÷ 15 = {}.{} units) × {}.{:04} = {full}",
            units / 10,
            units % 10,
            factor / 10_000,
            factor % 10_000
        ));
        payment.evidence.push(evidence);
        payment.base = Some(full);
        let half = ["QK", "QX", "QY"].into_iter().any(has);
        let amount = if half { full.share(500) } else { full };
        if half {
            payment.steps.push(format!("{full} × 50.0 % (medical direction) = {amount}"));
        }
        payment.amount = Some(amount);
        Ok(())
    }

    /// Base units, where a loaded HCPCS file states them.
    fn base_units(&self, code: &str) -> Result<Option<u32>, CodebookError> {
        let doing = "looking anesthesia base units up";
        self.connection()?
            .prepare_cached(
                "SELECT base_units FROM hcpcs_detail WHERE code=?1 AND base_units>0 ORDER BY release DESC",
            )
            .doing(doing)?
            .query_row([code], |r| r.get(0))
            .optional()
            .doing(doing)
    }

    fn anesthesia_factor(&self, query: &PaymentQuery<'_>) -> Result<Option<(i64, Evidence)>, CodebookError> {
        let day = query.on.days();
        let Some(release) = self.releases("anesthesia", None).rfind(|r| r.holds_on(day)) else {
            return Ok(None);
        };
        let doing = "looking the anesthesia factor up";
        let (mac, locality) = query.locality.map_or(("", ""), |l| (l.mac.as_str(), l.locality.as_str()));
        self.connection()?
            .prepare_cached("SELECT factor, line FROM anesthesia WHERE mac=?1 AND locality=?2 AND release=?3")
            .doing(doing)?
            .query_row(rusqlite::params![mac, locality, release.id], |r| {
                let evidence = Evidence {
                    source: "Medicare anesthesia conversion factors".to_owned(),
                    release: release.name.clone(),
                    locator: format!("line {}, {mac}/{locality}", r.get::<_, u32>(1)?),
                };
                Ok((r.get(0)?, evidence))
            })
            .optional()
            .doing(doing)
    }
}
