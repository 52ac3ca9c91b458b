"""The IEEE Reference Guide; the official CSL style prints neither the people of a broadcast nor its medium."""

from __future__ import annotations

from .style import Style, StyleCorrection

__all__ = ["IEEE"]

_PEOPLE = 'and="text" et-al-min="7" et-al-use-first="1" initialize-with=". "'

IEEE = Style(
    "ieee", "IEEE", csl="ieee", heading="References", system="number", podcast="Podcast", radio="Radio broadcast",
    accessed=True,
    corrections=(
        StyleCorrection(
            "June, July and Sept. are not cut to three letters, and days are not padded (II.D, dates).",
            "/c:style/c:locale[@xml:lang='en']",
            """<locale xml:lang="en">
                 <date form="text">
                   <date-part name="month" form="short" suffix=" "/>
                   <date-part name="day" suffix=", "/>
                   <date-part name="year"/>
                 </date>
                 <terms><term name="author"><single>reporter</single><multiple>reporters</multiple></term></terms>
               </locale>""",
        ),
        StyleCorrection(
            "A podcast: A. Host, Host, 'Title,' Podcast, Publisher, date. Accessed: date. [Podcast]. Available: URL.",
            "/c:style/c:bibliography/c:layout",
            f"""<layout>
                  <text variable="citation-number" prefix="[" suffix="]"/>
                <group delimiter=" ">
                  <group delimiter=", " suffix=".">
                    <names variable="author">
                      <name {_PEOPLE}/><label prefix=", " text-case="capitalize-first"/>
                    </names>
                    <names variable="host">
                      <name {_PEOPLE}/><label prefix=", " text-case="capitalize-first"/>
                    </names>
                    <text variable="title" quotes="true"/>
                    <text variable="container-title" font-style="italic"/>
                    <text variable="season" prefix="season "/>
                    <text variable="number" prefix="episode "/>
                    <text variable="publisher"/>
                    <choose>
                      <if variable="issued"><date variable="issued" form="text"/></if>
                      <else><text term="no date" form="short"/></else>
                    </choose>
                  </group>
                  <date variable="accessed" form="text" prefix="Accessed: " suffix="."/>
                  <text variable="genre" prefix="[" suffix="]."/>
                  <text variable="URL" prefix="Available: "/>
                </group></layout>""",
        ),
    ),
)  # fmt: skip
