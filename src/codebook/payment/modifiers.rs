//! Modifiers that change an amount (Medicare Claims Processing Manual, ch. 12).

use crate::codebook::FeeRow;
use crate::codebook::payment::{Cents, Payment};

/// Applies the payment modifiers to a fee; each step and each doubt is noted.
pub(super) fn apply(fee: &FeeRow, base: Cents, modifiers: &[String], payment: &mut Payment) -> Cents {
    let has = |m: &str| modifiers.iter().any(|x| x == m);
    let mut amount = base;
    let mut step = |payment: &mut Payment, thousandths: i64, why: &str| {
        let after = amount.share(thousandths);
        payment.steps.push(format!(
            "{amount} × {}.{} % ({why}) = {after}",
            thousandths / 10,
            thousandths % 10
        ));
        amount = after;
    };
    if has("50") || (has("LT") && has("RT")) {
        match fee.bilateral.as_str() {
            "1" => step(payment, 1500, "both sides, bilateral indicator 1"),
            "3" => step(payment, 2000, "both sides, bilateral indicator 3: each in full"),
            "2" => {
                payment.notes.push("bilateral indicator 2: the amount is for both sides already".to_owned())
            }
            other => payment.notes.push(format!("bilateral indicator {other}: no 150 % for both sides")),
        }
    }
    shares(fee, modifiers, &mut |thousandths, why| step(payment, thousandths, why));
    if has("53") && payment.row != "53" {
        payment.notes.push("53: no row of its own; the contractor decides the reduced amount".to_owned());
    }
    if has("52") || has("22") {
        payment
            .notes
            .push("22 and 52: the contractor decides by the record; the amount is the full one".to_owned());
    }
    let assistant = ["80", "81", "82", "AS"].into_iter().find(|m| has(m));
    if let Some(modifier) = assistant {
        if fee.assistant == "1" {
            payment.notes.push("assistant indicator 1: no assistant at surgery is paid".to_owned());
            return Cents(0);
        }
        if fee.assistant == "0" {
            payment
                .notes
                .push("assistant indicator 0: paid only with documentation of medical necessity".to_owned());
        }
        if modifier == "AS" {
            step(payment, 136, "AS: 85 % of 16 %");
        } else {
            step(payment, 160, "assistant at surgery");
        }
    }
    if has("62") {
        match fee.co_surgeon.as_str() {
            "1" | "2" => step(payment, 625, "62: two surgeons"),
            other => payment.notes.push(format!("co-surgeon indicator {other}: two surgeons are not paid")),
        }
    }
    if has("66") {
        payment.notes.push("66: a team is paid by report".to_owned());
    }
    amount
}

/// 54, 55, 56 and 78: a part of the global package.
fn shares(fee: &FeeRow, modifiers: &[String], step: &mut dyn FnMut(i64, &str)) {
    let has = |m: &str| modifiers.iter().any(|x| x == m);
    let [pre, intra, post] = fee.shares.map(|s| super::whole(s, 1000.0));
    if pre + intra + post == 0 {
        return;
    }
    if has("78") {
        step(intra, "78: the intra-operative share");
        return;
    }
    // Of several the shares add up; surgical care holds the preoperative share already.
    let parts = [(has("54") || has("56"), pre), (has("54"), intra), (has("55"), post)];
    let named = [
        (has("54"), "54: surgical care, with the preoperative share"),
        (has("55"), "55: postoperative care"),
        (has("56"), "56: preoperative care"),
    ];
    let why: Vec<&str> = named.into_iter().filter(|(asked, _)| *asked).map(|(_, why)| why).collect();
    if !why.is_empty() {
        step(parts.into_iter().filter(|(asked, _)| *asked).map(|(_, share)| share).sum(), &why.join("; "));
    }
}
