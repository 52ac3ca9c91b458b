"""The Chicago Manual of Style, 18th edition, in both systems (its rules as chicagomanualofstyle.org shows them)."""

from __future__ import annotations

from .style import Style, StyleCorrection

__all__ = ["CHICAGO", "CHICAGO_AUTHOR_DATE"]

_NOTE_PUBLICATION, _LIST_PUBLICATION = (
    f"""<choose>
          <if variable="radio issued">
            <group delimiter=", ">
              <group delimiter=" "><text value="{aired}"/><text macro="{{date}}"/></group>
              <text variable="publisher" prefix="on "/>
            </group>
          </if>
          <else>
            <group delimiter=", "><text variable="publisher"/><text macro="{{date}}"/></group>
          </else>
        </choose>"""
    for aired in ("aired", "Aired")
)
_AIRED = "What was aired was 'aired' on a day 'on' a station, wherever it is heard now; a podcast was not."
_NUMBER = """<group delimiter=", ">
               <text variable="season" prefix="season "/>
               <choose>
                 <if variable="radio"><text variable="number" prefix="episode "/></if>
                 <else><text variable="number" prefix="podcast episode "/></else>
               </choose>
             </group>"""

_SHARED = (
    StyleCorrection(
        "A season and an episode have numbers, a kind of work has none: 'Season 4, episode 7'.",
        "//c:macro[@name='identifier-number-bib']",
        f"""<macro name="identifier-number"><choose><if variable="number">{_NUMBER}</if></choose></macro>
            <macro name="identifier-number-bib">
              <text macro="identifier-number" text-case="capitalize-first"/>
            </macro>""",
    ),
    StyleCorrection(
        "Reporters and hosts are an episode's creators; its guests contribute.",
        "//c:macro[starts-with(@name, 'author')]//c:substitute/c:names[@variable='guest']",
        "",
    ),
)

CHICAGO = Style(
    "chicago", "Chicago, notes and bibliography", csl="chicago-notes-bibliography", heading="Bibliography",
    system="note", podcast="podcast episode", radio="radio broadcast",
    corrections=(
        *_SHARED,
        StyleCorrection(
            _SHARED[0].rule, "//c:macro[@name='identifier-number-note']/*", '<text macro="identifier-number"/>'
        ),
        StyleCorrection(
            _AIRED,
            "//c:macro[@name='source-publication-and-date-bib']/*",
            _LIST_PUBLICATION.format(date="source-date-issued-or-status"),
        ),
        StyleCorrection(
            _AIRED,
            "//c:macro[@name='source-publication-and-date-note']/*",
            _NOTE_PUBLICATION.format(date="source-date-issued-or-status"),
        ),
    ),
)  # fmt: skip

CHICAGO_AUTHOR_DATE = Style(
    "chicago-author-date", "Chicago, author-date", csl="chicago-author-date", heading="References",
    system="author-date", podcast="podcast episode", radio="radio broadcast",
    corrections=(
        *_SHARED,
        StyleCorrection(
            _AIRED,
            "//c:macro[@name='source-publication-and-date-bib']/*",
            _LIST_PUBLICATION.format(date="source-date-issued-month-day"),
        ),
    ),
)  # fmt: skip
