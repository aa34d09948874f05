//! The codes in the HCPCS file's columns in words (CMS's record layout of the HCPCS contractor record).

/// Column 230: Medicare's coverage.
pub(super) fn coverage(code: &str) -> &'static str {
    match code {
        "C" => "at the contractor's judgment",
        "D" => "special coverage instructions apply",
        "I" => "not payable by Medicare",
        "M" => "not covered by Medicare",
        "S" => "not covered by Medicare, by statute",
        _ => "",
    }
}

/// Columns 120–127: by which method Part B sets the price.
pub(super) fn pricing(code: &str) -> &'static str {
    match code {
        "00" => "not priced separately by Part B (not covered, bundled, or used by Part A only)",
        "11" => "physician fee schedule: national relative value units",
        "12" => "physician fee schedule: national anesthesia base units",
        "13" => "physician fee schedule: priced by the contractor",
        "21" => "clinical laboratory fee schedule: subject to the national limitation amount",
        "22" => "clinical laboratory fee schedule: priced by the contractor (gap-fills, panels)",
        "31" => "frequently serviced durable medical equipment (floors and ceilings)",
        "32" => "inexpensive and routinely purchased durable medical equipment (floors and ceilings)",
        "33" => "oxygen and oxygen equipment (floors and ceilings)",
        "34" => "supplies for durable medical equipment (floors and ceilings)",
        "35" => "surgical dressings (floors and ceilings)",
        "36" => "capped rental of durable medical equipment (floors and ceilings)",
        "37" => "ostomy, tracheostomy and urological supplies (floors and ceilings)",
        "38" => "orthotics, prosthetics, prosthetic devices and vision services (floors and ceilings)",
        "39" => "parenteral and enteral nutrition",
        "40" => "lymphedema compression treatment items (from 2024-01-01)",
        "45" => "customized durable medical equipment",
        "46" => "equipment, prosthetics, orthotics and supplies priced by the contractor",
        "51" => "drugs",
        "52" => "reasonable charge",
        "53" => "by statute",
        "54" => "vaccinations",
        "55" => "splints and casts (from 2014-10-01)",
        "56" => "intraocular lenses inserted in a physician's office (from 2014-10-01)",
        "57" => "other, priced by the contractor",
        "99" => "value not established",
        _ => "",
    }
}

/// Column 128: whether there are several methods.
pub(super) fn multiple_pricing(code: &str) -> &'static str {
    match code {
        "9" => "does not apply: not priced separately by Part B, or its value is not established",
        "A" => "priced by one method",
        "B" => {
            "professional component priced by relative value units, technical component and global service by the contractor"
        }
        "C" => {
            "physician's interpretation priced by the physician fee schedule, the laboratory service by the clinical laboratory fee schedule"
        }
        "D" | "E" | "F" => {
            "physicians, clinical psychologists and social workers by schedules of their own (until 1997)"
        }
        "G" => {
            "reasonable charge on a claim with blood products, clinical laboratory fee schedule without them"
        }
        _ => "",
    }
}

/// Column 244: payment in an ambulatory surgical center (Medicare outpatient groups).
pub(super) fn surgical_center(code: &str) -> &'static str {
    match code {
        "1" => "covered in an ambulatory surgical center",
        "2" => "bundled: no separate payment",
        "3" => "not on the list of ambulatory surgical centers",
        "4" => "invalid code, 90 days of grace",
        "6" => "paid separately in an ambulatory surgical center",
        "7" => "restricted coverage in an ambulatory surgical center",
        "9" => "payment of ambulatory surgical centers does not apply",
        _ => "",
    }
}

/// Column 293: what the last change was.
pub(super) fn action(code: &str) -> &'static str {
    match code {
        "A" => "added",
        "B" => "long description and administrative data changed",
        "C" => "long description changed",
        "D" => "discontinued",
        "F" => "administrative data changed",
        "N" => "unchanged in this release",
        "P" => "payment changed (payment group, pricing, base units, ambulatory surgical centers)",
        "R" => "taken up again after it was discontinued",
        "S" => "short description changed",
        "T" => "BETOS or type of service changed",
        _ => "",
    }
}

/// Columns 181–204: which certification a laboratory needs.
pub(super) fn lab_certification(code: &str) -> &'static str {
    match code {
        "010" => "histocompatibility testing",
        "100" => "microbiology",
        "110" => "bacteriology",
        "115" => "mycobacteriology",
        "120" => "mycology",
        "130" => "parasitology",
        "140" => "virology",
        "150" => "other microbiology",
        "200" => "diagnostic immunology",
        "210" => "syphilis serology",
        "220" => "general immunology",
        "300" => "chemistry",
        "310" => "routine chemistry",
        "320" => "urinalysis",
        "330" => "endocrinology",
        "340" => "toxicology",
        "350" => "other chemistry",
        "400" => "hematology",
        "500" => "immunohematology",
        "510" => "ABO group and Rh type",
        "520" => "antibody detection (transfusion)",
        "530" => "antibody detection (non-transfusion)",
        "540" => "antibody identification",
        "550" => "compatibility testing",
        "560" => "other immunohematology",
        "600" => "pathology",
        "610" => "histopathology",
        "620" => "oral pathology",
        "630" => "cytology",
        "800" => "radiobioassay",
        "900" => "clinical cytogenetics",
        _ => "",
    }
}

/// Columns 261–265: CMS's type of service, as carriers use it.
pub(super) fn service_type(code: &str) -> &'static str {
    match code {
        "0" => "whole blood",
        "1" => "medical care",
        "2" => "surgery",
        "3" => "consultation",
        "4" => "diagnostic radiology",
        "5" => "diagnostic laboratory",
        "6" => "therapeutic radiology",
        "7" => "anesthesia",
        "8" => "assistant at surgery",
        "9" => "other medical items or services",
        "A" => "used durable medical equipment",
        "B" => "high-risk screening mammography (until 1997)",
        "C" => "low-risk screening mammography (until 1997)",
        "D" => "ambulance",
        "E" => "enteral or parenteral nutrients and supplies",
        "F" => "ambulatory surgical center (facility)",
        "G" => "immunosuppressive drugs",
        "H" => "hospice (until 1994)",
        "I" => "purchase of durable medical equipment by instalments (until March 1995)",
        "J" => "diabetic shoes",
        "K" => "hearing items and services",
        "L" => "supplies for end-stage renal disease",
        "M" => "monthly capitation payment for dialysis",
        "N" => "kidney donor",
        "P" => "lump-sum purchase of durable medical equipment, prosthetics, orthotics",
        "Q" => "vision items or services",
        "R" => "rental of durable medical equipment",
        "S" => "surgical dressings or other medical supplies",
        "T" => "outpatient mental health limitation",
        "U" => "occupational therapy",
        "V" => "pneumococcal or influenza vaccine",
        "W" => "physical therapy",
        "Y" => "second opinion on elective surgery (until 1996)",
        "Z" => "third opinion on elective surgery (until 1996)",
        _ => "",
    }
}
