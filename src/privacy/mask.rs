//! (being built)
/// x
pub struct Masked;
/// x
pub struct PhiFound;
/// x
pub struct PhiKind;
/// x
pub fn mask() {}
