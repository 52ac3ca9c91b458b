"""What the script says at each door. ``{library}`` and its like stand for places that differ from run to run."""

from __future__ import annotations

from typing import Any

__all__ = ["ASKED_EVERYWHERE", "CALLS", "COMMANDS", "REQUESTS"]

_NPR = "npr-2019-07-08-ice-dmv-facial-recognition"
_GATES = "flood-night@1:90-162"
_FORTY = "flood-night@1:239-300"
_BRIDGE = "bridge-vote@1:88-181"
_TIDE = "tide@1:33-91"
_SEVERAL = "flood-night@1:80-220"

#: Run in order, in one data folder: what one writes, those after it read.
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("episodes",),
    ("check",),
    ("ingest", "{library}", "{broken}", "{nowhere}"),
    ("ingest", "--json", "{library}/flood-night.vtt"),
    ("jobs",),
    ("jobs", "--json"),
    ("jobs", "cancel", "--all"),
    ("feeds", "add", "--allow-private", "{feed}"),
    ("feeds",),
    ("feeds", "sync"),
    ("feeds", "--json"),
    ("feeds", "show", "1", "--json"),
    ("episodes",),
    ("episodes", "--json"),
    ("episodes", "show", "flood-night"),
    ("episodes", "show", "flood-night", "--json"),
    ("episodes", "check-times", "flood-night", "tide"),
    ("episodes", "check-times", "flood-night", "--json"),
    ("episodes", "check-times"),
    ("ask", "Who called it a dragnet?"),
    ("ask", "--json", "Who called it a dragnet?"),
    ("ask", "How far did the water rise?", "--show", "Harbour Radio", "--k", "2"),
    ("ask", "--json", "What does Ana Petrova say about the bridge?", "--since", "2022-01-01"),
    ("ask", "--json", "When was the highest tide?", "--k", "1"),
    ("ask", "Warum standen die Tore offen?"),
    ("ask", "What did Petrowa promise?"),
    ("ask", "What recipe is best for sourdough bread?"),
    ("ask", "Who is it?", "--speaker", "Ana Petrov"),
    ("ask", "Who is it?", "--since", "yesterday"),
    ("ask", "--batch", "{questions}"),
    ("search", "gates", "--k", "2"),
    ("search", "--json", "the old harbour", "--k", "3", "--show", "Harbour Radio"),
    ("search", "xyzzy", "--since", "2030-01-01"),
    ("transcript", "bridge-vote"),
    ("transcript", "flood-night", "--format", "vtt"),
    ("transcript", "tide", "--format", "json"),
    ("cite", _GATES, "tide"),
    ("cite", _GATES, _BRIDGE, "--style", "harvard", "--accessed", "2022-02-03", "--format", "markdown"),
    ("cite", _GATES, "--format", "csl-json"),
    ("cite", "flood-night", "--format", "ris"),
    ("cite", _SEVERAL),
    ("saved", "add", "Flood", _GATES, _FORTY, "--note", "For the lead.", "--tag", "harbour"),
    ("saved", "add", "Flood", "nobody@1:0-3"),
    ("saved", "status", _GATES, "heard", "--by", "Jo", "--remark", "Clear."),
    ("episodes", "edit", "flood-night", "--title", "The flood", "--rename-speaker", "Speaker 3=Ilse Brandt"),
    ("saved",),
    ("saved", "--json"),
    ("saved", "show", "Flood"),
    ("saved", "show", "Flood", "--json"),
    ("ask", "How far did the water rise?", "--collection", "Flood", "--k", "1"),
    ("search", "gates", "--collection", "Flod"),
    ("saved", "move", "Flood", _FORTY, "1"),
    ("export", "--saved", "Flood", "--style", "mla"),
    ("export", "--saved", "Flood", "--format", "csv"),
    ("export", _FORTY, "--format", "vtt"),
    ("export", _GATES, _BRIDGE, "--format", "html", "--out", "{out}/report.html"),
    ("export", _GATES, "--format", "docx"),
    ("export", _GATES, _BRIDGE, "--out", "{out}/report.docx", "--style", "chicago"),
    ("export", "--saved", "Flood", "--out", "{out}/evidence.zip"),
    ("verify", "{out}/evidence.zip"),
    ("watchlist", "add", "Who counted the ships?", "--name", "ships", "--show", "Harbour Radio"),
    ("watchlist", "run", "--json"),
    ("ingest", "{later}", "--show", "Harbour Radio"),
    ("watchlist", "run"),
    ("watchlist", "--json"),
    ("eval", "{questions}", "--json"),
    ("episodes", "remove", "later", "--yes"),
    ("episodes", "show", "later"),
    ("check", "--json"),
)

#: Sent in order, after the commands and to the same data folder.
REQUESTS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("GET", "/ask", {"params": {"q": "How far did the water rise?", "show": "Harbour Radio", "k": 2}}),
    ("GET", "/ask", {"params": {"q": "What did Petrowa promise?"}}),
    ("GET", "/ask", {"params": {"q": "Who is it?", "since": "yesterday"}}),
    ("GET", "/ask", {"params": {"q": "Who is it?", "k": 1000}}),
    ("GET", "/search", {"params": {"q": "gates", "k": 2, "speaker": "Tom Okafor"}}),
    ("GET", f"/quotes/{_TIDE}", {}),
    ("GET", f"/quotes/{_SEVERAL}", {}),
    ("GET", "/episodes", {"params": {"q": "flood", "size": 2}}),
    ("GET", "/episodes/flood-night", {}),
    ("GET", "/episodes/nobody", {}),
    ("GET", "/episodes/flood-night/transcript", {"params": {"format": "srt"}}),
    ("GET", "/collections", {}),
    ("GET", "/collections/Flood", {}),
    ("GET", "/ask", {"params": {"q": "How far did the water rise?", "collection": ["Flood", "Flod"], "k": 1}}),
    ("POST", "/collections/Bridge/quotes", {"json": {"id": _BRIDGE, "tags": ["money"]}}),
    ("PUT", f"/collections/Bridge/quotes/{_BRIDGE}", {"json": {"note": "Ask her again.", "place": 1}}),
    ("POST", f"/ledger/{_BRIDGE}", {"json": {"status": "disputed", "by": "Jo"}}),
    ("DELETE", "/collections/Bridge", {}),
    ("GET", f"/ledger/{_GATES}", {}),
    ("GET", "/feeds", {}),
    ("GET", "/jobs", {}),
    ("GET", "/nothing", {}),
)

#: Made in order, after the requests.
CALLS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("ask", {"question": "How far did the water rise?", "shows": ["Harbour Radio"], "k": 2, "style": "mla"}),
    ("ask", {"question": "What recipe is best for sourdough bread?"}),
    ("ask", {"question": "Who is it?", "since": "yesterday"}),
    ("ask", {"question": "Who is it?", "speakers": ["Ana Petrov"]}),
    ("ask", {"question": "Who is it?", "collections": ["Flod"]}),
    ("search", {"query": "gates", "k": 2, "until": "2021-03-31"}),
    ("quote", {"id": _TIDE}),
    ("quote", {"id": _SEVERAL}),
    ("quote", {"id": "nobody@1:0-3"}),
)

#: Questions that are asked at every door, with the command line's options.
ASKED_EVERYWHERE: tuple[tuple[str, dict[str, Any]], ...] = (
    ("Who called it a dragnet?", {}),
    ("How far did the water rise?", {"show": ["Harbour Radio", "Town Hall"], "k": 2}),
    ("What was promised?", {"speaker": ["Ana Petrova"], "since": "2022-01-01", "until": "2022-12-31"}),
    ("What recipe is best for sourdough bread?", {}),
    ("How far did the water rise?", {"collection": ["Flood"], "speaker": ["Tom Okafor", "Ilse Brandt"]}),
    ("Who is it?", {"speaker": ["Ana Petrov"]}),
)
