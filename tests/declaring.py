"""Made-up WCO declarations, and the means to compare messages element by element."""

from pathlib import Path

from lxml import etree

from greenlane.messages.xml import document, schema

SAMPLES = "samples/hmrc-wco-dm36"

H7 = b"""<?xml version="1.0" encoding="UTF-8"?>
<md:MetaData xmlns:md="urn:wco:datamodel:WCO:DocumentMetaData-DMS:2" xmlns="urn:wco:datamodel:WCO:DEC-DMS:2">
 <md:WCODataModelVersionCode>3.6</md:WCODataModelVersionCode><md:WCOTypeName>DEC</md:WCOTypeName>
 <md:ResponsibleCountryCode>GB</md:ResponsibleCountryCode>
 <Declaration>
  <FunctionCode>9</FunctionCode><FunctionalReferenceID>PARCEL-1</FunctionalReferenceID><TypeCode>IMA</TypeCode>
  <GoodsItemQuantity>2</GoodsItemQuantity>
  <Agent><FunctionCode>2</FunctionCode></Agent>
  <BorderTransportMeans><ModeCode>4</ModeCode></BorderTransportMeans>
  <Declarant><ID>GB000000000001</ID></Declarant>
  <Exporter><Name>Example &amp; Sons</Name><Address><CityName>Springfield</CityName><CountryCode>US</CountryCode>
   <Line>1 Road</Line><PostcodeID>12345</PostcodeID></Address></Exporter>
  <GoodsShipment>
   <Consignment><GoodsLocation><Name>LHRLHRLHR</Name><TypeCode>A</TypeCode></GoodsLocation></Consignment>
   <CustomsValuation><FreightChargeAmount currencyID="GBP">5.00</FreightChargeAmount></CustomsValuation>
   <Destination><CountryCode>GB</CountryCode></Destination>
   <GovernmentAgencyGoodsItem>
    <CustomsValueAmount currencyID="GBP">40.00</CustomsValueAmount><SequenceNumeric>1</SequenceNumeric>
    <Commodity><Description>women's cotton T-shirt</Description>
     <Classification><ID>61091000</ID><IdentificationTypeCode>TSP</IdentificationTypeCode></Classification>
     <GoodsMeasure><GrossMassMeasure unitCode="KGM">0.9</GrossMassMeasure></GoodsMeasure></Commodity>
    <GovernmentProcedure><CurrentCode>40</CurrentCode><PreviousCode>00</PreviousCode></GovernmentProcedure>
    <GovernmentProcedure><CurrentCode>C07</CurrentCode></GovernmentProcedure>
    <GovernmentProcedure><CurrentCode>1H7</CurrentCode></GovernmentProcedure>
   </GovernmentAgencyGoodsItem>
   <GovernmentAgencyGoodsItem>
    <CustomsValueAmount currencyID="GBP">9.50</CustomsValueAmount><SequenceNumeric>2</SequenceNumeric>
    <Commodity><Description>wooden spoon</Description>
     <Classification><ID>44191900</ID><IdentificationTypeCode>TSP</IdentificationTypeCode></Classification>
     <Classification><ID>00</ID><IdentificationTypeCode>TRC</IdentificationTypeCode></Classification>
     <GoodsMeasure><GrossMassMeasure>0.1</GrossMassMeasure>
      <TariffQuantity unitCode="C62">3</TariffQuantity></GoodsMeasure></Commodity>
    <GovernmentProcedure><CurrentCode>40</CurrentCode><PreviousCode>00</PreviousCode></GovernmentProcedure>
    <GovernmentProcedure><CurrentCode>1H7</CurrentCode></GovernmentProcedure>
    <Origin><CountryCode>CN</CountryCode><TypeCode>1</TypeCode></Origin>
   </GovernmentAgencyGoodsItem>
   <Importer><Name>A. Example</Name><Address><CityName>London</CityName><CountryCode>GB</CountryCode>
    <Line>2 Street</Line><PostcodeID>E1 1AA</PostcodeID></Address></Importer>
   <PreviousDocument><CategoryCode>Z</CategoryCode><ID>AWB-77</ID><TypeCode>740</TypeCode></PreviousDocument>
  </GoodsShipment>
 </Declaration>
</md:MetaData>"""

AMENDMENT = b"""<Declaration xmlns="urn:wco:datamodel:WCO:DEC-DMS:2">
 <FunctionCode>13</FunctionCode><FunctionalReferenceID>PARCEL-1</FunctionalReferenceID><ID>26ZZ1</ID>
 <TypeCode>COR</TypeCode>
 <Amendment><ChangeReasonCode>21</ChangeReasonCode><Pointer><DocumentSectionCode>42A</DocumentSectionCode></Pointer>
  <Pointer><DocumentSectionCode>67A</DocumentSectionCode></Pointer>
  <Pointer><SequenceNumeric>2</SequenceNumeric><DocumentSectionCode>68A</DocumentSectionCode><TagID>108</TagID></Pointer>
 </Amendment>
 <Amendment><ChangeReasonCode>22</ChangeReasonCode><Pointer><DocumentSectionCode>42A</DocumentSectionCode></Pointer>
  <Pointer><DocumentSectionCode>67A</DocumentSectionCode></Pointer>
  <Pointer><DocumentSectionCode>41A</DocumentSectionCode></Pointer></Amendment>
 <GoodsShipment><GovernmentAgencyGoodsItem>
  <CustomsValueAmount currencyID="GBP">12.00</CustomsValueAmount><SequenceNumeric>2</SequenceNumeric>
 </GovernmentAgencyGoodsItem></GoodsShipment>
</Declaration>"""


def elements(data: bytes) -> list[tuple[str, str, tuple[tuple[str, str], ...]]]:
    """Every element without elements in it: qualified path, text, attributes but those of the schema instance."""
    found: list[tuple[str, str, tuple[tuple[str, str], ...]]] = []

    def walk(element: etree._Element, path: str) -> None:
        if not len(element):
            held = {k: v for k, v in element.attrib.items() if "XMLSchema-instance" not in str(k)}
            found.append((path, element.text or "", tuple(sorted(held.items()))))
        counts: dict[str, int] = {}
        for child in element:
            counts[child.tag] = counts.get(child.tag, 0) + 1
            walk(child, f"{path}/{child.tag}[{counts[child.tag]}]")

    root = document(data)
    walk(root, str(root.tag))
    return found


def official(shared: Path, kind: str) -> etree.XMLSchema:
    """The published schemas: metadata together with declarations (DEC) or responses (RES)."""
    folder = shared / SAMPLES / "schemas"
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.xsd")}
    where = "declaration/WCO_DEC_2_DMS" if kind == "DEC" else "notification/WCO_RES_2_DMS"
    at = "declaration" if kind == "DEC" else "notification"
    both = (
        ("DocumentMetaData-DMS:2", f"wco/{at}/DocumentMetaData_2_DMS.xsd"),
        (f"{kind}-DMS:2", f"wco/{where}.xsd"),
    )
    lines = "".join(
        f'<xs:import namespace="urn:wco:datamodel:WCO:{name}" schemaLocation="{path}"/>'
        for name, path in both
    )
    files["both.xsd"] = f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{lines}</xs:schema>'.encode()
    return schema(files, "both.xsd")
