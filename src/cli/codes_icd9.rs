//! What `codes show` says of a code of ICD-9-CM.

use std::io::Write;

use crate::cli::codes_show::told;
use crate::codebook::{Icd9Code, MapSystem};

/// Codes of ICD-9-CM with what they become.
pub(super) fn show(all: &[Icd9Code], json: bool, out: &mut dyn Write) -> anyhow::Result<()> {
    if json {
        if let Some(first) = all.first() {
            serde_json::to_writer(&mut *out, first)?;
            writeln!(out)?;
        }
        return Ok(());
    }
    for code in all {
        let volume = if code.system == MapSystem::Icd9pcs { ", volume 3" } else { "" };
        writeln!(out, "ICD-9-CM{volume} {} · {}", code.code, code.statement)?;
        if let Some(c) = &code.coverage {
            writeln!(out, "  {}", told(c))?;
        }
        for target in &code.targets {
            let to = target.code.as_deref().unwrap_or("none");
            let text = format!("{} {to} ({}) {}", target.system.name(), target.meaning, target.description);
            writeln!(out, "    {}", text.trim_end())?;
        }
    }
    Ok(())
}
