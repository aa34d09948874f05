//! Codes as coders write them, and what only looks like one.

use super::*;

fn read(text: &str) -> Vec<CodeMention> {
    find(text, &[])
}

fn codes(text: &str) -> Vec<String> {
    read(text).into_iter().map(|m| m.code).collect()
}

/// "Claim:" and "new patient" stand before codes as often as before numbers; "claim number" never does.
#[test]
fn words_of_the_trade_are_no_number_labels() {
    assert_eq!(codes("Outpatient hospital facility claim: 90834 and 99213"), ["90834", "99213"]);
    assert_eq!(codes("new patient 99203, please check 20610"), ["99203", "20610"]);
    assert!(codes("claim number 63020, case #63030, order no. 99213, patient ID 97110").is_empty());
}

#[test]
fn codes_in_lists_ranges_and_with_modifiers() {
    assert_eq!(codes("Can 63020 and 63030 be billed together?"), ["63020", "63030"]);
    assert_eq!(codes("99213/99214 with 20610"), ["99213", "99214", "20610"]);
    let m = read("63020-50-51 x1, 97110 x 3; 3 units of 97140");
    assert_eq!(m[0].modifiers, ["50", "51"]);
    assert_eq!(m[0].units, Some(1));
    assert_eq!(m[1].units, Some(3));
    assert_eq!(m[2].units, Some(3));
    let m = read("98940-98942 and 99202-05");
    assert_eq!(m[0].range_end.as_deref(), Some("98942"));
    assert_eq!(m[1].range_end.as_deref(), Some("99205"));
    assert_eq!(read("99213 with modifier 25 and 20610")[0].modifiers, ["25"]);
    assert_eq!(read("29880 RT")[0].modifiers, ["RT"]);
    assert_eq!(read("97110x3")[0].units, Some(3));
    assert_eq!(read("11200 x2. Correct?")[0].units, Some(2));
    assert_eq!(read("20610-RT and 20610-LT").len(), 2);
    assert_eq!(read("43239 and 43235. They want 43235-59").len(), 2);
}

#[test]
fn diagnoses_with_and_without_dots() {
    assert_eq!(codes("dx M50.121 and e11.22"), ["M50.121", "E11.22"]);
    let m = read("dx E1122, A0100");
    assert!(m.iter().all(|m| m.diagnosis), "{m:?}");
    assert_eq!(m[1].kind, MentionKind::HcpcsOrDiagnosis);
    assert!(read("A0100 x 2 billed")[0].service);
}

#[test]
fn false_friends() {
    for text in [
        "Springfield, IL 62704",
        "zip 10021",
        "claim number 63020",
        "Claim #63020 was denied",
        "it cost $63020",
        "call 555-63020",
        "62704-1234",
        "we have 12345 patients",
        "63,020 dollars and 63020 dollars",
        "acct 99213",
        "20610 Main Street",
    ] {
        assert_eq!(codes(text), [""; 0], "{text}");
    }
}

#[test]
fn modifiers_in_any_notation() {
    for (text, code, modifiers) in [
        ("20610-RT,59", "20610", &["RT", "59"][..]),
        ("20610 RT 59", "20610", &["RT", "59"]),
        ("20610 rt", "20610", &["RT"]),
        ("20610 (RT)", "20610", &["RT"]),
        ("99213-25-57", "99213", &["25", "57"]),
        ("99213 with a 25", "99213", &["25"]),
        ("99213 w/25", "99213", &["25"]),
        ("99213 w/ a 25 modifier and 20610", "99213", &["25"]),
        ("99213/25 and 20610", "99213", &["25"]),
        ("99213 25, 20610", "99213", &["25"]),
        ("99214 (-25)", "99214", &["25"]),
        ("93306 26 denied", "93306", &["26"]),
        ("97140 mod 59", "97140", &["59"]),
        ("97140 with modifier -59 and GP", "97140", &["59"]),
        ("97110 GP KX", "97110", &["GP", "KX"]),
        ("71046 TC", "71046", &["TC"]),
        ("93000 tc", "93000", &["TC"]),
        ("J0696-JZ", "J0696", &["JZ"]),
        ("64483-50 x2", "64483", &["50"]),
    ] {
        let m = read(text);
        assert_eq!(
            (m[0].code.as_str(), m[0].modifiers.as_slice()),
            (code, &modifiers.iter().map(|m| (*m).to_owned()).collect::<Vec<_>>()[..]),
            "{text}"
        );
    }
    for text in [
        "99291 55 minutes",
        "97110 30 min",
        "20610 with 40 mg",
        "20610 with 80 mg of kenalog",
        "99213 24 days after",
        "99214 on 25 patients",
        "99213, 25 min visit",
        "99213 50% paid",
        "99213 as a level 3",
        "97110 go ahead",
    ] {
        assert!(read(text)[0].modifiers.is_empty(), "{text}: {:?}", read(text));
    }
}

#[test]
fn units_in_any_notation() {
    for (text, units) in [
        ("97110 x 3", Some(3)),
        ("97110 X3", Some(3)),
        ("97110 (x3)", Some(3)),
        ("J0696 (4 units)", Some(4)),
        ("J0696 4u", Some(4)),
        ("97110 times 2", Some(2)),
        ("97110 for 3 units", Some(3)),
        ("3 units of 97110", Some(3)),
        ("3x 97110", Some(3)),
        ("J1885 qty 2", Some(2)),
        ("11200 x2.", Some(2)),
        ("36415 x3 on 5/6", Some(3)),
        ("97110-GP x 4", Some(4)),
        ("97110 x 3 days", None),
        ("97110 x 3 weeks", None),
        ("97110", None),
    ] {
        assert_eq!(read(text)[0].units, units, "{text}");
    }
}

#[test]
fn last_digits_make_further_codes() {
    assert_eq!(codes("99213, 14"), ["99213", "99214"]);
    assert_eq!(codes("99213/14/15"), ["99213", "99214", "99215"]);
    assert_eq!(codes("99213 or 14?"), ["99213", "99214"]);
    assert_eq!(codes("99213/4"), ["99213", "99214"]);
    assert_eq!(codes("29880/81"), ["29880", "29881"]);
    assert!(read("99213 or 14")[1].alternative);
    for text in ["99213, 14 days later", "99213, 12 visits", "99213 and 30 minutes", "99213, 25", "20610/59"]
    {
        assert_eq!(codes(text).len(), 1, "{text}");
    }
}

#[test]
fn ranges() {
    for (text, end) in [
        ("97110-97140", "97140"),
        ("M54.50–M54.59", "M54.59"),
        ("99202 thru 99205", "99205"),
        ("99281 through 99285", "99285"),
        ("99202-99205", "99205"),
        ("99202-05", "99205"),
    ] {
        assert_eq!(read(text)[0].range_end.as_deref(), Some(end), "{text}");
    }
}

#[test]
fn all_systems() {
    let kind = |text: &str| read(text).first().map(|m| m.kind);
    assert_eq!(kind("0DTJ4ZZ"), Some(MentionKind::InpatientProcedure));
    assert_eq!(kind("0WQFXZZ"), Some(MentionKind::InpatientProcedure));
    assert_eq!(kind("M 54.5"), Some(MentionKind::Diagnosis));
    assert_eq!(kind("icd-9 427.31"), Some(MentionKind::Icd9));
    assert_eq!(kind("paid 427.31"), None);
    assert_eq!(kind("0295T"), Some(MentionKind::Cpt));
    assert_eq!(kind("e11.9"), Some(MentionKind::Diagnosis));
    assert_eq!(kind("S82001A"), Some(MentionKind::MaybeDiagnosis));
}

#[test]
fn more_false_friends() {
    for text in [
        "Dallas, TX 75201",
        "dallas tx 75201",
        "Hartford, CT 06103",
        "NPI 1234567890",
        "room 30124",
        "plan # H1234",
        "contract H1234",
        "P.O. Box 12345",
        "ext. 20610",
        "$99,213",
        "$99213.00",
        "at 99213 Main St",
        "20610 North Oak Avenue",
        "Suite 20100",
        "MRN 55012",
        "acct 99-4471",
        "fax 55512-99213",
        "claim 2024081512345",
        "Claim No. 99213 of last week",
        "invoice #20610",
        "q12h dosing",
        "N95 mask",
        "in 2025 we",
        "555-123-4567",
        "(555) 123-4567",
        "03-04-2025",
    ] {
        assert_eq!(codes(text), [""; 0], "{text}");
    }
    for text in ["we did CT 70450", "seen by PA 99213", "Dr Jones MD 99213", "63020 OR 63030"] {
        assert!(!codes(text).is_empty(), "{text}");
    }
}

#[test]
fn sides_beside_codes() {
    let sides = |text: &str| -> Vec<Option<Side>> { read(text).iter().map(|m| m.side).collect() };
    assert_eq!(sides("20610 right knee, 20605 left wrist"), [Some(Side::Right), Some(Side::Left)]);
    assert_eq!(sides("73562 on both knees"), [Some(Side::Bilateral)]);
    assert_eq!(sides("bilateral 20610"), [Some(Side::Bilateral)]);
    assert_eq!(sides("20610-LT"), [Some(Side::Left)]);
    assert_eq!(sides("Is 20610 right?"), [None]);
    assert_eq!(sides("20610-50 and 99213"), [Some(Side::Bilateral), None]);
}

#[test]
fn endless_lists_are_bounded() {
    let many = "99213-25 ".repeat(20_000);
    assert_eq!(read(&many).len(), 1);
    let different: String = (10_000..30_000).map(|n| format!("{n} ")).collect();
    assert!(read(&different).len() <= MOST);
}
