"""The shop's products by the names that customers give them, also misspelt by sound."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

import rasa.shared.utils.io

from engine.nlu.entities.found import Found
from engine.nlu.text import normalise, syllables

_SHORTEST_NAME = 2
_SHORTEST_BY_SOUND = 3
"""Syllables; shorter names have too many homophones among everyday words."""
_MAX_CANDIDATES = 6


@dataclass(frozen=True)
class Product:
    """A product and its names: title first, normalised."""

    sku: str
    names: Tuple[str, ...]


class Catalogue:
    """Finds products in a normalised text."""

    def __init__(self, products: List[Product]) -> None:
        self._products = products
        self._exact: Dict[str, List[str]] = {}
        self._sounds: Dict[Tuple[str, ...], List[str]] = {}
        for product in products:
            for name in product.names:
                self._exact.setdefault(name, []).append(product.sku)
                sound = syllables(name)
                if len(sound) >= _SHORTEST_BY_SOUND:
                    self._sounds.setdefault(sound, []).append(name)
        self._lengths = sorted({len(name) for name in self._exact}, reverse=True)
        self._sound_lengths = sorted({len(sound) for sound in self._sounds}, reverse=True)

    @classmethod
    def parse(cls, products: List[Dict[str, Any]]) -> "Catalogue":
        """Read the product list of ``data/shop/catalogue.yml``."""
        return cls(
            [
                Product(
                    str(product["sku"]),
                    tuple(
                        dict.fromkeys(
                            name
                            for raw in [product["title"], *(product.get("aliases") or [])]
                            for name in (normalise(str(raw)).text.strip(),)
                            if len(name) >= _SHORTEST_NAME
                        )
                    ),
                )
                for product in products
            ]
        )

    @classmethod
    def load(cls, path: Path) -> "Catalogue":
        """Read a catalogue file; a missing one gives an empty catalogue."""
        if not path.exists():
            return cls([])
        content = rasa.shared.utils.io.read_yaml_file(path)
        listed = content.get("products") if isinstance(content, dict) else content
        return cls.parse(listed or [])

    def names(self) -> List[str]:
        """Every name of every product, normalised."""
        return list(self._exact)

    def describe(self) -> List[Dict[str, Any]]:
        """Return what ``parse`` reads."""
        return [
            {"sku": product.sku, "title": product.names[0], "aliases": list(product.names[1:])}
            for product in self._products
        ]

    def read(self, text: str) -> Iterator[Found]:
        """Find products; a name that fits several gives one ``Found`` for each."""
        taken: List[Tuple[int, int]] = []
        for start, end, name in [*self._by_letter(text), *self._by_sound(text)]:
            if any(start < other_end and other < end for other, other_end in taken):
                continue
            taken.append((start, end))
            for sku in self._candidates(name):
                yield Found("product", sku, start, end)

    def _by_letter(self, text: str) -> Iterator[Tuple[int, int, str]]:
        for length in self._lengths:
            for start in range(len(text) - length + 1):
                name = text[start : start + length]
                if name in self._exact:
                    yield start, start + length, name

    def _by_sound(self, text: str) -> Iterator[Tuple[int, int, str]]:
        if not any("\u3400" <= char <= "\u9fff" for char in text):
            return
        sounds, places = _sounds(text)
        for length in self._sound_lengths:
            for first in range(len(sounds) - length + 1):
                names = self._sounds.get(tuple(sounds[first : first + length]))
                if names:
                    yield places[first], places[first + length - 1] + 1, names[0]

    def _candidates(self, name: str) -> List[str]:
        """Return the products that a name may mean, the one that bears it first.

        A general name (加湿器) may also mean products whose own names contain it.
        """
        bearers = list(self._exact.get(name, []))
        wider = [
            product.sku
            for product in self._products
            if product.sku not in bearers and any(name in other for other in product.names)
        ]
        return (bearers + wider)[:_MAX_CANDIDATES]


def _sounds(text: str) -> Tuple[List[str], List[int]]:
    """Return the syllables of a text and the character at which each begins."""
    sounds: List[str] = []
    places: List[int] = []
    for index, char in enumerate(text):
        for sound in syllables(char):
            sounds.append(sound)
            places.append(index)
    return sounds, places
