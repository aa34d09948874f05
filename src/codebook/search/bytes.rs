//! Numbers and short texts as bytes. Reading beyond the end gives zeros: a damaged index finds less, no more.

/// Reads what was put.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn at(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    pub(crate) fn byte(&mut self) -> u8 {
        let byte = self.bytes.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        byte
    }

    /// Seven bits a byte, the lowest first.
    #[inline]
    pub(crate) fn number(&mut self) -> u32 {
        let mut value = 0_u32;
        for shift in [0, 7, 14, 21, 28] {
            let byte = self.byte();
            value |= u32::from(byte & 127) << shift;
            if byte < 128 {
                break;
            }
        }
        value
    }

    /// A number of things to come: never more than there are bytes.
    pub(crate) fn count(&mut self) -> usize {
        (self.number() as usize).min(self.bytes.len().saturating_sub(self.at))
    }

    pub(crate) fn four(&mut self) -> [u8; 4] {
        [self.byte(), self.byte(), self.byte(), self.byte()]
    }

    pub(crate) fn take(&mut self, length: usize) -> &'a [u8] {
        let taken = self.bytes.get(self.at..self.at + length).unwrap_or(&[]);
        self.at += length;
        taken
    }

    pub(crate) fn text(&mut self) -> &'a str {
        let length = self.count();
        std::str::from_utf8(self.take(length)).unwrap_or("")
    }
}

pub(crate) fn put_number(out: &mut Vec<u8>, mut value: u32) {
    while value >= 128 {
        out.push((value & 127) as u8 | 128);
        value >>= 7;
    }
    out.push(value as u8);
}

pub(crate) fn put_text(out: &mut Vec<u8>, text: &str) {
    put_number(out, text.len() as u32);
    out.extend(text.as_bytes());
}
