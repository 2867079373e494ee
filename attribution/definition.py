"""Pure: what a work's manifest says, in the words of C2PA 2.2 and of CAWG's training and data mining assertion 1.1."""

from __future__ import annotations

from typing import Any

from attribution.claim import Claim

CLAIM = "org.homage.claim"
SHARE = "org.homage.share"
MARKS = {"picture": "org.homage.picture-mark.1", "sound": "org.homage.sound-mark.1"}  # by medium: our watermarks
ISCC = "io.iscc.v0"
GENERATOR = {"name": "Homage", "version": "0.1"}
SOURCES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_PARENT = "parent"  # by which the first action names the earlier work


def of(claim: Claim, *, iscc: str | None, mark: int | None, with_source: bool, kind: str) -> dict[str, Any]:
    """The manifest's definition. `mark`: the number, 1 to 2**64 - 1, that the watermark in the file carries."""
    return {
        "claim_version": 2,
        "claim_generator_info": [GENERATOR],
        "title": claim.work,
        "format": kind,
        "ingredients": _ingredients(claim),
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": _actions(claim, with_source, marked=mark is not None)}},
            *({"label": "c2pa.soft-binding", "data": one} for one in _bindings(claim, iscc, mark)),
            {"label": "cawg.training-mining", "data": {"entries": _mining(claim)}},
            {"label": CLAIM, "data": claim.document()},
        ],
    }


def source_type(claim: Claim, with_source: bool) -> str:
    """IPTC's digital source type. Only an engine without trained weights can measure its shares exactly."""
    if claim.exact:
        return SOURCES + ("composite" if with_source else "algorithmicMedia")
    return SOURCES + ("compositeWithTrainedAlgorithmicMedia" if with_source else "trainedAlgorithmicMedia")


def _ingredients(claim: Claim) -> list[dict[str, Any]]:
    """What it is made of; first the work that it was, if it was one before."""
    if claim.own:
        brought = claim.contributions[0]
        return [_parent(brought.title, f"sha256:{brought.sha256}")]
    return [
        *([] if claim.reworks is None else [_parent(claim.reworks, claim.reworks)]),
        *(
            {
                "title": x.title,
                "relationship": "componentOf",
                "label": x.asset,
                "instance_id": f"sha256:{x.sha256}",
            }
            for x in claim.contributions
        ),
    ]


def _parent(title: str, instance: str) -> dict[str, Any]:
    return {"title": title, "relationship": "parentOf", "label": _PARENT, "instance_id": instance}


def _actions(claim: Claim, with_source: bool, *, marked: bool) -> list[dict[str, Any]]:
    """How it came about. A manifest begins with what was created, or with the earlier work that was opened."""
    opened = {"action": "c2pa.opened", "parameters": {"ingredientIds": [_PARENT]}}
    watermarked = [{"action": "c2pa.watermarked.bound"}] if marked else []
    if claim.own:
        return [opened, *watermarked]
    name, _, version = claim.engine.rpartition(" ")
    making = {
        "digitalSourceType": source_type(claim, with_source),
        "softwareAgent": {"name": name, "version": version},
        "parameters": {"org.homage.work": claim.work, "org.homage.learned_from": claim.learned_from},
    }
    if claim.reworks is None:
        made = [{"action": "c2pa.created", **making}]
    else:
        made = [opened, {"action": "c2pa.edited", **making}]
    placed = [
        {"action": "c2pa.placed", "parameters": {"ingredientIds": [x.asset], SHARE: x.share}}
        for x in claim.contributions
    ]
    return [*made, *placed, *watermarked]


def _bindings(claim: Claim, iscc: str | None, mark: int | None) -> list[dict[str, Any]]:
    """By what the work is found again without its manifest."""
    values = {ISCC: iscc, MARKS[claim.medium]: None if mark is None else f"{mark:016x}"}
    return [
        {"alg": alg, "blocks": [{"scope": {}, "value": value}]} for alg, value in values.items() if value is not None
    ]


def _mining(claim: Claim) -> dict[str, dict[str, str]]:
    """What machines may take from it. Only a license that names training allows it, and never without its limits."""
    reserved = {"use": "notAllowed"}
    trained = {"use": "constrained", "constraint_info": claim.training} if claim.training else reserved
    return {
        "cawg.data_mining": reserved,
        "cawg.ai_inference": reserved,
        "cawg.ai_training": trained,
        "cawg.ai_generative_training": trained,
    }
