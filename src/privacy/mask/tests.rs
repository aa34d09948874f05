use super::*;
use proptest::prelude::*;

#[track_caller]
fn masks(text: &str, expected: &str) {
    let masked = mask(text);
    assert_eq!(masked.text, expected);
    assert_eq!(mask(&masked.text), masked);
    for found in &masked.found {
        assert_eq!(masked.text.get(found.at.clone()), Some(found.kind.placeholder()));
    }
}

#[test]
fn numbers_by_form_and_label() {
    masks("SSN 123-45-6789, MBI 1EG4-TE5-MK73.", "SSN [ssn], MBI [medicare id].");
    masks("mbi 1eg4te5mk73 and HICN 123456789A", "mbi [medicare id] and HICN [medicare id]");
    masks("SSN: 123456789; last 4 of SSN", "SSN: [ssn]; last 4 of SSN");
    masks("MRN: 00123456, chart # A-1234", "MRN: [record number], chart # [record number]");
    masks(
        "Acct #998877 claim number 2026A00123 (member ID: XYZ123456)",
        "Acct #[account number] claim number [account number] (member ID: [member id])",
    );
    masks("call (555) 123-4567 x12 or 555.123.4567 or +49 30 1234567", "call [phone] or [phone] or [phone]");
    masks("write to jane.doe@mail.example.", "write to [email].");
    masks("123-45-6789 123-45-6789,123-45-6789", "[ssn] [ssn],[ssn]");
}

#[test]
fn births_ages_names_and_addresses() {
    masks("DOB: 03/04/1950, DOS 01/05/2026", "DOB: [date of birth], DOS 01/05/2026");
    masks(
        "born on March 4, 1950; date of birth is 1950-03-04",
        "born on [date of birth]; date of birth is [date of birth]",
    );
    masks(
        "A 92-year-old and a 67-year-old, 101 yo, age 93, aged 89",
        "A [age over 89]-year-old and a 67-year-old, [age over 89] yo, age [age over 89], aged 89",
    );
    masks("Patient: Jane Q. Doe\nPt name: DOE, JOHN", "Patient: [name]\nPt name: [name]");
    masks("Mrs. Smith saw Dr. Mohs. Mr. John Smith too.", "Mrs. [name] saw Dr. Mohs. Mr. [name] [name] too.");
    masks("The patient Jane Doe had 63030.", "The patient [name] had 63030.");
    masks("Address: 12 Elm Street, Springfield, IL 62704. 99213?", "Address: [address]. 99213?");
}

#[test]
fn what_coders_need_survives() {
    for text in [
        "Can 63020 and 63030 be billed together with 59, RT and LT on 01/05/2026?",
        "Patient: Medicare, established. 99213-25, J1885 x 2 units, 15 mg, $1,234.56.",
        "Patient: Mohs surgery, Whipple procedure, Foley catheter; patient Mohs Surgery",
        "Dx M51.26, Z00.00, A0100, E11.9, 0DTJ4ZZ, S72.001A; NDC 00006-4045-41, NPI 1234567893",
        "Claim denied CO-97. Medicare 99213 and 2026-01-05; age 90 days; aged 45; 96372 x1; POS 11",
        "ages 65-89, 0.9% NaCl 1000 ml, BP 120/80, 10-12 mm, T1-T12, L4-L5, claim 99213, account for 99214",
        "DRG 470, revenue code 0360, TOB 131, condition code 44, modifier XS, 20610-50",
        "The patient was 45 when born prematurely. Patient Protection and Affordable Care Act",
    ] {
        masks(text, text);
    }
}

#[test]
fn long_text_takes_linear_time() {
    let text = "Patient: Jane Doe MRN 123456 (555) 123-4567 99213 ".repeat(10_000);
    assert_eq!(mask(&text).found.len(), 30_000);
}

proptest! {
    #[test]
    fn masking_twice_changes_nothing(text in "(patient|Patient:|Mr\\.|Mrs |DOB|MRN|SSN|claim #|member id|age|born|Name:|phone| |\n|[0-9]{1,5}|-|/|\\(|\\)|\\.|[A-Z][a-z]{0,5}|@|\\[name\\]|#|:|\\+|é){0,60}") {
        let once = mask(&text);
        prop_assert_eq!(mask(&once.text), once);
    }
    #[test]
    fn any_text(text in "\\PC{0,300}") {
        let once = mask(&text);
        prop_assert_eq!(mask(&once.text), once);
    }
    #[test]
    fn codes_without_a_label_stay(codes in proptest::collection::vec("[0-9]{5}|[A-Z][0-9]{4}|[A-TV-Z][0-9][0-9AB]\\.[0-9A-Z]{1,4}|[0-9]{4}[FTU]|[0-9]{5}-(25|59|RT|LT|50)", 1..20)) {
        let text = codes.join(", ");
        prop_assert_eq!(mask(&text).text, text);
    }
}
