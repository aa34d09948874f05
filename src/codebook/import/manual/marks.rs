//! The marks before numbered sections: `A.`, `1.`, `a.`, `1)`, `(a)`, `(iv)`.

/// A way to number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Style {
    /// `A.`
    Capital,
    /// `1.`
    Digit,
    /// `a.`
    Letter,
    /// `i.`
    Roman,
    /// `1)`
    DigitBracket,
    /// `(1)`
    DigitBrackets,
    /// `(a)`
    LetterBrackets,
    /// `(i)`
    RomanBrackets,
}

/// A mark that a line may begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) style: Style,
    /// From 1.
    pub(crate) value: u32,
}

impl Mark {
    /// As it stands in a section's name: `C`, `4`, `a`, `iv`.
    pub(crate) fn written(self) -> String {
        match self.style {
            Style::Capital => letter(self.value, b'A'),
            Style::Letter | Style::LetterBrackets => letter(self.value, b'a'),
            Style::Digit | Style::DigitBracket | Style::DigitBrackets => self.value.to_string(),
            Style::Roman | Style::RomanBrackets => roman(self.value).to_ascii_lowercase(),
        }
    }
}

fn letter(value: u32, first: u8) -> String {
    u8::try_from(value)
        .map_or(String::new(), |v| char::from(first.saturating_add(v).saturating_sub(1)).to_string())
}

const ROMAN: [&str; 20] = [
    "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV", "XV", "XVI",
    "XVII", "XVIII", "XIX", "XX",
];

/// A number from 1 to 20 in Roman capitals; empty beyond.
pub(crate) fn roman(value: u32) -> &'static str {
    value.checked_sub(1).and_then(|v| ROMAN.get(usize::try_from(v).ok()?)).copied().unwrap_or("")
}

/// What Roman capitals say, from 1 to 20.
pub(crate) fn of_roman(text: &str) -> Option<u32> {
    ROMAN.iter().position(|r| *r == text).and_then(|at| u32::try_from(at + 1).ok())
}

/// The marks that a line may begin with (`(i)` is a letter or a number), the likelier first, and the text after it.
pub(crate) fn marks(line: &str) -> Option<(Vec<Mark>, &str)> {
    let (inner, rest, bracketed, end) = if let Some(after) = line.strip_prefix('(') {
        let (inner, rest) = after.split_once(')')?;
        (inner, rest, true, ')')
    } else {
        let at = line.find(['.', ')'])?;
        let end = if line.get(at..=at)? == "." { '.' } else { ')' };
        (line.get(..at)?, line.get(at + 1..)?, false, end)
    };
    // `I.C.19` is no mark; `(iii)Lower` and `G.Fractures` are.
    let mut after = rest.chars();
    let tight = after.next().is_some_and(char::is_uppercase) && after.next().is_some_and(char::is_lowercase);
    if inner.is_empty()
        || inner.len() > 5
        || !(bracketed || tight || rest.is_empty() || rest.starts_with(' '))
    {
        return None;
    }
    let mut found = Vec::new();
    let mut add = |style, value: Option<u32>| {
        if let Some(value) = value {
            found.push(Mark { style, value });
        }
    };
    let digits = (inner.len() <= 2).then(|| inner.parse::<u32>().ok()).flatten().filter(|n| *n > 0);
    let single = |first: u8| match inner.as_bytes() {
        [one] if one.wrapping_sub(first) < 26 => Some(u32::from(one - first) + 1),
        _ => None,
    };
    let lower = inner.bytes().all(|b| b.is_ascii_lowercase());
    let small_roman = || of_roman(&inner.to_ascii_uppercase()).filter(|_| lower);
    match (bracketed, end) {
        (true, _) => {
            add(Style::LetterBrackets, single(b'a'));
            add(Style::RomanBrackets, small_roman());
            add(Style::DigitBrackets, digits);
        }
        (false, '.') => {
            add(Style::Capital, single(b'A'));
            add(Style::Digit, digits);
            add(Style::Letter, single(b'a'));
            add(Style::Roman, small_roman());
        }
        (false, _) => add(Style::DigitBracket, digits),
    }
    (!found.is_empty()).then(|| (found, rest.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(line: &str) -> Vec<String> {
        marks(line)
            .map_or(Vec::new(), |(m, _)| m.iter().map(|m| format!("{:?} {}", m.style, m.written())).collect())
    }

    #[test]
    fn marks_are_told_from_text() {
        assert_eq!(said("C. Chapter-Specific"), ["Capital C"]);
        assert_eq!(said("12) Hypertension"), ["DigitBracket 12"]);
        assert_eq!(said("(i) Pneumonia"), ["LetterBrackets i", "RomanBrackets i"]);
        assert_eq!(said("(iii)Lower infection"), ["RomanBrackets iii"]);
        assert_eq!(said("G.Fractures"), ["Capital G"]);
        assert_eq!(said("i. If it is"), ["Letter i", "Roman i"]);
        for none in [
            "I.C.19.g says",
            "(new) ulcer",
            "90.5 percent",
            "etc.",
            "(2026) x",
            "",
            ".",
            "()",
            "0. x",
            "é. x",
        ] {
            assert!(said(none).is_empty(), "{none}");
        }
        assert_eq!(marks("4.   Signs").unwrap().1, "Signs");
    }
}
