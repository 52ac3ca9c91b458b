"""Harvard as Cite Them Right (12th edition) has it; its official CSL style has no form for broadcasts."""

from __future__ import annotations

from .style import Style, StyleCorrection

__all__ = ["HARVARD"]

_INITIALS = 'and="text" delimiter-precedes-last="never" et-al-min="4" et-al-use-first="1" initialize-with="."'

HARVARD = Style(
    "harvard", "Harvard", csl="harvard-cite-them-right", heading="Reference list", system="author-date",
    podcast="Podcast", radio="Radio programme", quotes=("‘", "’"), stops_inside=False, accessed=True,
    language="en-GB",
    corrections=(
        StyleCorrection(
            "A podcast begins with its presenter; a broadcast without one with the programme's title.",
            "//c:macro[@name='author']//c:substitute/*[1]",
            f"""<names variable="host"><name {_INITIALS} name-as-sort-order="all"/></names>
                <choose><if variable="radio container-title"><text macro="broadcast"/></if></choose><original/>""",
        ),
        StyleCorrection(
            "The text cites whom the list begins with.",
            "//c:macro[@name='author-short']//c:substitute/*[1]",
            """<names variable="host"/>
               <choose>
                 <if variable="radio container-title"><text variable="container-title" font-style="italic"/></if>
               </choose>
               <original/>""",
        ),
        StyleCorrection(
            "A programme without a presenter: Programme, 'Episode' (year) Channel, day month.",
            "//c:macro[@name='author']",
            """<macro name="numbered">
                 <group delimiter=", ">
                   <text variable="season" prefix="series "/>
                   <text variable="number" prefix="episode "/>
                 </group>
               </macro>
               <macro name="broadcast">
                 <group delimiter=", ">
                   <text variable="container-title" font-style="italic"/>
                   <text macro="numbered"/>
                   <text variable="title" quotes="true"/>
                 </group>
               </macro>
               <original/>""",
        ),
        StyleCorrection(
            "A podcast: Presenter (year) 'Episode', Podcast, Publisher [Podcast]. Day month. Available at: ...",
            "/c:style/c:bibliography/c:layout/c:group[1]",
            f"""<group delimiter=". ">
                  <group delimiter=" ">
                    <text macro="author"/>
                    <text macro="year-date" prefix="(" suffix=")"/>
                    <group delimiter=", ">
                      <text macro="title"/>
                      <group delimiter=" ">
                        <group delimiter=", ">
                          <text variable="container-title" font-style="italic"/>
                          <choose>
                            <if variable="author">
                              <names variable="host">
                                <label form="verb" suffix=" "/>
                                <name {_INITIALS}/>
                              </names>
                            </if>
                          </choose>
                          <text macro="numbered"/>
                          <text variable="publisher"/>
                        </group>
                        <choose>
                          <if match="any" variable="author host"><text variable="genre" prefix="[" suffix="]"/></if>
                          <else-if variable="radio container-title"/>
                          <else><text variable="genre" prefix="[" suffix="]"/></else>
                        </choose>
                      </group>
                      <choose>
                        <if match="any" variable="author host"/>
                        <else-if variable="radio container-title"><text macro="published-date"/></else-if>
                      </choose>
                    </group>
                  </group>
                  <choose>
                    <if match="any" variable="author host"><text macro="published-date"/></if>
                    <else-if variable="radio container-title"/>
                    <else><text macro="published-date"/></else>
                  </choose>
                </group>""",
        ),
        StyleCorrection(
            "The day of a broadcast or an episode is given.",
            "//c:macro[@name='published-date']/*",
            """<date variable="issued" delimiter=" "><date-part name="day"/><date-part name="month"/></date>""",
        ),
        StyleCorrection(
            "The day is given once.",
            "/c:style/c:bibliography/c:layout/c:group[2]",
            "",
        ),
    ),
)  # fmt: skip
