"""APA Style, 7th edition (the numbers are those of the Publication Manual)."""

from __future__ import annotations

from .style import Style, StyleCorrection

__all__ = ["APA"]

APA = Style(
    "apa", "APA 7", csl="apa", heading="References", system="author-date",
    podcast="Audio podcast episode", radio="Radio broadcast",
    corrections=(
        StyleCorrection(
            "An episode's number stands alone in parentheses (10.13); with a season as in a television series (10.12).",
            "//c:macro[@name='identifier-number']/*",
            """<choose>
                 <if variable="season">
                   <group delimiter=", ">
                     <text variable="season" prefix="Season "/>
                     <text variable="number" prefix="Episode "/>
                   </group>
                 </if>
                 <else><text variable="number" prefix="No. "/></else>
               </choose>""",
        ),
        StyleCorrection(
            "A numbered episode is described in brackets as any other (10.13).",
            "//c:macro[@name='description-format']//c:choose[c:if[@variable='number']]",
            '<text variable="genre" text-case="capitalize-first"/>',
        ),
        StyleCorrection(
            "An episode's title is plain in the list, and in quotation marks in the text, also without its series.",
            "//c:macro[@name='title-monographic']//c:text[@font-style='italic']",
            '<text variable="title"/>',
        ),
        StyleCorrection(
            "As above, in the text.",
            "//c:macro[@name='title-short']/c:choose/c:else/c:text[@font-style='italic']",
            '<text form="short" quotes="true" text-case="title" variable="title"/>',
        ),
        StyleCorrection(
            "Hosts are an episode's authors; its guests are not (10.13).",
            "//c:substitute/c:names[@variable='guest host']",
            '<names variable="host"/>',
        ),
        StyleCorrection(
            "The description in brackets belongs to the title, also where that stands for the author (9.12, 9.21).",
            "//c:macro[@name='author-title-substitute']//c:group/c:text[@macro='identifier']",
            '<original/><text macro="description"/>',
        ),
        StyleCorrection(
            "Where a reporter is the author, the host stands before the programme, as a series' producers do (10.12).",
            "//c:macro[@name='source-monographic']//c:text[@macro='source-monographic-author']",
            """<choose>
                 <if variable="author">
                   <names variable="host">
                     <name and="symbol" initialize-with=". "/>
                     <label prefix=" (" suffix=")" text-case="capitalize-first"/>
                   </names>
                 </if>
               </choose>
               <original/>""",
        ),
        StyleCorrection(
            "'Retrieved' comes with the day of it, or not at all (9.16).",
            "//c:macro[@name='source-DOI-URL']//c:choose[c:if[@variable='issued status']]",
            '<choose><if variable="accessed"><original/></if></choose>',
        ),
    ),
)  # fmt: skip
