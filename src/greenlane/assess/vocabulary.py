"""The published words of an outcome: names of charges, moments, parties, categories."""

CHARGE_NAMES: dict[str, str] = {
    "customs_duty": "customs duty",
    "basic_customs_duty": "basic customs duty",
    "social_welfare_surcharge": "social welfare surcharge",
    "flat_duty": "flat duty",
    "specific_postal_duty": "specific duty per postal item",
    "ad_valorem_postal_duty": "ad valorem duty on postal items",
    "column_1_general": "ordinary duty (column 1 general)",
    "section_301": "section 301 duty",
    "section_301_brazil": "section 301 duty on goods of Brazil",
    "section_301_forced_labour": "section 301 duty over forced labour",
    "section_232": "section 232 duty",
    "section_122": "section 122 duty",
    "section_338": "section 338 duty",
    "ieepa": "IEEPA duty",
    "ieepa_reciprocal": "IEEPA reciprocal duty",
    "ieepa_fentanyl": "IEEPA fentanyl duty",
    "single_fixed_tax": "single fixed tax",
    "personal_post_tax": "tax on personal postal articles",
    "local_consumption_tax": "local consumption tax",
    "vat": "VAT",
    "gst": "GST",
    "gst_hst": "GST/HST",
    "provincial_sales_tax": "provincial sales tax",
    "igst": "integrated tax (IGST)",
    "consumption_tax": "consumption tax",
    "icms": "ICMS",
    "global_rate": "global rate (import duty, VAT and fees in one)",
    "income_tax_on_import": "income tax on imports",
    "excise": "excise duty",
    "customs_fee": "customs fee",
    "statistics_fee": "statistics fee",
    "liquor_tax": "liquor tax",
    "education_tax": "education tax",
    "fr_small_parcels_tax": "French tax on small parcels",
    "ro_logistics_fee": "Romanian logistics fee",
    "it_parcel_contribution": "Italian parcel contribution",
    "eu_handling_fee": "EU handling fee",
    "harbor_maintenance_fee": "harbor maintenance fee",
    "merchandise_processing_fee": "merchandise processing fee",
    "import_processing_charge": "import processing charge",
    "biosecurity_charge": "biosecurity charge on import declarations",
    "import_entry_transaction_fee": "import entry transaction fee",
    "biosecurity_entry_levy": "biosecurity levy on import entries",
    "goods_management_levy": "goods management levy",
    "port_surcharge": "port development surcharge",
    "fob_levy": "levy on the FOB value",
    "ecowas_levy": "ECOWAS levy",
    "import_declaration_fee": "import declaration fee",
    "railway_development_levy": "railway development levy",
    "customs_service_fee": "customs service fee",
    "parcel_levy": "parcel levy",
}
"""Published names of charges and how they read in a sentence."""

COLLECTED: dict[str, str] = {
    "at_sale": "with the price, remitted by return",
    "at_border": "before or at release",
    "periodic": "on the payer's statement, after release",
}

PARTIES: dict[str, str] = {
    "buyer": "the buyer",
    "seller": "the seller",
    "platform": "the platform",
    "carrier": "the carrier",
    "declarant": "the declarant",
    "qualified_party": "the qualified party",
}

CATEGORIES: dict[int, str] = {
    1: "correspondence and documents",
    2: "low value, nothing payable at the border",
    3: "low value, something payable at the border",
    4: "high value: full declaration",
}
"""Categories of the WCO immediate release guidelines."""
