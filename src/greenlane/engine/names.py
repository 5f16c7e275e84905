"""Short English names for the codes that a report shows: countries and chapters of the Harmonized System."""

_COUNTRIES = """
AD Andorra|AE United Arab Emirates|AF Afghanistan|AG Antigua and Barbuda|AI Anguilla|AL Albania|AM Armenia
AO Angola|AQ Antarctica|AR Argentina|AS American Samoa|AT Austria|AU Australia|AW Aruba|AX Åland
AZ Azerbaijan|BA Bosnia and Herzegovina|BB Barbados|BD Bangladesh|BE Belgium|BF Burkina Faso|BG Bulgaria
BH Bahrain|BI Burundi|BJ Benin|BL Saint Barthélemy|BM Bermuda|BN Brunei|BO Bolivia|BQ Caribbean Netherlands
BR Brazil|BS Bahamas|BT Bhutan|BV Bouvet Island|BW Botswana|BY Belarus|BZ Belize|CA Canada|CC Cocos Islands
CD Congo (Kinshasa)|CF Central African Republic|CG Congo (Brazzaville)|CH Switzerland|CI Côte d’Ivoire
CK Cook Islands|CL Chile|CM Cameroon|CN China|CO Colombia|CR Costa Rica|CU Cuba|CV Cabo Verde|CW Curaçao
CX Christmas Island|CY Cyprus|CZ Czechia|DE Germany|DJ Djibouti|DK Denmark|DM Dominica|DO Dominican Republic
DZ Algeria|EC Ecuador|EE Estonia|EG Egypt|EH Western Sahara|ER Eritrea|ES Spain|ET Ethiopia|FI Finland
FJ Fiji|FK Falkland Islands|FM Micronesia|FO Faroe Islands|FR France|GA Gabon|GB United Kingdom|GD Grenada
GE Georgia|GF French Guiana|GG Guernsey|GH Ghana|GI Gibraltar|GL Greenland|GM Gambia|GN Guinea|GP Guadeloupe
GQ Equatorial Guinea|GR Greece|GS South Georgia|GT Guatemala|GU Guam|GW Guinea-Bissau|GY Guyana|HK Hong Kong
HM Heard Island|HN Honduras|HR Croatia|HT Haiti|HU Hungary|ID Indonesia|IE Ireland|IL Israel|IM Isle of Man
IN India|IO British Indian Ocean Territory|IQ Iraq|IR Iran|IS Iceland|IT Italy|JE Jersey|JM Jamaica
JO Jordan|JP Japan|KE Kenya|KG Kyrgyzstan|KH Cambodia|KI Kiribati|KM Comoros|KN Saint Kitts and Nevis
KP Korea (North)|KR Korea (South)|KW Kuwait|KY Cayman Islands|KZ Kazakhstan|LA Laos|LB Lebanon
LC Saint Lucia|LI Liechtenstein|LK Sri Lanka|LR Liberia|LS Lesotho|LT Lithuania|LU Luxembourg|LV Latvia
LY Libya|MA Morocco|MC Monaco|MD Moldova|ME Montenegro|MF Saint Martin (French)|MG Madagascar
MH Marshall Islands|MK North Macedonia|ML Mali|MM Myanmar|MN Mongolia|MO Macao|MP Northern Mariana Islands
MQ Martinique|MR Mauritania|MS Montserrat|MT Malta|MU Mauritius|MV Maldives|MW Malawi|MX Mexico|MY Malaysia
MZ Mozambique|NA Namibia|NC New Caledonia|NE Niger|NF Norfolk Island|NG Nigeria|NI Nicaragua|NL Netherlands
NO Norway|NP Nepal|NR Nauru|NU Niue|NZ New Zealand|OM Oman|PA Panama|PE Peru|PF French Polynesia
PG Papua New Guinea|PH Philippines|PK Pakistan|PL Poland|PM Saint Pierre and Miquelon|PN Pitcairn
PR Puerto Rico|PS Palestine|PT Portugal|PW Palau|PY Paraguay|QA Qatar|RE Réunion|RO Romania|RS Serbia
RU Russia|RW Rwanda|SA Saudi Arabia|SB Solomon Islands|SC Seychelles|SD Sudan|SE Sweden|SG Singapore
SH Saint Helena|SI Slovenia|SJ Svalbard|SK Slovakia|SL Sierra Leone|SM San Marino|SN Senegal|SO Somalia
SR Suriname|SS South Sudan|ST São Tomé and Príncipe|SV El Salvador|SX Sint Maarten|SY Syria|SZ Eswatini
TC Turks and Caicos Islands|TD Chad|TF French Southern Territories|TG Togo|TH Thailand|TJ Tajikistan
TK Tokelau|TL Timor-Leste|TM Turkmenistan|TN Tunisia|TO Tonga|TR Türkiye|TT Trinidad and Tobago|TV Tuvalu
TW Taiwan|TZ Tanzania|UA Ukraine|UG Uganda|UM US Outlying Islands|US United States|UY Uruguay|UZ Uzbekistan
VA Holy See|VC Saint Vincent|VE Venezuela|VG British Virgin Islands|VI US Virgin Islands|VN Viet Nam
VU Vanuatu|WF Wallis and Futuna|WS Samoa|XI Northern Ireland|XK Kosovo|YE Yemen|YT Mayotte|ZA South Africa
ZM Zambia|ZW Zimbabwe|ZZ ZZ (invented)
"""

_CHAPTERS = """
01 Live animals|02 Meat|03 Fish|04 Dairy, eggs, honey|05 Other animal products|06 Plants and flowers
07 Vegetables|08 Fruit and nuts|09 Coffee, tea, spices|10 Cereals|11 Flours and starches
12 Seeds and medicinal plants|13 Gums and plant extracts|14 Plaiting materials|15 Fats and oils
16 Prepared meat and fish|17 Sugar and sweets|18 Cocoa and chocolate|19 Bakery and cereal products
20 Prepared vegetables and fruit|21 Other food|22 Drinks and vinegar|23 Animal feed|24 Tobacco and nicotine
25 Salt, stone, cement|26 Ores|27 Mineral fuels|28 Inorganic chemicals|29 Organic chemicals|30 Medicines
31 Fertilisers|32 Dyes, paints, inks|33 Perfume and cosmetics|34 Soap, wax, candles|35 Glues and enzymes
36 Explosives and matches|37 Photographic goods|38 Other chemical products|39 Plastics|40 Rubber
41 Hides and leather|42 Leather goods and bags|43 Furs|44 Wood|45 Cork|46 Basketware|47 Pulp|48 Paper
49 Books and printed matter|50 Silk|51 Wool|52 Cotton|53 Other plant fibres|54 Man-made filaments
55 Man-made staple fibres|56 Felt, twine, rope|57 Carpets|58 Lace and embroidery|59 Coated textiles
60 Knitted fabrics|61 Clothing, knitted|62 Clothing, not knitted|63 Household textiles|64 Footwear|65 Hats
66 Umbrellas|67 Artificial flowers, wigs|68 Goods of stone or plaster|69 Ceramics|70 Glass
71 Jewellery and precious metals|72 Iron and steel|73 Goods of iron or steel|74 Copper|75 Nickel
76 Aluminium|78 Lead|79 Zinc|80 Tin|81 Other base metals|82 Tools and cutlery|83 Locks and metal fittings
84 Machines and computers|85 Electrical and electronic goods|86 Railway equipment|87 Vehicles and parts
88 Aircraft|89 Ships and boats|90 Optical and medical instruments|91 Clocks and watches
92 Musical instruments|93 Arms|94 Furniture and lamps|95 Toys, games, sports|96 Pens, brushes and sundries
97 Art and antiques|98 National special uses|99 National special uses
"""


def _read(text: str) -> dict[str, str]:
    entries = (entry for line in text.split("\n") for entry in line.split("|") if entry)
    return {entry[:2]: entry[3:] for entry in entries}


COUNTRY_NAMES = _read(_COUNTRIES)
"""By ISO 3166-1 alpha-2 code, as intake knows them."""

CHAPTER_NAMES = _read(_CHAPTERS)
"""By the first two digits of the commodity code; shortened, without legal force."""
