//! The 7th character of injuries and the like: encounter, open or closed, healing. The codes of one injury are one
//! topic of the search; the 7th character is chosen by what the query says, else by the guidelines' defaults
//! (initial encounter; section I.C.19.c: closed unless said to be open).

/// What a 7th character says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Encounter {
    pub(crate) visit: Visit,
    /// 0 not told, 1 closed, 2 open (type I or II, or not told), 3 open type III.
    pub(crate) open: u8,
    pub(crate) healing: Healing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Visit {
    #[default]
    None,
    Initial,
    Subsequent,
    Sequela,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Healing {
    #[default]
    None,
    Routine,
    Delayed,
    Nonunion,
    Malunion,
}

impl Encounter {
    /// From the end of an official text: `subsequent encounter for open fracture type I or II with nonunion`.
    pub(crate) fn of_text(suffix: &str) -> Option<Self> {
        let s = suffix.to_ascii_lowercase();
        let visit = if s.contains("sequela") {
            Visit::Sequela
        } else if s.contains("subsequent") {
            Visit::Subsequent
        } else if s.contains("initial encounter") {
            Visit::Initial
        } else {
            return None;
        };
        let healing = if s.contains("nonunion") {
            Healing::Nonunion
        } else if s.contains("malunion") {
            Healing::Malunion
        } else if s.contains("delayed healing") {
            Healing::Delayed
        } else if s.contains("routine healing") {
            Healing::Routine
        } else {
            Healing::None
        };
        let open = match (s.contains("open fracture"), s.contains("iii")) {
            (true, true) => 3,
            (true, false) => 2,
            (false, _) if s.contains("closed") => 1,
            _ => 0,
        };
        Some(Self { visit, open, healing })
    }

    pub(crate) fn to_byte(self) -> u8 {
        (self.visit as u8) | (self.open << 2) | ((self.healing as u8) << 4)
    }

    pub(crate) fn from_byte(byte: u8) -> Self {
        let visit = match byte & 3 {
            1 => Visit::Initial,
            2 => Visit::Subsequent,
            3 => Visit::Sequela,
            _ => Visit::None,
        };
        let healing = match (byte >> 4) & 7 {
            1 => Healing::Routine,
            2 => Healing::Delayed,
            3 => Healing::Nonunion,
            4 => Healing::Malunion,
            _ => Healing::None,
        };
        Self { visit, open: (byte >> 2) & 3, healing }
    }

    /// How far this one is from what is asked: 0 fits.
    pub(crate) fn distance(self, asked: Self) -> u32 {
        let mut far = 0;
        let visit = match (asked.visit, asked.healing) {
            (Visit::None, Healing::None) => Visit::Initial,
            (Visit::None, _) => Visit::Subsequent,
            (told, _) => told,
        };
        if self.visit != visit {
            far += 8;
        }
        let open = if asked.open == 0 { 1 } else { asked.open };
        if self.open != 0 && self.open != open {
            far += if self.open > 1 && open > 1 { 1 } else { 4 };
        }
        let healing = if asked.healing == Healing::None { Healing::Routine } else { asked.healing };
        if self.healing != Healing::None && self.healing != healing {
            far += 2;
        }
        far
    }

    /// The word of a query that asks for a 7th character, laid on what was asked before.
    pub(crate) fn hear(&mut self, word: &str, before: &str) -> bool {
        match word {
            "initial" => self.visit = Visit::Initial,
            "subsequent" | "followup" | "f/u" | "fu" | "recheck" => self.visit = Visit::Subsequent,
            "up" if before == "follow" => self.visit = Visit::Subsequent,
            "follow" => return true,
            "sequela" | "sequelae" | "sequalae" => self.visit = Visit::Sequela,
            "effect" | "effects" if before == "late" => self.visit = Visit::Sequela,
            "late" => return true,
            "closed" => self.open = 1,
            "open" | "compound" => self.open = self.open.max(2),
            "3a" | "3b" | "3c" | "iiia" | "iiib" | "iiic" | "iii" | "3" if self.open > 1 => self.open = 3,
            "nonunion" => self.healing = Healing::Nonunion,
            "malunion" => self.healing = Healing::Malunion,
            "delayed" => self.healing = Healing::Delayed,
            "routine" => self.healing = Healing::Routine,
            "healing" | "encounter" | "visit" => {}
            _ => return false,
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Encounter {
        Encounter::of_text(text).unwrap()
    }

    #[test]
    fn texts_and_bytes_tell_the_same() {
        for text in [
            ", initial encounter",
            ", initial encounter for closed fracture",
            ", initial encounter for open fracture type IIIA, IIIB, or IIIC",
            ", subsequent encounter for open fracture type I or II with nonunion",
            ", sequela",
        ] {
            let told = of(text);
            assert_ne!(told.to_byte(), 0);
            assert_eq!(Encounter::from_byte(told.to_byte()), told, "{text}");
        }
        assert_eq!(Encounter::of_text("Cholera"), None);
    }

    #[test]
    fn the_guidelines_defaults_hold_if_nothing_is_said() {
        let asked = Encounter::default();
        let closed = of("initial encounter for closed fracture");
        assert_eq!(closed.distance(asked), 0);
        assert!(of("initial encounter for open fracture type I or II").distance(asked) > 0);
        assert!(of("subsequent encounter for closed fracture with routine healing").distance(asked) > 0);
    }

    #[test]
    fn healing_asks_for_a_later_encounter() {
        let mut asked = Encounter::default();
        assert!(asked.hear("nonunion", "with"));
        assert_eq!(of("subsequent encounter for closed fracture with nonunion").distance(asked), 0);
        assert!(of("initial encounter for closed fracture").distance(asked) > 0);
    }
}
