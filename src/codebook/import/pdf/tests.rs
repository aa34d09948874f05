//! Pdfs made here, good and bad.

use super::*;

/// Text with form feeds as a pdf: Courier, a line a line.
pub(crate) fn pdf_of(text: &str) -> Vec<u8> {
    let escaped = |line: &str| -> Vec<u8> {
        let one = |c: char| match c {
            '(' | ')' | '\\' => vec![b'\\', u8::try_from(c).unwrap()],
            '“' => b"\\223".to_vec(),
            '”' => b"\\224".to_vec(),
            '’' => b"\\222".to_vec(),
            '•' => b"\\225".to_vec(),
            '–' => b"\\226".to_vec(),
            '®' => b"\\256".to_vec(),
            c => vec![u8::try_from(c).unwrap_or(b'?')],
        };
        line.chars().flat_map(one).collect()
    };
    let pages: Vec<Vec<u8>> = text
        .split('\u{c}')
        .filter(|page| !page.trim().is_empty())
        .map(|page| {
            let mut content = b"BT /F1 6 Tf\n".to_vec();
            for (n, line) in page.lines().enumerate() {
                let at = 780.0 - 8.0 * f64::from(u32::try_from(n).unwrap());
                content.extend(format!("1 0 0 1 20 {at} Tm (").bytes());
                content.extend(escaped(line));
                content.extend(b") Tj\n");
            }
            content.extend(b"ET");
            content
        })
        .collect();
    with_contents(&pages, "")
}

/// A pdf with these contents of pages; `resources` are added to each page's.
fn with_contents(pages: &[Vec<u8>], resources: &str) -> Vec<u8> {
    let mut objects: Vec<Vec<u8>> = vec![
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        format!(
            "<< /Type /Pages /Count {} /Kids [{}] >>",
            pages.len(),
            (0..pages.len()).map(|n| format!("{} 0 R ", 4 + 2 * n)).collect::<String>()
        )
        .into_bytes(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>".to_vec(),
    ];
    for (n, content) in pages.iter().enumerate() {
        objects.push(
            format!(
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {} 0 R /Resources << /Font << /F1 3 0 R >> {resources} >> >>",
                5 + 2 * n
            )
            .into_bytes(),
        );
        let mut stream = format!("<< /Length {} >>\nstream\n", content.len()).into_bytes();
        stream.extend(content);
        stream.extend(b"\nendstream");
        objects.push(stream);
    }
    finished(&objects)
}

fn finished(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut pdf = b"%PDF-1.4\n".to_vec();
    let mut places = Vec::new();
    for (n, object) in objects.iter().enumerate() {
        places.push(pdf.len());
        pdf.extend(format!("{} 0 obj\n", n + 1).bytes());
        pdf.extend(object);
        pdf.extend(b"\nendobj\n");
    }
    let xref = pdf.len();
    pdf.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
    for place in places {
        pdf.extend(format!("{place:010} 00000 n \n").bytes());
    }
    pdf.extend(
        format!("trailer << /Size {} /Root 1 0 R >>\nstartxref\n{xref}\n%%EOF\n", objects.len() + 1).bytes(),
    );
    pdf
}

fn unreadable(bytes: &[u8]) -> String {
    match known_text("x.pdf", "x.pdf", bytes) {
        Ok(Found::Unreadable(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_no_text_is_said_to_be_so() {
    assert!(matches!(known_text("x", "x", &pdf_of("A letter\nto somebody")), Ok(Found::Other)));
    assert!(unreadable(&pdf_of("")).contains("0 pages"));
    assert!(unreadable(&with_contents(&[b"0 0 100 100 re f".to_vec()], "")).contains("pictures"));
    for bytes in [
        &b"%PDF-1.7"[..],
        b"%PDF-1.4\nrubbish \xff\xfe\x00 stream\nendstream",
        b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog",
    ] {
        assert!(!unreadable(bytes).is_empty());
    }
}

#[test]
fn bombs_are_refused_before_they_are_parsed() {
    let packed = |size: usize| {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        std::io::Write::write_all(&mut encoder, &vec![b' '; size]).unwrap();
        encoder.finish().unwrap()
    };
    let stream = |bytes: &[u8], filter: &str| {
        let mut object = format!("<< /Length {} /Filter {filter} >>\nstream\n", bytes.len()).into_bytes();
        object.extend(bytes);
        object.extend(b"\nendstream");
        object
    };
    let bomb = stream(&packed(80_000_000), "/FlateDecode");
    assert!(unreadable(&finished(&[bomb])).contains("unpacks"));
    let twice = stream(&packed(100), "[ /FlateDecode /FlateDecode ]");
    assert!(unreadable(&finished(&[twice])).contains("twice"));
    let old = stream(&packed(100), "/LZWDecode");
    assert!(unreadable(&finished(&[old])).contains("old method"));
    let deep = "[".repeat(50_000).into_bytes();
    assert!(unreadable(&finished(&[deep])).contains("nested"));
    // Within the limit the parser's own stack must do.
    let deep = "[".repeat(9_000) + &"]".repeat(9_000);
    let _ = known_text("x.pdf", "x.pdf", &finished(&[deep.into_bytes()]));
    let deep = "<</A ".repeat(9_000) + &">>".repeat(9_000);
    let _ = known_text("x.pdf", "x.pdf", &finished(&[deep.into_bytes()]));
}

#[test]
fn a_form_that_draws_itself_is_not_followed() {
    let mut objects = with_contents(
        &[b"BT /F1 6 Tf 1 0 0 1 20 700 Tm (A word) Tj ET /Fx Do".to_vec()],
        "/XObject << /Fx 5 0 R >>",
    );
    // The page's own content is its form, too.
    let text = String::from_utf8(std::mem::take(&mut objects)).unwrap();
    let own =
        text.replacen("/Length 52 >>\nstream", "/Length 52 /Type /XObject /Subtype /Form >>\nstream", 1);
    let _ = known_text("x.pdf", "x.pdf", own.as_bytes());
}

#[test]
fn damage_never_breaks_the_reader() {
    let whole =
        pdf_of(include_str!("../../../../tests/fixtures/codes/ICD-10-CM-October-2025-Guidelines.txt"));
    assert!(matches!(known_text("x.pdf", "x.pdf", &whole), Ok(Found::Known(..))));
    let mut seed = 7_u64;
    let mut below = |end: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % end
    };
    for _ in 0..60 {
        let mut bytes = whole.clone();
        for _ in 0..=below(6) {
            let (at, len) = (below(bytes.len()), below(60));
            let to = (at + len).min(bytes.len());
            match below(4) {
                0 => bytes[at] = u8::try_from(below(256)).unwrap(),
                1 => drop(bytes.drain(at..to)),
                2 => bytes[at..to].reverse(),
                _ => bytes.truncate(at.max(8)),
            }
        }
        let _ = known_text("x.pdf", "x.pdf", &bytes);
    }
}
