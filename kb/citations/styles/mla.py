"""The MLA Handbook, 9th edition (its rules as the MLA Style Center, style.mla.org, shows them)."""

from __future__ import annotations

from .style import Style, StyleCorrection

__all__ = ["MLA"]

MLA = Style(
    "mla", "MLA 9", csl="modern-language-association", heading="Works Cited", system="author",
    podcast="Podcast episode", radio="Radio broadcast",
    corrections=(
        StyleCorrection(
            "A podcast is cited by its host, (Miller 26:30), though listed by its title (MLA Style Center, podcasts).",
            "//c:macro[@name='author-short']//c:substitute/c:names[@variable='guest']",
            '<names variable="host"/>',
        ),
        StyleCorrection(
            "Guests contribute to an episode; they are not its authors.",
            "//c:macro[@name='author']//c:substitute/c:names[@variable='guest']",
            "",
        ),
        StyleCorrection(
            "Contributors follow the container's title, guests after hosts.",
            "//c:macro[@name='container1-contributor']//c:names[contains(@variable, 'host')]",
            """<names delimiter=", " variable="host guest narrator contributor">
                 <label form="verb" suffix=" "/>
                 <name initialize="false"/>
               </names>""",
        ),
        StyleCorrection(
            "A season and an episode have numbers, a kind of work has none: 'season 1, episode 1'.",
            "//c:macro[@name='container1-number']/c:group/c:group[.//c:if[contains(@type, 'broadcast')]]",
            """<group delimiter=", ">
                 <text variable="season" prefix="season "/>
                 <text variable="number" prefix="episode "/>
               </group>""",
        ),
    ),
)  # fmt: skip
