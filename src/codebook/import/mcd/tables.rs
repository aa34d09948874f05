//! The tables of a Medicare Coverage Database export, and the columns of them that are read.
//!
//! Names and columns were read in public programs that load the exports, in headers which those print (exports of 2026),
//! and in the dictionaries that CMS ships beside them as those quote them; no export itself was at hand. What could not be
//! verified is said where it matters. Texts of codes (`long_description`, `short_description`, `description`) are not
//! among the columns: those of CPT may not be kept, and the others the book has from their own files.

use crate::codebook::mcd::CoverageKind;

/// A table: its file, and the columns that are kept.
pub(crate) type Spec = (&'static str, &'static [&'static str]);

/// The tables about contractors, the same in each export of local documents.
const CONTRACTORS: [Spec; 4] = [
    (
        "contractor.csv",
        &[
            "contractor_id",
            "contractor_type_id",
            "contractor_version",
            "contractor_bus_name",
            "contractor_number",
        ],
    ),
    ("contractor_type_lookup.csv", &["contractor_type_id", "description"]),
    (
        "contractor_jurisdiction.csv",
        &[
            "contractor_id",
            "contractor_type_id",
            "contractor_version",
            "state_id",
            "active_date",
            "term_date",
        ],
    ),
    ("state_lookup.csv", &["state_id", "state_abbrev", "description"]),
];

const LCD: [Spec; 7] = [
    (
        "lcd.csv",
        &[
            "lcd_id",
            "lcd_version",
            "title",
            "orig_det_eff_date",
            "ent_det_end_date",
            "rev_eff_date",
            "rev_end_date",
            "date_retired",
            "status",
            "last_updated",
            "display_id",
        ],
    ),
    ("lcd_future_retire.csv", &["lcd_id", "retire_dt"]),
    (
        "lcd_x_contractor.csv",
        &["lcd_id", "lcd_version", "contractor_id", "contractor_type_id", "contractor_version"],
    ),
    ("lcd_x_primary_jurisdiction.csv", &["lcd_id", "lcd_version", "state_id"]),
    ("lcd_x_hcpc_code.csv", &["lcd_id", "lcd_version", "hcpc_code_id", "hcpc_code_group"]),
    ("lcd_related_documents.csv", &["lcd_id", "lcd_version", "r_article_id", "r_lcd_id"]),
    ("lcd_related_ncd_documents.csv", &["lcd_id", "lcd_version", "r_ncd_id"]),
];

const ARTICLE: [Spec; 12] = [
    (
        "article.csv",
        &[
            "article_id",
            "article_version",
            "article_type",
            "title",
            "article_pub_date",
            "article_eff_date",
            "article_end_date",
            "article_rev_end_date",
            "date_retired",
            "status",
            "last_updated",
            "display_id",
        ],
    ),
    ("article_type_lookup.csv", &["article_type_id", "description"]),
    ("article_future_retire.csv", &["article_id", "retire_dt"]),
    (
        "article_x_contractor.csv",
        &["article_id", "article_version", "contractor_id", "contractor_type_id", "contractor_version"],
    ),
    ("article_x_primary_jurisdiction.csv", &["article_id", "article_version", "state_id"]),
    ("article_x_hcpc_code.csv", &["article_id", "article_version", "hcpc_code_id", "hcpc_code_group"]),
    (
        "article_x_icd10_covered.csv",
        &["article_id", "article_version", "icd10_code_id", "icd10_covered_group", "asterisk"],
    ),
    (
        "article_x_icd10_covered_group.csv",
        &["article_id", "article_version", "icd10_covered_group", "paragraph", "icd10_covered_ast"],
    ),
    (
        "article_x_icd10_noncovered.csv",
        &["article_id", "article_version", "icd10_code_id", "icd10_noncovered_group"],
    ),
    (
        "article_x_icd10_noncovered_group.csv",
        &["article_id", "article_version", "icd10_noncovered_group", "paragraph"],
    ),
    ("article_related_documents.csv", &["article_id", "article_version", "r_article_id", "r_lcd_id"]),
    ("article_related_ncd_documents.csv", &["article_id", "article_version", "r_ncd_id"]),
];

const NCD: [Spec; 1] = [(
    "ncd_trkg.csv",
    &[
        "ncd_id",
        "ncd_vrsn_num",
        "cvrg_lvl_cd",
        "ncd_mnl_sect",
        "ncd_mnl_sect_title",
        "ncd_efctv_dt",
        "ncd_trmntn_dt",
        "last_updt_tmstmp",
        "last_clrnc_tmstmp",
    ],
)];

/// The table of a kind's documents, by which an export is recognised.
pub(crate) fn main(kind: CoverageKind) -> &'static str {
    match kind {
        CoverageKind::Lcd => "lcd.csv",
        CoverageKind::Article => "article.csv",
        CoverageKind::Ncd => "ncd_trkg.csv",
    }
}

/// The tables of a kind's export.
pub(crate) fn of(kind: CoverageKind) -> Vec<Spec> {
    let own: &[Spec] = match kind {
        CoverageKind::Lcd => &LCD,
        CoverageKind::Article => &ARTICLE,
        CoverageKind::Ncd => &NCD,
    };
    let common: &[Spec] = if kind == CoverageKind::Ncd { &[] } else { &CONTRACTORS };
    own.iter().chain(common).copied().collect()
}
