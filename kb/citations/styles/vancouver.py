"""Vancouver as Citing Medicine (2nd edition) has it; the official CSL style prints neither hosts nor days."""

from __future__ import annotations

from .style import Style, StyleCorrection

__all__ = ["VANCOUVER"]

_PEOPLE = 'et-al-min="7" et-al-use-first="6" initialize-with="" name-as-sort-order="all" sort-separator=" "'
_DAY = """<date-part name="year"/><date-part form="short" name="month" strip-periods="true"/><date-part name="day"/>"""

VANCOUVER = Style(
    "vancouver", "Vancouver", csl="nlm-citation-sequence", heading="References", system="number",
    podcast="podcast", radio="radio broadcast", accessed=True,
    corrections=(
        StyleCorrection(
            "The author of a broadcast report is its reporter.",
            "/c:style/c:locale[@xml:lang='en']/c:terms/c:term[1]",
            '<term name="author"><single>reporter</single><multiple>reporters</multiple></term><original/>',
        ),
        StyleCorrection(
            "The place in a recording belongs to the citation.",
            "/c:style/c:citation//c:text[@variable='citation-number']",
            '<group delimiter=", "><original/><text variable="locator"/></group>',
        ),
        StyleCorrection(
            "Hosts are named with their role, and the day of a broadcast is given.",
            "/c:style/c:bibliography/c:layout",
            f"""<layout>
                  <text variable="citation-number" suffix="."/>
                <group delimiter=" ">
                  <group delimiter="; " suffix=".">
                    <names variable="author"><name {_PEOPLE}/><label prefix=", "/></names>
                    <names variable="host"><name {_PEOPLE}/><label prefix=", "/></names>
                  </group>
                  <group delimiter=" " suffix=".">
                    <text variable="title"/>
                    <text variable="genre" prefix="[" suffix="]"/>
                  </group>
                  <group delimiter=" " suffix=".">
                    <text variable="container-title"/>
                    <choose><if variable="URL"><text value="[Internet]"/></if></choose>
                  </group>
                  <group delimiter=", " suffix=".">
                    <text variable="season" prefix="Season "/>
                    <text variable="number" prefix="Episode "/>
                  </group>
                  <group delimiter=" " suffix=".">
                    <group delimiter="; ">
                      <text variable="publisher"/>
                      <choose>
                        <if variable="issued"><date variable="issued" delimiter=" ">{_DAY}</date></if>
                        <else><text value="[date unknown]"/></else>
                      </choose>
                    </group>
                    <date variable="accessed" delimiter=" " prefix="[cited " suffix="]">{_DAY}</date>
                  </group>
                  <text variable="URL" prefix="Available from: "/>
                </group></layout>""",
        ),
    ),
)  # fmt: skip
