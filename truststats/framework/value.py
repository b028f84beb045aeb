"""`Framework`: the constructs, what is claimed about them, and the rivals."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import Annotated, Any

from pydantic import Field, model_validator

from truststats import _bridge
from truststats.constructs import Construct, Instrument, load_instrument
from truststats.constructs.definition import (
    Definition,
    Name,
    NonEmpty,
    Texts,
    content_hash,
    require_languages,
    same_name,
)
from truststats.errors import DefinitionError
from truststats.framework.claim import Claim, Rival, Stage
from truststats.framework.compile import compile_model, compile_one_factor
from truststats.framework.structure import Structure, claimed_structure, rival_structure
from truststats.model import Model
from truststats.options import did_you_mean

__all__ = ["Framework"]


class Framework(Definition):
    """What a research programme claims, as data that compiles to a model.

    Attributes
    ----------
    name, version : str
        Which framework, and which state of it.
    title : dict
        By language.
    stages : tuple of Stage
        Constructs in the order in which things are claimed to work; the first are exogenous.
    constructs : dict
        The construct of each key in the stages, with all its items.
    claims : tuple of Claim
        What is claimed.
    rivals : tuple of Rival
        What a reader would propose instead.
    """

    name: NonEmpty
    version: NonEmpty
    title: Texts
    stages: Annotated[tuple[Stage, ...], Field(min_length=2)]
    constructs: dict[Name, Construct]
    claims: Annotated[tuple[Claim, ...], Field(min_length=1)]
    rivals: tuple[Rival, ...] = ()

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """The languages every text of the framework has."""
        return tuple(self.title)

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of stages, claims and rivals; items are the instrument's to hash."""
        return content_hash(self.model_dump(mode="json", exclude={"constructs"}))

    @property
    def short_hash(self) -> str:
        """The first twelve characters of `content_hash`, enough to tell versions apart."""
        return self.content_hash[:12]

    @cached_property
    def structure(self) -> Structure:
        """The equations that estimate the claims under their adjustment sets."""
        return claimed_structure(self.claims, [stage.constructs for stage in self.stages])

    def claim(self, id: str) -> Claim:
        """Return one claim by its id.

        Raises
        ------
        DefinitionError
            If there is no such claim.
        """
        return _pick("claim", id, {claim.id: claim for claim in self.claims}, self.name)

    def rival(self, key: str) -> Rival:
        """Return one rival by its key.

        Raises
        ------
        DefinitionError
            If there is no such rival.
        """
        return _pick("rival", key, {rival.key: rival for rival in self.rivals}, self.name)

    def path_label(self, claim: Claim, language: str = "en") -> str:
        """Return a claim's path in words, such as ``Delegation → Work autonomy``."""
        return " → ".join(self.constructs[key].label_for(language) for key in claim.path)

    def model(self, instrument: Instrument | str, controls: Iterable[str] = ()) -> Model:
        """Return the model that estimates all claims from an instrument's items.

        Parameters
        ----------
        instrument : Instrument or str
            The questionnaire that was answered, or its name.
        controls : iterable of str
            Observed covariates, added to every structural equation.

        Raises
        ------
        DefinitionError
            Naming the constructs the instrument does not ask.
        """
        asked = self._asked(instrument)
        return compile_model(self.structure, asked, _names(controls), framework=self)

    def rival_model(
        self, key: str, instrument: Instrument | str, controls: Iterable[str] = ()
    ) -> Model:
        """Return the model of a rival on the same items as the framework's own model.

        Parameters
        ----------
        key : str
            The rival's key.
        instrument : Instrument or str
            The questionnaire that was answered, or its name.
        controls : iterable of str
            Observed covariates, as in `model`.

        Raises
        ------
        DefinitionError
            If there is no such rival, or the instrument does not ask a construct.
        """
        rival = self.rival(key)
        asked, names = self._asked(instrument), _names(controls)
        if rival.kind == "one_factor":
            order = self.structure.order
            return compile_one_factor(order, asked, rival.label, names, framework=self)
        structure = rival_structure(self.structure, rival)
        return compile_model(structure, asked, names, framework=self)

    def diagram(self, language: str = "en") -> Any:
        """Return the path diagram of the claims."""
        return _bridge.call("present.diagrams.diagram", "diagram", self, language=language)

    def _asked(self, instrument: Instrument | str) -> dict[str, Construct]:
        known = load_instrument(instrument) if isinstance(instrument, str) else instrument
        if missing := [key for key in self.structure.order if key not in known.constructs]:
            raise DefinitionError(
                f"Instrument {known.name!r} does not ask {', '.join(missing)}.",
                why=f"the claims of {self.name!r} or their adjustment sets need it, and leaving a "
                "common cause out makes wrong claims look supported",
                fix="use an instrument that asks them, or a framework with fewer claims",
            )
        return known.constructs

    @model_validator(mode="after")
    def _names_once(self) -> Framework:
        lists = {
            "stage": [stage.key for stage in self.stages],
            "construct of the stages": [key for stage in self.stages for key in stage.constructs],
            "claim": [claim.id for claim in self.claims],
            "rival": [rival.key for rival in self.rivals],
        }
        for kind, names in lists.items():
            if twice := same_name(names):
                raise ValueError(f"{kind} {twice[0]!r} is defined twice")
        texts = [(f"stage {stage.key!r}", stage.label) for stage in self.stages]
        texts += [(f"claim {claim.id!r}", claim.statement) for claim in self.claims]
        for rival in self.rivals:
            texts += [(f"rival {rival.key!r}", text) for text in (rival.label, rival.description)]
        require_languages(f"{self.name!r}", self.title, texts)
        return self

    @model_validator(mode="after")
    def _constructs_known(self) -> Framework:
        known = [key for stage in self.stages for key in stage.constructs]
        owners = [(f"claim {c.id!r}", (*c.path, *c.adjust)) for c in self.claims]
        owners += [(f"rival {rival.key!r}", rival.names) for rival in self.rivals]
        for owner, names in owners:
            for name in names:
                if name not in known:
                    hint = did_you_mean(name, known)
                    raise ValueError(f"{owner} names an unknown construct {name!r}.{hint}")
        return self

    @model_validator(mode="after")
    def _claims_follow_the_stages(self) -> Framework:
        causes: dict[str, set[str]] = {}
        for claim in self.claims:
            for cause, outcome in claim.edges:
                causes.setdefault(outcome, set()).add(cause)
        try:
            TopologicalSorter(causes).prepare()
        except CycleError as error:
            circle = " -> ".join(error.args[1])
            raise ValueError(f"the claims form a cycle: {circle}") from None
        rank = {key: i for i, stage in enumerate(self.stages) for key in stage.constructs}
        for claim in self.claims:
            _check_direction(claim, rank)
        return self

    @model_validator(mode="after")
    def _rivals_fit(self) -> Framework:
        for rival in self.rivals:
            if rival.kind == "reorder":
                self._check_order(rival)
            if rival.kind == "one_factor":
                continue
            equations = rival_structure(self.structure, rival).equations
            if equations == self.structure.equations:
                raise ValueError(f"rival {rival.key!r} changes no path of the framework")
            if bare := [outcome for outcome, causes in equations.items() if not causes]:
                raise ValueError(
                    f"rival {rival.key!r} leaves {bare[0]!r} without any cause; keep a path into it"
                )
        return self

    def _check_order(self, rival: Rival) -> None:
        first = self.stages[0].constructs
        if set(rival.stages[0]) != set(first):
            raise ValueError(f"rival {rival.key!r} must keep the first stage: {', '.join(first)}")
        every = {key for stage in self.stages for key in stage.constructs}
        names = [key for stage in rival.stages for key in stage]
        if set(names) != every or same_name(names):
            raise ValueError(f"rival {rival.key!r} must place every construct once")

    def __repr__(self) -> str:
        return _bridge.text(self)

    __str__ = __repr__

    def _repr_html_(self) -> str:
        return _bridge.html(self)


def _check_direction(claim: Claim, rank: dict[str, int]) -> None:
    for cause, outcome in claim.edges:
        if rank[cause] >= rank[outcome]:
            raise ValueError(
                f"claim {claim.id!r} goes from {cause!r} to {outcome!r}, which does not stand in "
                "a later stage; change the path or the stages"
            )
    for key in claim.adjust:
        if late := [outcome for outcome in claim.path[1:] if rank[key] >= rank[outcome]]:
            raise ValueError(
                f"claim {claim.id!r} adjusts for {key!r}, which does not stand in a stage before "
                f"{late[0]!r}"
            )


def _names(controls: Iterable[str]) -> tuple[str, ...]:
    return (controls,) if isinstance(controls, str) else tuple(controls)


def _pick(kind: str, name: str, choices: dict[str, Any], owner: str) -> Any:
    if name not in choices:
        raise DefinitionError(
            f"Framework {owner!r} has no {kind} {name!r}.{did_you_mean(name, choices)}",
            fix=f"use one of: {', '.join(choices)}",
        )
    return choices[name]
